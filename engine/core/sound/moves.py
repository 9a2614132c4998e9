"""What the world outside can do to a case at rest: every input that some token, timer or event waits for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.core.definition import Cause, Kind
from engine.core.sound.abstract import names_of
from engine.core.state import Phase
from engine.core.step import Broadcast, Change, Complete, Deliver, Fail, Fire, Input, Start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.definition import Definition
    from engine.core.state import State

_ANSWERED = frozenset({Kind.USER, Kind.MANUAL, Kind.SERVICE, Kind.RECEIVE})


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that happens: what, at which element or by which name, and which conditions held on the way."""

    what: str  # start | complete | fail | fire | message | signal | change
    where: str
    held: tuple[str, ...] = ()


class Outside:
    """What a definition can be told, worked out once."""

    def __init__(self, definition: Definition) -> None:
        self.nodes = definition.nodes
        self.messages = tuple(names_of(definition, Cause.MESSAGE))
        self.signals = tuple(names_of(definition, Cause.SIGNAL))
        self.errors = tuple(names_of(definition, Cause.ERROR))
        self.conditional = any(names_of(definition, Cause.CONDITIONAL))
        main = definition.scopes[definition.main]
        events = [self.nodes[name] for name in main.nodes if self.nodes[name].kind is Kind.START]
        self.starts: tuple[str | None, ...] = tuple(node.id for node in events if node.triggers)
        if not self.starts or main.starts:
            self.starts = (None, *self.starts)

    def first(self) -> Iterator[tuple[Move, Input]]:
        """Every way in which a case begins."""
        for start in self.starts:
            yield Move("start", start or ""), Start(at=start)

    def next(self, state: State) -> Iterator[tuple[Move, Input]]:
        """Everything that can happen now; some of it may fit nobody, which the mover then says."""
        for token in state.tokens.values():
            node = self.nodes.get(token.element)
            if node is not None and node.kind in _ANSWERED and token.phase is Phase.WAITING:
                yield Move("complete", node.id), Complete(token.id)
                if node.kind is Kind.SERVICE:
                    for code in self.errors:
                        yield Move("fail", node.id), Fail(token.id, code)
            for element in (token.extras.due if token.extras is not None else None) or ():
                yield Move("fire", element), Fire(token.id, element)
        for name in self.messages:
            yield Move("message", name), Deliver(name)
        for name in self.signals:
            yield Move("signal", name), Broadcast(name)
        if self.conditional:
            yield Move("change", ""), Change({"anything": True})
