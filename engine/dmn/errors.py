"""What can go wrong with a decision model: one exception, codes and values instead of sentences (`messages` has those)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class DmnError(Exception):
    """A model that cannot be read, or a decision that its own rules forbid.

    `code` is stable and in kebab case, `element` is the id (or name) of the DMN element, `values` fills the sentence.
    """

    def __init__(self, code: str, element: str | None = None, **values: Any) -> None:
        self.code = code
        self.element = element
        self.values: dict[str, Any] = values
        super().__init__(code, element, values)

    def __str__(self) -> str:
        """Return a plain English line; screens take their sentences from `messages`."""
        facts = ", ".join(f"{key}={value!r}" for key, value in self.values.items())
        where = f" at {self.element}" if self.element else ""
        return f"{self.code}{where}" + (f" ({facts})" if facts else "")


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning of one evaluation: the standard answers null where this says why.

    `element` is the id of the DMN element, None inside plain FEEL; `position` counts characters in the FEEL text.
    """

    code: str
    element: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    position: int | None = None
