"""The input columns of a table as sets of segments, and what is wrong with single cells on the way there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.dmn.axis import ORDERED, Axis
from engine.dmn.constants import Unknown, constants, equals, show
from engine.dmn.finding import Finding
from engine.feel import FeelError, compile_unary
from engine.feel.values import kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.dmn.table import InputColumn, Table
    from engine.dmn.types import Type
    from engine.feel import syntax as feel


@dataclass(frozen=True, slots=True)
class Column:
    """One distinct input of a table: columns with the same expression are one question asked twice."""

    label: str
    #: Places (from 0) of the table's columns that ask it.
    places: tuple[int, ...]
    axis: Axis
    #: Per rule: segments where the cell holds, and where it may hold (they differ where analysis cannot know).
    must: tuple[int, ...]
    may: tuple[int, ...]


class Columns:
    """All columns of a table, with the findings about single cells."""

    def __init__(
        self, table: Table, owner: str, names: frozenset[str], typed: Callable[[str], Type | None]
    ) -> None:
        self.table = table
        self.owner = owner
        self.names = names
        self.typed = typed
        self.findings: list[Finding] = []
        self.unknown: list[tuple[int, int]] = []
        groups: dict[str, list[int]] = {}
        for place, column in enumerate(table.inputs):
            groups.setdefault(" ".join(column.text.split()), []).append(place)
        self.columns = [self._column(tuple(places)) for places in groups.values()]

    def _find(self, code: str, rule: int, place: int, **values: Any) -> None:
        rules = (rule,) if rule else ()
        label = self.table.inputs[place].label
        self.findings.append(
            Finding(self.owner, code, "error", rules, ((rule, place + 1),), {"column": label, **values})
        )

    def _column(self, places: tuple[int, ...]) -> Column:
        cells = [
            (rule.index, place, self._tree(rule.cells[place]) if rule.cells[place] not in ("", "-") else None)
            for rule in self.table.rules
            for place in places
        ]
        heads = [self.table.inputs[place] for place in places]
        limits = [tree for head in heads for tree in self._limits(head)]
        trees = [*limits, *(tree for _, _, tree in cells if tree is not None)]
        of_kind, axis = self._axis(heads, trees)
        universe = axis.universe
        for limit in limits:
            universe &= self._bits(axis, limit, universe)
        axis = Axis(axis.kind, axis.points, universe)
        must = {rule.index: universe for rule in self.table.rules}
        may = dict(must)
        for rule, place, tree in cells:
            if tree is None:
                continue
            known = self._check(rule, place, tree, of_kind, axis)
            bits = self._bits(axis, tree, None) & universe if known else 0
            must[rule] &= bits
            may[rule] &= bits if known else universe
            if not known:
                self.unknown.append((rule, place + 1))
            elif not bits:
                self._find("cell-never", rule, place, text=self.table.rules[rule - 1].cells[place])
        return Column(heads[0].label, places, axis, tuple(must.values()), tuple(may.values()))

    def _tree(self, text: str) -> feel.Node:
        return compile_unary(text, self.names).tree

    def _type(self, head: InputColumn) -> Type | None:
        """Return the type of a column: that of the value it reads, where it says more than the column's own."""
        read = self.typed(head.text)
        return read if read is not None and (head.type is None or read.base == head.type.base) else head.type

    def _limits(self, head: InputColumn) -> Iterator[feel.Node]:
        kind_ = self._type(head)
        for text in (head.allowed_text, kind_.allowed_text if kind_ is not None else ""):
            if text not in ("", "-"):
                try:
                    yield self._tree(text)
                except FeelError:  # a limit that names what only its own model knows
                    continue

    def _axis(self, heads: list[InputColumn], trees: list[feel.Node]) -> tuple[str, Axis]:
        """Return the kind of a column, as typed, else as most of its constants are, and the column cut."""
        found: list[Any] = []
        for tree in trees:
            try:
                found += constants(tree)
            except Unknown:
                continue
        types = [one for head in heads if (one := self._type(head)) is not None]
        typed = next((one.base for one in types if one.base != "Any"), "")
        kinds = Counter(kind(value) for value in found if value is not None)
        of_kind = typed or (kinds.most_common(1)[0][0] if kinds else "Any")
        values = [value for value in found if kind(value) == of_kind] if of_kind in ORDERED else []
        with_null = any(value is None for value in found)
        try:
            return of_kind, Axis.through(of_kind, values, with_null=with_null)
        except TypeError:  # moments with and without zone have no common order
            return "Any", Axis.through("Any", (), with_null=with_null)

    @staticmethod
    def _bits(axis: Axis, tree: feel.Node, fallback: int | None) -> int:
        try:
            return axis.bits(tree)
        except (Unknown, TypeError):
            return fallback or 0

    def _check(self, rule: int, place: int, tree: feel.Node, of_kind: str, axis: Axis) -> bool:
        """Tell whether a cell's set is known; note constants of the wrong kind and values that are not allowed."""
        try:
            values = list(constants(tree))
        except Unknown:
            return False
        text = self.table.rules[rule - 1].cells[place]
        wrong = [value for value in values if value is not None and kind(value) != of_kind]
        if of_kind not in ORDERED and of_kind != "boolean":
            return False
        if wrong:
            self._find("type-mismatch", rule, place, text=text, expected=of_kind, found=kind(wrong[0]))
            return True
        for value in equals(tree):
            if value is not None and not axis.at(value) & axis.universe:
                self._find("value-not-allowed", rule, place, text=text, value=show(value))
        return True
