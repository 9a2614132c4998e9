"""Types: does a value conform, and the conversions the standard allows when it does not."""

from __future__ import annotations

from datetime import UTC, time
from typing import TYPE_CHECKING, Any, Final

from engine.feel.far import join
from engine.feel.values import FeelFunction, Range, kind

if TYPE_CHECKING:
    from engine.feel.budget import Run
    from engine.feel.syntax import TypeName

_ALIASES: Final = {
    "date time": "date and time",
    "dateTime": "date and time",
    "day time duration": "days and time duration",
    "dayTimeDuration": "days and time duration",
    "year month duration": "years and months duration",
    "yearMonthDuration": "years and months duration",
}
_PLAIN: Final = frozenset(
    [
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
        "list",
        "context",
        "function",
        "range",
    ]
)


def conforms(value: Any, wanted: TypeName, run: Run) -> bool | None:
    """Whether a value is of a type; null conforms to every type inside another; null for an unknown type."""
    name = _ALIASES.get(wanted.name, wanted.name)
    if name in ("Any", "any"):
        return True
    if value is None:
        return True
    run.tick()
    if name not in _PLAIN:
        return _named(value, name, run)
    if kind(value) != name:
        return False
    match value:
        case list() if wanted.arguments:
            return all(conforms(item, wanted.arguments[0], run) for item in value)
        case dict() if wanted.arguments:
            return all(
                key in value and conforms(value[key], entry, run)
                for key, entry in zip(wanted.entries, wanted.arguments, strict=True)
            )
        case Range() if wanted.arguments:
            bounds = [b for b in (value.start, value.end) if b is not None]
            return all(conforms(b, wanted.arguments[0], run) for b in bounds)
        case FeelFunction() if wanted.result is not None:
            return len(value.parameters) == len(wanted.arguments)
        case _:
            return True


def _named(value: Any, name: str, run: Run) -> bool | None:
    known = run.world.types
    check = known.get(name) if known else None
    if check is None:
        run.warn("unknown-type", name=name)
        return None
    return bool(check(value))


def coerced(value: Any, wanted: TypeName, run: Run) -> Any:
    """`value` for a parameter of that type: a list of one unwrapped or made where that helps, else null."""
    if value is None or conforms(value, wanted, run) is not False:
        return value
    if isinstance(value, list) and len(value) == 1 and conforms(value[0], wanted, run):
        return value[0]
    if wanted.name == "list" and conforms([value], wanted, run):
        return [value]
    if kind(value) == "date" and wanted.name in ("date and time", "dateTime"):
        return join(value, time(0, tzinfo=UTC))
    run.warn("wrong-type", operation="parameter", types=f"{kind(value)}, {wanted.name}")
    return None
