"""The story of a case: what was applied for, and what people, other systems and messages then said, and when.

Read from the journal and the rows beside it. What the model did with it (decisions, timers, ways) is not part of it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from engine.commands.moving import facts
from engine.errors import NotFound
from engine.store.exact import unpack
from engine.store.rows import CaseRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from engine.store.session import Reader

#: Journal entries that bring something from outside.
_TOLD: Final = ("asked", "completed", "booked", "answered", "issued", "refused", "message")


@dataclass(frozen=True, slots=True)
class Act:
    """Something that came from outside: the answers of a task, the answer to a call, a message."""

    at: datetime
    kind: str  # completed | booked | answered | issued | refused | message
    element: str  # of a message: its name
    data: Mapping[str, Any]
    #: Which of the tasks or calls of this element it belongs to, counted from 1 as they were opened or asked.
    turn: int = 1
    #: Who completed the task, and a refusal's code.
    by: str = ""
    by_name: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A case as its facts."""

    case: str
    package: str
    #: The variable `case` that every model may use.
    facts: Mapping[str, Any]
    submitted_at: datetime
    ended_at: datetime | None
    application: Mapping[str, Any]
    acts: tuple[Act, ...]


def decided(reader: Reader, process: str, since: datetime, until: datetime) -> list[str]:
    """The numbers of the cases that ended in [since, until), in order."""
    sql = (
        "SELECT id FROM cases WHERE process = ? AND state = 'ended' AND ended_at >= ? AND ended_at < ?"
        " ORDER BY id"
    )
    return [row[0] for row in reader.rows(sql, (process, since, until))]


def stories_of(reader: Reader, numbers: Sequence[str]) -> Iterator[Story]:
    """The stories of these cases, by case number; a few hundred at a time, as they are all held at once."""
    columns = ", ".join((*CaseRow._fields, "ended_at", "application"))
    marks = ", ".join("?" * len(numbers))
    sql = f"SELECT {columns} FROM cases WHERE id IN ({marks}) ORDER BY id"  # noqa: S608 - names of ours
    found = reader.rows(sql, numbers) if numbers else ()
    yield from _stories(reader, [(CaseRow._make(row[:-2]), row[-2], row[-1]) for row in found])


def read_story(reader: Reader, case: str) -> Story:
    """The story of one case as far as it has come; NotFound if there is none."""
    columns = ", ".join((*CaseRow._fields, "ended_at", "application"))
    found = reader.rows(f"SELECT {columns} FROM cases WHERE id = ?", (case,))  # noqa: S608 - names of ours
    if not found:
        raise NotFound(kind="case", id=case)
    row = found[0]
    return next(_stories(reader, [(CaseRow._make(row[:-2]), row[-2], row[-1])]))


def _stories(reader: Reader, cases: Sequence[tuple[CaseRow, datetime, str]]) -> Iterator[Story]:
    numbers = [row.id for row, _, _ in cases]
    if not numbers:
        return
    marks = ", ".join("?" * len(numbers))
    kinds = ", ".join(f"'{kind}'" for kind in _TOLD)
    tasks = reader.rows(
        f"SELECT case_id, id, element, filed FROM task WHERE case_id IN ({marks}) ORDER BY case_id, token",  # noqa: S608
        numbers,
    )
    entries = reader.rows(
        "SELECT chain, at, actor, actor_name, kind, body FROM journal"  # noqa: S608 - words of ours
        f" WHERE chain IN ({marks}) AND kind IN ({kinds}) ORDER BY chain, seq",
        numbers,
    )
    told = {chain: list(rows) for chain, rows in groupby(entries, key=lambda row: row[0])}
    filed = {key: text for _, key, _, text in tasks}
    opened = {case: list(rows) for case, rows in groupby(tasks, key=lambda row: row[0])}
    for row, ended, application in cases:
        turns = _Turns()
        for _, key, element, _ in opened.get(row.id, ()):
            turns.number(element, key)
        acts = tuple(act for entry in told.get(row.id, ()) if (act := _act(entry, filed, turns)) is not None)
        yield Story(row.id, row.package, facts(row), row.submitted_at, ended, unpack(application), acts)


class _Turns:
    """Which of an element's tasks or calls each one is."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._last: Counter[str] = Counter()

    def number(self, element: str, key: str = "") -> int:
        """The turn of the task or message `key`, a new one at first sight; without key always a new one."""
        if key in self._known:
            return self._known[key]
        self._last[element] += 1
        if key:
            self._known[key] = self._last[element]
        return self._last[element]


def _act(row: tuple[Any, ...], filed: Mapping[str, str | None], turns: _Turns) -> Act | None:
    _, at, actor, name, kind, text = row
    body = unpack(text)
    match kind:
        case "asked":
            turns.number(body["element"], body["message"])
            return None
        case "completed":
            answers, turn = filed.get(body["task"]), turns.number(body["element"], body["task"])
            values = unpack(answers) if answers else {}
            return Act(at, kind, body["element"], values, turn, actor or "", name)
        case "message":
            return Act(at, kind, body["message"], _exact(body, body.get("data")))
        case _:
            answer = body.get("answer") or {}
            refused = kind == "refused" or set(answer) == {"code", "values"}
            told = answer.get("values") if refused or kind == "answered" else answer
            code = str(answer["code"]) if refused else ""
            turn = turns.number(body["element"], str(body.get("message") or body.get("document") or ""))
            what = "refused" if refused and kind != "booked" else kind
            return Act(at, what, body["element"], _exact(body, told), turn, code=code)


def _exact(body: Mapping[str, Any], plain: Any) -> Mapping[str, Any]:
    """The values with their types, where they have some that readable text loses."""
    values = unpack(body["exact"]) if "exact" in body else plain
    return values if isinstance(values, dict) else {}
