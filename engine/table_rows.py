"""Test rows of decision tables: what goes in, what must come out, in a file beside the table.

`workflows/dmn/<process>/<name>.tests.json` holds the rows of `<name>.dmn`. Values are FEEL texts; inputs go by a column's id
(or its label, or its expression) or by a name that the table speaks of. Lint and `engine try` run them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from engine.clock import ClockError
from engine.dmn import DmnError
from engine.dmn.table import same
from engine.errors import PackageBroken
from engine.feel import FeelError, compile_expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.dmn import Decision, Model
    from engine.dmn.trail import Trace
    from engine.feel import World
    from engine.package import Package

ENDING = ".tests.json"
MAX_ROWS = 2_000
MAX_TEXT = 4_000
#: unjudged: the row says nothing about what must come out; broken: it could not be worked out.
State = Literal["passed", "failed", "unjudged", "broken"]


class TestRow(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One row: a decision, its inputs, and what must come of them."""

    __test__ = False

    decision: str
    inputs: dict[str, str]
    title: str = ""
    #: The value expected, as FEEL; None is not looked at.
    result: str | None = None
    #: The rules that must hit, counted from 1; None is not looked at.
    rules: list[int] | None = None
    #: The day on which it is tried (ISO); it counts where the law of a day is asked without naming the day.
    on: str | None = None


class TestFile(msgspec.Struct, forbid_unknown_fields=True):
    """The rows of one model."""

    __test__ = False

    rows: list[TestRow] = []


@dataclass(frozen=True, slots=True)
class Tried:
    """What a row came to. `code` and `values` say why it is broken, or in what it failed."""

    row: TestRow
    state: State
    value: Any = None
    rules: tuple[int, ...] = ()
    trace: Trace | None = None
    code: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def tests_of(path: str) -> str:
    """The path of the test rows of the model at that path."""
    return path.removesuffix(".dmn") + ENDING


def read_tests(content: bytes, path: str) -> TestFile:
    """The rows of a file; PackageBroken where it is not one."""
    try:
        found = msgspec.json.decode(content, type=TestFile)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as fault:
        raise PackageBroken(path=path, reason="table-tests", fault=str(fault)[:300]) from fault
    if len(found.rows) > MAX_ROWS:
        raise PackageBroken(path=path, reason="table-tests-too-many", limit=MAX_ROWS)
    return found


def write_tests(file: TestFile) -> bytes:
    """The file as it is kept: one key a line, so that two versions can be compared."""
    return msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n"


def try_row(model: Model, row: TestRow, world: World) -> Tried:
    """Try one row against a model; whatever goes wrong is told, nothing is raised."""
    try:
        if row.on is not None:
            world = replace(world, now=_moment(row.on, world))
        decision = model.find(row.decision)
        columns, names = _given(model, decision, row, world)
        decided = model.suppose(decision.id, columns, names, world)
        expected = _value("result", row.result, model, world) if row.result is not None else None
    except (DmnError, FeelError, ClockError) as fault:
        return Tried(row, "broken", code=fault.code, values=dict(fault.values))
    trace = decided.trace
    rules = tuple(rule["index"] for rule in trace["rules"] if rule["hit"]) if trace is not None else ()
    told = Tried(row, "unjudged", decided.value, rules, trace)
    if row.rules is not None and sorted(row.rules) != list(rules):
        return replace(told, state="failed", code="rules", values={"expected": row.rules, "found": rules})
    if row.result is not None and not same(expected, decided.value):
        return replace(told, state="failed", code="result", values={"expected": row.result})
    return told if row.result is None and row.rules is None else replace(told, state="passed")


def try_tables(package: Package, world: World) -> Iterator[tuple[str, int, Tried]]:
    """Try all rows of a package: path of the file, number of the row from 1, what it came to.

    PackageBroken for a file that cannot be read, or that stands beside no model; DmnError for a model that is refused.
    """
    for path in sorted(package.files):
        if not path.endswith(ENDING):
            continue
        model = package.models.get(path.removesuffix(ENDING) + ".dmn")
        if model is None:
            raise PackageBroken(path=path, reason="table-tests-without-table")
        for number, row in enumerate(read_tests(package.files[path], path).rows, 1):
            yield path, number, try_row(model, row, world)


def _given(
    model: Model, decision: Decision, row: TestRow, world: World
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of columns by id, and of names."""
    heads: dict[str, str] = {}
    for column in decision.table.inputs if decision.table is not None else ():
        for key in (column.id, column.label, column.text):
            heads.setdefault(key, column.id)
    columns: dict[str, Any] = {}
    names: dict[str, Any] = {}
    for key, text in row.inputs.items():
        if not text.strip():
            continue
        value = _value(key, text, model, world)
        if key in heads:
            columns[heads[key]] = value
        else:
            names[key] = value
    return columns, names


def _value(key: str, text: str, model: Model, world: World) -> Any:
    if len(text) > MAX_TEXT:
        raise DmnError("value-too-long", key, limit=MAX_TEXT)
    try:
        return compile_expression(text, model.graph.names).evaluate({}, world)
    except FeelError as fault:
        raise DmnError(
            "value-not-feel", key, key=key, text=text, position=fault.position, feel=fault.code
        ) from None


def _moment(text: str, world: World) -> datetime:
    """The beginning of a day, or a moment; DmnError where it is neither."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise DmnError("value-not-feel", "on", key="on", text=text, position=0, feel="date") from None
    return datetime.combine(date.fromisoformat(text), time(12), world.zone) if len(text) == 10 else found
