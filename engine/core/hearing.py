"""Whoever shall lose something is heard first: no reduction, stop or recovery without a hearing of the same person.

An element with `effect: hearing` that was completed leaves an entry in the case variable `heard`; an element with
`effect: reduce`, `stop` or `recover` takes one of the same person (`about`) away, or stops with `hearing-missing`. One
hearing carries one decision. Source: 社会救助法 art. 48; 行政处罚法 art. 44 asks the same of penalties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.core import variables
from engine.core.faults import Fault

if TYPE_CHECKING:
    from engine.core.definition import Node
    from engine.core.state import Token
    from engine.core.walk import Walk

HEARING: Final = "hearing"
#: Effects that a person must have been heard on.
BURDENS: Final = frozenset({"reduce", "stop", "recover"})
#: The case variable of hearings held: a list of {element, about, at, used}. Models read it, only this module writes it.
HEARD: Final = "heard"


def note(walk: Walk, token: Token, node: Node) -> None:
    """The element is complete: if it was a hearing, somebody has been heard."""
    if node.settings.effect != HEARING:
        return
    entry = {"element": node.id, "about": _about(walk, token, node), "at": walk.now, "used": None}
    variables.write(walk, 0, {HEARD: [*_held(walk), entry]})


def require(walk: Walk, token: Token, node: Node) -> None:
    """Before the element burdens somebody: take the hearing that was held about it; Fault if there is none.

    A retried element finds the hearing that it took the first time.
    """
    if node.settings.effect not in BURDENS:
        return
    about, held = _about(walk, token, node), _held(walk)
    mine = f"{node.id}.{token.id}"
    for place, entry in enumerate(held):
        if entry["about"] == about and entry["used"] in (None, mine):
            taken = [*held[:place], {**entry, "used": mine}, *held[place + 1 :]]
            variables.write(walk, 0, {HEARD: taken})
            return
    raise Fault("hearing-missing", effect=node.settings.effect, about=_name(about))


def _held(walk: Walk) -> list[dict[str, Any]]:
    held = walk.variables.get(HEARD)
    return list(held) if isinstance(held, list) else []


def _about(walk: Walk, token: Token, node: Node) -> Any:
    """Who is meant, as seen from around the element: a called process hides the case's variables from itself."""
    if node.settings.about is None:
        return None
    item = node.loop.item if node.loop is not None else None
    layer = variables.layer_of(walk, token) or {} if item is not None else {}
    return variables.evaluate(
        walk, token.parent, node.settings.about, {item: layer.get(item)} if item else None
    )


def _name(about: Any) -> str | None:
    """Who is meant, for the incident: never a whole record."""
    if isinstance(about, dict):
        about = about.get("name")
    return None if about is None else str(about)
