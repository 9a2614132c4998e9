"""Exact numbers: 34 decimal digits, half-even where a result needs more; comparison is always exact."""

from __future__ import annotations

import decimal
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import Final

__all__ = [
    "CONTEXT",
    "ROUND_CEILING",
    "ROUND_DOWN",
    "ROUND_FLOOR",
    "ROUND_HALF_DOWN",
    "ROUND_HALF_EVEN",
    "ROUND_HALF_UP",
    "ROUND_UP",
    "number_text",
    "read_number",
    "rounded",
    "whole",
]

# Decimal128 of IEEE 754, as the standard asks. One shared context: only its flags change, and nobody reads them.
CONTEXT: Final = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
_WIDE: Final = Context(
    prec=13_000, Emin=-20_000, Emax=20_000, traps=[decimal.InvalidOperation, decimal.Overflow]
)
MIN_SCALE: Final = -6111
MAX_SCALE: Final = 6176


def read_number(text: str) -> Decimal:
    """The number written as `text`, rounded to 34 digits; decimal.DecimalException when it is none or too large."""
    return CONTEXT.create_decimal(text)


def number_text(number: Decimal) -> str:
    """A number in plain notation without trailing zeros: equal numbers have equal texts."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def whole(number: Decimal) -> int | None:
    """The number as int when it is one, else None."""
    if number.adjusted() > 40:
        return None
    result = int(number)
    return result if result == number else None


def rounded(number: Decimal, scale: Decimal, rounding: str) -> Decimal | None:
    """`number` with at most `scale` decimals (negative: tens, hundreds); None when the scale is out of range."""
    if scale.adjusted() > 5:
        return None
    places = int(scale)
    if not MIN_SCALE <= places <= MAX_SCALE:
        return None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        return None
    if -exponent <= places:
        return number
    return CONTEXT.plus(number.quantize(Decimal((0, (1,), -places)), rounding=rounding, context=_WIDE))
