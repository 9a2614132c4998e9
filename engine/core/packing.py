"""Values of cases as bytes: every FEEL value survives exactly, in as few bytes as is cheap.

MessagePack carries text, booleans, null, integers, lists and contexts; what it lacks travels as an extension whose
body names no Python type, so that bytes from a store can never build anything but the values listed here.
"""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import zstandard
from msgspec import DecodeError, msgpack

from engine.core.faults import CoreError
from engine.feel.values import Range, YearsMonths

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMBER, _DATE, _TIME, _MOMENT, _SPAN, _MONTHS, _RANGE, _INTEGER = range(1, 9)
_PLAIN: Final = frozenset({str, bool, type(None)})
#: No case needs more; a damaged or forged store must not fill the memory.
_LARGEST: Final = 64 * 1024 * 1024
_RAW, _ZSTD = b"\x00", b"\x01"
_SMALLEST_WORTH: Final = 64

_encode = msgpack.Encoder().encode
_kit = threading.local()  # zstandard's objects belong to one thread


def pack(value: Any) -> bytes:
    """The value as MessagePack; refuses floats and whatever is no FEEL value (CoreError "not-a-value")."""
    return _encode(_plain(value))


def unpack(data: bytes | memoryview) -> Any:
    """The value that `pack` was given; CoreError "damaged-state" for anything else."""
    try:
        return _decode(data)
    except (DecodeError, ValueError, ArithmeticError, LookupError, TypeError) as error:
        raise CoreError("damaged-state") from error


def squeeze(data: bytes) -> bytes:
    """The bytes, compressed where that is shorter."""
    if len(data) >= _SMALLEST_WORTH:
        if (press := getattr(_kit, "press", None)) is None:
            press = _kit.press = zstandard.ZstdCompressor(level=1, write_checksum=False)
        small: bytes = press.compress(data)
        if len(small) < len(data):
            return _ZSTD + small
    return _RAW + data


def swell(data: bytes) -> bytes:
    """The bytes that `squeeze` was given."""
    if data[:1] == _RAW:
        return data[1:]
    if data[:1] != _ZSTD:
        raise CoreError("damaged-state")
    if (press := getattr(_kit, "swell", None)) is None:
        press = _kit.swell = zstandard.ZstdDecompressor()
    try:
        if zstandard.frame_content_size(data[1:]) > _LARGEST:
            raise CoreError("damaged-state")
        wide: bytes = press.decompress(data[1:], max_output_size=_LARGEST)
    except zstandard.ZstdError as error:
        raise CoreError("damaged-state") from error
    return wide


def _plain(value: Any) -> Any:
    """The value in MessagePack's own types; the loops are written out, since every command goes through here."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        entries = {}
        for key, item in value.items():
            inner = type(item)
            if inner in _PLAIN:
                entries[key] = item
            elif inner in _EXTEND:
                entries[key] = _EXTEND[inner](item)
            else:
                entries[key] = _plain(item)
        return entries
    if kind is list or kind is tuple:
        return [item if type(item) in _PLAIN else _plain(item) for item in value]
    if (extend := _EXTEND.get(kind)) is not None:
        return extend(value)
    return _unusual(value)


def _unusual(value: Any) -> Any:
    """Subclasses (a text enumeration, a frozen mapping, another tzinfo's moment) are taken as what they stand for."""
    if hasattr(value, "keys") and hasattr(value, "__getitem__"):
        return {key: _plain(value[key]) for key in value.keys()}  # noqa: SIM118 - a Mapping by its protocol
    for kind in (str, Decimal, datetime, date, time, timedelta):
        if isinstance(value, kind):
            return _plain(str.__str__(value)) if kind is str else _EXTEND[kind](value)
    raise CoreError("not-a-value", type=type(value).__name__)


def _integer(value: int) -> Any:
    return value if -(1 << 63) <= value < (1 << 63) else msgpack.Ext(_INTEGER, str(value).encode())


def _zone(moment: datetime | time) -> str | int | None:
    zone = moment.tzinfo
    if zone is None:
        return None
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone.key
    offset = moment.utcoffset()
    if offset is None:
        raise CoreError("not-a-value", type="time without a fixed offset")
    return offset // timedelta(microseconds=1)


def _clock(moment: datetime | time) -> bytes:
    bare = moment.replace(tzinfo=None)
    zone = _zone(moment)
    if zone is None and not moment.fold:
        return bare.isoformat().encode()
    return _encode([bare.isoformat(), zone, moment.fold])


def _number(value: Decimal) -> Any:
    return msgpack.Ext(_NUMBER, str(value).encode())


def _date(value: date) -> Any:
    return msgpack.Ext(_DATE, value.isoformat().encode())


def _span(value: timedelta) -> Any:
    return msgpack.Ext(_SPAN, _encode([value.days, value.seconds, value.microseconds]))


def _range(value: Range) -> Any:
    fields = [value.start, value.end, value.start_included, value.end_included, value.operator]
    return msgpack.Ext(_RANGE, pack(fields))


_EXTEND: Final[dict[type, Callable[[Any], Any]]] = {
    int: _integer,
    Decimal: _number,
    date: _date,
    time: lambda value: msgpack.Ext(_TIME, _clock(value)),
    datetime: lambda value: msgpack.Ext(_MOMENT, _clock(value)),
    timedelta: _span,
    YearsMonths: lambda value: msgpack.Ext(_MONTHS, str(value.months).encode()),
    Range: _range,
}


def _as_zone(zone: str | int | None) -> ZoneInfo | timezone | None:
    if zone is None:
        return None
    if isinstance(zone, str):
        return ZoneInfo(zone)
    return timezone(timedelta(microseconds=zone)) if zone else UTC


def _moment(kind: type[datetime | time], body: memoryview) -> datetime | time:
    if 0x30 <= body[0] <= 0x39:  # a digit: the text alone
        return kind.fromisoformat(str(body, "ascii"))
    text, zone, fold = msgpack.decode(body)
    return kind.fromisoformat(text).replace(tzinfo=_as_zone(zone), fold=fold)


_BUILD: Final[dict[int, Callable[[memoryview], Any]]] = {
    _NUMBER: lambda body: Decimal(str(body, "ascii")),
    _DATE: lambda body: date.fromisoformat(str(body, "ascii")),
    _TIME: lambda body: _moment(time, body),
    _MOMENT: lambda body: _moment(datetime, body),
    _SPAN: lambda body: timedelta(*msgpack.decode(body)),
    _MONTHS: lambda body: YearsMonths(int(str(body, "ascii"))),
    _RANGE: lambda body: Range(*_decode(body)),
    _INTEGER: lambda body: int(str(body, "ascii")),
}


def _extended(code: int, body: memoryview) -> Any:
    return _BUILD[code](body)


_decode: Callable[[bytes | memoryview], Any] = msgpack.Decoder(ext_hook=_extended).decode
