"""The forms that begin with a word or a brace: if, for, some, every, function, contexts, types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.feel.errors import FeelSyntaxError
from engine.feel.naming import KEYWORDS, NameBook
from engine.feel.syntax import Context, For, Function, If, Iterator_, Literal, Node, Quantified, TypeName

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.feel.parser import Parser

TYPE_NAMES: Final = ("date and time", "days and time duration", "years and months duration", "day time duration",
                     "year month duration")  # fmt: skip
_TYPE_BOOK: Final = NameBook(TYPE_NAMES)


def conditional(parser: Parser) -> Node:
    """`if condition then chosen else other`."""
    start = parser.expect("if").start
    condition = parser.inner()
    parser.expect("then")
    chosen = parser.inner()
    parser.expect("else")
    return If(position=start, condition=condition, chosen=chosen, other=parser.expression())


def loop(parser: Parser) -> Node:
    """`for name in source, ... return body`."""
    start = parser.expect("for").start
    iterators = _iterators(parser, ranges=True)
    parser.expect("return", ",")
    parser.book.add("partial")
    return For(position=start, iterators=iterators, body=parser.expression())


def quantified(parser: Parser) -> Node:
    """`some|every name in source, ... satisfies condition`."""
    token = parser.expect("some", "every")
    iterators = _iterators(parser, ranges=True)
    parser.expect("satisfies", ",")
    return Quantified(
        position=token.start, quantifier=token.text, iterators=iterators, body=parser.expression()
    )


def _iterators(parser: Parser, *, ranges: bool) -> tuple[Iterator_, ...]:
    found: list[Iterator_] = []
    while True:
        start = parser.here.start
        name = parser.declared("in")
        parser.expect("in")
        source = parser.inner()
        end = parser.inner() if ranges and parser.take("..") else None
        found.append(Iterator_(position=start, name=name, source=source, end=end))
        if not parser.take(","):
            return tuple(found)


def function(parser: Parser) -> Node:
    """`function(name: type, ...) body`."""
    start = parser.expect("function").start
    parser.expect("(")
    names: list[str] = []
    types: list[TypeName | None] = []
    if not parser.take(")"):
        while True:
            at = parser.here.start
            name = parser.declared(":", ",", ")")
            if name in names:
                raise FeelSyntaxError("duplicate-parameter", at, "name", name=name)
            names.append(name)
            types.append(type_name(parser) if parser.take(":") else None)
            if not parser.take(","):
                break
        parser.expect(")", ",")
    if parser.at("external"):
        raise FeelSyntaxError("external-function", parser.here.start, "expression")
    return Function(position=start, parameters=tuple(names), types=tuple(types), body=parser.expression())


def context(parser: Parser) -> Node:
    """`{key: value, ...}`; a key given twice makes the whole context null, as the standard has it."""
    start = parser.expect("{").start
    keys: list[str] = []
    values: list[Node] = []
    twice = False
    if not parser.take("}"):
        while True:
            token = parser.here
            if token.kind == "text":
                parser.index += 1
                key = token.text
                parser.book.add(key)
            else:
                key = parser.declared(":")
            parser.expect(":")
            if key in keys:
                twice = True
                parser.doubt("duplicate-key", token.start, name=key)
            keys.append(key)
            values.append(parser.inner())
            if not parser.take(","):
                break
        parser.expect("}", ",")
    if twice:
        return Literal(position=start, value=None)
    return Context(position=start, keys=tuple(keys), values=tuple(values))


def type_name(parser: Parser) -> TypeName:
    """A type, e.g. `number`, `list<string>`, `context<a: number>`, `function<number> -> string`."""
    parser.deeper()
    token = parser.here
    if token.kind != "name":
        raise parser.unexpected("type")
    known = _TYPE_BOOK.longest(parser.tokens, parser.index) or parser.book.longest(
        parser.tokens, parser.index
    )
    if known is not None:
        parser.index += known[0]
        name = known[1]
    else:
        name = _plain_type(parser)
    found = (
        _arguments(parser, name, token.start) if parser.at("<") else TypeName(position=token.start, name=name)
    )
    parser.nesting -= 1
    return found


def _plain_type(parser: Parser) -> str:
    parts = [parser.here.text]
    parser.index += 1
    while True:
        if parser.at(".") and parser.tokens[parser.index + 1].kind == "name":
            parts[-1] += "." + parser.tokens[parser.index + 1].text
            parser.index += 2
        elif (
            parser.here.kind == "name" and parser.here.text not in KEYWORDS and parser.here.text != "external"
        ):
            parts.append(parser.here.text)
            parser.index += 1
        else:
            return " ".join(parts)


def _arguments(parser: Parser, name: str, start: int) -> TypeName:
    if name not in ("list", "range", "context", "function"):
        return TypeName(position=start, name=name)
    parser.expect("<")
    entries: list[str] = []
    arguments: list[TypeName] = []
    if not parser.take(">"):
        while True:
            if name == "context":
                entries.append(parser.declared(":"))
                parser.expect(":")
            arguments.append(type_name(parser))
            if not parser.take(","):
                break
        parser.expect(">", ",")
    result = None
    if name == "function":
        parser.expect("->")
        result = type_name(parser)
    return TypeName(
        position=start, name=name, arguments=tuple(arguments), entries=tuple(entries), result=result
    )


FORMS: Final[dict[str, Callable[[Parser], Node]]] = {
    "if": conditional,
    "for": loop,
    "some": quantified,
    "every": quantified,
    "function": function,
}
