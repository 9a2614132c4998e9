"""YAML changed as text: the fewest lines that make a file mean something else; comments and all that is not meant stay.

PyYAML reads values and where they stand, but cannot write a file back as it was. So nothing is written back: each
difference between what the file says and what it is to say becomes an edit of the text at that place, and the result is
read again and held against what was wanted.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import yaml

from engine.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: A value this short stays on the line of its key.
_LINE: Final = 100
#: Start, end, and what comes in between instead.
Edit = tuple[int, int, str]


class TextKnotted(EngineError):
    """The file is written in a way (anchors, mixed styles) in which this change cannot be made without changing more."""

    code = "text-knotted"


class _Dumper(yaml.SafeDumper):
    """Dates and moments stay text without quotes, decimals stay as they are written."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the same value twice is written twice
        return True


_Dumper.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}
_Dumper.add_representer(
    Decimal,
    lambda dumper, value: dumper.represent_scalar(
        "tag:yaml.org,2002:float" if "." in format(value, "f") else "tag:yaml.org,2002:int",
        format(value, "f"),
    ),
)


def amended(text: str, wanted: Any, read: Callable[[str], Any]) -> str:
    """The text so changed that `read` gives `wanted`; TextKnotted if that cannot be done at the places that differ."""
    root = yaml.compose(text, yaml.CSafeLoader)
    if root is None:
        return "\n".join(_block(wanted, 0)) + "\n"
    edits = sorted(_Differ(text).edits(root, read(text), wanted), reverse=True)
    changed = text
    for start, end, new in edits:
        changed = changed[:start] + new + changed[end:]
    try:
        same = alike(read(changed), wanted)
    except yaml.YAMLError:
        same = False
    if not same:
        raise TextKnotted
    return changed


def alike(one: Any, other: Any) -> bool:
    """Whether two plain values mean the same; true is not 1, numbers are compared exactly."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


class _Differ:
    """Compares what a text says with what it is to say; positions are characters of the text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def edits(self, node: Any, old: Any, new: Any, key: Any = None) -> Iterator[Edit]:
        """The edits that make `node` (the value of `key`, or an item) say `new`."""
        if alike(old, new):
            return
        if isinstance(node, yaml.MappingNode) and isinstance(old, dict) and isinstance(new, dict):
            yield from self._mapping(node, old, new, key)
        elif isinstance(node, yaml.SequenceNode) and isinstance(old, list) and isinstance(new, list):
            yield from self._sequence(node, old, new, key)
        else:
            yield self._replaced(node, new, key)

    def _replaced(self, node: Any, new: Any, key: Any) -> Edit:
        start, end = node.start_mark.index, self._end(node)
        block = isinstance(node, yaml.CollectionNode) and not node.flow_style
        if key is not None and (block or _tall(new)):
            behind = self._text.index(":", key.end_mark.index) + 1
            return behind, end, _after_key(new, key.start_mark.column)
        if block:
            return start, end, _item(new, node.start_mark.column - 2).lstrip()[2:]
        return start, end, _flow(new)

    def _mapping(self, node: Any, old: dict[str, Any], new: dict[str, Any], parent: Any) -> Iterator[Edit]:
        entries = {key.value: (key, value) for key, value in node.value}
        if node.flow_style and (old.keys() != new.keys()):
            yield self._replaced(node, new, parent)
            return
        if not new or len(entries) != len(old):
            yield self._replaced(node, new, parent)
            return
        for name, (key, value) in entries.items():
            if name in new:
                inner = None if node.flow_style else key
                yield from self.edits(value, old[name], new[name], inner)
            else:
                yield self._line(key.start_mark.index, self._end(value))
        added = [name for name in new if name not in old]
        if added:
            column, end = node.start_mark.column, self._line_end(self._end(node))
            lines = "".join(f"\n{' ' * column}{_key(name)}:{_after_key(new[name], column)}" for name in added)
            yield end, end, lines

    def _sequence(self, node: Any, old: list[Any], new: list[Any], parent: Any) -> Iterator[Edit]:
        if node.flow_style and len(old) != len(new):
            yield self._replaced(node, new, parent)
            return
        if not new or not old:
            yield self._replaced(node, new, parent)
            return
        first = next(
            (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if not alike(a, b)),
            min(len(old), len(new)),
        )
        last = 0
        while last < min(len(old), len(new)) - first and alike(old[-1 - last], new[-1 - last]):
            last += 1
        gone, come = len(old) - first - last, len(new) - first - last
        for place in range(first, first + min(gone, come)):
            yield from self.edits(node.value[place], old[place], new[place])
        for place in range(first + min(gone, come), first + gone):
            item = node.value[place]
            yield self._line(self._dash(item), self._end(item))
        if come > gone:
            place = first + gone  # the new items stand behind this one
            end = self._line_end(self._end(node.value[place - 1])) if place else self._before(node)
            column = node.start_mark.column
            items = new[first + gone : first + come]
            yield end, end, "".join(f"\n{_item(one, column)}" for one in items)

    def _dash(self, item: Any) -> int:
        return self._text.rindex("-", 0, item.start_mark.index)

    def _before(self, node: Any) -> int:
        """The end of the line before a block's first item."""
        return self._text.rfind("\n", 0, self._dash(node.value[0]))

    def _line(self, start: int, end: int) -> Edit:
        """Everything on the lines from start to end, with the comment behind it."""
        return self._text.rfind("\n", 0, start) + 1, min(self._line_end(end) + 1, len(self._text)), ""

    def _line_end(self, place: int) -> int:
        found = self._text.find("\n", place)
        return found if found >= 0 else len(self._text)

    def _end(self, node: Any) -> int:
        """Where a node really ends: a block's own mark lies behind the empty lines and comments that follow it."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end(last[1] if isinstance(last, tuple) else last)
        start: int = node.start_mark.index
        end: int = node.end_mark.index
        return start + len(self._text[start:end].rstrip())


def _flow(value: Any) -> str:
    text: str = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=True, width=math.inf, allow_unicode=True, sort_keys=False
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _key(name: str) -> str:
    return _flow(name)


def _after_key(value: Any, column: int) -> str:
    """What stands behind `key:`: a short value on its line, else a block below, set in from `column`."""
    if not _tall(value):
        return f" {_flow(value)}"
    if isinstance(value, list):
        return "\n" + "\n".join(_item(one, column) for one in value)
    return "\n" + "\n".join(_block(value, column + 2))


def _tall(value: Any) -> bool:
    """Whether a value takes several lines: a list of things, or many entries."""
    if isinstance(value, list):
        return any(isinstance(one, dict) for one in value)
    return isinstance(value, dict) and len(_flow(value)) > _LINE


def _block(value: dict[str, Any], column: int) -> list[str]:
    return [f"{' ' * column}{_key(name)}:{_after_key(one, column)}" for name, one in value.items()]


def _item(value: Any, column: int) -> str:
    """An item of a list: a small one on one line, a large one (a case) key by key."""
    if (
        isinstance(value, dict)
        and any(isinstance(one, dict | list) for one in value.values())
        and len(_flow(value)) > 3 * _LINE
    ):
        lines = _block(value, column + 2)
        return f"{' ' * column}- {lines[0].lstrip()}" + "".join(f"\n{line}" for line in lines[1:])
    return f"{' ' * column}- {_flow(value)}"
