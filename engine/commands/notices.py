"""Notices kept: into whose inbox, and by which lines they go out to people who are not looking.

A notice is written once in each reader's language and lies in the inbox from that moment. What goes out beside it are
letters in the outbox, one for each line, whose name is the notice's with the line's: none is sent twice.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.codes import masked
from engine.commands.frame import Command, Right, Verb
from engine.commands.letters import post
from engine.errors import NotFound
from engine.store.exact import unpack

if TYPE_CHECKING:
    from engine.commands.frame import Work
    from engine.commands.moving import Moving
    from engine.effects import Sent
    from engine.store.rows import OutboxRow

SMS, EMAIL = "sms", "email"
#: Where an account has not chosen.
STANDARD = (SMS,)
#: Not more than so many people are told of one event.
MOST_READERS = 20
ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class ReadNotices(Command):
    """The actor has the own notices before them, up to this one in time; they are no longer new."""

    last: str


class Reader(NamedTuple):
    """Whom a notice is for, and how they are reached."""

    id: str
    language: str
    phone: str | None
    email: str | None
    notify: str | None


class _Told(NamedTuple):
    id: str
    account: str | None
    sent_at: Any
    read_at: Any


def keep(work: Work, moving: Moving, message: OutboxRow, sent: Sent) -> None:
    """Put the notice into the inboxes of those it is for, and letters for the lines they chose into the outbox."""
    given: Mapping[str, Any] = unpack(message.body)["input"]
    phone = phone_of(given)
    readers = _readers(work, moving, given)
    for place, reader in enumerate(readers):
        name = message.id if not place else f"{message.id}:{reader.id}"
        text = sent.translations.get(reader.language, sent.text)
        _insert(work, message, sent, name, text, reader.id)
        own = reader.phone or (phone if reader.id == moving.row.applicant else None)
        chosen = STANDARD if reader.notify is None else tuple(reader.notify.split())
        _post(work, moving, name, text, {SMS: own, EMAIL: reader.email}, chosen)
    if not readers:
        _insert(work, message, sent, message.id, sent.text, None, masked(phone) if phone else "")
        _post(work, moving, message.id, sent.text, {SMS: phone}, STANDARD)


def phone_of(data: Mapping[str, Any]) -> str | None:
    """Whom to call who has no account: `to`, `phone` or `applicant.phone` of the element's input."""
    applicant = data.get("applicant")
    found = data.get("to") or data.get("phone")
    if not found and isinstance(applicant, Mapping):
        found = applicant.get("phone")
    return str(found) if found else None


def _readers(work: Work, moving: Moving, given: Mapping[str, Any]) -> list[Reader]:
    """`account` of the input (one or several); of a task's notices its holder, or the superiors; else the applicant."""
    named: list[str | None]
    if "holder" in given:
        named = [given["holder"]]
        if given.get("rule") == ESCALATE:
            named = [*_superiors(work, moving, str(given.get("area") or moving.row.area))]
    elif given.get("account"):
        account = given["account"]
        named = list(account) if isinstance(account, list) else [account]
    else:
        named = [moving.row.applicant]
    found = []
    for account in dict.fromkeys(str(one) for one in named if one):
        where = "id = ? AND state = 'active'"
        reader = work.tx.one(Reader, "account", where, account)
        if reader is not None:
            found.append(reader)
    return found[:MOST_READERS]


def _superiors(work: Work, moving: Moving, area: str) -> list[str]:
    """Who may hand out the work of this process in this area."""
    text = moving.package.files.get(f"policies/{moving.package.name}.csv", b"").decode()
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines())]
    roles = {row[1] for row in rows if row[:1] == ["p"] and row[2:] == [moving.package.name, "reassign"]}
    today = work.now.date().isoformat()
    found = []
    for role in sorted(roles):
        for account, reach, start, end in work.tx.rows(
            "SELECT account, area, valid_from, valid_to FROM grant_ WHERE role = ? ORDER BY account", role
        ):
            if area.startswith(reach) and (start or today) <= today <= (end or today):
                found.append(account)
    return found


def _insert(
    work: Work, message: OutboxRow, sent: Sent, name: str, text: str, account: str | None, to: str = ""
) -> None:
    row = {
        "id": name,
        "case_id": message.case_id,
        "event": message.name or "",
        "channel": sent.channel,
        "recipient": account or to,
        "text": text,
        "receipt": sent.receipt,
        "sent_at": work.now,
        "account": account,
    }
    work.tx.insert("notice", row)


def _post(
    work: Work, moving: Moving, name: str, text: str, reach: Mapping[str, str | None], chosen: tuple[str, ...]
) -> None:
    for line in chosen:
        to = reach.get(line)
        if to and line in work.office.lines:
            subject = (
                {"subject": f"{moving.row.title.partition(' · ')[0]} {moving.row.id}"}
                if line == EMAIL
                else {}
            )
            post(work, f"{name}:{line}", line, {"to": to, "text": text, **subject})


def _find(work: Work, command: ReadNotices) -> tuple[Right, list[_Told]]:
    last = work.tx.one(_Told, "notice", "id = ? AND account = ?", command.last, work.actor.id or "")
    if last is None:
        raise NotFound(kind="notice", id=command.last)
    where = "account = ? AND read_at IS NULL AND sent_at <= ?"
    return Right("own-account", "office", None), work.tx.all(
        _Told, "notice", where, work.actor.id, last.sent_at
    )


def _read(work: Work, _: ReadNotices, fresh: list[_Told]) -> dict[str, Any]:
    for one in fresh:
        work.tx.update("notice", (one.id,), {"read_at": work.now})
    return {"read": len(fresh)}


VERBS = {ReadNotices: Verb(_find, _read)}
