"""What of a state matters to the ways of its tokens, in a form in which equal situations are equal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from engine.core.state import Extras

if TYPE_CHECKING:
    from engine.core.state import State, Token

#: Rounds of a loop are told apart up to here only: the fifth is like the third.
_ROUNDS: Final = 2
_PLAIN: Final = Extras()

Shape = tuple[Any, ...]


def shape_of(state: State) -> Shape:
    """The tree of tokens without their numbers, moments and values; children in one order."""
    children: dict[int, list[Token]] = {}
    for token in state.tokens.values():
        children.setdefault(token.parent, []).append(token)
    kept: dict[int, set[str]] = {}
    for done in state.done.values():
        kept.setdefault(done.parent, set()).add(done.element)
    return _level(0, children, kept, state)


def counts_of(state: State) -> Counter[tuple[str, str]]:
    """How many tokens stand at each element, told apart by the element that holds them."""
    tokens = state.tokens
    return Counter(
        (tokens[one.parent].element if one.parent in tokens else "", one.element) for one in tokens.values()
    )


def _level(parent: int, children: dict[int, list[Token]], kept: dict[int, set[str]], state: State) -> Shape:
    inner = [_token(token, children, kept, state) for token in children.get(parent, ())]
    return (tuple(sorted(inner, key=repr)), tuple(sorted(kept.get(parent, ()))))


def _token(token: Token, children: dict[int, list[Token]], kept: dict[int, set[str]], state: State) -> Shape:
    extras = token.extras or _PLAIN
    own = (
        tuple(sorted(extras.due or ())),
        tuple(sorted((name, left) for name, (left, _) in (extras.cycle or {}).items())),
        extras.held,
        min(extras.index, _ROUNDS),
        tuple(min(each, _ROUNDS) for each in extras.counts or ()),
        extras.start,
        extras.struck,
        tuple(sorted((extras.fired or {}).items())),
        extras.incident.code if extras.incident is not None else "",
        _where(extras.holder, state),
        _where(extras.after, state),
    )
    return (token.element, int(token.phase), token.flow or "", own, _level(token.id, children, kept, state))


def _where(number: int, state: State) -> str:
    held = state.tokens.get(number)
    return held.element if held is not None else ""
