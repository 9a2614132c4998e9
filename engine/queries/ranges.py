"""The one statement of a worklist: rights become ranges of an index, merged from the first rows of each.

Each reach (object, area, department) is one range of the partial index (object, area level, due, id), which is in list
order already. PostgreSQL joins the reaches of one level laterally, so that the text, hence the prepared plan, does not
depend on how many there are; SQLite plans fast and gets one part per reach. Whoever may see very much is served by one
scan in list order instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.store.columns import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.access import Reach

#: SQLite allows 500 parts of a compound select.
_MOST_PARTS = 200
#: From so many reaches on, all over a whole city, nearly every row in list order is wanted.
_MANY = 16
_CITY = LEVELS[0]
_END = "ORDER BY due, id LIMIT ?"
_BACK = "ORDER BY due DESC, id DESC LIMIT ?"


class Clause(NamedTuple):
    """SQL with `?` for its values."""

    text: str
    values: list[object]


def open_tasks(
    dialect: str,
    columns: Sequence[str],
    reaches: Sequence[Reach],
    narrowing: Clause,
    limit: int,
    *,
    scan: bool,
    backwards: bool = False,
) -> Clause:
    """The first `limit` open tasks inside the reaches, in list order; `narrowing` begins with AND or is empty.

    `scan` says that the narrowing is sharp enough by itself; `backwards` asks for the last ones, last first.
    """
    asked = _forwards(dialect, columns, reaches, narrowing, limit, scan=scan)
    return Clause(asked.text.replace(_END, _BACK), asked.values) if backwards else asked


def _forwards(
    dialect: str,
    columns: Sequence[str],
    reaches: Sequence[Reach],
    narrowing: Clause,
    limit: int,
    *,
    scan: bool,
) -> Clause:
    wide = len(reaches) > _MANY and all(len(reach.area) <= _CITY for reach in reaches)
    if scan or wide or (dialect == "sqlite" and len(reaches) > _MOST_PARTS):
        return _scan(columns, reaches, narrowing, limit)
    if dialect == "sqlite":
        parts = [_part(columns, reach, narrowing, limit) for reach in reaches]
    else:
        parts = _lateral(columns, reaches, narrowing, limit)
    # UNION and not UNION ALL: ranges of different levels or departments may share tasks.
    text = (
        f"SELECT {', '.join(columns)} FROM ({' UNION '.join(part.text for part in parts)}) AS merged {_END}"  # noqa: S608
    )
    return Clause(text, [*(value for part in parts for value in part.values), limit])


def below(area: str) -> Clause:
    """The predicate for an area and everything below it: an equality wherever the code is a level's."""
    if not area:
        return Clause("", [])
    if len(area) in LEVELS:
        return Clause(f" AND a{len(area)} = ?", [area])
    return Clause(" AND area LIKE ? ESCAPE '!'", [literal(area) + "%"])


def literal(text: str) -> str:
    """The text with LIKE's own signs made harmless."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _range(reach: Reach) -> Clause:
    area = below(reach.area)
    where = "state = 'open' AND object = ?" + area.text
    if reach.department is None:
        return Clause(where, [reach.object, *area.values])
    where += " AND (department IS NULL OR department = ?)"
    return Clause(where, [reach.object, *area.values, reach.department])


def _part(columns: Sequence[str], reach: Reach, narrowing: Clause, limit: int) -> Clause:
    own = _range(reach)
    names = ", ".join(columns)
    text = f"SELECT * FROM (SELECT {names} FROM task WHERE {own.text}{narrowing.text} {_END}) AS part"  # noqa: S608
    return Clause(text, [*own.values, *narrowing.values, limit])


def _scan(columns: Sequence[str], reaches: Sequence[Reach], narrowing: Clause, limit: int) -> Clause:
    ranges = [_range(reach) for reach in reaches]
    anywhere = " OR ".join(f"({own.text})" for own in ranges)
    text = (
        f"SELECT {', '.join(columns)} FROM task WHERE state = 'open' AND ({anywhere}){narrowing.text} {_END}"  # noqa: S608
    )
    return Clause(text, [*(value for own in ranges for value in own.values), *narrowing.values, limit])


def _lateral(columns: Sequence[str], reaches: Sequence[Reach], narrowing: Clause, limit: int) -> list[Clause]:
    """One part per level that occurs; areas that end between two levels get a part of their own."""
    parts = [
        _part(columns, reach, narrowing, limit)
        for reach in reaches
        if reach.area and len(reach.area) not in LEVELS
    ]
    inner, outer = ", ".join(columns), ", ".join(f"t.{name}" for name in columns)
    for level in (0, *LEVELS):
        of_level = _departments([reach for reach in reaches if len(reach.area) == level])
        if not of_level:
            continue
        place = f" AND a{level} = r.place" if level else ""
        text = (
            f"SELECT {outer} FROM unnest(?::text[], ?::text[], ?::text[]) AS r(thing, place, departments)"  # noqa: S608
            f" CROSS JOIN LATERAL (SELECT {inner} FROM task WHERE state = 'open' AND object = r.thing{place}"
            " AND (department IS NULL OR r.departments IS NULL"
            f" OR department = ANY (string_to_array(r.departments, ','))){narrowing.text} {_END}) AS t"
        )
        arrays: list[object] = [
            [thing for thing, _ in of_level],
            [where for _, where in of_level],
            list(of_level.values()),
        ]
        parts.append(Clause(text, [*arrays, *narrowing.values, limit]))
    return parts


def _departments(reaches: Sequence[Reach]) -> dict[tuple[str, str], str | None]:
    """(object, area) -> its departments joined by commas; None where every department is meant."""
    found: dict[tuple[str, str], set[str] | None] = {}
    for reach in reaches:
        key = (reach.object, reach.area)
        known = found.setdefault(key, set())
        if reach.department is None or known is None:
            found[key] = None
        else:
            known.add(reach.department)
    return {key: ",".join(sorted(names)) if names is not None else None for key, names in found.items()}
