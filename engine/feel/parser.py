"""Text to tree: operator precedence, literals, paths, filters, calls, ranges."""

from __future__ import annotations

from decimal import DecimalException
from typing import TYPE_CHECKING, Final

from engine.feel import parser_brackets as brackets
from engine.feel import parser_forms as forms
from engine.feel.numbers import read_number
from engine.feel.reader import Reader
from engine.feel.syntax import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    Filter,
    In,
    InstanceOf,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Test,
    Tests,
)
from engine.feel.temporal import read_temporal

if TYPE_CHECKING:
    from engine.feel.lexer import Token

OR, AND, COMPARE, SUM, PRODUCT, POWER, INSTANCE, NEGATE = range(1, 9)
_LEVELS: Final = {
    "or": OR, "and": AND, "=": COMPARE, "!=": COMPARE, "<": COMPARE, "<=": COMPARE, ">": COMPARE, ">=": COMPARE,
    "between": COMPARE, "in": COMPARE, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "**": POWER,
    "instance": INSTANCE,
}  # fmt: skip
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_RANGE_ENDERS: Final = frozenset(
    [
        ")",
        "]",
        ",",
        "}",
        ".",
        "=",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "and",
        "or",
        "then",
        "else",
        "return",
        "satisfies",
        "in",
        "between",
        "instance",
    ]
)
_MAX_CHAIN: Final = 64


class Parser(Reader):
    """Reads one expression or one cell of unary tests."""

    range_end = False

    def expression(self, level: int = 0) -> Node:
        """Read an expression whose operators bind tighter than `level`."""
        self.deeper()
        left = self.more(self._prefix(), level)
        self.nesting -= 1
        return left

    def inner(self) -> Node:
        """Read an expression inside brackets, where a range's end bracket has no say."""
        outer, self.range_end = self.range_end, False
        node = self.expression()
        self.range_end = outer
        return node

    def more(self, left: Node, level: int) -> Node:
        """Go on with operators that bind tighter than `level`."""
        turns = 0
        while True:
            token = self.here
            found = _LEVELS.get(token.text, 0) if token.kind in ("symbol", "name") else 0
            if found <= level:
                return left
            if found in (AND, OR):
                left = self._logic(left, token, found)
            elif found in (COMPARE, INSTANCE):
                turns += 1
                if turns > _MAX_CHAIN:
                    self.nesting += _MAX_CHAIN
                    self.deeper()
                left = self._comparison(left, token)
            else:
                left = self._arithmetic(left, token, found)

    def _logic(self, left: Node, first: Token, level: int) -> Node:
        items = [left]
        while self.here.kind == "name" and self.take(first.text):
            items.append(self.expression(level))
        return Logic(position=first.start, operator=first.text, items=tuple(items))

    def _arithmetic(self, left: Node, first: Token, level: int) -> Node:
        operators, rest = [], []
        while self.here.kind == "symbol" and _LEVELS.get(self.here.text) == level:
            operators.append(self.here.text)
            self.index += 1
            rest.append(self.expression(level))
        return Arithmetic(position=first.start, first=left, operators=tuple(operators), rest=tuple(rest))

    def _comparison(self, left: Node, token: Token) -> Node:
        self.index += 1
        match token.text:
            case "instance":
                self.expect("of")
                return InstanceOf(position=token.start, value=left, type=forms.type_name(self))
            case "between":
                low = self.expression(COMPARE)
                self.expect("and")
                return Between(position=token.start, value=left, low=low, high=self.expression(COMPARE))
            case "in":
                return In(position=token.start, value=left, tests=self._in_tests())
            case operator:
                return Comparison(
                    position=token.start, operator=operator, left=left, right=self.expression(COMPARE)
                )

    def _in_tests(self) -> Tests:
        token = self.here
        if not self.take("("):
            return Tests(position=token.start, tests=(self.test(COMPARE),))
        outer, self.range_end = self.range_end, False
        tests = self.tests()
        if len(tests) == 1 and tests[0].operator is None and self.take(".."):
            operand = brackets.interval_end(self, tests[0].operand, token, low_included=False)
        else:
            self.expect(")")
            if len(tests) > 1 or tests[0].operator is not None:
                self.range_end = outer
                return Tests(position=token.start, tests=tuple(tests))
            operand = tests[0].operand
        self.range_end = outer
        operand = self.more(self.postfix(operand), COMPARE)
        return Tests(
            position=token.start, tests=(Test(position=token.start, operator=None, operand=operand),)
        )

    def tests(self) -> list[Test]:
        """Read unary tests separated by commas."""
        found = [self.test()]
        while self.take(","):
            found.append(self.test())
        return found

    def test(self, level: int = 0) -> Test:
        """Read one unary test."""
        token = self.here
        operator = self.comparison_sign()
        operand = self.expression(level) if operator is None else self.operand()
        return Test(position=token.start, operator=operator, operand=operand)

    def comparison_sign(self) -> str | None:
        """Read a comparison sign when it comes next."""
        token = self.here
        if token.kind != "symbol" or token.text not in brackets.COMPARISONS:
            return None
        self.index += 1
        return token.text

    def operand(self) -> Node:
        """Read what stands after a comparison sign."""
        return self.expression(COMPARE)

    def _prefix(self) -> Node:
        token = self.here
        if token.kind == "symbol" and token.text == "-":
            self.index += 1
            return Negation(position=token.start, operand=self.expression(NEGATE))
        return self.postfix(self._primary(token))

    def _primary(self, token: Token) -> Node:
        start = token.start
        match token.kind:
            case "number":
                self.index += 1
                try:
                    return Literal(position=start, value=read_number(token.text))
                except DecimalException:
                    self.doubt("out-of-range", start)
                    return Literal(position=start, value=None)
            case "text":
                self.index += 1
                return Literal(position=start, value=token.text)
            case "at":
                self.index += 1
                try:
                    return Literal(position=start, value=read_temporal(token.text))
                except (ValueError, OverflowError):
                    self.doubt("bad-literal", start, text=token.text)
                    return Literal(position=start, value=None)
            case "name":
                return self._word(token)
            case "symbol":
                return brackets.bracket(self, token)
            case _:
                raise self.unexpected("expression")

    def _word(self, token: Token) -> Node:
        if self.book.longest(self.tokens, self.index) is None:
            if token.text in _CONSTANTS:
                self.index += 1
                return Literal(position=token.start, value=_CONSTANTS[token.text])
            form = forms.FORMS.get(token.text)
            if form is not None and not (token.text == "function" and not self.after("(")):
                return form(self)
        return Name(position=token.start, name=self.name())

    def postfix(self, node: Node) -> Node:
        """Go on with paths, filters and calls."""
        for _ in range(_MAX_CHAIN):
            token = self.here
            if token.kind != "symbol":
                return node
            if token.text == ".":
                self.index += 1
                if self.here.kind != "name":
                    raise self.unexpected("name")
                node = Path(position=token.start, source=node, name=self.name())
            elif token.text == "[" and not (self.range_end and self._ends_range()):
                self.index += 1
                condition = self.inner()
                self.expect("]")
                node = Filter(position=token.start, source=node, condition=condition)
            elif token.text == "(":
                node = self._call(node)
            else:
                return node
        self.nesting += _MAX_CHAIN
        self.deeper()
        return node

    def _ends_range(self) -> bool:
        token = self.tokens[self.index + 1]
        return token.kind == "end" or (token.kind in ("symbol", "name") and token.text in _RANGE_ENDERS)

    def _call(self, function: Node) -> Node:
        self.expect("(")
        names: list[str] = []
        arguments: list[Node] = []
        if not self.take(")"):
            while True:
                start = self.index
                name = self.named_argument()
                if arguments and (name is None) != (not names):
                    self.index = start
                    raise self.unexpected("name:" if names else "expression")
                if name is not None:
                    names.append(name)
                arguments.append(self.inner())
                if not self.take(","):
                    break
            self.expect(")", ",")
        given = tuple(names) if names else None
        return Call(position=function.position, function=function, arguments=tuple(arguments), names=given)
