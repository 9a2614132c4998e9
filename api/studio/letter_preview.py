"""A letter as it would be now: on the data of a scenario, or of a real case for whoever may see that case.

Nothing that is typed is kept, printed with number or seal, or sent; every fault comes back with its line.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateSyntaxError

from api.studio.letter_view import Letter, fields_of
from api.studio.previewed import sample_around
from engine.clock import ClockError
from engine.commands import NoteLook
from engine.connectors.parts import parts
from engine.documents.given import asked_in, bare, would_ask
from engine.documents.handler import describe
from engine.documents.leaves import leaf
from engine.documents.preview import preview, preview_text
from engine.documents.reading import unsafe, uses, value_at
from engine.documents.refusal import DocumentRefused
from engine.documents.sandbox import PREFIX
from engine.documents.sidecar import read_sidecar
from engine.errors import EngineError, NotFound, Unreadable
from engine.feel import FeelError
from engine.lint.letter_fields import built_on
from engine.notices import LIMIT
from engine.office import SYSTEM
from engine.package import BROKEN
from engine.queries import case as read_case
from engine.scenarios.samples import letter_sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.frame import Asked
    from engine.effects import Message
    from engine.package import Package

_WIDTH, _MOST_PAGES = 1000, 6


@dataclass(frozen=True, slots=True)
class Wish:
    """On whose data: a scenario (empty: the first that makes the letter), or a real case by its number."""

    scenario: str = ""
    case: str = ""
    #: Or the data itself.
    data: dict[str, Any] | None = None


@dataclass(slots=True)
class Looks:
    """What came of it: pages or text, faults by file and line, missing fields, and the fields with their values."""

    source: str = ""
    pdf: bytes = b""
    text: str = ""
    pages: list[str] = field(default_factory=list)
    count: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)
    missing: list[dict[str, Any]] = field(default_factory=list)
    fields: list[dict[str, str]] = field(default_factory=list)
    sms: dict[str, Any] = field(default_factory=dict)


def message_for(asked: Asked, package: Package, letter: Letter, wish: Wish) -> tuple[str, Message]:
    """(where the data is from, the message); NotFound for a case that the asker may not see or that is of another process."""
    somewhere = asked.office.law.example_area(asked.today)
    if wish.data is not None:
        return "data", bare(package.name, letter.kind, letter.name, wish.data, asked.now, somewhere)
    if wish.case:
        return "case", _real(asked, package, letter, wish.case)
    try:
        found = letter_sample(package, letter.kind, letter.name, wish.scenario or None, sample_around(asked))
    except (EngineError, ClockError, *BROKEN):
        found = None
    if found is None:
        return "none", bare(package.name, letter.kind, letter.name, {}, asked.now, somewhere)
    return found[0], replace(found[1], token="", number=None)


def _real(asked: Asked, package: Package, letter: Letter, number: str) -> Message:
    """The data of a real case; the look is noted in the journal of looks before anything is shown."""
    office = asked.office
    view = read_case(office.store, office.bus.access, asked.actor, number.strip())
    if view.row.process != package.name:
        raise NotFound(kind="case", id=number)
    note = NoteLook(f"look:{secrets.token_hex(16)}", view.row.id, asked.actor.id, asked.actor.name, True)
    office.bus.execute(note, SYSTEM, asked.now)
    with office.store.reading() as reader:
        found = asked_in(reader, view.row.id, letter.kind, letter.name)
    row = view.row
    case = {"number": row.id, "process": row.process, "area": row.area, "submitted_at": row.submitted_at}
    if found is None:
        known = {**view.variables, "case": {**case, **(view.variables.get("case") or {})}}
        world = office.world(asked.now)
        try:
            found = would_ask(package, letter.kind, letter.name, case, known, world, asked.now)
        except BROKEN:
            found = None
    return found or bare(package.name, letter.kind, letter.name, {}, asked.now, row.area)


def looks(
    asked: Asked, package: Package, letter: Letter, wish: Wish, part: str, *, pictures: bool = True
) -> Looks:
    """The letter as the files of the package make it; a refusal is told and never raised."""
    told = Looks()
    told.source, message = message_for(asked, package, letter, wish)
    # Printing processes keep templates by the package's name, so each state of the files has one of its own.
    message = replace(message, package=f"preview:{digest_of(package.files)}")
    if letter.kind == "notice":
        _text(asked, package, letter, message, part, told)
    else:
        _pages(asked, package, message, told, pictures=pictures)
    _read(asked, package, letter, message, part, told)
    return told


def digest_of(files: Mapping[str, bytes]) -> str:
    """The name of the templates among files."""
    total = hashlib.sha256()
    for path in sorted(files):
        if path.startswith(PREFIX):
            total.update(f"{path}\0".encode() + hashlib.sha256(files[path]).digest())
    return total.hexdigest()


def _text(asked: Asked, package: Package, letter: Letter, message: Message, part: str, told: Looks) -> None:
    template = letter.path("en" if part == "en" else "zh").removeprefix(PREFIX)
    made = preview_text(asked.office.settings, package.files, message, template)
    told.text = made.text
    told.missing = [{"name": one, "lines": []} for one in made.missing]
    if made.refusal:
        told.faults.append(fault(asked, made.refusal, made.told))
    elif len(made.text) > LIMIT:
        told.faults.append(fault(asked, "notice-too-long", {"length": len(made.text), "limit": LIMIT}))
    counted = parts(made.text)
    told.sms = {
        "parts": counted.sent,
        "characters": counted.units,
        "left": counted.left,
        "wide": counted.wide,
    }


def _pages(asked: Asked, package: Package, message: Message, told: Looks, *, pictures: bool) -> None:
    made = preview(asked.office.settings, package.files, message, marked=True)
    told.pdf = made.pdf
    told.missing = [{"name": one, "lines": []} for one in made.missing]
    if made.refusal:
        told.faults.append(fault(asked, made.refusal, made.told))
    while pictures and made.pdf and len(told.pages) < _MOST_PAGES:
        try:
            drawn = leaf(made.pdf, len(told.pages) + 1, _WIDTH)
        except Unreadable:
            break
        told.pages.append(f"data:image/jpeg;base64,{base64.b64encode(drawn.picture).decode()}")
        told.count = drawn.pages
        if len(told.pages) >= drawn.pages:
            break


def fault(asked: Asked, code: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A refusal as a sentence with the file and line that it lies at."""
    template = str(values.get("template") or "")
    return {
        "code": code,
        "file": template.removeprefix(PREFIX),
        "line": values.get("line") or 0,
        "sentence": asked.say(f"letters.fault-{code}", **{"field": "", **values}),
    }


def _read(asked: Asked, package: Package, letter: Letter, message: Message, part: str, told: Looks) -> None:
    """What the text itself tells: fields that the data lacks by line, and what no letter may hold."""
    path = letter.path("en" if part == "en" else "zh")
    known = {
        "data": dict(message.input),
        "case": dict(message.case),
        "document": _document(asked, package, letter, message),
    }
    told.fields = fields_of({name: value for name, value in known.items() if value})
    text = package.files.get(path, b"").decode("utf-8", "replace")
    for one in unsafe(text) if letter.kind == "document" else ():
        found = fault(asked, f"unsafe-{one.code}", {"template": path, "line": one.line, "name": one.name})
        told.faults.append(found)
    for lack in built_on(package, path, text):
        if lack.code == "template-file-missing":
            told.faults = [one for one in told.faults if one["code"] != "template-missing"]
            told.faults.append(fault(asked, "file-missing", {"template": path, **lack.values}))
    try:
        named = uses(text)
    except TemplateSyntaxError as broken:
        if not any(one["code"] == "template-broken" for one in told.faults):
            values = {"template": path, "line": broken.lineno, "reason": broken.message or ""}
            told.faults.append(fault(asked, "template-broken", values))
        return
    lines: dict[str, list[int]] = {}
    for use in named:
        there, _ = value_at(use.name, known)
        if not there and not use.optional and (known["document"] or not use.name.startswith("document.")):
            lines.setdefault(use.name, []).append(use.line)
    printed = {one["name"] for one in told.missing}
    for name, at in lines.items():
        told.missing = [one for one in told.missing if not name.startswith(one["name"])]
        told.missing.append({"name": name, "lines": at, "printed": name in printed})


def _document(asked: Asked, package: Package, letter: Letter, message: Message) -> dict[str, Any]:
    """What the template sees as `document`; nothing while the settings are broken."""
    if letter.kind == "notice":
        day = message.asked_at.astimezone(asked.office.settings.zone).date()
        return {
            "code": letter.name,
            "issued_on": day,
            "url": f"{asked.office.settings.base_url}/cases/…",
            "language": "zh-CN",
        }
    try:
        settings = read_sidecar(package.files, package.name, letter.name)
        day = message.asked_at.astimezone(asked.office.settings.zone).date()
        return {**describe(asked.office.settings, message, settings, day), "offline": ""}
    except (DocumentRefused, FeelError):
        return {}


def printed(asked: Asked, package: Package, letter: Letter) -> dict[str, Any]:
    """What comes of printing one letter on the data of the first scenario that makes it."""
    told = looks(asked, package, letter, Wish(), "zh", pictures=False)
    return {"faults": told.faults, "missing": len(told.missing), "source": told.source}
