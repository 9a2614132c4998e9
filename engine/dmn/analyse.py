"""Everything that can be said about a model without running it: `analyse` is what lint and the studio show.

Exact for cells that compare with constants (numbers, texts, dates, times, durations, booleans, listed values), by
cutting each column at its constants (`axis`) and searching the combinations (`coverage`). A cell that needs evaluation
may hold anywhere: it is listed as unknown-coverage and counts neither as gap nor as overlap. Null is a value of a
column only where a cell speaks of it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from engine.dmn.constants import Unknown, constant, show
from engine.dmn.finding import Finding
from engine.dmn.gaps import check_table
from engine.dmn.graph import Decision, Graph, InputData, Knowledge, Requirement
from engine.dmn.table import HitPolicy, Rule, Table
from engine.feel import compile_expression
from engine.feel import syntax as feel
from engine.feel.values import kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from engine.dmn.model import Model
    from engine.dmn.types import Type

#: Kinds of constants that can be held against an output's type at sight.
PLAIN = frozenset(
    {"number", "string", "boolean", "date", "time", "days and time duration", "years and months duration"}
)


def analyse(model: Model, broken: Collection[str] = ()) -> list[Finding]:
    """Return all findings of a model, in the order of its file; imported models are analysed on their own.

    `broken` are the elements whose texts could not be read (`read` with faults): nothing is said about their tables.
    """
    graph = model.graph
    found = [
        Finding(name, "unknown-type", "error", values={"element": name, "type": target})
        for name, target in graph.types.undefined()
    ]
    for element in graph.elements.values():
        for entry, reference in graph.parts[element.id].unknown_types if element.id in graph.parts else ():
            found.append(
                Finding(element.id, "unknown-type", "error", values={"element": entry, "type": reference})
            )
        if not isinstance(element, Decision | Knowledge):
            continue
        parts = graph.parts[element.id]
        found += _logic(element, parts.foreign)
        found += _names(element, graph)
        if any(entry in broken for entry, _ in parts.texts):
            continue
        for table in parts.tables:
            found += _outputs(table, element.id, graph.names)
            found += check_table(table, element.id, graph.names, partial(_type_of, element, graph))
    return found


def _type_of(element: Decision | Knowledge, graph: Graph, text: str) -> Type | None:
    """Return the type of a path such as `applicant.status` by the item definitions of what is required."""
    steps: list[str] = []
    node = compile_expression(text, graph.names).tree
    while isinstance(node, feel.Path):
        steps.append(node.name)
        node = node.source
    if not isinstance(node, feel.Name):
        return None
    references = [
        other.type_ref
        for one in element.requirements
        if one.namespace is None
        and isinstance(other := graph.elements[one.id], InputData | Decision)
        and other.variable == node.name
    ]
    found = graph.types.find(references[0]) if references else None
    for name in reversed(steps):
        part = (found.components or {}).get(name) if found is not None else None
        found = graph.types.follow(part) if part is not None else None
    return found


def _logic(element: Decision | Knowledge, foreign: object) -> Iterator[Finding]:
    if isinstance(element, Decision) and element.body is None:
        yield Finding(element.id, "no-logic", "warning", values={"name": element.name})
    if foreign:
        yield Finding(element.id, "foreign-function", "error", values={"name": element.name})


def _names(element: Decision | Knowledge, graph: Graph) -> Iterator[Finding]:
    """Find names nobody gives: not required, not bound in the boxes, not vouched for by the caller."""
    parts = graph.parts[element.id]
    required = {_required(graph, one) for one in element.requirements} | {element.variable}
    if isinstance(element, Knowledge):
        required |= {name for name, _ in element.signature.parameters}
    declared = {one.variable for one in graph.elements.values()}
    places = {entry: place for table in parts.tables for entry, place in _places(table)}
    for entry, compiled in parts.texts:
        for name in sorted(compiled.names & feel.certain(compiled.tree)):
            if (
                name in required
                or name in parts.bound
                or name == "?"
                or (name in graph.given and name not in declared)
            ):
                continue
            code = "missing-requirement" if name in declared else "unknown-name"
            cells = (places[entry],) if entry in places else ()
            rules = tuple(rule for rule, _ in cells if rule)
            values = {"name": name, "text": compiled.text, "element": entry}
            yield Finding(element.id, code, "error", rules, cells, values)


def _required(graph: Graph, requirement: Requirement) -> str:
    """Return the name under which a requirement is seen."""
    if requirement.namespace is None:
        return graph.elements[requirement.id].variable
    found = graph.imports[requirement.namespace]
    return found.prefix or found.graph.elements[requirement.id].variable


def _places(table: Table) -> Iterator[tuple[str, tuple[int, int]]]:
    for rule in table.rules:
        for column, entry in enumerate(rule.entries, 1):
            yield entry, (rule.index, column)


def _outputs(table: Table, owner: str, names: frozenset[str]) -> Iterator[Finding]:
    ordered = table.policy in (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER)
    if ordered and not any(column.order for column in table.outputs):
        yield Finding(
            owner, "priority-missing", "warning", values={"table": table.label, "policy": table.policy.value}
        )
    if len(table.outputs) > 1:
        for place, column in enumerate(table.outputs, 1):
            if not column.name:
                cell = (0, len(table.inputs) + place)
                yield Finding(owner, "output-without-name", "error", (), (cell,), {"table": table.label})
    for rule in table.rules:
        for place in range(len(table.outputs)):
            yield from _output(table, owner, rule, place, names)


def _output(table: Table, owner: str, rule: Rule, place: int, names: frozenset[str]) -> Iterator[Finding]:
    column = table.outputs[place]
    text = rule.output_cells[place]
    if text in ("", "-"):
        return
    try:
        value = constant(compile_expression(text, names).tree)
    except Unknown:
        return
    cell = ((rule.index, len(table.inputs) + place + 1),)
    values: dict[str, Any] = {"column": column.name or table.label, "text": text}
    expected = column.type.base if column.type is not None else ""
    if expected in PLAIN and value is not None and kind(value) != expected:
        values |= {"expected": expected, "found": kind(value)}
        yield Finding(owner, "type-mismatch", "error", (rule.index,), cell, values)
        return
    limits = [
        column.allowed,
        column.type.allowed if column.type is not None and column.type.base != "list" else None,
    ]
    if value is not None and any(
        limit is not None and limit(value, {}, None) is not True for limit in limits
    ):
        yield Finding(
            owner, "value-not-allowed", "error", (rule.index,), cell, values | {"value": show(value)}
        )
