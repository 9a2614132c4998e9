"""What `python -m engine verify` makes again from its parts: the clocks of cases, and the items of registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from engine.clock import ClockError
from engine.clock.replay import replayed
from engine.register import fold
from engine.store.exact import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.store.session import Reader

#: What follows from the calendar of the day, and may differ from one year's table to the next.
_RECKONED: Final = ("due", "provisional", "late")


def clocks_differ(reader: Reader, case: str, variables: Mapping[str, Any]) -> Iterator[str]:
    """The clocks of a case that its journal does not give again."""
    held = variables.get("clocks")
    if not held:
        return
    rows = reader.rows("SELECT body FROM journal WHERE chain = ? AND kind = 'clock' ORDER BY seq", (case,))
    try:
        made = replayed([orjson.loads(row[0]) for row in rows], None)
    except (ClockError, KeyError, TypeError):
        yield from sorted(held)
        return
    for name in sorted({*held, *made}):
        if _bare(held.get(name)) != _bare(made.get(name)):
            yield name


def _bare(clock: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (clock or {}).items() if key not in _RECKONED}


def registers_differ(reader: Reader) -> Iterator[tuple[str, str]]:
    """(register, key) of items that are not the fold of their entries."""
    made: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for register, key, body in reader.rows(
        "SELECT register, key, body FROM register_entry ORDER BY register, key, seq"
    ):
        made.setdefault((register, key), []).append(unpack(body))
    held = {
        (register, key): (unpack(state), revision)
        for register, key, state, revision in reader.rows(
            "SELECT register, key, state, revision FROM register_item"
        )
    }
    for place in sorted({*made, *held}):
        entries = made.get(place, [])
        if held.get(place) != (fold(entries), len(entries)):
            yield place
