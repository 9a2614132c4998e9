"""Notices: a short text from the package's template, kept as a row and, where a line is connected, sent as a message.

Nobody waits for a notice; the case has long gone on. The text is always kept, so that an applicant without telephone
finds it in the own account and an office can show what was said when.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.connectors.http import Line
from engine.documents.jobs import Job, Page
from engine.documents.press import house
from engine.documents.refusal import DocumentRefused
from engine.effects import LaterError, Sent
from engine.errors import NotFound

if TYPE_CHECKING:
    from engine.effects import Effects, Handler, Message
    from engine.settings import Settings

#: Longest text that is sent; a longer one is a mistake in the template.
LIMIT = 1000


def notice_handler(settings: Settings) -> Handler:
    """The handler of outbox kind `notice`: `sms` where settings.connectors names a line, else the account's inbox."""
    line = Line(settings.connectors["sms"]) if "sms" in settings.connectors else None

    def handle(message: Message, effects: Effects, /) -> Sent:
        text = write_notice(settings, message, effects)
        phone = phone_of(message.input)
        if line is None or phone is None:
            return Sent("inbox", str(message.case.get("applicant") or ""), text)
        answer = line.ask(message.id, {"to": phone, "text": text})
        return Sent("sms", phone, text, receipt=str(answer.get("receipt") or message.id))

    return handle


def write_notice(settings: Settings, message: Message, effects: Effects) -> str:
    """The text of templates/<process>/notice-<event>.txt, else of templates/_shared/; LaterError when it cannot be made."""
    package = effects.packages.at(message.package)
    process, event = str(message.case["process"]), str(message.name)
    own, common = f"{process}/notice-{event}.txt", f"_shared/notice-{event}.txt"
    template = own if f"templates/{own}" in package.files else common
    document = {
        "code": event,
        "issued_on": message.asked_at.astimezone(settings.zone).date(),
        "url": f"{settings.base_url}/cases/{message.case['number']}",
        "language": "zh-CN",
    }
    try:
        done = house(settings).work(
            Job(message.package, package.files, Page(template, message.case, message.input, document))
        )
    except (DocumentRefused, NotFound) as refused:
        final = refused.final if isinstance(refused, DocumentRefused) else True
        raise LaterError(refused.code, final=final, **refused.values) from refused
    text = done.content.decode()
    if len(text) > LIMIT:
        raise LaterError("notice-too-long", final=True, length=len(text), limit=LIMIT)
    return text


def phone_of(data: Mapping[str, Any]) -> str | None:
    """Whom to call: `to`, `phone` or `applicant.phone` of the element's input."""
    applicant = data.get("applicant")
    found = data.get("to") or data.get("phone")
    if not found and isinstance(applicant, Mapping):
        found = applicant.get("phone")
    return str(found) if found else None
