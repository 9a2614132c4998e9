"""Variables as a mapping that unpacks a value when it is first asked for, and packs again only what was set since.

A command touches few of a case's variables; the rest travels from store to store as the bytes it came in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Raw

from engine.core.packing import pack, unpack


class Bag(Mapping[str, Any]):
    """Names and values; equal to any mapping with the same. Never changed in place by those who are given one."""

    __slots__ = ("_packed", "_values")

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self._values: dict[str, Any] = dict(values or {})
        #: Every name in order; its bytes, or None where the value has been set since.
        self._packed: dict[str, Raw | None] = dict.fromkeys(self._values)

    @classmethod
    def of(cls, packed: dict[str, Raw]) -> Bag:
        """The bag whose `packed` this is."""
        bag = cls()
        bag._packed.update(packed)
        return bag

    def but(self, values: Mapping[str, Any]) -> Bag:
        """Another bag with these values set."""
        bag = Bag()
        bag._packed = {**self._packed, **dict.fromkeys(values)}
        bag._values = {**self._values, **values}
        return bag

    def packed(self) -> dict[str, Raw]:
        """All values as bytes."""
        return {
            name: Raw(pack(self._values[name])) if raw is None else raw for name, raw in self._packed.items()
        }

    def __getitem__(self, name: str) -> Any:
        values = self._values
        if name in values:
            return values[name]
        raw = self._packed[name]
        assert raw is not None
        value = values[name] = unpack(raw)
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._packed

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def __repr__(self) -> str:
        return f"Bag({dict(self)!r})"


def packed(values: Mapping[str, Any]) -> dict[str, Raw]:
    """The values of any mapping as bytes by name."""
    return (
        values.packed()
        if isinstance(values, Bag)
        else {name: Raw(pack(each)) for name, each in values.items()}
    )
