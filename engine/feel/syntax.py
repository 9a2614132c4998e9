"""The tree of a FEEL text. Every node knows its offset; the tree is kept for lint, analysis and explanation."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """A part of an expression; `position` is its offset in the text."""

    position: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Literal(Node):
    """A number, text, boolean, null or temporal literal."""

    value: Any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Name(Node):
    """A variable or a function by name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path(Node):
    """`source.name`."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Filter(Node):
    """`source[condition]`."""

    source: Node
    condition: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Call(Node):
    """`function(arguments)`; `names` holds the parameter names of a call by name, else it is None."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Negation(Node):
    """`-operand`."""

    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arithmetic(Node):
    """A chain of `+ -`, of `* /` or of `**`, from the left."""

    first: Node
    operators: tuple[str, ...]
    rest: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison(Node):
    """`left operator right` with one of = != < <= > >=."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Between(Node):
    """`value between low and high`."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Test(Node):
    """One unary test: `operator operand` for < <= > >= = !=, or a value, range, list or condition (None)."""

    operator: str | None
    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tests(Node):
    """Several tests, any of which may hold; `negated` is `not(...)`; no tests at all is `-`, always true."""

    tests: tuple[Test, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class In(Node):
    """`value in tests`."""

    value: Node
    tests: Tests


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Logic(Node):
    """`a and b and ...` or `a or b or ...`."""

    operator: str
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class If(Node):
    """`if condition then chosen else other`."""

    condition: Node
    chosen: Node
    other: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Iterator_(Node):  # noqa: N801 - the typing name is taken
    """`name in source`, or `name in source..end`."""

    name: str
    source: Node
    end: Node | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class For(Node):
    """`for iterators return body`."""

    iterators: tuple[Iterator_, ...]
    body: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quantified(Node):
    """`some|every iterators satisfies body`."""

    quantifier: str
    iterators: tuple[Iterator_, ...]
    body: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InstanceOf(Node):
    """`value instance of type`."""

    value: Node
    type: TypeName


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Function(Node):
    """`function(parameters) body`."""

    parameters: tuple[str, ...]
    types: tuple[TypeName | None, ...]
    body: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListOf(Node):
    """`[a, b, c]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Context(Node):
    """`{key: value, ...}`."""

    keys: tuple[str, ...]
    values: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interval(Node):
    """`[low..high]` and its kin; with `operator`, `(< 10)`."""

    low: Node
    high: Node
    low_included: bool
    high_included: bool
    operator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TypeName(Node):
    """A type: a name, with element types (list, range), entries (context) or parameters and result (function)."""

    name: str
    arguments: tuple[TypeName, ...] = ()
    entries: tuple[str, ...] = ()
    result: TypeName | None = None


NODE_FIELDS: Final[dict[type[Node], tuple[str, ...]]] = {
    cls: tuple(f.name for f in fields(cls) if f.name not in ("position", "name", "names", "operator"))
    for cls in (
        Literal, Name, Path, Filter, Call, Negation, Arithmetic, Comparison, Between, Test, Tests, In, Logic, If,
        Iterator_, For, Quantified, InstanceOf, Function, ListOf, Context, Interval, TypeName,
    )
}  # fmt: skip


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below `node`, in the order of the text."""
    for name in NODE_FIELDS[type(node)]:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Node))


def height(root: Node) -> int:
    """The number of levels of the tree; needs no recursion, so that any tree can be measured."""
    deepest = 0
    pending = [(root, 1)]
    while pending:
        node, level = pending.pop()
        deepest = max(deepest, level)
        pending.extend((child, level + 1) for child in children(node))
    return deepest


def certain(root: Node) -> set[str]:
    """The names outside of filters: inside, a name may be a component of the items."""
    found: set[str] = set()
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, Name):
            found.add(node.name)
        pending += [node.source] if isinstance(node, Filter) else children(node)
    return found
