"""Gaps, overlaps and dead rules of one table."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from engine.dmn.columns import Columns
from engine.dmn.constants import Unknown, constant
from engine.dmn.coverage import Box, Grid
from engine.dmn.finding import Finding, Severity
from engine.dmn.table import HitPolicy, Table, same
from engine.feel import compile_expression
from engine.feel import syntax as feel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from engine.dmn.types import Type

#: Gaps and overlaps listed per table; more would bury the reader.
MAX_SHOWN = 20
#: Rules up to which every pair is compared (500 rules are 125,000 pairs, some seconds).
MAX_RULES = 500


def check_table(
    table: Table, owner: str, names: frozenset[str], typed: Callable[[str], Type | None]
) -> list[Finding]:
    """Return what is wrong with a table's rules as a whole and with single input cells.

    `typed` gives the type of the value that an input expression reads, where the model knows it.
    """
    columns = Columns(table, owner, names, typed)
    return [*columns.findings, *_Coverage(table, owner, names, columns).findings()]


class _Coverage:
    """The questions to a table whose columns are cut."""

    def __init__(self, table: Table, owner: str, names: frozenset[str], columns: Columns) -> None:
        self.table = table
        self.owner = owner
        self.names = names
        self.columns = columns.columns
        self.unknown = columns.unknown
        #: Too many rules to compare: the grids, which would be the dearest part, are not made.
        self.large = len(table.rules) > MAX_RULES
        if self.large:
            return
        universes = tuple(column.axis.universe for column in self.columns)
        self.must = Grid(universes, self._boxes([column.must for column in self.columns]))
        self.may = self.must
        if self.unknown:
            self.may = Grid(universes, self._boxes([column.may for column in self.columns]))
        self.rows = [self._row(rule.output_cells) for rule in table.rules]

    def _boxes(self, columns: list[tuple[int, ...]]) -> list[Box]:
        """Return the sets of each rule from those of each column."""
        return list(zip(*columns, strict=True)) if columns else [()] * len(self.table.rules)

    def findings(self) -> Iterator[Finding]:
        """Return all findings, in the order in which an analyst should read them."""
        if self.large:
            yield self._finding("analysis-bounded", "info", limit=MAX_RULES)
            return
        yield from self._overlaps()
        yield from self._dead()
        yield from self._gaps()
        if self.unknown:
            rules = tuple(sorted({rule for rule, _ in self.unknown}))
            yield Finding(self.owner, "unknown-coverage", "info", rules, tuple(self.unknown), self._about())
        yield from self._related()
        if self.must.bounded or self.may.bounded:
            yield self._finding("analysis-bounded", "info", limit=MAX_RULES)

    def _about(self, **values: Any) -> dict[str, Any]:
        return {"table": self.table.label, **values}

    def _finding(self, code: str, severity: Severity, rules: tuple[int, ...] = (), **values: Any) -> Finding:
        cells = tuple(cell for rule in rules for cell in self._cells(rule))
        return Finding(self.owner, code, severity, rules, cells, self._about(**values))

    def _cells(self, rule: int) -> list[tuple[int, int]]:
        """Return the input cells of a rule that say something."""
        texts = self.table.rules[rule - 1].cells
        return [(rule, place) for place, text in enumerate(texts, 1) if text not in ("", "-")]

    def _where(self, box: Box) -> dict[str, str]:
        """Return a box as an analyst writes it, columns that do not matter left out."""
        shown = {
            column.label: column.axis.describe(bits) for column, bits in zip(self.columns, box, strict=True)
        }
        return {label: text for label, text in shown.items() if text != "-"}

    def _gaps(self) -> Iterator[Finding]:
        if any(column.default is not None for column in self.table.outputs):
            return
        collects = self.table.policy in (HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER)
        boxes = self.may.holes(MAX_SHOWN + 1)
        for box in boxes[:MAX_SHOWN]:
            yield self._finding("gap", "info" if collects else "warning", where=self._where(box))
        if len(boxes) > MAX_SHOWN:
            yield self._finding("more-gaps", "info" if collects else "warning", shown=MAX_SHOWN)

    def _overlaps(self) -> Iterator[Finding]:
        policy = self.table.policy
        if policy not in (HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.PRIORITY, HitPolicy.FIRST):
            return
        found: list[tuple[int, int, Box, bool | None]] = []
        for left, right in combinations(range(len(self.table.rules)), 2):
            box = self.must.common(left, right)
            if box is None:
                continue
            equal = self._same_outputs(left, right) if policy is not HitPolicy.UNIQUE else None
            if equal is not True:
                found.append((left + 1, right + 1, box, equal))
        if policy in (HitPolicy.PRIORITY, HitPolicy.FIRST):
            if found:
                rules = tuple(sorted({rule for left, right, _, _ in found for rule in (left, right)}))
                yield self._finding("overlap-ordered", "info", rules, pairs=len(found))
            return
        for left, right, box, equal in found[:MAX_SHOWN]:
            sure = policy is HitPolicy.UNIQUE or equal is False
            yield self._finding(
                "overlap", "error" if sure else "warning", (left, right), where=self._where(box)
            )
        if len(found) > MAX_SHOWN:
            yield self._finding("more-overlaps", "error", shown=MAX_SHOWN, pairs=len(found))

    def _same_outputs(self, left: int, right: int) -> bool | None:
        """Tell whether two rules give the same; None where only an evaluation can tell."""
        one, other = self.table.rules[left].output_cells, self.table.rules[right].output_cells
        if one == other:
            return True
        values = self.rows[left], self.rows[right]
        return None if values[0] is None or values[1] is None else same(*values)

    def _row(self, cells: Sequence[str]) -> list[Any] | None:
        try:
            return [
                None if text in ("", "-") else constant(compile_expression(text, self.names).tree)
                for text in cells
            ]
        except Unknown:
            return None

    def _dead(self) -> Iterator[Finding]:
        """Find rules that nothing can reach: their own cells exclude everything, or rules before them take it all."""
        ranks = self._ranks()
        for number, rule in enumerate(self.table.rules):
            within = self.may.rules[number]
            if not all(within):
                yield self._finding("rule-never", "error", (rule.index,))
                continue
            if ranks is None or self.must.bounded:
                continue
            live = sum(
                1 << other for other in range(len(ranks)) if (ranks[other], other) < (ranks[number], number)
            )
            if live and not self.must.holes(1, live, within) and not self.must.bounded:
                before = tuple(
                    other + 1
                    for other in range(len(ranks))
                    if live >> other & 1 and self.must.common(other, number) is not None
                )
                yield self._finding("unreachable", "warning", (rule.index,), before=before)

    def _ranks(self) -> list[tuple[int, ...]] | None:
        """Return the precedence of each rule; None where the policy has none or outputs are not constant."""
        if self.table.policy is HitPolicy.FIRST:
            return [() for _ in self.table.rules]
        if self.table.policy is not HitPolicy.PRIORITY:
            return None
        known = [row for row in self.rows if row is not None]
        return [self.table.rank(tuple(row)) for row in known] if len(known) == len(self.rows) else None

    def _related(self) -> Iterator[Finding]:
        """Say that columns are computed from the same values: gaps and overlaps may then be impossible together."""
        paths = [
            _paths(compile_expression(self.table.inputs[column.places[0]].text, self.names).tree)
            for column in self.columns
        ]
        shared: set[str] = set()
        for left, right in combinations(paths, 2):
            shared |= {one for one in left for other in right if f"{one}.".startswith(f"{other}.")}
            shared |= {one for one in right for other in left if f"{one}.".startswith(f"{other}.")}
        if shared:
            yield self._finding("related-inputs", "info", names=tuple(sorted(shared)))


def _paths(root: feel.Node) -> set[str]:
    """Return the dotted names an expression reads: `a.b` where it says so, else `a`."""
    found: set[str] = set()
    pending = [root]
    while pending:
        node = pending.pop()
        dotted: list[str] = []
        step = node
        while isinstance(step, feel.Path):
            dotted.append(step.name)
            step = step.source
        if isinstance(step, feel.Name):
            found.add(".".join([step.name, *reversed(dotted)]))
        else:
            # the name of a called function is no value
            pending += step.arguments if isinstance(step, feel.Call) else feel.children(step)
    return found
