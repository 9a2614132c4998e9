"""Closures for `for`, `some` and `every`."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.feel.compile import Code, Compiler, compiles
from engine.feel.far import FarDate, from_ordinal, ordinal
from engine.feel.numbers import whole
from engine.feel.syntax import For, Iterator_, Quantified
from engine.feel.values import Range, kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.feel.budget import Run

Turn = tuple[str, Code, Code | None]


def _prepare(compiler: Compiler, iterators: tuple[Iterator_, ...], extra: set[str]) -> tuple[Turn, ...]:
    """Codes of the sources; each later one sees the earlier variables. Leaves its scopes for the body."""
    turns: list[Turn] = []
    for iterator in iterators:
        source = compiler.compile(iterator.source)
        end = None if iterator.end is None else compiler.compile(iterator.end)
        turns.append((iterator.name, source, end))
        compiler.scopes.append({iterator.name} | extra)
    return tuple(turns)


def _walk(turns: tuple[Turn, ...], scope: Any, fixed: dict[str, Any], run: Run) -> Iterator[Any]:
    """Every scope of the body; one of None means that a source was null."""
    (name, source, end), rest = turns[0], turns[1:]
    items = _items(source(scope, run), None if end is None else end(scope, run), end is not None, run)
    if items is None:
        yield None
        return
    for item in items:
        run.tick()
        inner = ({**fixed, name: item}, scope)
        if rest:
            yield from _walk(rest, inner, fixed, run)
        else:
            yield inner


def _items(first: Any, last: Any, spans: bool, run: Run) -> Iterable[Any] | None:
    if spans:
        return _span(first, last, run)
    if isinstance(first, Range):
        if first.operator is not None:
            run.warn("wrong-type", operation="for", types="range")
            return None
        items = _span(first.start, first.end, run)
        if items is None:
            return None
        return _trimmed(items, first)
    if first is None:
        run.warn("null-operand", operation="for")
        return None
    return first if isinstance(first, list) else [first]


def _trimmed(items: Iterable[Any], bounds: Range) -> Iterator[Any]:
    for item in items:
        if (item == bounds.start and not bounds.start_included) or (
            item == bounds.end and not bounds.end_included
        ):
            continue
        yield item


def _span(first: Any, last: Any, run: Run) -> Iterable[Any] | None:
    """The whole numbers or the days from `first` to `last`, upwards or downwards, made one by one."""
    if type(first) is Decimal and type(last) is Decimal:
        low, high = whole(first), whole(last)
        if low is not None and high is not None:
            step = 1 if low <= high else -1
            return (Decimal(n) for n in range(low, high + step, step))
    if _is_day(first) and _is_day(last):
        begin, end = ordinal(first), ordinal(last)
        step = 1 if begin <= end else -1
        return (from_ordinal(n) for n in range(begin, end + step, step))
    run.warn("wrong-type", operation="..", types=f"{kind(first)}, {kind(last)}")
    return None


def _is_day(value: Any) -> bool:
    return isinstance(value, date | FarDate) and not isinstance(value, datetime)


@compiles(For)
def loop(compiler: Compiler, node: For) -> Code:
    """`for ... return body`; `partial` is the list of results so far."""
    turns = _prepare(compiler, node.iterators, {"partial"})
    body = compiler.compile(node.body)
    del compiler.scopes[-len(turns) :]
    position = node.position

    def run_it(scope: Any, run: Run) -> Any:
        results: list[Any] = []
        most = run.world.limits.items
        run.place = position
        for inner in _walk(turns, scope, {"partial": results}, run):
            if inner is None:
                return None
            results.append(body(inner, run))
            if len(results) > most:
                break
        run.grow(len(results))
        return results

    return run_it


@compiles(Quantified)
def quantified(compiler: Compiler, node: Quantified) -> Code:
    """`some` and `every`, three-valued: an unsure turn makes the whole unsure unless another one decides."""
    turns = _prepare(compiler, node.iterators, set())
    body = compiler.compile(node.body)
    del compiler.scopes[-len(turns) :]
    decisive = node.quantifier == "some"
    position = node.position

    def run_it(scope: Any, run: Run) -> Any:
        result: bool | None = not decisive
        run.place = position
        for inner in _walk(turns, scope, {}, run):
            if inner is None:
                return None
            found = body(inner, run)
            if found is decisive:
                return decisive
            if found is not (not decisive):
                result = None
        return result

    return run_it
