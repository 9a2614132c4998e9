"""Built-in functions on lists and booleans."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from engine.feel.equality import identical, order_key, same
from engine.feel.library import builtin

if TYPE_CHECKING:
    from engine.feel.budget import Run
    from engine.feel.values import FeelFunction


def _decided(items: list[Any], decisive: bool, name: str, run: Run) -> bool | None:
    result: bool | None = not decisive
    run.tick(1 + (len(items) >> 2))
    for item in items:
        if item is decisive:
            return bool(item)
        if item is not (not decisive):
            result = None
            if item is not None:
                run.warn("wrong-type", operation=name, types="list")
    return result


@builtin("all", "list: list", "items...: any")
def all_(run: Run, items: list[Any]) -> bool | None:
    """Whether every item is true, three-valued."""
    return _decided(items, False, "all", run)


@builtin("any", "list: list", "items...: any")
def any_(run: Run, items: list[Any]) -> bool | None:
    """Whether some item is true, three-valued."""
    return _decided(items, True, "any", run)


@builtin("not", "negand: any")
def not_(run: Run, value: Any) -> bool | None:
    """The opposite of a boolean; null for anything else."""
    if isinstance(value, bool):
        return not value
    run.warn("wrong-arguments", name="not", types="")
    return None


@builtin("is", "[value1]: any?, [value2]: any?")
def is_(run: Run, one: Any = None, other: Any = None) -> bool:
    """Whether two values are the very same: type, value and time zone."""
    return identical(one, other, run)


@builtin("list contains", "list: list, element: any?")
def list_contains(run: Run, items: list[Any], element: Any) -> bool:
    """Whether a list has an equal item."""
    return any(same(item, element, run) for item in items)


@builtin("sublist", "list: list, start position: number, [length]: number?")
def sublist(run: Run, items: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any] | None:
    """A part from a position counted from 1, or from the end with a negative one; empty beyond the list."""
    begin = len(items) if start > len(items) else _position(items, start, "sublist", run)
    if begin is None:
        return None
    if length is None:
        found = items[begin:]
    elif length < 1 or begin + int(length) > len(items):
        run.warn("invalid-argument", name="sublist", reason="length")
        return None
    else:
        found = items[begin : begin + int(length)]
    run.grow(len(found))
    return found


def _position(items: list[Any], position: Decimal, name: str, run: Run) -> int | None:
    """The Python index of a position from 1 or from the end, else null with a warning."""
    place = int(position) if position.adjusted() < 10 else 0
    if place == 0 or abs(place) > len(items):
        run.warn("invalid-argument", name=name, reason="position")
        return None
    return place - 1 if place > 0 else len(items) + place


@builtin("append", "list: list, item...: any?")
def append(run: Run, items: list[Any], more: list[Any]) -> list[Any]:
    """A list with further items at its end."""
    run.grow(len(items) + len(more))
    return items + more


@builtin("concatenate", "list: list", "lists...: list")
def concatenate(run: Run, *given: list[Any]) -> list[Any] | None:
    """Lists joined to one."""
    lists = given[0]
    if any(item is None for item in lists):
        run.warn("null-operand", operation="concatenate")
        return None
    parts = [item if isinstance(item, list) else [item] for item in lists]
    run.grow(sum(map(len, parts)))
    return [item for part in parts for item in part]


@builtin("insert before", "list: list, position: number, newItem: any?")
def insert_before(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any] | None:
    """A list with an item put in before a position; one beyond the last appends."""
    beyond = position == len(items) + 1
    place = len(items) if beyond else _position(items, position, "insert before", run)
    if place is None:
        return None
    run.grow(len(items) + 1)
    return [*items[:place], item, *items[place:]]


@builtin("remove", "list: list, position: number")
def remove(run: Run, items: list[Any], position: Decimal) -> list[Any] | None:
    """A list without the item at a position."""
    place = _position(items, position, "remove", run)
    if place is None:
        return None
    run.grow(len(items))
    return items[:place] + items[place + 1 :]


@builtin("list replace", "list: list, position: number, newItem: any?")
def list_replace(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any] | None:
    """A list with another item at a position."""
    place = _position(items, position, "list replace", run)
    if place is None:
        return None
    run.grow(len(items))
    return [*items[:place], item, *items[place + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any?")
def list_replace_matching(run: Run, items: list[Any], match: FeelFunction, item: Any) -> list[Any] | None:
    """A list with another item wherever `match(old, new)` is true."""
    run.grow(len(items))
    result = []
    for old in items:
        found = match.call(run, [old, item])
        if not isinstance(found, bool):
            run.warn("invalid-argument", name="list replace", reason="match")
            return None
        result.append(item if found else old)
    return result


@builtin("reverse", "list: list")
def reverse(run: Run, items: list[Any]) -> list[Any]:
    """A list from its end."""
    run.grow(len(items))
    return items[::-1]


@builtin("index of", "list: list, match: any?")
def index_of(run: Run, items: list[Any], match: Any) -> list[Decimal]:
    """The positions of equal items."""
    found = [Decimal(place) for place, item in enumerate(items, 1) if same(item, match, run)]
    run.grow(len(found))
    return found


@builtin("union", "list: list", "lists...: list")
def union(run: Run, *given: list[Any]) -> list[Any] | None:
    """Lists joined to one, each value once."""
    joined = concatenate(run, *given)
    return None if joined is None else distinct(run, joined)


@builtin("distinct values", "list: list")
def distinct(run: Run, items: list[Any]) -> list[Any]:
    """Each value once, at its first place."""
    seen: set[Any] = set()
    others: list[Any] = []
    result: list[Any] = []
    for item in items:
        run.tick()
        if item is None or isinstance(item, bool | str | Decimal):
            key = (type(item), item)
            if key in seen:
                continue
            seen.add(key)
        elif any(same(item, other, run) for other in others):
            continue
        else:
            others.append(item)
        result.append(item)
    run.grow(len(result))
    return result


@builtin("flatten", "list: list")
def flatten(run: Run, items: list[Any]) -> list[Any]:
    """Lists inside lists opened out."""
    result: list[Any] = []
    pending = [iter(items)]
    while pending:
        for item in pending[-1]:
            run.tick()
            if isinstance(item, list):
                pending.append(iter(item))
                break
            result.append(item)
        else:
            pending.pop()
    run.grow(len(result))
    return result


@builtin("sort", "list: list, precedes: function")
def sort(run: Run, items: list[Any], precedes: FeelFunction) -> list[Any] | None:
    """A list in the order of `precedes(a, b)`; equal items keep their places."""
    run.grow(len(items))

    def order(one: Any, other: Any) -> int:
        before = precedes.call(run, [one, other])
        if not isinstance(before, bool):
            raise ValueError("precedes")  # noqa: TRY004 - becomes a warning, as every ValueError of a built-in
        if before:
            return -1
        return 1 if precedes.call(run, [other, one]) is True else 0

    return sorted(items, key=cmp_to_key(order))


@builtin("sort", "list: list")
def sort_plain(run: Run, items: list[Any]) -> list[Any] | None:
    """A list of numbers, texts, dates, times or durations in ascending order."""
    run.grow(len(items))
    run.tick(len(items))
    keys = [order_key(item) for item in items]
    kinds = {key[0] if key else None for key in keys}
    if len(kinds) > 1 or None in kinds:
        run.warn("wrong-type", operation="sort", types="list")
        return None
    places = sorted(range(len(items)), key=lambda place: keys[place])  # type: ignore[arg-type, return-value]
    return [items[place] for place in places]
