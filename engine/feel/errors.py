"""What can go wrong in FEEL: one base, a stable code, the place in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.feel.messages import english

if TYPE_CHECKING:
    from types import TracebackType


class FeelError(Exception):
    """A FEEL text could not be read or evaluated; `code` is stable, `values` fill the sentence."""

    def __init__(self, code: str, position: int | None = None, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.position = position
        self.values: dict[str, Any] = values

    def __str__(self) -> str:
        return english(self.code, self.values, self.position)


class FeelSyntaxError(FeelError):
    """The text is not FEEL: `position` is the offset of the first wrong character, `expected` what fits there."""

    def __init__(self, code: str, position: int, expected: str = "", **values: Any) -> None:
        super().__init__(code, position, expected=expected, **values)
        self.expected = expected


class FeelLimitError(FeelError):
    """An evaluation or a text went beyond its budget (steps, items, characters, depth, time)."""


class hosted:  # noqa: N801 - reads as a word: `with hosted("law", position):`
    """Around a call into the host: whatever it raises leaves as a FeelError.

    The host's own `code` and `values` are kept when it has them, so that "no calendar for 2027" stays that.
    """

    def __init__(self, name: str, position: int | None, **values: Any) -> None:
        self.name = name
        self.position = position
        self.values = values

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, cls: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception) or isinstance(error, FeelError):
            return
        code = getattr(error, "code", None)
        values = {**self.values, **(getattr(error, "values", None) or {})}
        if isinstance(code, str):
            raise FeelError(code, self.position, **values) from error
        reason = f"{type(error).__name__}: {error}"[:200]
        values.update(name=self.name, reason=reason)
        raise FeelError("host-function-failed", self.position, **values) from error
