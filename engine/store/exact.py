"""JSON text for values: `pack` keeps every FEEL value exactly, `plain` writes what people and other systems read."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from engine.feel import YearsMonths
from engine.feel.temporal import months_text, span_text

# Durations are dataclasses; orjson would write their fields by itself.
_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS
_TAGGED = _SORTED | orjson.OPT_PASSTHROUGH_DATETIME


def plain(value: Any) -> str:
    """Canonical JSON with keys sorted: decimals and durations as text, moments in ISO 8601."""
    return orjson.dumps(value, _readable, _SORTED).decode()


def pack(value: Any) -> str:
    """JSON that `unpack` turns back into equal values of the same types."""
    return orjson.dumps(value, _tag, _TAGGED).decode()


def unpack(text: str) -> Any:
    """The value that `pack` was given."""
    return _untag(orjson.loads(text))


def exactly(value: Any) -> dict[str, str]:
    """An entry `exact` beside a value that is kept as readable text, if reading the text back would lose its types."""
    packed = pack(value)
    return {"exact": packed} if packed != plain(value) else {}


def _readable(value: Any) -> Any:
    match value:
        case Decimal():
            return format(value, "f")
        case timedelta():
            return span_text(value)
        case YearsMonths():
            return months_text(value)
        case _ if is_dataclass(value):
            return {field.name: getattr(value, field.name) for field in fields(value)}
        case _:
            return list(value) if isinstance(value, set | frozenset) else dict(value)


def _tag(value: Any) -> dict[str, Any]:
    match value:
        case Decimal():
            return {"$decimal": str(value)}
        case datetime():
            zone = getattr(value.tzinfo, "key", None)
            return (
                {"$datetime": value.isoformat(), "$zone": zone} if zone else {"$datetime": value.isoformat()}
            )
        case date():
            return {"$date": value.isoformat()}
        case time():
            return {"$time": value.isoformat()}
        case timedelta():
            return {"$duration": [value.days, value.seconds, value.microseconds]}
        case YearsMonths():
            return {"$months": value.months}
        case _:
            return dict(value)


def _untag(value: Any) -> Any:
    if isinstance(value, list):
        return [_untag(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"$decimal": text, **rest} if not rest:
            return Decimal(text)
        case {"$datetime": text, "$zone": zone}:
            return datetime.fromisoformat(text).astimezone(ZoneInfo(zone))
        case {"$datetime": text, **rest} if not rest:
            return datetime.fromisoformat(text)
        case {"$date": text, **rest} if not rest:
            return date.fromisoformat(text)
        case {"$time": text, **rest} if not rest:
            return time.fromisoformat(text)
        case {"$duration": [days, seconds, micros], **rest} if not rest:
            return timedelta(days, seconds, micros)
        case {"$months": months, **rest} if not rest:
            return YearsMonths(months)
        case _:
            return {key: _untag(item) for key, item in value.items()}
