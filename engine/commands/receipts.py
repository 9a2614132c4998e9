"""The receipt of an application (收件凭证): a paper like any other, printed when its owner first asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.commands.frame import Command, Right, Verb
from engine.commands.moving import Moving, read_case, verification_word
from engine.errors import NotFound
from engine.package import START
from engine.promises import promises
from engine.store.exact import unpack

if TYPE_CHECKING:
    from engine.commands.frame import Work
    from engine.forms import Form
    from engine.store.rows import CaseRow

#: The template of all receipts: templates/<process>/received.html, else templates/_shared/received.html.
RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class AskReceipt(Command):
    """Have the receipt of the case printed; the answer names the `document`, or the `message` that will become one."""

    case: str


def _find(work: Work, command: AskReceipt) -> tuple[Right, CaseRow]:
    case = read_case(work, command.case)
    return Right("see", case.process, case.area, case.owner), case


def _ask(work: Work, command: AskReceipt, case: CaseRow) -> dict[str, Any]:  # noqa: ARG001
    issued = work.tx.rows("SELECT id FROM document WHERE case_id = ? AND code = ?", case.id, RECEIVED)
    if issued:
        return {"case": case.id, "document": issued[0][0]}
    asked = "SELECT id FROM outbox WHERE case_id = ? AND kind = 'document' AND name = ? AND state = 'open'"
    if waiting := work.tx.rows(asked, case.id, RECEIVED):
        return {"case": case.id, "message": waiting[0][0]}
    moving = Moving(work, case)
    if moving.package.sidecar(RECEIVED) is None:
        raise NotFound(kind="template", id=RECEIVED)
    body = {"input": _data(work, moving, case), "token": verification_word(), "number": None}
    message = moving.record.send(0, "", "document", RECEIVED, body)
    moving.record.close("asked-receipt", message=message)
    return {"case": case.id, "message": message}


def _data(work: Work, moving: Moving, case: CaseRow) -> dict[str, Any]:
    """What the receipt says; `data` of the template."""
    definition = moving.definition
    name = definition.scopes[definition.main].name or moving.package.name
    application = work.tx.rows("SELECT application FROM cases WHERE id = ?", case.id)[0][0]
    answers = unpack(application) if application else {}
    form = moving.package.form(START)
    told = promises(moving.package, answers, case.submitted_at, work.world)
    return {
        "item": name,
        "about": case.title.removeprefix(name).removeprefix(" · ") or None,
        "materials": _materials(form, answers) if form else [],
        "promised_on": told.promised,
        "statutory_on": told.statutory,
    }


def _materials(form: Form, answers: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for field in form.fields():
        value: Any = answers
        for part in field.key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if field.type in {"file", "files"} and value:
            count = len(value) if isinstance(value, list) else 1
            rows.append({"what": field.label["zh"], "form": "电子件", "pages": count})
    return rows


VERBS = {AskReceipt: Verb(_find, _ask)}
