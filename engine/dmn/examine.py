"""A model in the making: everything that is wrong with it at once, instead of the first thing.

What the editor and lint show: texts that are not FEEL at their cells, and what `analyse` finds in the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.dmn.analyse import analyse
from engine.dmn.finding import Finding
from engine.dmn.read import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.dmn.errors import DmnError
    from engine.dmn.graph import Graph
    from engine.dmn.model import Model
    from engine.dmn.table import Table


@dataclass(frozen=True, slots=True)
class Examined:
    """A model as far as it could be read, with what is wrong; `broken` are elements whose texts are not FEEL."""

    model: Model
    findings: tuple[Finding, ...]
    broken: frozenset[str]


def examine(source: bytes, names: Iterable[str] = ()) -> Examined:
    """Return all findings of a file; DmnError where not even its shape can be read."""
    faults: list[DmnError] = []
    model = read(source, names, faults=faults)
    broken = frozenset(fault.element for fault in faults if fault.element)
    owners = _owners(model.graph)
    cells = {
        entry: cell
        for parts in model.graph.parts.values()
        for table in parts.tables
        for entry, cell in places(table)
    }
    placed = tuple(_finding(fault, owners, cells) for fault in faults)
    return Examined(model, (*placed, *analyse(model, broken)), broken)


def places(table: Table) -> Iterator[tuple[str, tuple[int, int]]]:
    """Return the elements of a table with (rule, column), rule 0 being the head."""
    for column, head in enumerate(table.inputs, 1):
        yield head.id, (0, column)
        if head.expression:
            yield head.expression, (0, column)
    for column, output in enumerate(table.outputs, len(table.inputs) + 1):
        yield output.id, (0, column)
    for rule in table.rules:
        for column, entry in enumerate(rule.entries, 1):
            yield entry, (rule.index, column)


def _owners(graph: Graph) -> dict[str, str]:
    """Return the decision (or knowledge model) of every element that has a text."""
    return {entry: owner for owner, parts in graph.parts.items() for entry, _ in parts.texts}


def _finding(fault: DmnError, owners: dict[str, str], cells: dict[str, tuple[int, int]]) -> Finding:
    element = fault.element or ""
    cell = cells.get(element)
    rules = (cell[0],) if cell is not None and cell[0] else ()
    values = {"element": element, **fault.values}
    return Finding(
        owners.get(element, element), fault.code, "error", rules, (cell,) if cell is not None else (), values
    )
