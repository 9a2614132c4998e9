"""A decision tried on its own: columns and required decisions take supposed values instead of being worked out.

That is how a row of test values is tried against a table: what stands in the columns is typed, wherever it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.dmn.errors import DmnError
from engine.dmn.graph import Decision, InputData
from engine.feel.syntax import certain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.dmn.graph import Graph
    from engine.dmn.run import Body, Run
    from engine.dmn.table import InputColumn


@dataclass(frozen=True, slots=True)
class Asked:
    """One value that a decision needs to be tried: a column of its table, or a name that its texts speak of."""

    key: str
    label: str
    type_ref: str
    #: Whether it is a column; else a name.
    column: bool
    #: The FEEL text of a column; the name itself.
    text: str


def asked(graph: Graph, decision: Decision) -> tuple[Asked, ...]:
    """Return what must be given to try a decision: the columns of its table, then what cells and outputs speak of."""
    columns = decision.table.inputs if decision.table is not None else ()
    heads = tuple(Asked(one.id, one.label, one.type_ref, True, one.text) for one in columns)
    spoken = _spoken(graph, decision, {one.text for one in columns})
    elements = [
        graph.elements[one.id]
        for one in decision.requirements
        if one.namespace is None and graph.elements[one.id].variable in spoken
    ]
    known = [one for one in elements if isinstance(one, InputData | Decision)]
    names = {one.variable: Asked(one.variable, one.name, one.type_ref, False, one.variable) for one in known}
    loose = [name for name in decision.outside if name in _sure(graph, decision) and name not in names]
    return (*heads, *names.values(), *(Asked(name, name, "", False, name) for name in loose))


def supposed(graph: Graph, decision: Decision, columns: Mapping[str, Any]) -> Decision:
    """Return the decision with its columns (by id) taken as given, requiring only what is still spoken of.

    DmnError unknown-column for a column that the table does not have.
    """
    table = decision.table
    if table is None:
        if columns:
            raise DmnError("unknown-column", decision.id, column=next(iter(columns)))
        return decision
    missing = columns.keys() - {one.id for one in table.inputs}
    if missing:
        raise DmnError("unknown-column", decision.id, column=min(missing))
    given = {one.text for one in table.inputs if one.id in columns}
    asked_for = {one.text for one in table.inputs if one.id not in columns}
    spoken = _spoken(graph, decision, given - asked_for)
    table = replace(table, inputs=tuple(_taken(one, columns) for one in table.inputs))
    kept = tuple(
        one
        for one in decision.requirements
        if one.namespace is not None or graph.elements[one.id].variable in spoken
    )
    return replace(decision, table=table, body=table.evaluate, requirements=kept)


def take(run: Run, graph: Graph, decision: Decision, inputs: Mapping[str, Any]) -> None:
    """Let a run take the values of required decisions from the inputs that name them."""
    for element in graph.decisions():
        if element.id != decision.id and element.variable in inputs:
            run.settle(element, run.feel.clean(inputs[element.variable], element.variable))


def _spoken(graph: Graph, decision: Decision, but: set[str]) -> set[str]:
    """Return the free names of a decision's texts, but for the column expressions that need not be worked out."""
    texts = graph.parts[decision.id].texts
    return {name for _, compiled in texts if compiled.text not in but for name in compiled.names}


def _sure(graph: Graph, decision: Decision) -> set[str]:
    """Return the names of a decision's cells and outputs that are no components of what a filter looks through."""
    heads = {one.text for one in decision.table.inputs} if decision.table is not None else set()
    texts = [compiled for _, compiled in graph.parts[decision.id].texts if compiled.text not in heads]
    return {name for one in texts for name in one.names & certain(one.tree)}


def _taken(column: InputColumn, values: Mapping[str, Any]) -> InputColumn:
    if column.id not in values:
        return column
    value = values[column.id]

    def body(_scope: Any, run: Run) -> Any:
        return run.feel.clean(value, column.label)

    taken: Body = body
    return replace(column, body=taken)
