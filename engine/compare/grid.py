"""A decision table of two versions laid over one another: every cell with what it was and what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.compare.difference import What

if TYPE_CHECKING:
    from engine.dmn.table import Rule, Table


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says; `before` is set where it said something else."""

    text: str
    before: str | None = None
    what: What | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A rule: its place before and now (0: it is not there), and its cells."""

    before: int
    after: int
    what: What | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The columns in the order of the later version, those that are gone behind; the rules likewise."""

    columns: tuple[
        tuple[str, str, What | None], ...
    ]  # label, kind (input | output | note), what became of it
    rows: tuple[Row, ...]


def grid(before: Table | None, after: Table | None) -> Grid:
    """Both tables as one; None is a table that does not exist in that version."""
    old, new = _columns(before), _columns(after)
    columns = {
        key: (label, kind, What.ADDED if before is not None and key not in old else None)
        for key, (label, kind) in new.items()
    }
    columns |= {
        key: (label, kind, What.REMOVED if after is not None else None)
        for key, (label, kind) in old.items()
        if key not in new
    }
    was, now = _rules(before), _rules(after)
    order = [key for key in now if key in was]
    earlier = [key for key in was if key in now]
    moved = {key for key, other in zip(order, earlier, strict=True) if key != other}
    rows = [_row(list(columns), was.get(key), rule, key in moved) for key, rule in now.items()]
    rows += [_row(list(columns), rule, None, False) for key, rule in was.items() if key not in now]
    return Grid(tuple(columns.values()), tuple(rows))


def _row(
    columns: list[str],
    before: tuple[int, dict[str, str]] | None,
    after: tuple[int, dict[str, str]] | None,
    moved: bool,
) -> Row:
    if before is None or after is None:
        place, said = before or after or (0, {})
        gone = What.ADDED if before is None else What.REMOVED
        made = tuple(Cell(said.get(name, "")) for name in columns)
        return Row(0 if before is None else place, 0 if after is None else place, gone, made)
    cells = []
    for name in columns:
        was, now = before[1].get(name, ""), after[1].get(name, "")
        cells.append(Cell(now) if was == now else Cell(now, was, What.CHANGED))
    changed = any(cell.what for cell in cells)
    what = What.CHANGED if changed else What.MOVED if moved else None
    return Row(before[0], after[0], what, tuple(cells))


def _columns(table: Table | None) -> dict[str, tuple[str, str]]:
    """Key -> label and kind; annotations are columns, too."""
    if table is None:
        return {}
    found = {f"i {one.label}": (one.label, "input") for one in table.inputs}
    found |= {f"o {one.name}": (one.label or one.name, "output") for one in table.outputs}
    notes = dict.fromkeys(name for rule in table.rules for name in rule.annotations)
    return found | {f"n {name}": (name, "note") for name in notes}


def _rules(table: Table | None) -> dict[str, tuple[int, dict[str, str]]]:
    """Rules by id: their place and their cells by the column's key."""
    if table is None:
        return {}
    return {rule.id or str(rule.index): (rule.index, _cells(table, rule)) for rule in table.rules}


def _cells(table: Table, rule: Rule) -> dict[str, str]:
    keys = [*(f"i {one.label}" for one in table.inputs), *(f"o {one.name}" for one in table.outputs)]
    cells = dict(zip(keys, (*rule.cells, *rule.output_cells), strict=True))
    return cells | {f"n {name}": text for name, text in rule.annotations.items()}
