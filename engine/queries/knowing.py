"""What is remembered of looking: who was shown something of a secret case, and who was told that there is no such thing."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, TypeVar

import orjson

from engine.errors import NotFound
from engine.secrecy import looks_chain

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.access import Access, Actor
    from engine.store.session import Store

Asked = ParamSpec("Asked")
Told = TypeVar("Told")


class Look(NamedTuple):
    """One look at a case: `shown` is false for whoever was told that there is no such case."""

    at: datetime
    actor: str | None
    actor_name: str
    key: str
    shown: bool


def witnessed(
    query: Callable[Concatenate[Store, Access, Actor, Asked], Told],
) -> Callable[Concatenate[Store, Access, Actor, Asked], Told]:
    """The query, which has every NotFound remembered, whether the thing exists or not."""

    @wraps(query)
    def ask(
        store: Store, access: Access, actor: Actor, /, *args: Asked.args, **options: Asked.kwargs
    ) -> Told:
        try:
            return query(store, access, actor, *args, **options)
        except NotFound as missing:
            access.witness(actor, str(missing.values.get("id", "")), False)
            raise

    return ask


@witnessed
def looks(store: Store, access: Access, actor: Actor, number: str) -> list[Look]:
    """Every remembered look at a case, latest first: for its owner, and for whoever may ask for `looks` on the process."""
    sql = "SELECT at, actor, actor_name, body FROM journal WHERE chain = ? ORDER BY seq DESC LIMIT 1000"
    with store.reading() as reader:
        found = reader.rows("SELECT process, area, applicant FROM cases WHERE id = ?", (number,))
        owner = (found[0][2] or "", f"case:{number}") if found else ()
        if not found or not (
            actor.owns(owner) or access.may(actor, "looks", found[0][0], found[0][1], owner)
        ):
            raise NotFound(kind="case", id=number)
        rows = reader.rows(sql, (looks_chain(number),))
    return [_look(*row) for row in rows]


def known(store: Store, access: Access, actor: Actor, key: str) -> bool:
    """Whether the actor may know of the case that an id belongs to; true where it belongs to none."""
    with store.reading() as reader:
        sql = "SELECT process, area, applicant FROM cases WHERE id = ?"
        found = reader.rows(sql, (key.partition(".")[0],))
    return all(
        access.knows(actor, process, area, (applicant or "", f"case:{key.partition('.')[0]}"))
        for process, area, applicant in found
    )


def _look(at: datetime, actor: str | None, name: str, body: Any) -> Look:
    told = orjson.loads(body)
    return Look(at, actor, name, str(told.get("key", "")), bool(told.get("shown")))
