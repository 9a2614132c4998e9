"""Documents as proofs: the template is filled and its characters are looked up, but nothing is printed or kept.

Scenarios issue documents this way: a missing field or glyph shows as in the real thing, in a hundredth of the time.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from engine.documents.handler import describe
from engine.documents.jobs import Job, Page
from engine.documents.press import house
from engine.documents.refusal import DocumentRefused
from engine.documents.sidecar import folder_of, public_facts, read_sidecar
from engine.effects import Issued, LaterError

if TYPE_CHECKING:
    from engine.effects import Effects, Handler, Message
    from engine.settings import Settings


def proof_handler(settings: Settings) -> Handler:
    """A handler of outbox kind `document` that only proves that the document could be issued."""

    def handle(message: Message, effects: Effects, /) -> Issued:
        files = effects.packages.at(message.package).files
        try:
            sidecar = read_sidecar(files, str(message.case["process"]), str(message.name))
            day = message.asked_at.astimezone(settings.zone).date()
            document = describe(settings, message, sidecar, day)
            folder = folder_of(files, str(message.case["process"]), str(message.name))
            template = f"{folder}/{message.name}.html"
            page = Page(template, message.case, message.input, document)
            done = house(settings).work(Job(message.package, files, page, checked_only=True))
        except DocumentRefused as refused:
            raise LaterError(refused.code, final=True, **refused.values) from refused
        return Issued(
            sha256=hashlib.sha256(done.content).hexdigest(),
            size=len(done.content),
            title=sidecar.title,
            issued_on=day,
            media_type="text/html",
            public={"issuer": document["issuer"], **public_facts(sidecar, message.input)},
        )

    return handle
