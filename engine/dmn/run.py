"""One evaluation: inputs, what is already decided, remarks, and the explanation that grows along.

A `Run` belongs to one call of `Model.decide` or `Model.serve` and to one model; elements of imported models are
evaluated in runs of their own, which share world and remarks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.dmn.errors import Remark
from engine.dmn.types import Converter, Mismatch
from engine.feel.values import FeelFunction, kind

if TYPE_CHECKING:
    from engine.dmn.graph import Decision, Element, Graph, Import, Knowledge, Requirement, Service
    from engine.dmn.trail import Trace, Trail
    from engine.feel.budget import Run as FeelRun

Scope = dict[str, Any]
"""The names an expression sees. Never changed after it was handed to FEEL: functions may hold it."""
Body = Callable[[Scope, "Run"], Any]
"""A compiled boxed expression."""
#: Warnings kept of one evaluation; a thousand say it all.
MAX_REMARKS = 1000


@dataclass(frozen=True, slots=True)
class Signature:
    """What a caller must know of a function made from a model."""

    name: str
    element: str
    parameters: tuple[tuple[str, Converter | None], ...]
    result: Converter | None = None


class Run:
    """The state of one evaluation over one graph."""

    __slots__ = ("_done", "_imported", "feel", "graph", "inputs", "remarks", "told", "trail")

    def __init__(
        self,
        graph: Graph,
        inputs: Mapping[str, Any],
        feel: FeelRun,
        remarks: list[Remark],
        trail: Trail | None,
    ) -> None:
        self.graph = graph
        self.inputs = inputs
        self.feel = feel
        self.remarks = remarks
        #: The explanation; None when nobody asked for one.
        self.trail = trail
        #: Its parts about decisions, by element id: a decision required twice is explained at both places.
        self.told: dict[str, Trace] = {}
        self._done: dict[str, Any] = {}
        self._imported: dict[str, Run] = {}

    def drain(self, element: str) -> None:
        """Take over FEEL's warnings, now that it is known where they arose."""
        for warning in self.feel.warnings or ():
            if len(self.remarks) < MAX_REMARKS:
                self.remarks.append(Remark(warning.code, element, warning.values, warning.position))
        self.feel.warnings = None

    def remark(self, code: str, element: str | None, **values: Any) -> None:
        """Note why something became null."""
        if len(self.remarks) < MAX_REMARKS:
            self.remarks.append(Remark(code, element, values))

    def bring(self, converter: Converter | None, value: Any, element: str | None, name: str = "") -> Any:
        """Return the value brought to a type, null with a remark where it does not conform."""
        if converter is None:
            return value
        try:
            return converter(value)
        except Mismatch as mismatch:
            self.remark(mismatch.code, element, name=name, expected=mismatch.expected, value=mismatch.value)
            return None

    def scope(self, owner: Decision | Knowledge) -> Scope:
        """Return the names a decision or knowledge model sees: its requirements, and undeclared inputs it speaks of."""
        scope = {
            name: self.feel.clean(self.inputs[name], name) for name in owner.outside if name in self.inputs
        }
        for requirement in owner.requirements:
            self._require(requirement, scope)
        return scope

    def value(self, element: Element) -> Any:
        """Return the value of a decision or input, or the function of a knowledge model or service; once per run."""
        if element.id not in self._done:
            self._done[element.id] = element.evaluate(self)
        elif self.trail is not None and element.id in self.told:
            self.trail.node["required"].append(self.told[element.id])
        return self._done[element.id]

    def settle(self, element: Element, value: Any) -> None:
        """Take the value of a decision as given: it is not worked out in this run."""
        self._done[element.id] = value

    def inside(self, service: Service, values: Sequence[Any]) -> Run:
        """Return the run a decision service works in: its parameters hide what is decided outside."""
        elements = [self.graph.elements[one] for one in service.parameters]
        named = {element.variable: value for element, value in zip(elements, values, strict=True)}
        run = Run(self.graph, {**self.inputs, **named}, self.feel, self.remarks, self.trail)
        run._done = {element.id: value for element, value in zip(elements, values, strict=True)}
        return run

    def function(self, signature: Signature, call: Callable[[list[Any]], Any]) -> FeelFunction:
        """Return a FEEL function over `call`; the whole call is null where number or type of arguments is wrong."""

        def apply(feel: FeelRun, arguments: list[Any]) -> Any:
            if len(arguments) != len(signature.parameters):
                feel.warn(
                    "wrong-arguments", name=signature.name, types=", ".join(kind(one) for one in arguments)
                )
                return None
            values = []
            for (name, converter), argument in zip(signature.parameters, arguments, strict=True):
                value = self.bring(converter, argument, signature.element, name)
                if value is None and argument is not None:
                    return None
                values.append(value)
            feel.enter()
            try:
                return self.bring(signature.result, call(values), signature.element, signature.name)
            finally:
                feel.leave()

        names = tuple(name for name, _ in signature.parameters)
        return FeelFunction(signature.name, names, apply)

    def _require(self, requirement: Requirement, scope: Scope) -> None:
        if requirement.namespace is None:
            element = self.graph.elements[requirement.id]
            scope[element.variable] = self.value(element)
            return
        found = self.graph.imports[requirement.namespace]
        run = self._import(requirement.namespace, found)
        element = run.graph.elements[requirement.id]
        value = run.value(element)
        if found.prefix:
            scope[found.prefix] = {**scope.get(found.prefix, {}), element.variable: value}
        else:
            scope[element.variable] = value

    def _import(self, namespace: str, found: Import) -> Run:
        """Return the run of an imported model: its inputs stand under its name, else they are the importer's own."""
        if namespace not in self._imported:
            given = self.inputs.get(found.prefix) if found.prefix else None
            inputs = given if isinstance(given, Mapping) else self.inputs
            self._imported[namespace] = Run(found.graph, inputs, self.feel, self.remarks, self.trail)
        return self._imported[namespace]
