"""What a case waits for, and who can bring it: read from marking and definition, nothing is moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from engine.core import catching, verbs
from engine.core.definition import Cause, Kind
from engine.core.faults import CoreError
from engine.core.state import Phase
from engine.core.timers import instant
from engine.core.verbs_ways import JOINS, bound_for, ways_of
from engine.core.walk import Walk

if TYPE_CHECKING:
    from engine.core.definition import Definition, Node
    from engine.core.state import State, Token

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Watched:
    """An event that would move a token: what it is (message, timer, signal, conditional ...), its name, when it is due."""

    element: str
    cause: str
    name: str | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A flow over which a join still expects a token, and the tokens that can bring one (none: it will never open)."""

    flow: str
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """What one token at rest waits for: `kind` is work, call, join, event, signers, or incident (then `code` says why)."""

    token: int
    element: str
    kind: str
    events: tuple[Watched, ...] = ()
    missing: tuple[Arrival, ...] = ()
    code: str | None = None
    #: Straight back to this element when it is done.
    back: str | None = None

    @property
    def stuck(self) -> bool:
        """Whether nobody can bring what is missing: a person has to move the case."""
        return self.kind == "incident" or any(not each.tokens for each in self.missing)


def explain(definition: Definition, state: State) -> tuple[Wait, ...]:
    """Everything that the case waits for, token by token, oldest first."""
    walk = Walk(definition, state, _LONG_AGO, None)
    return tuple(wait for token in state.tokens.values() if (wait := _wait(walk, token)) is not None)


def refusal(definition: Definition, state: State, verb: verbs.Verb) -> CoreError | None:
    """Why the verb does not fit now, or None; nothing is moved."""
    try:
        verbs.take(Walk(definition, state, _LONG_AGO, None), verb)
    except CoreError as error:
        return error
    return None


def is_added(state: State, token: int) -> bool:
    """Whether the work is that of a signer added to a plain task: an opinion, not the decision."""
    held = state.tokens.get(token)
    if held is None or held.extras is None or not held.extras.index:
        return False
    body = state.tokens[held.parent]
    if body.extras is None or not body.extras.loop:
        return False
    return bool(state.local.get(-body.id, {}).get("principal") != held.extras.index)


def _wait(walk: Walk, token: Token) -> Wait | None:
    extras = token.extras
    back = extras.back or None if extras is not None else None
    events = tuple(_events(walk, token))
    if extras is not None and extras.incident is not None:
        return Wait(token.id, token.element, "incident", events, code=extras.incident.code, back=back)
    node = walk.nodes.get(token.element)
    if walk.is_body(token):
        return Wait(token.id, token.element, "signers", events, back=back)
    if node is None or token.phase is not Phase.WAITING:
        return Wait(token.id, token.element, "event", events) if events else None
    if node.kind in JOINS:
        return Wait(token.id, token.element, "join", missing=_missing(walk, token, node))
    kind = {Kind.USER: "work", Kind.MANUAL: "work", Kind.SERVICE: "call"}.get(node.kind, "event")
    return Wait(token.id, token.element, kind, events, back=back)


def _events(walk: Walk, token: Token) -> list[Watched]:
    due = (token.extras.due if token.extras is not None else None) or {}
    return [
        Watched(
            watch.element,
            watch.trigger.cause.value,
            watch.trigger.ref,
            instant(due[watch.element]) if watch.element in due else None,
        )
        for watch in catching.watched(walk, token)
        if watch.trigger.cause not in (Cause.COMPENSATE, Cause.LINK)
    ]


def _missing(walk: Walk, token: Token, node: Node) -> tuple[Arrival, ...]:
    ways = ways_of(walk.definition)
    beside = [walk.tokens[number] for number in walk.inside(token.parent)]
    arrived = {each.flow for each in beside if each.element == node.id and each.phase is Phase.WAITING}
    return tuple(
        Arrival(
            flow,
            tuple(
                each.id
                for each in beside
                if each.element != node.id and ways.may_reach(bound_for(walk.plan, each), flow, node.id)
            ),
        )
        for flow in node.incoming
        if flow not in arrived
    )
