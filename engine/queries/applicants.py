"""What applicants ask: their applications begun, and their rating of a case."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from engine.access import Actor
from engine.errors import NotFound
from engine.queries.cases import all_rows
from engine.store.drafts import read_draft
from engine.store.exact import unpack
from engine.store.rows import ApplicationDraftRow, RatingRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.store.session import Store


@dataclass(frozen=True, slots=True)
class DraftView:
    """An application begun: `answers` by full key as they were typed, `helper` who fills it in for somebody else."""

    row: ApplicationDraftRow
    answers: Mapping[str, Any]
    helper: Mapping[str, str] | None


def draft(store: Store, actor: Actor, key: str, now: datetime) -> DraftView:
    """The draft, if it is the actor's and not too old; one that was handed in says so in its row. NotFound otherwise."""
    with store.reading() as reader:
        row = read_draft(reader, actor, key)
    if row.expires_at <= now:
        raise NotFound(kind="draft", id=key)
    return DraftView(row, unpack(row.answers), orjson.loads(row.helper) if row.helper else None)


def drafts(store: Store, actor: Actor, now: datetime) -> list[ApplicationDraftRow]:
    """What the account has begun, with it or under its own phone, latest first."""
    if actor.id is None:
        return []
    where = (
        "state = 'open' AND expires_at > ? AND (account = ? OR phone IN"
        " (SELECT subject FROM identity WHERE issuer = 'phone' AND account = ?)) ORDER BY saved_at DESC LIMIT 50"
    )
    with store.reading() as reader:
        return all_rows(reader, ApplicationDraftRow, "application_draft", where, now, actor.id, actor.id)


def draft_holder(store: Store, key: str, code: str) -> Actor:
    """Whoever knows a draft and its code: an actor who owns this one draft; NotFound for anything else."""
    with store.reading() as reader:
        found = reader.rows("SELECT code FROM application_draft WHERE id = ?", (key,))
    known = found[0][0] if found else secrets.token_hex(4)
    if not hmac.compare_digest(known.encode(), code.encode()) or not found:
        raise NotFound(kind="draft", id=key)
    return Actor(f"draft:{key}")


def drafts_of_phone(store: Store, phone: str, code: str, now: datetime) -> list[ApplicationDraftRow]:
    """The open drafts that were begun with this phone and have this code (one, unless somebody is very lucky)."""
    where = "phone = ? AND state = 'open' AND expires_at > ? ORDER BY saved_at DESC LIMIT 20"
    with store.reading() as reader:
        found = all_rows(reader, ApplicationDraftRow, "application_draft", where, phone, now)
    return [row for row in found if hmac.compare_digest(row.code.encode(), code.encode())]


def rating(store: Store, number: str) -> RatingRow | None:
    """The rating of a case that the asker may see as its owner (`queries.case` says whether)."""
    with store.reading() as reader:
        found = all_rows(reader, RatingRow, "rating", "case_id = ?", number)
    return found[0] if found else None
