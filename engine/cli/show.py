"""How the command line prints: tables for people (colour only on a terminal), JSON for programs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

console = Console(highlight=False, soft_wrap=False)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table; nothing at all when there are no rows."""
    shown = [[text(cell) for cell in row] for row in rows]
    if not shown:
        return
    grid = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        header_style="dim",
    )
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in shown:
        grid.add_row(*row)
    console.print(grid)


def line(words: str = "", style: str = "") -> None:
    """Print a line of plain words."""
    console.print(words, style=style, markup=False, soft_wrap=True)


def json(value: Any) -> None:
    """Print a value as JSON."""
    print(orjson.dumps(value, _readable, orjson.OPT_INDENT_2).decode())  # noqa: T201 - this is the output


def text(cell: Any) -> str:
    """A cell in words."""
    match cell:
        case None:
            return "—"
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M")
        case date():
            return cell.isoformat()
        case Decimal():
            return f"{cell:f}"
        case list() | tuple():
            return ", ".join(map(text, cell))
        case dict():
            return ", ".join(f"{name} {text(value)}" for name, value in cell.items())
        case _:
            return str(cell)


def _readable(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value:f}"
        case set() | frozenset():
            return sorted(value)
        case bytes():
            return value.hex()
        case _ if hasattr(value, "_asdict"):
            return value._asdict()
        case _:
            return str(value)
