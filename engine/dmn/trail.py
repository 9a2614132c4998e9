"""The explanation of one evaluation, growing along with it, as plain data that a journal can keep."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.feel import text_of

if TYPE_CHECKING:
    from engine.feel.budget import Run as FeelRun

Trace = dict[str, Any]

#: Parts one explanation may have: a knowledge model called in a long loop is not told call by call.
MAX_PARTS = 500


class Trail:
    """The tree of explanations of one run and of all runs that work for it."""

    __slots__ = ("_left", "feel", "node", "root")

    def __init__(self, feel: FeelRun) -> None:
        self.feel = feel
        self.root: Trace = {"required": []}
        #: The part that is being evaluated now.
        self.node = self.root
        self._left = MAX_PARTS

    def open(self, element: str, name: str, inputs: dict[str, Any] | None = None) -> Trace:
        """Begin a part below the current one and make it current; return the one to go back to with `close`."""
        parent = self.node
        self.node = {
            "decision": element,
            "name": name,
            "inputs": self.named(inputs or {}),
            "rules": [],
            "value": None,
            "required": [],
        }
        if self._left > 0:
            parent["required"].append(self.node)
        else:
            parent["omitted"] = parent.get("omitted", 0) + 1
        self._left -= 1
        return parent

    def close(self, parent: Trace, value: Any) -> Trace:
        """End the current part with its value and go back; return the part."""
        part = self.node
        part["value"] = self.plain(value)
        self.node = parent
        return part

    def named(self, values: dict[str, Any]) -> list[Trace]:
        """Return values by name as an explanation lists them."""
        return [{"name": name, "value": self.plain(value)} for name, value in values.items()]

    def plain(self, value: Any) -> Any:
        """Return a value as plain data: numbers, texts, booleans and dates as they are, other kinds as FEEL's text."""
        match value:
            case None | bool() | str() | Decimal() | date():
                return value
            case list():
                return [self.plain(item) for item in value]
            case dict():
                return {name: self.plain(item) for name, item in value.items()}
        return text_of(value, self.feel)
