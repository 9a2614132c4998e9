"""Decision tables at work: which rules hit, and what the hit policy makes of them (DMN 1.5, chapter 8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from engine.dmn.errors import DmnError
from engine.feel.values import kind

if TYPE_CHECKING:
    from engine.dmn.run import Body, Run, Scope
    from engine.dmn.trail import Trace, Trail
    from engine.dmn.types import Converter, Type

Test = Callable[[Any, Mapping[str, Any], "Run | None"], bool | None]
"""A compiled cell: value of the column, names in scope, running evaluation -> does it hold."""


class HitPolicy(StrEnum):
    """What several hits mean; the value is the spelling of the XML."""

    UNIQUE = "UNIQUE"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    FIRST = "FIRST"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"
    COLLECT = "COLLECT"


@dataclass(frozen=True, slots=True)
class InputColumn:
    """One input of a table: its expression, type and allowed values."""

    id: str
    label: str
    text: str
    body: Body
    type_ref: str = ""
    type: Type | None = None
    convert: Converter | None = None
    allowed: Test | None = None
    allowed_text: str = ""
    #: Element id of its expression.
    expression: str = ""


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """One output of a table; `order` lists its values from the highest priority to the lowest."""

    id: str
    name: str
    type_ref: str = ""
    type: Type | None = None
    convert: Converter | None = None
    allowed: Test | None = None
    allowed_text: str = ""
    order: tuple[Any, ...] = ()
    default: Body | None = None
    #: What people call it; empty where only the name is written.
    label: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: texts as written, cells compiled (those that say `-` left out)."""

    index: int
    id: str
    cells: tuple[str, ...]
    tests: tuple[tuple[int, Test], ...]
    output_cells: tuple[str, ...]
    outputs: tuple[Body, ...]
    annotations: Mapping[str, str] = field(default_factory=dict)
    #: Element ids of all cells, inputs first.
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table, ready to run."""

    id: str
    label: str
    policy: HitPolicy
    aggregate: Callable[[list[Any], Run], Any] | None
    inputs: tuple[InputColumn, ...]
    outputs: tuple[OutputColumn, ...]
    rules: tuple[Rule, ...]

    def evaluate(self, scope: Scope, run: Run) -> Any:
        """Return the value for the names in scope; DmnError where UNIQUE or ANY is broken."""
        values = [run.bring(one.convert, one.body(scope, run), one.id, one.label) for one in self.inputs]
        allowed = self._allowed(values, scope, run)
        hits, tried = self._hits(values, scope, run) if allowed else ([], 0)
        if run.trail is None:
            return self._answer(allowed, hits, scope, run)
        parent = self._explain(run.trail, values, hits, tried)
        value = self._answer(allowed, hits, scope, run)
        if parent is not run.trail.node:
            run.trail.close(parent, value)
        return value

    def _answer(self, allowed: bool, hits: list[Rule], scope: Scope, run: Run) -> Any:
        if not allowed:
            return None
        return self._result(hits, scope, run) if hits else self._default(scope, run)

    def _allowed(self, values: list[Any], scope: Scope, run: Run) -> bool:
        for column, value in zip(self.inputs, values, strict=True):
            if (
                column.allowed is not None
                and value is not None
                and column.allowed(value, scope, run) is not True
            ):
                run.remark(
                    "input-not-allowed",
                    column.id,
                    name=column.label,
                    value=value,
                    allowed=column.allowed_text,
                )
                return False
        return True

    def _hits(self, values: list[Any], scope: Scope, run: Run) -> tuple[list[Rule], int]:
        hits: list[Rule] = []
        first = self.policy is HitPolicy.FIRST
        for rule in self.rules:
            for column, test in rule.tests:
                if test(values[column], scope, run) is not True:
                    break
            else:
                hits.append(rule)
                if first:
                    return hits, rule.index
        return hits, len(self.rules)

    def _explain(self, trail: Trail, values: list[Any], hits: list[Rule], tried: int) -> Trace:
        """Write the rules into the current part; a second table of one boxed expression gets a part of its own."""
        parent = trail.node
        if parent["rules"]:
            parent = trail.open(self.id, self.label)
        trail.node["inputs"] = [
            {"name": one.label, "value": trail.plain(value)}
            for one, value in zip(self.inputs, values, strict=True)
        ]
        indices = {rule.index for rule in hits}
        trail.node["rules"] = [
            {
                "index": rule.index,
                "id": rule.id,
                "hit": rule.index in indices,
                "annotations": dict(rule.annotations),
            }
            for rule in self.rules[:tried]
        ]
        return parent

    def _row(self, rule: Rule, scope: Scope, run: Run) -> tuple[Any, ...]:
        return tuple(
            self._output(column, body(scope, run), scope, run)
            for column, body in zip(self.outputs, rule.outputs, strict=True)
        )

    def _output(self, column: OutputColumn, value: Any, scope: Scope, run: Run) -> Any:
        value = run.bring(column.convert, value, column.id, column.name)
        if column.allowed is not None and value is not None and column.allowed(value, scope, run) is not True:
            run.remark(
                "output-not-allowed", column.id, name=column.name, value=value, allowed=column.allowed_text
            )
            return None
        return value

    def _value(self, row: tuple[Any, ...]) -> Any:
        if len(row) == 1:
            return row[0]
        return {column.name: value for column, value in zip(self.outputs, row, strict=True)}

    def _result(self, hits: list[Rule], scope: Scope, run: Run) -> Any:
        if self.policy is HitPolicy.UNIQUE and len(hits) > 1:
            raise DmnError(
                "unique-violated", self.id, rules=tuple(rule.index for rule in hits), table=self.label
            )
        rows = [self._row(rule, scope, run) for rule in hits]
        match self.policy:
            case HitPolicy.UNIQUE | HitPolicy.FIRST:
                return self._value(rows[0])
            case HitPolicy.ANY:
                if any(not same(row, rows[0]) for row in rows[1:]):
                    raise DmnError(
                        "any-violated", self.id, rules=tuple(rule.index for rule in hits), table=self.label
                    )
                return self._value(rows[0])
            case HitPolicy.PRIORITY:
                return self._value(min(rows, key=self.rank))
            case HitPolicy.OUTPUT_ORDER:
                return [self._value(row) for row in sorted(rows, key=self.rank)]
        return self._collect(rows, run)

    def _collect(self, rows: list[tuple[Any, ...]], run: Run) -> Any:
        if self.aggregate is None:
            return [self._value(row) for row in rows]
        aggregate = self.aggregate
        return self._value(tuple(aggregate(list(column), run) for column in zip(*rows, strict=True)))

    def rank(self, row: tuple[Any, ...]) -> tuple[int, ...]:
        """Return the place of a row by the priorities of its columns, the leftmost first; unlisted values come last."""
        return tuple(
            next(
                (place for place, listed in enumerate(column.order) if same(listed, value)), len(column.order)
            )
            for column, value in zip(self.outputs, row, strict=True)
            if column.order
        )

    def _default(self, scope: Scope, run: Run) -> Any:
        """Return what no hit means: the default outputs, an empty list, a count of nothing, else null."""
        several = self.policy in (HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER)
        if any(column.default is not None for column in self.outputs):
            row = tuple(
                self._output(column, column.default(scope, run), scope, run)
                if column.default is not None
                else None
                for column in self.outputs
            )
            return [self._value(row)] if several and self.aggregate is None else self._value(row)
        if not several:
            return None
        if self.aggregate is None:
            return []
        return self._value(tuple(self.aggregate([], run) for _ in self.outputs))


def same(left: Any, right: Any) -> bool:
    """Tell whether two values are the same to FEEL: 1 is 1.0, but never true."""
    if isinstance(left, tuple | list) and isinstance(right, tuple | list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    return kind(left) == kind(right) and bool(left == right)
