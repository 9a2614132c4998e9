"""Going back and jumping: which tokens are taken away, which stay, and which arrivals are given back to joins.

All of it happens in one scope instance, the one that holds the target and, itself or further inside, the sender.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.core.definition import Kind
from engine.core.faults import CoreError
from engine.core.plan import SCOPES
from engine.core.state import Extras, Phase
from engine.core.verbs_ways import bound_for, place_of, ways_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from engine.core.state import Token
    from engine.core.walk import Walk

#: Marks the head of a loop among what a scope has passed; no id begins with it.
_ROUND: Final = "<"
#: What can be done again as a whole.
ACTIVITIES: Final = frozenset(
    {Kind.TASK, Kind.USER, Kind.MANUAL, Kind.SERVICE, Kind.SCRIPT, Kind.RULE, Kind.SEND, Kind.RECEIVE}
    | (SCOPES - {Kind.EVENT_SUB_PROCESS})
)


def send_back(walk: Walk, number: int, target: str, *, straight: bool) -> None:
    """Take away what lies after the target (`straight`: only the sender's own work) and put a token on it."""
    sender = walk.at_work(number)
    scope, inside = _scope_around(walk, sender, target, ACTIVITIES)
    ways = ways_of(walk.definition)
    if place_of(walk.plan, inside) not in ways.after(target):
        raise CoreError("not-before", element=inside.element, target=target)
    _irrevocable(walk, scope, target)
    if straight:
        _no_call_under_way(walk, [inside.id])
        walk.drop(inside.id)
        _place(walk, scope, target, Extras(back=inside.element))
    else:
        _again(walk, scope, target)


def take_back(walk: Walk, number: int, element: str) -> None:
    """Open a finished element again; refused if nothing that followed it is still there to be taken away."""
    scope = walk.tokens.get(number)
    if scope is None or not walk.is_scope(scope):
        raise CoreError("no-such-token", token=number)
    node = walk.nodes.get(element)
    if node is None or node.kind not in ACTIVITIES or node.scope != walk.plan.scope_of(scope.element):
        raise CoreError("no-such-target", target=element)
    _calm(walk, scope)
    if not _later(walk, scope, element):
        raise CoreError("nothing-to-take-back", element=element)
    _irrevocable(walk, scope, element)
    _again(walk, scope, element)


def jump(walk: Walk, number: int, target: str, also: Collection[int]) -> None:
    """Give up the named work of one scope and put a token on the target there."""
    token = walk.tokens.get(number)
    if token is None or not token.parent:
        raise CoreError("no-such-token", token=number)
    scope, inside = _scope_around(walk, token, target, ACTIVITIES | {Kind.END})
    others = [each for each in also if each != inside.id]
    for each in others:
        if each not in walk.tokens or walk.tokens[each].parent != scope.id:
            raise CoreError("no-such-token", token=each)
    _irrevocable(walk, scope, target)
    _no_call_under_way(walk, [inside.id, *others])
    _place(walk, scope, target)
    for each in (inside.id, *others):
        walk.drop(each)


def note_done(walk: Walk, token: Token) -> None:
    """An irrevocable element has been done: every scope around it remembers, as done by what it holds."""
    inside = token
    while inside.parent:
        scope = walk.tokens[inside.parent]
        if walk.is_scope(scope):
            _note(walk, scope, inside.element)
        inside = scope


def note_round(walk: Walk, scope: int, source: str, target: str) -> None:
    """A token goes a way that leads back: what was done in the round before is not in the way of the new one."""
    held = walk.tokens[scope]
    if held.extras is not None and held.extras.passed and (source, target) in ways_of(walk.definition).back:
        _note(walk, held, _ROUND + target)


def _note(walk: Walk, scope: Token, name: str) -> None:
    passed = scope.extras.passed if scope.extras is not None else ()
    walk.extend(scope.id, passed=(*(each for each in passed if each != name), name))


def _scope_around(walk: Walk, token: Token, target: str, kinds: Collection[Kind]) -> tuple[Token, Token]:
    """The scope instance around a token that holds the target, and what of it holds the token (or is it)."""
    node = walk.nodes.get(target)
    if node is None or node.kind not in kinds or node.for_compensation:
        raise CoreError("no-such-target", target=target)
    inside = token
    while inside.parent:
        scope = walk.tokens[inside.parent]
        if walk.is_scope(scope) and walk.plan.scope_of(scope.element) == node.scope:
            _calm(walk, scope)
            return scope, inside
        inside = scope
    raise CoreError("elsewhere", target=target, scope=node.scope)


def _calm(walk: Walk, scope: Token) -> None:
    """Refuse while the scope is interrupted, or undoes something: its order of work is not that of its flows then."""
    if scope.phase is not Phase.OPEN or walk.is_struck(scope):
        raise CoreError("scope-interrupted", scope=scope.element)
    for number in walk.inside(scope.id):
        extras = walk.tokens[number].extras
        if extras is not None and (extras.todo is not None or extras.holder or extras.struck):
            raise CoreError("undoing", scope=scope.element)


def _later(walk: Walk, scope: Token, target: str, *, own: bool = False) -> list[Token]:
    """The tokens directly inside the scope that stand after the target (`own`: or at it)."""
    after = ways_of(walk.definition).after(target)
    tokens = [walk.tokens[number] for number in walk.inside(scope.id)]
    return [
        token
        for token in tokens
        if (place := place_of(walk.plan, token)) in after or (own and place == target)
    ]


def _irrevocable(walk: Walk, scope: Token, target: str) -> None:
    """Refuse if something irrevocable was done after the target, unless a new round that holds the target began since."""
    ways = ways_of(walk.definition)
    after = ways.after(target)
    passed = scope.extras.passed if scope.extras is not None else ()
    for place, name in enumerate(passed):
        if name not in after and name != target:
            continue
        heads = [each[1:] for each in passed[place + 1 :] if each[0] == _ROUND]
        if not any(head == target or target in ways.after(head) for head in heads):
            raise CoreError("irrevocable", element=name, target=target)


def _no_call_under_way(walk: Walk, tokens: Iterable[int]) -> None:
    """Refuse if an irrevocable call has been asked for in what would be taken away: it may be carried out already."""
    for number in tokens:
        token = walk.tokens[number]
        asked = token.phase is Phase.WAITING and walk.nodes[token.element].kind is Kind.SERVICE
        stuck = token.extras is not None and token.extras.incident is not None
        if asked and not stuck and token.element in walk.plan.irrevocable:
            raise CoreError("irrevocable", element=token.element)
        _no_call_under_way(walk, walk.inside(number))


def _again(walk: Walk, scope: Token, target: str) -> None:
    """Everything at and after the target goes; a new token begins there, and joins are left so that they can still open."""
    ways = ways_of(walk.definition)
    after = ways.after(target)
    gone = {token.id for token in _later(walk, scope, target, own=True)}
    _no_call_under_way(walk, gone)
    _open_joins(walk, scope, after, gone)
    _place(walk, scope, target)
    for number in gone:
        walk.drop(number)


def _open_joins(walk: Walk, scope: Token, after: Collection[str], gone: Collection[int]) -> None:
    """A parallel join after the target gets back the arrivals that it has consumed and that nobody will bring again."""
    ways = ways_of(walk.definition)
    stay = [
        bound_for(walk.plan, walk.tokens[number]) for number in walk.inside(scope.id) if number not in gone
    ]
    fired = dict((scope.extras.fired if scope.extras is not None else None) or {})
    missing: list[tuple[str, str]] = []
    for name in walk.definition.scopes[walk.plan.scope_of(scope.element)].nodes:
        node = walk.nodes[name]
        if name not in after or len(node.incoming) < 2:
            continue
        outside = [flow for flow in node.incoming if flow not in after]
        if node.kind is Kind.COMPLEX:
            if outside:
                raise CoreError("complex-join", element=name)
            fired.pop(name, None)
        elif node.kind is Kind.PARALLEL:
            missing += [
                (name, flow)
                for flow in outside
                if not any(place == flow or flow in ways.after(place) for place in stay)
            ]
    if scope.extras is not None and scope.extras.fired:
        walk.extend(scope.id, fired=fired or None)
    for name, flow in missing:
        walk.arrive(walk.spawn(name, scope.id, phase=Phase.WAITING, flow=flow))


def _place(walk: Walk, scope: Token, target: str, extras: Extras | None = None) -> None:
    walk.later("enter", walk.spawn(target, scope.id, extras=extras).id)
