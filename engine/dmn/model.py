"""A model in use: find a decision, decide it, explain it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.dmn.errors import DmnError, Remark
from engine.dmn.graph import Knowledge, Service
from engine.dmn.run import Run
from engine.dmn.suppose import supposed, take
from engine.dmn.trail import Trace, Trail
from engine.feel import World, compile_expression
from engine.feel.budget import Run as FeelRun

if TYPE_CHECKING:
    from engine.dmn.graph import Decision, Graph
    from engine.feel.values import FeelFunction

NOWHERE = World()
#: What Python raises where FEEL met data it did not foresee; nothing of it may leave this package.
FOREIGN = (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision gave: its value, its explanation if one was asked for, and why something became null.

    `trace` is plain data: {"decision", "name", "inputs": [{"name", "value"}], "rules": [{"index" from 1, "id", "hit",
    "annotations"}], "value", "required": [trace...]}. `rules` holds the rules that were tried; `required` also the
    knowledge models that were called.
    """

    value: Any
    trace: Trace | None
    warnings: tuple[Remark, ...]


class Model:
    """A compiled DMN model; immutable, may be used by several threads at once."""

    __slots__ = ("_named", "_types", "decisions", "graph", "services")

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.decisions: Mapping[str, Decision] = {one.id: one for one in graph.decisions()}
        self.services: Mapping[str, Service] = {
            one.id: one for one in graph.elements.values() if isinstance(one, Service)
        }
        self._named: dict[str, Decision] = {}
        for one in self.decisions.values():
            self._named.setdefault(one.name, one)
        self._types = _named_types(graph)

    @property
    def name(self) -> str:
        """The model's name."""
        return self.graph.name

    @property
    def namespace(self) -> str:
        """The model's namespace."""
        return self.graph.namespace

    def find(self, id_or_name: str) -> Decision:
        """Return a decision by id, else by name; DmnError unknown-decision."""
        found = self.decisions.get(id_or_name) or self._named.get(id_or_name)
        if found is None:
            raise DmnError("unknown-decision", id_or_name, known=tuple(self.decisions))
        return found

    def decide(
        self, decision: str, inputs: Mapping[str, Any], world: World = NOWHERE, *, trace: bool = False
    ) -> Decided:
        """Return the value of a decision (by id or name) for inputs by name.

        Missing inputs and values of a wrong type count as null, with a warning where a rule speaks of them. DmnError
        where a UNIQUE or ANY table is broken, naming the rules; FeelLimitError beyond the world's limits.
        """
        found = self.find(decision)
        run = self._run(inputs, world, trace)
        return self._finish(run, lambda: run.value(found))

    def suppose(
        self,
        decision: str,
        columns: Mapping[str, Any],
        inputs: Mapping[str, Any],
        world: World = NOWHERE,
    ) -> Decided:
        """Return the value of a decision, explained, with columns of its table (by id) and names taken as given.

        A required decision that `inputs` names is not decided. Errors as `decide`, and DmnError unknown-column.
        """
        found = self.find(decision)
        tried = supposed(self.graph, found, columns)
        run = self._run(inputs, world, True)
        take(run, self.graph, found, inputs)
        return self._finish(run, lambda: run.value(tried))

    def serve(
        self,
        service: str,
        inputs: Mapping[str, Any] | Sequence[Any],
        world: World = NOWHERE,
        *,
        trace: bool = False,
    ) -> Decided:
        """Return the value of a decision service (or knowledge model) for inputs by name or by position.

        Positions: of a service its input data, then its input decisions; of a knowledge model its parameters. An
        argument of a wrong type makes the whole answer null, with a warning.
        """
        found = self.invocable(service)
        run = self._run({}, world, trace)

        def call() -> Any:
            function: FeelFunction = run.value(found)
            if isinstance(inputs, Mapping):
                given = [inputs.get(name) for name in function.parameters]
            else:
                given = list(inputs)
            if len(given) != len(function.parameters):
                raise DmnError(
                    "service-arguments", found.id, given=len(given), wanted=len(function.parameters)
                )
            names = zip(given, function.parameters, strict=True)
            value = function.call(run.feel, [run.feel.clean(value, name) for value, name in names])
            run.drain(found.id)
            return value

        return self._finish(run, call)

    def invocable(self, id_or_name: str) -> Service | Knowledge:
        """Return a decision service or knowledge model by id, else by name; DmnError unknown-service."""
        for one in self.graph.elements.values():
            if isinstance(one, Service | Knowledge) and id_or_name in (one.id, one.name):
                return one
        raise DmnError("unknown-service", id_or_name, known=tuple(self.services))

    def _run(self, inputs: Mapping[str, Any], world: World, trace: bool) -> Run:
        if self._types and world.types is None:
            world = replace(world, types=self._types)
        feel = FeelRun(world)
        return Run(self.graph, inputs, feel, [], Trail(feel) if trace else None)

    def _finish(self, run: Run, evaluate: Callable[[], Any]) -> Decided:
        try:
            value = evaluate()
        except RecursionError:
            raise DmnError("too-deep") from None
        except FOREIGN as error:
            raise DmnError("internal", reason=f"{type(error).__name__}: {error}"[:200]) from error
        told = run.trail.root["required"] if run.trail is not None else []
        return Decided(value, told[0] if told else None, tuple(run.remarks))


def _named_types(graph: Graph) -> dict[str, Callable[[Any], bool]]:
    """Return what `instance of` asks about the model's types; nothing where no text asks.

    FEEL's own types answer: each name stands for a type text, in which other names are asked for in turn. Allowed
    values do not count here, only in conversions: the standard has it so.
    """
    texts = (compiled.text for parts in graph.parts.values() for _, compiled in parts.texts)
    if not any("instance" in text or "function" in text for text in texts):
        return {}
    checks: dict[str, Callable[[Any], bool]] = {}
    world = World(types=checks)

    def check(text: str) -> Callable[[Any], bool]:
        def conforms(value: Any) -> bool:
            asked = compile_expression(f"value instance of {text}", graph.names)
            return asked.evaluate({"value": value}, world) is True

        return conforms

    checks.update({name: check(text) for name, text in graph.types.aliases().items()})
    return checks
