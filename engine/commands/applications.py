"""An application comes in: a case begins, pinned to the version of its process that is current now."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from engine.commands.application_drafts import require_draft
from engine.commands.frame import Command, Right, Verb
from engine.commands.helpers import helper_text
from engine.commands.moving import Moving, starting
from engine.commands.retirement import require_active
from engine.commands.subjects import note_subjects
from engine.errors import CommandInvalid, Forbidden, NotFound
from engine.forms import about, put, validate
from engine.journal import BEGINNING
from engine.package import START
from engine.secrecy import is_secret
from engine.store.columns import area_columns
from engine.store.drafts import read_draft
from engine.store.exact import pack, unpack
from engine.store.rows import CaseRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work
    from engine.package import Package
    from engine.store.rows import ApplicationDraftRow

#: The applicant's own channel; with it the sender is the applicant.
ONLINE = "online"
CHANNELS = frozenset({ONLINE, "window", "phone", "village", "exchange"})


@dataclass(frozen=True, slots=True)
class SubmitApplication(Command):
    """Begin a case of `process` in `area` with the start form's `data`.

    `applicant` is the account the case is for, when an office enters it; `helper` says who acts for the applicant, and by
    which consent. With `draft` area, answers and helper are those of the draft, which is used up; it can be handed in once.
    """

    process: str
    area: str
    data: Mapping[str, Any] = field(default_factory=dict)
    channel: str = ONLINE
    applicant: str | None = None
    helper: Mapping[str, Any] | None = None
    draft: str | None = None


class _Wish(NamedTuple):
    """What is handed in, wherever it came from."""

    package: Package
    area: str
    data: Mapping[str, Any]
    channel: str
    applicant: str | None
    helper: str | None
    draft: ApplicationDraftRow | None


def _find(work: Work, command: SubmitApplication) -> tuple[Right, _Wish]:
    package = work.office.packages.current(work.tx.session, command.process)
    require_active(work, command.process)
    if command.draft is None:
        own = _represented(work, command) or work.actor.id
        applicant = own if command.channel == ONLINE else command.applicant
        helper = helper_text(command.helper) if command.helper is not None else None
        wish = _Wish(package, command.area, command.data, command.channel, applicant, helper, None)
        return Right("start", command.process, command.area), wish
    row = read_draft(work.tx.session, work.actor, command.draft)
    if row.process != command.process:
        raise NotFound(kind="draft", id=row.id)
    data: dict[str, Any] = {}
    for key, value in unpack(row.answers).items():
        put(data, key, value)
    # Entered by an office, the case is the applicant's, not the clerk's.
    own = _represented(work, command, row.helper) or row.account
    applicant = own if row.channel == ONLINE else command.applicant
    wish = _Wish(package, row.area or "", data, row.channel, applicant, row.helper, row)
    return Right("start", row.process, wish.area), wish


def _submit(work: Work, command: SubmitApplication, wish: _Wish) -> dict[str, Any]:
    package = wish.package
    _require_office(work, command, wish)
    if wish.channel not in CHANNELS:
        raise CommandInvalid(reason="channel", channel=wish.channel)
    if wish.draft is not None:
        require_draft(wish.draft, work)
    if not (wish.area.isascii() and wish.area.isdigit() and len(wish.area) in (4, 6, 9, 12)):
        raise CommandInvalid(reason="area", area=wish.area)
    form = package.form(START)
    if form is None and wish.data:
        raise CommandInvalid(reason="no-form", element=START)
    clean = validate(form, wish.data, {}, work.world) if form else {}
    if (whose := _represented(work, command, wish.helper)) is not None:
        work = replace(work, behalf=whose)
    row = _row(work, wish, clean)
    query_code = secrets.token_hex(4)
    _insert(work, row, query_code, pack(clean))
    if wish.draft is not None:
        _use_up(work, wish.draft, row.id)
    note_subjects(work, row.id, form, clean)
    moving = Moving(work, row)
    moving.move(starting(row, form.exports(clean) if form else {}))
    body = {"helper": orjson.loads(wish.helper)} if wish.helper else {}
    told = moving.close(
        "submitted", package=package.digest, channel=row.channel, applicant=row.applicant, **body
    )
    return {**told, "query_code": query_code}


def _represented(work: Work, command: SubmitApplication, helper: str | None = None) -> str | None:
    """The applicant, if the actor acts for them as guardian or by letter of authority; Forbidden if that is over."""
    named = orjson.loads(helper).get("account") if helper else None
    if named is not None and named not in work.actor.represents:
        raise Forbidden(action="start", object=command.process)
    whose = named or command.applicant
    return whose if whose in work.actor.represents else None


def _require_office(work: Work, command: SubmitApplication, wish: _Wish) -> None:
    """Only an office may enter a case for somebody else, or say that it came by another way: it would appear among that person's own."""
    if work.actor.system or work.actor.grants:
        return
    if wish.channel != ONLINE or (command.applicant is not None and not _represented(work, command)):
        raise Forbidden(action="start", object=command.process)


def _use_up(work: Work, draft: ApplicationDraftRow, number: str) -> None:
    """Handed in twice at once, the second finds another revision; later, it finds the case."""
    used = {"state": "submitted", "case_id": number, "answers": "{}", "revision": draft.revision + 1}
    work.tx.update("application_draft", (draft.id,), used, {"revision": draft.revision})


def _row(work: Work, wish: _Wish, data: dict[str, Any]) -> CaseRow:
    package = wish.package
    return CaseRow(
        id=_number(work, wish.area, secret=is_secret(package.policies)),
        process=package.name,
        package=package.digest,
        area=wish.area,
        channel=wish.channel,
        applicant=wish.applicant,
        title=_title(work, package, data),
        state="open",
        revision=0,
        marking=b"",
        variables=b"",
        journal_seq=0,
        journal_head=BEGINNING,
        submitted_at=work.now,
        incidents=0,
        helper=wish.helper,
    )


def _number(work: Work, area: str, *, secret: bool) -> str:
    """The next number of the place and day; one drawn by lot where a gap would tell that a secret case came in."""
    prefix = f"{area[:6]:0<6}{work.office.department}{work.now:%Y%m%d}"
    if secret:
        return f"{prefix}{secrets.randbelow(10**8):08d}"
    return f"{prefix}{work.tx.next_number(f'case:{prefix}'):04d}"


def _insert(work: Work, row: CaseRow, query_code: str, application: str) -> None:
    work.tx.insert(
        "cases",
        {
            **row._asdict(),
            **area_columns(row.area),
            "query_code": query_code,
            "application": application,
            "changed_at": work.now,
        },
    )


def _title(work: Work, package: Package, data: dict[str, Any]) -> str:
    """What lists call the case: the process, and whom it is about where the form asks for the name (not in secret ones)."""
    process = package.definition.scopes[package.definition.main].name or package.name
    if is_secret(package.policies):
        return process
    form = package.form(START)
    name = about(form, data, work.world) if form else None
    return f"{process} · {name}" if name else process


VERBS = {SubmitApplication: Verb(_find, _submit)}
