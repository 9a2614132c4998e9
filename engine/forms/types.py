"""One raw answer to one FEEL value, by the type of its field."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import re2

from engine.feel import compile_expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.forms.model import Field

#: No sum in an office reaches a million million yuan; larger numbers are slips of the hand (or attacks).
MONEY_LIMIT = Decimal(10) ** 12
NUMBER_LIMIT = Decimal(10) ** 30
TEXT_LIMIT, LONGTEXT_LIMIT = 200, 5000
MEGABYTE = 1024 * 1024
_PHONE = re2.compile(r"^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|400-?\d{3}-?\d{4}|12345)$")
_CONTROL = re2.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ID_VALID = compile_expression("id number valid(value)", ("value",))


class Wrong(Exception):
    """The answer cannot be taken: a code and values for the sentence at the field."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def clean(field: Field, raw: Any) -> Any:
    """The FEEL value of a raw JSON answer; Wrong says why it cannot be one."""
    return _CLEANERS[field.type](field, raw)


def _text(field: Field, raw: Any) -> str:
    if not isinstance(raw, str):
        raise Wrong("wrong-type", expected="text")
    value = raw.strip()
    limit = field.max_length or (LONGTEXT_LIMIT if field.type == "longtext" else TEXT_LIMIT)
    if len(value) > limit:
        raise Wrong("too-long", limit=limit, length=len(value))
    # Nearly every answer is printable, and asking that is many times cheaper than the search.
    if not value.isprintable() and _CONTROL.search(value):
        raise Wrong("control-character")
    if field.pattern is not None and not re2.fullmatch(field.pattern, value):
        raise Wrong("wrong-pattern")
    return value


def _number(field: Field, raw: Any) -> Decimal:
    # A float came through a JSON reader that had lost digits already; `repr` is what the sender wrote.
    if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal):
        raise Wrong("wrong-type", expected="number")
    try:
        value = Decimal(repr(raw) if isinstance(raw, float) else raw.strip() if isinstance(raw, str) else raw)
    except InvalidOperation:
        raise Wrong("wrong-type", expected="number") from None
    if not value.is_finite() or abs(value) >= NUMBER_LIMIT:
        raise Wrong("out-of-range")
    decimals = _decimals(value)
    if field.decimals is not None and decimals > field.decimals:
        raise Wrong("too-many-decimals", limit=field.decimals)
    return value


def _integer(field: Field, raw: Any) -> Decimal:
    value = _number(field, raw)
    if value != value.to_integral_value():
        raise Wrong("wrong-type", expected="integer")
    return value.to_integral_value()


def _money(field: Field, raw: Any) -> Decimal:
    value = _number(field, raw)
    if _decimals(value) > (2 if field.decimals is None else field.decimals):
        raise Wrong("too-many-decimals", limit=2 if field.decimals is None else field.decimals)
    if abs(value) >= MONEY_LIMIT:
        raise Wrong("out-of-range")
    if value < 0 and field.min is None:
        raise Wrong("too-small", limit="0")
    return value


def _boolean(_field: Field, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    raise Wrong("wrong-type", expected="boolean")


def _choice(field: Field, raw: Any) -> str:
    if raw not in [option.value for option in field.options]:
        raise Wrong("not-an-option")
    return str(raw)


def _choices(field: Field, raw: Any) -> list[str]:
    if not isinstance(raw, list):
        raise Wrong("wrong-type", expected="list")
    return [_choice(field, one) for one in dict.fromkeys(map(str, raw))]


def _date(_field: Field, raw: Any) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    if not isinstance(raw, str) or len(raw) != len("2026-01-31"):
        raise Wrong("wrong-type", expected="date")
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise Wrong("wrong-type", expected="date") from None


def _datetime(_field: Field, raw: Any) -> datetime:
    from engine.feel import World  # the office's zone is FEEL's default zone  # noqa: PLC0415

    try:
        value = raw if isinstance(raw, datetime) else datetime.fromisoformat(raw)
    except (ValueError, TypeError):
        raise Wrong("wrong-type", expected="datetime") from None
    zone = World().zone
    return value.astimezone(zone) if value.tzinfo else value.replace(tzinfo=zone)


def _id_number(_field: Field, raw: Any) -> str:
    if not isinstance(raw, str):
        raise Wrong("wrong-type", expected="text")
    value = raw.strip().upper()
    if len(value) == 15 and value.isdigit():
        raise Wrong("id-number-old")
    if _ID_VALID.evaluate({"value": value}) is not True:
        raise Wrong("id-number-wrong")
    return value


def _phone(_field: Field, raw: Any) -> str:
    value = raw.replace(" ", "") if isinstance(raw, str) else ""
    if not _PHONE.match(value):
        raise Wrong("phone-wrong")
    return value


def _area(_field: Field, raw: Any) -> str:
    if not (isinstance(raw, str) and raw.isdigit() and len(raw) in (4, 6, 9, 12)):
        raise Wrong("area-wrong")
    return raw


def _account(_field: Field, raw: Any) -> str:
    value = raw.replace(" ", "") if isinstance(raw, str) else ""
    if not (value.isdigit() and 16 <= len(value) <= 19 and _luhn(value)):
        raise Wrong("account-wrong")
    return value


def _file(field: Field, raw: Any) -> dict[str, Any]:
    """A reference to uploaded material: the vault's hash, the name and type as uploaded, the size in bytes."""
    if not isinstance(raw, dict) or not {"hash", "name", "size", "type"} >= set(raw) or "hash" not in raw:
        raise Wrong("wrong-type", expected="file")
    if not re2.fullmatch(r"[0-9a-f]{64}", str(raw["hash"])):
        raise Wrong("wrong-type", expected="file")
    size, limit = raw.get("size"), field.max_megabytes
    if limit is not None and isinstance(size, int | Decimal) and size > limit * MEGABYTE:
        raise Wrong("file-too-large", name=str(raw.get("name", "")), limit_mb=limit)
    return dict(raw)


def _files(field: Field, raw: Any) -> list[dict[str, Any]]:
    if not isinstance(raw, list):
        raise Wrong("wrong-type", expected="list")
    if field.max_files is not None and len(raw) > field.max_files:
        raise Wrong("file-too-many", most=field.max_files)
    return [_file(field, one) for one in raw]


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


_CLEANERS: dict[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "longtext": _text,
    "integer": _integer,
    "number": _number,
    "money": _money,
    "boolean": _boolean,
    "choice": _choice,
    "choices": _choices,
    "date": _date,
    "datetime": _datetime,
    "id_number": _id_number,
    "phone": _phone,
    "area": _area,
    "account": _account,
    "file": _file,
    "files": _files,
}
