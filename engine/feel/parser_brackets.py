"""What begins with a bracket: parentheses, lists, ranges of all kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.feel.parser_forms import context
from engine.feel.syntax import Interval, ListOf, Node

if TYPE_CHECKING:
    from engine.feel.lexer import Token
    from engine.feel.parser import Parser

COMPARISONS: Final = frozenset(["=", "!=", "<", "<=", ">", ">="])


def bracket(parser: Parser, token: Token) -> Node:
    """The expression that begins with the symbol `token`."""
    match token.text:
        case "(":
            return _parenthesis(parser, token)
        case "[":
            parser.index += 1
            return _list_or_range(parser, token)
        case "]":
            parser.index += 1
            low = parser.inner()
            parser.expect("..")
            return interval_end(parser, low, token, low_included=False)
        case "{":
            return context(parser)
        case _:
            raise parser.unexpected("expression")


def _one_sided(token: Token, operator: str, bound: Node) -> Interval:
    return Interval(
        position=token.start,
        low=bound,
        high=bound,
        low_included=False,
        high_included=False,
        operator=operator,
    )


def _parenthesis(parser: Parser, token: Token) -> Node:
    parser.index += 1
    operator = parser.comparison_sign()
    if operator is not None:
        bound = parser.inner()
        parser.expect(")")
        return _one_sided(token, operator, bound)
    node = parser.inner()
    if parser.take(".."):
        return interval_end(parser, node, token, low_included=False)
    parser.expect(")")
    return node


def _list_or_range(parser: Parser, token: Token) -> Node:
    if parser.take("]"):
        return ListOf(position=token.start, items=())
    items = [_item(parser)]
    if parser.take(".."):
        return interval_end(parser, items[0], token, low_included=True)
    while parser.take(","):
        items.append(_item(parser))
    parser.expect("]", ",")
    return ListOf(position=token.start, items=tuple(items))


def _item(parser: Parser) -> Node:
    """An item of a list; a one-sided range may stand there without brackets."""
    token = parser.here
    operator = parser.comparison_sign()
    return parser.inner() if operator is None else _one_sided(token, operator, parser.operand())


def interval_end(parser: Parser, low: Node, token: Token, *, low_included: bool) -> Node:
    """Read the upper bound and the closing bracket of a range."""
    outer, parser.range_end = parser.range_end, True
    high = parser.expression()
    parser.range_end = outer
    closing = parser.expect("]", ")", "[")
    return Interval(
        position=token.start, low=low, high=high, low_included=low_included, high_included=closing.text == "]"
    )
