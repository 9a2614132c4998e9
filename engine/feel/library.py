"""How built-in functions are declared: a name, a signature in words, and the Python that does it.

A signature reads `from: string, [flags]: string?`: square brackets may be left out, `?` may be null, and
`items...: any` takes any number of values or one list of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.feel.compile import BUILTINS
from engine.feel.far import FarDate, FarDateTime
from engine.feel.values import FeelFunction, Range, YearsMonths, kind

if TYPE_CHECKING:
    from engine.feel.budget import Run

Body = Callable[..., Any]


def _is_date(value: Any) -> bool:
    return isinstance(value, date | FarDate) and not isinstance(value, datetime)


_CHECKS: Final[dict[str, Callable[[Any], bool]]] = {
    "any": lambda v: v is not None,
    "number": lambda v: isinstance(v, Decimal),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "date": _is_date,
    "moment": lambda v: isinstance(v, datetime | FarDateTime),
    "day or moment": lambda v: isinstance(v, date | FarDate | FarDateTime),
    "time": lambda v: isinstance(v, time),
    "span": lambda v: isinstance(v, timedelta),
    "duration": lambda v: isinstance(v, timedelta | YearsMonths),
    "list": lambda v: isinstance(v, list),
    "context": lambda v: isinstance(v, dict),
    "range": lambda v: isinstance(v, Range),
    "function": lambda v: isinstance(v, FeelFunction),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a built-in function."""

    name: str
    type: str
    optional: bool
    nullable: bool
    check: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a built-in function; `many` takes all arguments as one list."""

    parameters: tuple[Parameter, ...]
    required: int
    many: bool
    body: Body

    def fit(self, arguments: list[Any]) -> list[Any] | None:
        """The arguments as the body wants them, or None when they do not fit."""
        parameters = self.parameters
        count = len(arguments)
        if self.many:
            fixed = len(parameters) - 1
            if count <= fixed or (count == 1 and arguments[0] is None):
                return None
            arguments = [*arguments[:fixed], arguments[fixed:]]
            count = fixed
        elif count < self.required or count > len(parameters):
            return None
        for index in range(count):
            value, parameter = arguments[index], parameters[index]
            if parameter.check(value):
                continue
            if value is None:
                if parameter.nullable:
                    continue
                return None
            if isinstance(value, list) and len(value) == 1 and parameter.check(value[0]):
                arguments[index] = value[0]
            elif parameter.type == "list":
                arguments[index] = [value]
            else:
                return None
        return arguments


def _parameters(signature: str) -> tuple[Parameter, ...]:
    found: list[Parameter] = []
    for part in filter(None, (p.strip() for p in signature.split(","))):
        name, _, type_ = (x.strip() for x in part.partition(":"))
        found.append(
            Parameter(
                name.strip("[].").strip(),
                type_.rstrip("?"),
                name.startswith("["),
                type_.endswith("?"),
                _CHECKS[type_.rstrip("?")],
            )
        )
    return tuple(found)


_OVERLOADS: Final[dict[str, list[Overload]]] = {}


def builtin(name: str, *signatures: str) -> Callable[[Body], Body]:
    """Declare a built-in function; further declarations of a name add ways to call it. The body gets the run first."""

    def enter(body: Body) -> Body:
        ways = _OVERLOADS.setdefault(name, [])
        for signature in signatures:
            parameters = _parameters(signature)
            required = sum(not p.optional for p in parameters)
            ways.append(Overload(parameters, required, "..." in signature, body))
        BUILTINS[name] = _function(name, tuple(ways))
        return body

    return enter


def _function(name: str, ways: tuple[Overload, ...]) -> FeelFunction:
    def apply(run: Run, arguments: list[Any]) -> Any:
        for way in ways:
            fitted = way.fit(arguments)
            if fitted is not None:
                try:
                    return way.body(run, *fitted)
                except (ArithmeticError, ValueError) as error:
                    return _refused(name, error, run)
        run.warn("wrong-arguments", name=name, types=", ".join(kind(a) for a in arguments))
        return None

    def apply_named(run: Run, arguments: dict[str, Any]) -> Any:
        for way in ways:
            if way.many and len(way.parameters) == 1:
                continue
            ordered = _ordered(way, arguments)
            fitted = None if ordered is None else way.fit(ordered)
            if fitted is not None:
                try:
                    return way.body(run, *fitted)
                except (ArithmeticError, ValueError) as error:
                    return _refused(name, error, run)
        run.warn(
            "wrong-arguments", name=name, types=", ".join(f"{k}: {kind(v)}" for k, v in arguments.items())
        )
        return None

    return FeelFunction(name, tuple(p.name for p in ways[0].parameters), apply, apply_named)


def _ordered(way: Overload, arguments: dict[str, Any]) -> list[Any] | None:
    names = [p.name for p in way.parameters]
    if any(name not in names for name in arguments):
        return None
    if any(not p.optional and p.name not in arguments for p in way.parameters):
        return None
    last = max((names.index(name) for name in arguments), default=-1)
    given = [arguments.get(name) for name in names[: last + 1]]
    for name, parameter in zip(names[: last + 1], way.parameters, strict=False):
        if name not in arguments and not parameter.nullable:
            return None
    return given


def _refused(name: str, error: Exception, run: Run) -> None:
    """A value that a function does not accept gives null and says so."""
    run.warn("invalid-argument", name=name, reason=str(error)[:100])


def signatures(name: str) -> tuple[str, ...]:
    """How a built-in function is called, one text per way; `[name]` may be left out, `name...` stands for any number."""
    return tuple(_signature(way) for way in _OVERLOADS.get(name, ()))


def _signature(way: Overload) -> str:
    last = len(way.parameters) - 1
    parts = (
        f"[{one.name}]" if one.optional else f"{one.name}..." if way.many and place == last else one.name
        for place, one in enumerate(way.parameters)
    )
    return f"({', '.join(parts)})"
