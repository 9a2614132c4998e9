"""Variables as a mapping that keeps the bytes of every value: packed when it is set, unpacked when it is first asked for.

A command touches few of a case's variables; the rest travels from store to store as the bytes it came in. What cannot be
stored is refused at the moment it is set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Raw

from engine.core.packing import pack, unpack


class Bag(Mapping[str, Any]):
    """Names and values; equal to any mapping with the same. Immutable. CoreError "not-a-value" for what is no FEEL value."""

    __slots__ = ("_packed", "_values")

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self._values: dict[str, Any] = dict(values or {})
        self._packed: dict[str, Raw] = {name: Raw(pack(value)) for name, value in self._values.items()}

    @classmethod
    def of(cls, packed: dict[str, Raw]) -> Bag:
        """The bag whose `packed` this is."""
        bag = cls()
        bag._packed = packed
        return bag

    def but(self, values: Mapping[str, Any]) -> Bag:
        """Another bag with these values set."""
        bag = Bag()
        bag._packed = {**self._packed, **{name: Raw(pack(value)) for name, value in values.items()}}
        bag._values = {**self._values, **values}
        return bag

    def packed(self) -> dict[str, Raw]:
        """All values as bytes."""
        return self._packed

    def __getitem__(self, name: str) -> Any:
        values = self._values
        if name in values:
            return values[name]
        value = values[name] = unpack(self._packed[name])
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._packed

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def __repr__(self) -> str:
        return f"Bag({dict(self)!r})"


def bag_of(values: Mapping[str, Any] | None) -> Bag:
    """The mapping as a bag."""
    return values if isinstance(values, Bag) else Bag(values)
