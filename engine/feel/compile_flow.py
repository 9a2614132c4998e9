"""Closures for conditions, loops, paths, filters, calls, functions, tests and types."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.feel.compile import Code, Compiler, compiles, local
from engine.feel.numbers import whole
from engine.feel.operators import holds, matches_test
from engine.feel.syntax import Filter, If, In, Literal, Name, Path, Test, Tests, children
from engine.feel.temporal import part
from engine.feel.values import SIMPLE, FeelFunction, Range, kind

if TYPE_CHECKING:
    from engine.feel.budget import Run
    from engine.feel.syntax import Node

QUESTION: Final = "?"
_RANGE_PARTS: Final = {
    "start": "start",
    "end": "end",
    "start included": "start_included",
    "end included": "end_included",
}


@compiles(If)
def conditional(compiler: Compiler, node: If) -> Code:
    """`if`: anything but true takes the other branch."""
    condition, chosen, other = (compiler.compile(n) for n in (node.condition, node.chosen, node.other))
    position = node.position

    def run_it(scope: Any, run: Run) -> Any:
        value = condition(scope, run)
        if value is True:
            return chosen(scope, run)
        if value is not False and value is not None:
            run.place = position
            run.warn("not-a-condition", type=kind(value))
        return other(scope, run)

    return run_it


@compiles(Path)
def path(compiler: Compiler, node: Path) -> Code:
    """`source.name`; a variable of the outermost scope is entered without copying it first."""
    name, position = node.name, node.position
    source = compiler.compile(node.source)
    if isinstance(node.source, Name) and not compiler.scopes:
        return _entry_of_variable(node.source.name, name, source, position)

    def run_it(scope: Any, run: Run) -> Any:
        return member(source(scope, run), name, position, run)

    return run_it


def _entry_of_variable(variable: str, name: str, source: Code, position: int) -> Code:
    def run_it(scope: Any, run: Run) -> Any:
        whole_value = scope[0].get(variable)
        if type(whole_value) is dict and name in whole_value:
            value = whole_value[name]
            return value if type(value) in SIMPLE else run.clean(value, name)
        if type(whole_value) is list and all(type(item) is dict and name in item for item in whole_value):
            run.grow(len(whole_value))
            values = [item[name] for item in whole_value]
            return [value if type(value) in SIMPLE else run.clean(value, name) for value in values]
        return member(source(scope, run), name, position, run)

    return run_it


def member(value: Any, name: str, position: int, run: Run) -> Any:
    """`value.name` for contexts, lists of contexts, temporal values and ranges."""
    match value:
        case dict():
            if name in value:
                return value[name]
        case list():
            run.grow(len(value))
            run.tick(len(value))
            return [member(item, name, position, run) for item in value]
        case Range() if name in _RANGE_PARTS:
            return getattr(value, _RANGE_PARTS[name])
        case None | bool() | Decimal() | str() | FeelFunction() | Range():
            pass
        case _:
            try:
                return part(value, name)
            except KeyError:
                pass
    run.place = position
    run.warn("unknown-entry", name=name)
    return None


@compiles(Filter)
def filtered(compiler: Compiler, node: Filter) -> Code:
    """`source[condition]`: by position when the condition is a number, else the items for which it is true."""
    source = _filter_source(compiler, node.source)
    position = node.position
    compiler.scopes.append({"item"})
    condition = compiler.inside(None, node.condition)
    compiler.scopes.pop()
    constant = node.condition.value if isinstance(node.condition, Literal) else None

    def run_it(scope: Any, run: Run) -> Any:
        items = source(scope, run)
        if not isinstance(items, list):
            items = [] if items is None else [items]
        if type(constant) is Decimal:
            return _at(items, constant, position, run)
        if not items:
            index = condition(({}, ({"item": None}, scope)), run)
            return None if type(index) is Decimal else []
        kept = []
        for item in items:
            run.tick()
            found = condition((item if type(item) is dict else {}, ({"item": item}, scope)), run)
            if found is True:
                kept.append(item)
            elif type(found) is Decimal:
                return _at(items, found, position, run)
        run.grow(len(kept))
        return kept

    return run_it


def _filter_source(compiler: Compiler, node: Node) -> Code:
    """The list to filter; the results so far of a `for` need no copy here."""
    if isinstance(node, Name) and node.name == "partial":
        hops, bound = compiler.places(node.name)
        if bound and len(hops) == 1:
            return local(node.name, hops[0])
    return compiler.compile(node)


def _at(items: list[Any], index: Decimal, position: int, run: Run) -> Any:
    place = whole(index)
    count = len(items)
    if place is not None and 1 <= place <= count:
        return items[place - 1]
    if place is not None and -count <= place <= -1:
        return items[place]
    run.place = position
    run.warn("bad-index", index=str(index))
    return None


@compiles(In)
def contained(compiler: Compiler, node: In) -> Code:
    """`value in tests`."""
    value = compiler.compile(node.value)
    tests = compiler.inside({QUESTION}, node.tests)

    def run_it(scope: Any, run: Run) -> Any:
        return tests(({QUESTION: value(scope, run)}, scope), run)

    return run_it


@compiles(Tests)
def all_tests(compiler: Compiler, node: Tests) -> Code:
    """Whether `?` of the scope passes any test; `not` turns the answer round."""
    tests = tuple(compiler.compile(t) for t in node.tests)
    negated = node.negated

    def run_it(scope: Any, run: Run) -> Any:
        result: bool | None = not tests
        for test in tests:
            found = test(scope, run)
            if found is True:
                result = True
                break
            if found is None:
                result = None
        return result if result is None or not negated else not result

    return run_it


def asks(node: Node) -> bool:
    """Whether a test is a condition on `?` itself."""
    pending = [node]
    while pending:
        found = pending.pop()
        if isinstance(found, Name) and found.name == QUESTION:
            return True
        pending.extend(c for c in children(found) if not isinstance(c, Tests))
    return False


@compiles(Test)
def one_test(compiler: Compiler, node: Test) -> Code:
    """A comparison with `?`, a condition on `?`, or a value, list or range to find `?` in."""
    operand, sign, position = compiler.compile(node.operand), node.operator, node.position
    value = compiler.compile(Name(position=position, name=QUESTION))
    if sign is not None:

        def compare(scope: Any, run: Run) -> Any:
            one, other = value(scope, run), operand(scope, run)
            run.place = position
            return holds(sign, one, other, run)

        return compare
    if asks(node.operand):

        def condition(scope: Any, run: Run) -> Any:
            found = operand(scope, run)
            run.place = position
            return found if isinstance(found, bool) else matches_test(value(scope, run), found, run)

        return condition

    def match(scope: Any, run: Run) -> Any:
        one, other = value(scope, run), operand(scope, run)
        run.place = position
        return matches_test(one, other, run)

    return match
