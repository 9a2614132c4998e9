"""The values of FEEL that Python lacks, and the names of all kinds of values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.feel.errors import hosted
from engine.feel.far import FarDate, FarDateTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.feel.budget import Run


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A duration of whole months (years and months duration); may be negative."""

    months: int

    @property
    def years_part(self) -> int:
        """Whole years, with the sign of the duration."""
        return (abs(self.months) // 12) * (-1 if self.months < 0 else 1)

    @property
    def months_part(self) -> int:
        """Months beyond the whole years, with the sign of the duration."""
        return (abs(self.months) % 12) * (-1 if self.months < 0 else 1)


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; `operator` is set for the one-sided forms `(< 10)`, `(>= 3)`, `(= 5)`, `(!= 5)`.

    A bound of None is open to that side.
    """

    start: Any
    end: Any
    start_included: bool = True
    end_included: bool = True
    operator: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FeelFunction:
    """A callable value: built in, written in FEEL, or given by the host.

    `apply` takes the running evaluation and the positional arguments; `apply_named` the named ones.
    """

    name: str
    parameters: tuple[str, ...]
    apply: Callable[[Run, list[Any]], Any]
    apply_named: Callable[[Run, dict[str, Any]], Any] | None = None
    parameter_types: tuple[Any, ...] = field(default=())

    @staticmethod
    def of(name: str, parameters: tuple[str, ...], body: Callable[..., Any]) -> FeelFunction:
        """A function of the host: `body` gets the arguments by position, absent ones as None."""

        def apply(run: Run, arguments: list[Any]) -> Any:
            if len(arguments) > len(parameters):
                run.warn("wrong-arguments", name=name, types=", ".join(kind(a) for a in arguments))
                return None
            run.enter()
            try:
                padded = arguments + [None] * (len(parameters) - len(arguments))
                with hosted(name, run.place):
                    value = body(*padded)
                return run.clean(value, name)
            finally:
                run.leave()

        return FeelFunction(name, parameters, apply)

    def call(self, run: Run, arguments: list[Any]) -> Any:
        """The result for positional arguments inside a running evaluation."""
        return self.apply(run, arguments)

    def call_named(self, run: Run, arguments: dict[str, Any]) -> Any:
        """The result for named arguments; names that the function lacks give null and a warning."""
        if self.apply_named is not None:
            return self.apply_named(run, arguments)
        if any(name not in self.parameters for name in arguments):
            run.warn("wrong-arguments", name=self.name, types=", ".join(arguments))
            return None
        return self.apply(run, [arguments.get(name) for name in self.parameters])


_KINDS: Final[dict[type, str]] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    datetime: "date and time",
    FarDateTime: "date and time",
    date: "date",
    FarDate: "date",
    time: "time",
    timedelta: "days and time duration",
    YearsMonths: "years and months duration",
    Range: "range",
    FeelFunction: "function",
}


def kind(value: Any) -> str:
    """The FEEL name of a value's type ("number", "date and time", ...); "?" when it is none of FEEL's."""
    found = _KINDS.get(type(value))
    if found is not None:
        return found
    return next((name for cls, name in _KINDS.items() if isinstance(value, cls)), _foreign(value))


def _foreign(value: Any) -> str:
    if isinstance(value, int):
        return "number"
    if isinstance(value, Mapping):
        return "context"
    return "list" if isinstance(value, tuple) else "?"


SIMPLE: Final = frozenset(_KINDS) - {list, dict}
