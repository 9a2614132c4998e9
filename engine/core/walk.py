"""One command's walk over a marking: the tokens at hand, the queue of micro-steps, and the events so far.

The only mutable thing of the core, and it lives no longer than one call of `step`. Tokens themselves are immutable, so
the state a walk began with stays as it was.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from engine.core.definition import PEOPLE, Kind
from engine.core.faults import CoreError
from engine.core.plan import SCOPES, plan_of
from engine.core.state import Extras, Phase, State, Token
from engine.core.step import (
    CallDropped,
    Entered,
    IncidentCleared,
    Left,
    ScopeClosed,
    TaskClosed,
    TimerCleared,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.core.definition import Definition
    from engine.core.step import Event
    from engine.feel.world import World

NO_EXTRAS: Final = Extras()
#: Micro-steps that bring a token to its element.
_BEFORE: Final = frozenset({"enter", "begin", "boundary", "open"})


class Walk:
    """Tokens, variables and queue of one step. `flows`: sequence flows are reported as Entered and Left, too."""

    __slots__ = (
        "children",
        "definition",
        "done",
        "effort",
        "ends",
        "events",
        "flows",
        "gates",
        "given",
        "local",
        "next",
        "nodes",
        "now",
        "plan",
        "queue",
        "released",
        "tokens",
        "touched",
        "vacated",
        "variables",
        "world",
    )

    def __init__(
        self, definition: Definition, state: State, now: datetime, world: World | None, *, flows: bool = False
    ) -> None:
        self.definition = definition
        self.nodes = definition.nodes
        self.plan = plan_of(definition)
        self.now = now
        self.given = world
        self.world: World | None = None
        self.flows = flows
        self.next = state.next
        self.tokens: dict[int, Token] = dict(state.tokens)
        self.done: dict[int, Token] = dict(state.done)
        self.children: dict[int, dict[int, None]] = {}
        for token in self.tokens.values():
            self.children.setdefault(token.parent, {})[token.id] = None
            if token.element not in definition.nodes and token.element not in definition.scopes:
                raise CoreError("foreign-state", token=token.id, element=token.element)
        self.variables: Mapping[str, Any] = state.variables
        self.local: dict[int, Mapping[str, Any]] = dict(state.local)
        self.ends: list[str] = list(state.ends)
        self.queue: deque[tuple[str, int, Any]] = deque()
        self.events: list[Event] = []
        self.touched = False
        #: Micro-steps so far; looking through many tokens counts as several.
        self.effort = 0
        #: Arrivals at inclusive and complex joins by scope (once asked for), and scopes that a token has left.
        self.gates: dict[int, dict[int, None]] | None = None
        self.vacated: list[int] = []
        #: Tokens that waited for a compensation handler or reopened scope which has just ended.
        self.released: list[int] = []

    # ---- tokens -------------------------------------------------------------------------------------------------

    def spawn(
        self,
        element: str,
        parent: int,
        *,
        phase: Phase = Phase.MOVING,
        flow: str | None = None,
        extras: Extras | None = None,
    ) -> Token:
        """A new token at `element` inside the scope token `parent`."""
        number = self.next
        self.next = number + 1
        token = Token(number, element, parent, phase, flow, extras)
        self.tokens[number] = token
        self.children.setdefault(parent, {})[number] = None
        return token

    def set(self, token: int, **changes: Any) -> Token:
        """The token with other `phase` or `flow`."""
        changed = replace(self.tokens[token], **changes)
        self.tokens[token] = changed
        return changed

    def extend(self, token: int, **changes: Any) -> Token:
        """The token with other extras; extras that are all at their defaults are dropped."""
        held = self.tokens[token]
        extras: Extras | None = replace(held.extras or NO_EXTRAS, **changes)
        if extras == NO_EXTRAS:
            extras = None
        changed = replace(held, extras=extras)
        self.tokens[token] = changed
        return changed

    def inside(self, scope: int) -> list[int]:
        """The live tokens directly inside a scope, oldest first."""
        return list(self.children.get(scope, ()))

    def remove(self, token: int) -> Token:
        """Take the token off the marking. What others make of it (joins, compensation) follows after this micro-step."""
        gone = self.tokens.pop(token)
        siblings = self.children[gone.parent]
        del siblings[token]
        if not siblings:
            del self.children[gone.parent]
        if token not in self.done:
            self.local.pop(token, None)
            self.local.pop(-token, None)
        if self.plan.synchronizing:
            self.vacated.append(gone.parent)
        if gone.extras is not None and gone.extras.holder:
            self.released.append(gone.extras.holder)
        return gone

    def drop(self, token: int) -> None:
        """Take away the token with everything inside it, and say so."""
        held = self.tokens.get(token)
        if held is None:
            return
        self.drop_inside(token)
        self.quiet(held, dropped=True)
        node = self.nodes.get(held.element)
        if held.phase is not Phase.MOVING or self._stuck_inside(held):
            reopened = held.phase is Phase.UNDOING and held.extras is not None and held.extras.holder > 0
            opened = self.is_scope(held) or self.is_instance(held) or reopened
            if opened and held.phase is not Phase.MOVING:
                self.emit(ScopeClosed(held.element, token, dropped=True))
            if node is not None and self.is_step(held):
                self.emit(Left(held.element, token, held.parent, dropped=True))
        self.remove(token)

    def _stuck_inside(self, token: Token) -> bool:
        """Whether an incident stopped the token after it had come to its element."""
        incident = token.extras.incident if token.extras is not None else None
        return incident is not None and incident.job not in _BEFORE

    def drop_inside(self, token: int) -> None:
        """Drop all live tokens inside a scope, and forget its completed work."""
        for child in self.inside(token):
            self.drop(child)
        self.forget(token)

    def forget(self, scope: int) -> None:
        """Completed work inside the scope can no longer be compensated."""
        if self.done:
            for token in [each.id for each in self.done.values() if each.parent == scope]:
                del self.done[token]
                self.local.pop(token, None)
                self.local.pop(-token, None)
                self.forget(token)

    def quiet(self, token: Token, *, dropped: bool) -> None:
        """End whatever waits outside for this token: its work, its call, its timers, its incident."""
        extras = token.extras
        node = self.nodes.get(token.element)
        if extras is not None and extras.incident is not None:
            self.emit(IncidentCleared(token.id, token.element))
        if token.phase is Phase.WAITING and node is not None:
            if node.kind in PEOPLE:
                self.emit(TaskClosed(token.id, token.element, dropped=dropped))
            elif node.kind is Kind.SERVICE and dropped:
                self.emit(CallDropped(token.id, token.element))
        if extras is not None and extras.due:
            for element in extras.due:
                self.emit(TimerCleared(token.id, element))

    def at_work(self, number: int) -> Token:
        """The token of that number, at which somebody works; CoreError if nobody does."""
        token = self.tokens.get(number)
        if token is None:
            raise CoreError("no-such-token", token=number)
        node = self.nodes.get(token.element)
        if node is None or node.kind not in PEOPLE or token.phase is not Phase.WAITING:
            raise CoreError("not-waiting", token=number, element=token.element)
        return token

    def bare(self, token: int) -> Token:
        """The token without waits: its work is closed as done, its timers and incident are cleared."""
        held = self.tokens[token]
        self.quiet(held, dropped=False)
        extras = held.extras
        if extras is None:
            return held
        return self.extend(token, due=None, cycle=None, keys=None, held=(), incident=None)

    def tire(self, looked_at: int) -> None:
        """Count the looking through of so many tokens."""
        self.effort += looked_at >> 3

    # ---- questions ----------------------------------------------------------------------------------------------

    def is_instance(self, token: Token) -> bool:
        """Whether this is one instance of a multi-instance or loop activity."""
        return token.extras is not None and token.extras.index > 0

    def is_body(self, token: Token) -> bool:
        """Whether this token holds the instances of a multi-instance or loop activity."""
        return token.extras is not None and token.extras.counts is not None

    def is_scope(self, token: Token) -> bool:
        """Whether this token's element is a container (not a body of instances)."""
        node = self.nodes.get(token.element)
        if node is None:
            return token.element in self.definition.scopes
        return node.kind in SCOPES and not self.is_body(token)

    def is_step(self, token: Token) -> bool:
        """Whether it entered a node of the path: no process, event sub-process, instance, or reopened scope did."""
        node = self.nodes.get(token.element)
        if node is None or node.kind is Kind.EVENT_SUB_PROCESS or self.is_instance(token):
            return False
        return token.phase is not Phase.UNDOING or (token.extras is not None and token.extras.holder == 0)

    def is_struck(self, token: Token) -> bool:
        """Whether an interrupting boundary event is about to take the activity away."""
        return token.extras is not None and token.extras.struck

    # ---- micro-steps and events -----------------------------------------------------------------------------------

    def later(self, job: str, token: int, detail: Any = None) -> None:
        """Queue a micro-step; it is skipped if its token is gone by then."""
        self.queue.append((job, token, detail))

    def emit(self, event: Event) -> None:
        """Report what happened."""
        self.events.append(event)

    def arrive(self, token: Token) -> None:
        """Report that a token came to its node."""
        self.events.append(Entered(token.element, token.id, token.parent))

    def depart(self, token: Token) -> None:
        """Report that a token went on."""
        self.events.append(Left(token.element, token.id, token.parent))

    def state(self) -> State:
        """The marking as it is now, as an immutable state."""
        return State(
            next=self.next,
            tokens=self.tokens,
            done=self.done,
            variables=self.variables,
            local=self.local,
            ends=tuple(self.ends),
        )
