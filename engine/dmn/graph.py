"""The decision requirements graph: inputs, decisions, knowledge models, services, and how each gets its value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engine.dmn.errors import DmnError
from engine.dmn.run import Body, Run, Scope, Signature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.dmn.table import Table
    from engine.dmn.types import Converter, Types
    from engine.feel import Expression, UnaryTests


#: Decisions that require one another in a row; each costs a few Python frames.
MAX_CHAIN = 40


@dataclass(frozen=True, slots=True)
class Requirement:
    """What an element needs first; `namespace` is that of the imported model it stands in, None for this model."""

    id: str
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class InputData:
    """A value that comes from outside."""

    id: str
    name: str
    variable: str
    type_ref: str = ""
    convert: Converter | None = None

    def evaluate(self, run: Run) -> Any:
        """Return the given value, brought to its type; null when absent."""
        value = run.feel.clean(run.inputs.get(self.variable), self.variable)
        return run.bring(self.convert, value, self.id, self.name)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision: its variable, its logic and what it requires."""

    id: str
    name: str
    variable: str
    type_ref: str
    convert: Converter | None
    body: Body | None
    requirements: tuple[Requirement, ...]
    #: Free names of the logic that no element of the model declares: taken from the inputs as they are.
    outside: tuple[str, ...]
    #: Names needed from outside, those of required decisions included.
    inputs: tuple[str, ...] = ()
    #: The table when the whole logic is one.
    table: Table | None = None

    def evaluate(self, run: Run) -> Any:
        """Return the value; null without logic."""
        if run.trail is None:
            return self._decide(run.scope(self), run)
        parent = run.trail.open(self.id, self.name)
        scope = run.scope(self)
        if self.table is None:
            run.trail.node["inputs"] = run.trail.named(scope)
        value = self._decide(scope, run)
        run.told[self.id] = run.trail.close(parent, value)
        return value

    def _decide(self, scope: Scope, run: Run) -> Any:
        value = self.body(scope, run) if self.body is not None else None
        return run.bring(self.convert, value, self.id, self.name)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A business knowledge model: a function."""

    id: str
    name: str
    variable: str
    signature: Signature
    body: Body | None
    requirements: tuple[Requirement, ...]
    outside: tuple[str, ...] = ()

    def evaluate(self, run: Run) -> Any:
        """Return the function; it may call itself."""
        scope: Scope = {}
        names = [name for name, _ in self.signature.parameters]

        def call(values: list[Any]) -> Any:
            if self.body is None:
                return None
            if not scope:
                scope.update(run.scope(self) | {self.variable: function})
            named = dict(zip(names, values, strict=True))
            if run.trail is None:
                return self.body(scope | named, run)
            parent = run.trail.open(self.id, self.name, named)
            value = self.body(scope | named, run)
            run.trail.close(parent, value)
            return value

        function = run.function(self.signature, call)
        return function


@dataclass(frozen=True, slots=True)
class Service:
    """A decision service: decisions behind a function; parameters are input data first, then input decisions."""

    id: str
    name: str
    variable: str
    #: Ids of input data and decisions, and of output decisions.
    parameters: tuple[str, ...]
    outputs: tuple[str, ...]
    convert: Converter | None = None

    def signature(self, graph: Graph) -> Signature:
        """Return the service's parameters by the names of their variables, and its type."""
        elements = [graph.elements[one] for one in self.parameters]
        typed = tuple((one.variable, getattr(one, "convert", None)) for one in elements)
        return Signature(self.name, self.id, typed, self.convert)

    def evaluate(self, run: Run) -> Any:
        """Return the service as a function."""
        signature = self.signature(run.graph)

        def call(values: list[Any]) -> Any:
            inner = run.inside(self, values)
            if run.trail is None:
                return self._decide(inner)
            named = dict(zip((name for name, _ in signature.parameters), values, strict=True))
            parent = run.trail.open(self.id, self.name, named)
            value = self._decide(inner)
            run.trail.close(parent, value)
            return value

        return run.function(signature, call)

    def _decide(self, run: Run) -> Any:
        """Return the value of the only output decision, or a context of all."""
        outputs = [run.graph.elements[one] for one in self.outputs]
        if len(outputs) == 1:
            return run.value(outputs[0])
        return {decision.variable: run.value(decision) for decision in outputs}


Element = InputData | Decision | Knowledge | Service


@dataclass(frozen=True, slots=True)
class Parts:
    """What an element is made of, for analysis: texts by element id, names bound in its boxes, tables, foreign functions."""

    texts: tuple[tuple[str, Expression | UnaryTests], ...]
    bound: frozenset[str]
    tables: tuple[Table, ...]
    foreign: tuple[str, ...]
    unknown_types: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Import:
    """An imported model; its elements stand under `prefix`, or among the importer's own where that is empty."""

    prefix: str
    graph: Graph


@dataclass(slots=True)
class Graph:
    """All elements of one model by id, its types, and the models it imports by their namespaces."""

    namespace: str
    name: str
    types: Types
    #: The names with spaces or signs that FEEL texts of the model may speak of.
    names: frozenset[str]
    #: Those of them that the reader's caller vouched for.
    given: frozenset[str] = frozenset()
    parts: dict[str, Parts] = field(default_factory=dict)
    elements: dict[str, Element] = field(default_factory=dict)
    imports: Mapping[str, Import] = field(default_factory=dict)

    def settle(self) -> None:
        """Refuse decisions that require themselves or too long a chain; then tell each decision its inputs."""
        depths: dict[str, int] = {}
        for decision in self.decisions():
            self._measure(decision, depths)
        for decision in self.decisions():
            self.elements[decision.id] = replace(
                decision, inputs=tuple(sorted(self._needs(decision.id, set())))
            )

    def decisions(self) -> list[Decision]:
        """Return the decisions in the order of the file."""
        return [one for one in self.elements.values() if isinstance(one, Decision)]

    def _measure(self, decision: Decision, depths: dict[str, int]) -> None:
        """Write the length of the longest chain of requirements below a decision; no recursion, for any model."""
        pending = [decision]
        open_ = set[str]()
        while pending:
            top = pending[-1]
            below = [self.elements[one.id] for one in top.requirements if one.namespace is None]
            waiting = [one for one in below if isinstance(one, Decision) and one.id not in depths]
            if any(one.id in open_ or one.id == top.id for one in waiting):
                raise DmnError("requirement-cycle", top.id, name=top.name)
            if waiting and top.id not in depths:
                open_.add(top.id)
                pending.append(waiting[0])
                continue
            depths[top.id] = 1 + max(
                (depths[one.id] for one in below if isinstance(one, Decision)), default=0
            )
            if depths[top.id] > MAX_CHAIN:
                raise DmnError("requirements-too-deep", top.id, limit=MAX_CHAIN)
            open_.discard(pending.pop().id)

    def _needs(self, start: str, seen: set[str]) -> set[str]:
        """Return the names that an element and all it requires take from outside."""
        found: set[str] = set()
        pending = [start]
        while pending:
            element = self.elements[pending.pop()]
            if element.id in seen:
                continue
            seen.add(element.id)
            match element:
                case InputData():
                    found.add(element.variable)
                case Service():
                    hidden = {self.elements[one].variable for one in element.parameters}
                    inner = set(element.parameters) | seen
                    found |= set().union(*(self._needs(one, inner) for one in element.outputs)) - hidden
                case Decision() | Knowledge():
                    found.update(element.outside)
                    pending += [one.id for one in element.requirements if one.namespace is None]
                    found |= {name for one in element.requirements for name in self._imported_needs(one)}
        return found

    def _imported_needs(self, requirement: Requirement) -> set[str]:
        if requirement.namespace is None:
            return set()
        found = self.imports[requirement.namespace]
        needs = found.graph._needs(requirement.id, set())  # noqa: SLF001 - the same class
        return needs if not found.prefix else {found.prefix} if needs else set()
