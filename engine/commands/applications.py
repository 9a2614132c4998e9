"""An application comes in: a case begins, pinned to the version of its process that is current now."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.commands.frame import Command, Right, Verb
from engine.commands.moving import Moving, starting
from engine.errors import CommandInvalid
from engine.forms import validate
from engine.journal import BEGINNING
from engine.package import START
from engine.secrecy import is_secret
from engine.store.columns import area_columns
from engine.store.exact import pack
from engine.store.rows import CaseRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work
    from engine.package import Package

#: The applicant's own channel; with it the sender is the applicant.
ONLINE = "online"
CHANNELS = frozenset({ONLINE, "window", "phone", "village", "exchange"})


@dataclass(frozen=True, slots=True)
class SubmitApplication(Command):
    """Begin a case of `process` in `area` with the start form's `data`.

    `applicant` is the account the case is for, when somebody else submits (a clerk at the window, a proxy).
    """

    process: str
    area: str
    data: Mapping[str, Any] = field(default_factory=dict)
    channel: str = ONLINE
    applicant: str | None = None


def _find(work: Work, command: SubmitApplication) -> tuple[Right, Package]:
    package = work.office.packages.current(work.tx.session, command.process)
    return Right("start", command.process, command.area), package


def _submit(work: Work, command: SubmitApplication, package: Package) -> dict[str, Any]:
    if command.channel not in CHANNELS:
        raise CommandInvalid(reason="channel", channel=command.channel)
    if not (command.area.isascii() and command.area.isdigit() and len(command.area) in (4, 6, 9, 12)):
        raise CommandInvalid(reason="area", area=command.area)
    form = package.form(START)
    if form is None and command.data:
        raise CommandInvalid(reason="no-form", element=START)
    clean = validate(form, command.data, {}, work.world) if form else {}
    row = _row(work, command, package, clean)
    query_code = secrets.token_hex(4)
    _insert(work, row, query_code, pack(clean))
    moving = Moving(work, row)
    moving.move(starting(row, form.exports(clean) if form else {}))
    told = moving.close("submitted", package=package.digest, channel=row.channel, applicant=row.applicant)
    return {**told, "query_code": query_code}


def _row(work: Work, command: SubmitApplication, package: Package, data: Mapping[str, Any]) -> CaseRow:
    return CaseRow(
        id=_number(work, command.area, secret=is_secret(package.policies)),
        process=command.process,
        package=package.digest,
        area=command.area,
        channel=command.channel,
        applicant=work.actor.id if command.channel == ONLINE else command.applicant,
        title=_title(package, data),
        state="open",
        revision=0,
        marking=b"",
        variables=b"",
        journal_seq=0,
        journal_head=BEGINNING,
        submitted_at=work.now,
        incidents=0,
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


def _title(package: Package, data: Mapping[str, Any]) -> str:
    """What lists call the case: the process, and the applicant's name where the form asks for it (not in secret ones)."""
    process = package.definition.scopes[package.definition.main].name or package.name
    if is_secret(package.policies):
        return process
    applicant = data.get("applicant")
    name = applicant.get("name") if isinstance(applicant, dict) else None
    return f"{process} · {name}" if name else process


VERBS = {SubmitApplication: Verb(_find, _submit)}
