"""Whose draft of an application it is: asked alike by the commands that change it and by the questions about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import NotFound
from engine.store.rows import ApplicationDraftRow

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.store.session import Reader


def read_draft(reader: Reader, actor: Actor, key: str) -> ApplicationDraftRow:
    """The draft, if it is the actor's: begun with the account, opened with its code, or under the account's own phone."""
    columns = ", ".join(ApplicationDraftRow._fields)
    found = reader.rows(f"SELECT {columns} FROM application_draft WHERE id = ?", (key,))  # noqa: S608
    if not found:
        raise NotFound(kind="draft", id=key)
    row = ApplicationDraftRow._make(found[0])
    if not (actor.owns(row.owner) or _own_phone(reader, actor, row.phone)):
        raise NotFound(kind="draft", id=key)
    return row


def _own_phone(reader: Reader, actor: Actor, phone: str | None) -> bool:
    """Whether the account has proved that the phone is its own."""
    if phone is None or actor.id is None:
        return False
    sql = "SELECT 1 FROM identity WHERE issuer = 'phone' AND subject = ? AND account = ?"
    return bool(reader.rows(sql, (phone, actor.id)))
