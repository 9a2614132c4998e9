"""Who else has a case open: told on its page, and noted when somebody opens it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from api.pages import posts
from engine.commands import BePresent
from engine.errors import EngineError
from engine.queries.desks import present

if TYPE_CHECKING:
    from api.frame import Asked
    from engine.queries import CaseView

#: A sign of life is written at most so often.
_AGAIN = timedelta(seconds=50)


def others(asked: Asked, case: CaseView) -> list[str]:
    """The names of the others who have the case open; the asker counts as there from now on."""
    if asked.actor.id is None or case.row.state != "open":
        return []
    here = present(asked.office.store, case.row.id, asked.now)
    mine = next((one for one in here if one.account == asked.actor.id), None)
    if mine is None or asked.now - mine.seen_at > _AGAIN:
        # Whoever reads a copy has no place at the desk; that somebody looks is no reason to refuse the page.
        with suppress(EngineError):
            asked.execute(BePresent(asked.command_id(posts.fresh()), case.row.id))
    return [one.name for one in here if one.account != asked.actor.id]
