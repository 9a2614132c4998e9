"""A rule of a table in plain words, Chinese and English: what must hold, and what follows.

Cells that compare are said in words; of any other cell the FEEL text itself is told. What values and parameters of the
law are called is known to the caller (`Words`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.dmn.constants import Unknown, constant, is_input, show
from engine.feel import FeelError, compile_expression, compile_unary
from engine.feel import syntax as feel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.dmn.table import Rule, Table

#: What is told: Chinese, English. `{}` is the value.
_SAID: Final[dict[str, tuple[str, str]]] = {
    "=": ("为{}", "is {}"),
    "!=": ("不是{}", "is not {}"),
    "<": ("小于{}", "is below {}"),
    "<=": ("不超过{}", "is at most {}"),
    ">": ("大于{}", "is above {}"),
    ">=": ("不小于{}", "is at least {}"),
    "contains": ("包含{}", "contains {}"),
    "not": ("并非（{}）", "not ({})"),
    "holds": ("满足条件 {}", "satisfies {}"),
    "true": ("“是”", "“yes”"),
    "false": ("“否”", "“no”"),
    "null": ("空（没有填）", "empty"),
    "law": ("法定的“{}”", "the lawful “{}”"),
    "quoted": ("“{}”", "“{}”"),
    "comma": ("、", ", "),
    "last or": ("或", " or "),
    "or": ("，或者", ", or "),
    "and": ("且", " and "),
    "between": ("，并且", ", and "),
    "always": ("任何情形", "in any case"),
    "rule": ("如果{}，那么{}。", "If {}, then {}."),
    "rule always": ("{}：{}。", "{}: {}."),
    "subject": ("{}{}", "{} {}"),
    "outcome": ("{}为{}", "{} is {}"),
    "outcome text": ("{}按 {} 计算", "{} is computed as {}"),
    "nothing": ("没有结果", "there is no result"),
}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Words:
    """What the caller knows: the word for a value of an expression, and the name of a parameter of the law."""

    value: Callable[[str, Any], str | None] = lambda _text, _value: None
    parameter: Callable[[str], str | None] = lambda _name: None


@dataclass(frozen=True, slots=True)
class Told:
    """One rule in words: its conditions, its outcomes, and all in one sentence."""

    conditions: tuple[str, ...]
    outcomes: tuple[str, ...]
    sentence: str


def told(
    table: Table, rule: Rule, names: Iterable[str], language: str = "zh", words: Words | None = None
) -> Told:
    """Return the rule in words of `zh` or `en`; texts that are not FEEL are told as they stand."""
    teller = _Teller(0 if language.startswith("zh") else 1, frozenset(names), words or Words())
    conditions = tuple(
        teller.say("subject", column.label, teller.cell(column.text, text))
        for column, text in zip(table.inputs, rule.cells, strict=True)
        if text not in ("", "-")
    )
    outcomes = tuple(
        teller.outcome(column.label or column.name or table.label, text)
        for column, text in zip(table.outputs, rule.output_cells, strict=True)
        if text not in ("", "-")
    ) or (teller.say("nothing"),)
    between = teller.say("between")
    if conditions:
        sentence = teller.say("rule", between.join(conditions), between.join(outcomes))
    else:
        sentence = teller.say("rule always", teller.say("always"), between.join(outcomes))
    return Told(conditions, outcomes, sentence)


class _Teller:
    def __init__(self, language: int, names: frozenset[str], words: Words) -> None:
        self.language = language
        self.names = names
        self.words = words
        #: The expression of the column that is being told.
        self.column = ""

    def say(self, key: str, *parts: str) -> str:
        """Return a piece of a sentence with its parts."""
        return _SAID[key][self.language].format(*parts)

    def cell(self, column: str, text: str) -> str:
        """Return what a cell asks of its column, without the column's name."""
        self.column = column
        try:
            return self._tests(compile_unary(text, self.names).tree)
        except (Unknown, FeelError):
            return self.say("holds", text)

    def outcome(self, column: str, text: str) -> str:
        """Return what an output cell gives."""
        self.column = column
        try:
            return self.say("outcome", column, self._value(compile_expression(text, self.names).tree))
        except (Unknown, FeelError):
            return self.say("outcome text", column, text)

    def _tests(self, tree: feel.Tests) -> str:
        values = [test.operand for test in tree.tests if test.operator is None and _plain(test.operand)]
        if len(values) == len(tree.tests):
            return self.say("!=" if tree.negated else "=", self._listed(values))
        told_ = self.say("or").join(map(self._test, tree.tests))
        return self.say("not", told_) if tree.negated else told_

    def _listed(self, values: list[feel.Node]) -> str:
        shown = [self._value(one) for one in values]
        head = self.say("comma").join(shown[:-1])
        return f"{head}{self.say('last or')}{shown[-1]}" if head else shown[-1]

    def _test(self, node: feel.Node) -> str:
        match node:
            case feel.Test(operator=str(sign), operand=operand):
                return self.say(sign, self._value(operand))
            case feel.Test(operator=None, operand=operand):
                return self._test(operand)
            case feel.Interval(operator=None, low=low, high=high) as interval:
                return self._between(low, high, interval.low_included, interval.high_included)
            case feel.ListOf(items=items) if items and all(map(_plain, items)):
                return self.say("=", self._listed(list(items)))
            case feel.Between(value=value, low=low, high=high) if is_input(value):
                return self._between(low, high, True, True)
            case feel.In(value=value, tests=tests) if is_input(value):
                return self._tests(tests)
            case feel.Comparison(operator=sign, left=left, right=right) if is_input(left):
                return self.say(sign, self._value(right))
            case feel.Comparison(operator=sign, left=left, right=right) if is_input(right):
                return self.say(_FLIPPED[sign], self._value(left))
            case feel.Logic(operator=sign, items=items):
                return self.say("or" if sign == "or" else "and").join(map(self._test, items))
            case feel.Call(function=feel.Name(name="not"), arguments=(argument,)):
                return self.say("not", self._test(argument))
            case feel.Call(function=feel.Name(name="list contains"), arguments=(source, item)) if is_input(
                source
            ):
                return self.say("contains", self._value(item))
        return self.say("=", self._value(node))

    def _between(self, low: feel.Node, high: feel.Node, low_in: bool, high_in: bool) -> str:
        above = self.say(">=" if low_in else ">", self._value(low))
        return above + self.say("and") + self.say("<=" if high_in else "<", self._value(high))

    def _value(self, node: feel.Node) -> str:
        match node:
            case feel.Call(function=feel.Name(name="law"), arguments=(feel.Literal(value=str(name)), *_)):
                return self.say("law", self.words.parameter(name) or name)
            case feel.Name(name=name) if name != "?":
                return self.say("quoted", name)
            case feel.ListOf(items=items) if items:
                return self.say("comma").join(map(self._value, items))
        value = constant(node)
        word = self.words.value(self.column, value)
        if word is not None:
            return self.say("quoted", word)
        match value:
            case None | bool():
                return self.say({None: "null", True: "true", False: "false"}[value])
            case str():
                return self.say("quoted", value)
            case Decimal():
                return f"{value:,f}" if self.language else f" {value:,f}"
            case datetime():
                return show(value)
            case date():
                return value.isoformat()
        return show(value)


def _plain(node: feel.Node) -> bool:
    """Tell whether a test is a single value."""
    return isinstance(node, feel.Literal | feel.Negation | feel.Name) and not is_input(node)
