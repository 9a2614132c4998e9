"""Moves that nobody else can feel: partial-order reduction with ample sets.

Where one token may go on alone, the orders in which others could have moved before it lead to nothing new.

A token may go on alone when whatever anybody else can do leaves its moves as they are and is left as it is by them, or
takes the token away and makes them as if they had never been. Which that is, is looked up in the states before and after
every one of its moves, not guessed from the model; so the condition holds for every construct, or the token must wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.core.definition import Cause, Kind
from engine.core.plan import plan_of
from engine.core.sound.abstract import ANYTHING, names_of
from engine.core.sound.reach import Heard, Ways
from engine.core.state import Phase
from engine.core.step import Caught, Complete, Deliver, Fail, Fire, MessageThrown, SignalThrown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.core.definition import Definition
    from engine.core.sound.moves import Move
    from engine.core.state import State, Token
    from engine.core.step import Input, Step

#: What can reach a token only from itself and its inside.
_OWN: Final = frozenset({Cause.TIMER, Cause.ERROR, Cause.ESCALATION, Cause.CANCEL})
_RESTS: Final = frozenset({Kind.USER, Kind.MANUAL, Kind.SERVICE, Kind.CATCH, Kind.EVENT_BASED})
_JOINS: Final = frozenset({Kind.PARALLEL, Kind.INCLUSIVE})
#: What is kept for later undoing depends on the order in which things were done.
_UNDOING: Final = frozenset({Cause.COMPENSATE, Cause.CANCEL})


class Alone:
    """Which tokens of a state can go on alone; worked out over one definition."""

    def __init__(self, definition: Definition) -> None:
        self._plan = plan_of(definition)
        self._nodes = definition.nodes
        self._boundaries = definition.boundaries
        self._flows = definition.flows
        self._ways = Ways(definition)
        self._heard = Heard(definition)
        self._messages = frozenset(names_of(definition, Cause.MESSAGE))
        self._signals = frozenset(names_of(definition, Cause.SIGNAL))
        #: False where the order of what was done matters by itself.
        self.usable = not any(
            node.kind is Kind.TRANSACTION
            or node.for_compensation
            or any(trigger.cause in _UNDOING for trigger in node.triggers)
            for node in definition.nodes.values()
        )

    def candidates(
        self, state: State, moves: Iterable[tuple[Move, Input]]
    ) -> Iterator[tuple[Token, list[tuple[Move, Input]]]]:
        """Tokens that could go on alone, each with all its moves; what they lead to must be asked of `felt`."""
        own: dict[int, list[tuple[Move, Input]]] = {}
        told: dict[str, tuple[Move, Input]] = {}
        for move, given in moves:
            if isinstance(given, Complete | Fail | Fire):
                own.setdefault(given.token, []).append((move, given))
            elif isinstance(given, Deliver):
                told[given.message] = (move, given)
        parents = {token.parent for token in state.tokens.values()}
        for number, given_to in own.items():
            token = state.tokens[number]
            node = self._nodes.get(token.element)
            if node is not None and node.kind in _RESTS and number not in parents:
                others = [one for one in state.tokens.values() if one.id != number]
                if self._quiet(token, others, state):
                    heard = [told[name] for name in sorted(self._heard.at(token.element)) if name in told]
                    yield token, given_to + heard

    def felt(self, before: State, token: Token, step: Step) -> bool | None:
        """Whether somebody else could feel this move of the token, or could have made it another.

        None where it takes all others away, and comes to the same whatever they did before.
        """
        after = step.state.tokens
        if self._ends_all(before, token, step):
            return None
        if not after or not self._told_nobody(token, step):
            return True
        gone = [token]
        for number, other in before.tokens.items():
            if number == token.id or after.get(number) == other:
                continue
            if number in after or not (self._joined(other, token) or self._closed(other, before, token)):
                return True
            gone.append(other)
        come = [one for number, one in after.items() if number == token.id or number not in before.tokens]
        stay = [one for number, one in after.items() if number in before.tokens and number != token.id]
        for one in come:
            rest = [*stay, *(other for other in come if other.id != one.id)]
            if not self._rests_quietly(one, rest, step.state):
                return True
        levels = {one.parent for one in gone}
        if self._vanishes(before, gone, come, levels):
            return True
        return any(self._joins_feel(before, gone, come, level) for level in levels)

    def _vanishes(self, before: State, gone: list[Token], come: list[Token], levels: set[int]) -> bool:
        """Whether the token is gone without leaving one in its place.

        Then its scope may be over sooner than if it had stayed, and others could have heard what they hear no more: it may
        go where nobody around it shares what they listen to. And tokens that pile up are never seen if each goes at
        once: it may go where there are no rounds, where an event beside the case began it, or where such are all that is left.
        """
        after = {one.parent for one in come}
        for level in levels:
            if level in after or any(one.id == level for one in gone):
                continue
            last = [
                self._nodes.get(one.element) for one in gone if one.parent == level and not self._at_join(one)
            ]
            if any(node is None or node.kind is not Kind.EVENT_SUB_PROCESS for node in last):
                return True
            here: Token | None = before.tokens.get(level)
            while here is not None:
                for watch in self._plan.watches.get(here.element, ()):
                    name = watch.trigger.ref or ANYTHING
                    if watch.trigger.cause not in _OWN and self._heard.listeners.get(name, 0) != 1:
                        return True
                here = before.tokens.get(here.parent)
        return False

    def _joins_feel(self, before: State, gone: list[Token], come: list[Token], level: int) -> bool:
        """Whether an inclusive or complex join of one scope may decide otherwise when others move before.

        Not if only this token can fill the flows that it is awaited over: then the join waits for it, whoever comes
        meanwhile; and if it lets the join fire, nobody else may still be on the way there.
        """
        moved = [one for one in gone if one.parent == level and not self._at_join(one)]
        fired = {one.element for one in gone if one.parent == level and self._at_join(one)}
        here = [one for one in come if one.parent == level]
        passed = {one.id for one in (*gone, *come)}
        others = [one for one in before.tokens.values() if one.parent == level and one.id not in passed]
        for gateway, flows in self._plan.reach.items():
            awaited = self._awaited(flows, moved)
            then = self._awaited(flows, here) | {
                one.flow for one in here if one.element == gateway and one.flow is not None
            }
            if awaited == then and gateway not in fired:
                continue
            waiting = {one.flow for one in others if one.element == gateway} | {
                one.flow for one in gone if one.element == gateway and one.parent == level
            }
            near = any(one.element != gateway and self._ways.leads(one.element, awaited) for one in others)
            round_again = any(one.element == gateway for one in others) and self._ways.leads(gateway, awaited)
            if self._nodes[gateway].kind is not Kind.INCLUSIVE or not then <= awaited or awaited & waiting:
                return True
            if near or round_again:
                return True
            if gateway in fired and any(
                self._ways.leads(one.element, set(flows)) for one in (*others, *here)
            ):
                return True
        return False

    @staticmethod
    def _awaited(flows: Mapping[str, frozenset[str]], tokens: Iterable[Token]) -> set[str]:
        """The flows over which a join waits for these tokens."""
        return {flow for flow, sources in flows.items() if any(one.element in sources for one in tokens)}

    def _at_join(self, token: Token) -> bool:
        return token.phase is Phase.WAITING and token.element in self._plan.synchronizing

    def _quiet(self, token: Token, others: Iterable[Token], state: State) -> bool:
        """Whether nothing that comes from elsewhere can reach the token, except what takes all around it away.

        A message may, if nobody else can ever take it as long as this token stands where it does.
        """
        causes = {watch.trigger.cause for watch in self._plan.watches.get(token.element, ())}
        if causes - _OWN - {Cause.MESSAGE}:
            return False
        if Cause.MESSAGE not in causes:
            return True
        around = self._around(token, state)
        names = self._heard.at(token.element)
        if names & self._heard.thrown or any(map(self._many, around)):
            return False
        for one in others:
            here = self._heard.beside(one.element) if one.id in {each.id for each in around} else None
            if not names.isdisjoint(here if here is not None else self._heard.ever(one.element)):
                return False
        return True

    @staticmethod
    def _around(token: Token, state: State) -> list[Token]:
        """The token and the scopes that it stands in."""
        found = [token]
        while (above := state.tokens.get(found[-1].parent)) is not None:
            found.append(above)
        return found

    @staticmethod
    def _many(token: Token) -> bool:
        return token.extras is not None and token.extras.index > 0

    def _rests_quietly(self, token: Token, others: Iterable[Token], state: State) -> bool:
        if token.extras is not None and token.extras.incident is not None:
            return False
        return self._quiet(token, others, state)

    def _ends_all(self, before: State, token: Token, step: Step) -> bool:
        """Whether the move takes every other token away, so that it is all the same what they did before."""
        after = step.state.tokens
        around = {one.id for one in self._around(token, before)}
        if not before.tokens.keys() - around:
            return False
        kept = [number for number in after if number in before.tokens]
        if any(before.tokens[number].parent or number == token.id for number in kept):
            return False
        for event in step.events:
            if isinstance(event, Caught) and not self._own(event.element):
                names = {trigger.ref for trigger in self._nodes[event.element].triggers}
                if any(self._heard.listeners.get(name or ANYTHING, 0) != 1 for name in names):
                    return False
        for root in (after[number] for number in kept):
            extras = root.extras
            waits = extras is not None and (extras.due or extras.cycle or extras.keys or extras.held)
            if root.phase is not Phase.TAKEN or waits:
                return False
        return True

    def _told_nobody(self, token: Token, step: Step) -> bool:
        """Whether the step threw nothing that others may catch, and caught nothing but the token's own events."""
        node = self._nodes[token.element]
        own = {token.element, *self._boundaries.get(token.element, ())}
        if node.kind is Kind.EVENT_BASED:
            own |= {self._flows[flow].target for flow in node.outgoing}
        for event in step.events:
            if isinstance(event, MessageThrown) and event.message in self._messages:
                return False
            if isinstance(event, SignalThrown) and event.signal in self._signals:
                return False
            if isinstance(event, Caught) and event.element not in own and not self._own(event.element):
                return False
        return True

    def _own(self, event: str) -> bool:
        """Whether what the event caught came from this token's own work, and from nowhere else."""
        return all(trigger.cause in _OWN for trigger in self._nodes[event].triggers)

    def _joined(self, other: Token, token: Token) -> bool:
        """Whether the other waited at a join beside it: who comes last there is all the same."""
        node = self._nodes.get(other.element)
        waits = node is not None and node.kind in _JOINS and other.phase is Phase.WAITING
        return waits and other.parent == token.parent

    def _closed(self, other: Token, before: State, token: Token) -> bool:
        """Whether the other is a scope around it that is over now, and that nothing else could have ended or entered."""
        here = token.parent
        while here and here != other.id:
            here = before.tokens[here].parent
        return here == other.id and not self._plan.watches.get(other.element)
