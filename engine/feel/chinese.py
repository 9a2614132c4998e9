"""Conventions of Chinese offices: amounts in capital numerals and identity numbers (GB 11643-1999)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_UNITS: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿")
_ID: Final = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
# The first two digits of the number: provinces, and 81 to 83 for residence permits.
_PROVINCES: Final = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)


def _group_text(number: int) -> str:
    """1 to 9999 in capital numerals, one 零 for inner zeros."""
    parts: list[str] = []
    gap = False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit == 0:
            gap = bool(parts)
            continue
        parts.append(("零" if gap else "") + _DIGITS[digit] + _UNITS[place])
        gap = False
    return "".join(parts)


def _yuan_text(yuan: int) -> str:
    parts: list[str] = []
    skipped = False
    for place in (2, 1, 0):
        group = yuan // 10_000**place % 10_000
        if group == 0:
            skipped = True
            continue
        bridge = "零" if parts and (group < 1000 or skipped) else ""
        parts.append(bridge + _group_text(group) + _GROUPS[place])
        skipped = False
    return "".join(parts)


def amount_text(amount: Decimal) -> str:
    """An amount in yuan as on cheques, e.g. 人民币壹仟肆佰零玖元伍角; ValueError outside 0 <= x < 10^12 or for a third decimal."""
    if not 0 <= amount < 10**12:
        raise ValueError("amount out of range")
    cents = int(amount.scaleb(2))
    if Decimal(cents) != amount.scaleb(2):
        raise ValueError("amount with more than two decimals")
    yuan, rest = divmod(cents, 100)
    tenths, hundredths = divmod(rest, 10)
    text = _yuan_text(yuan) + "元" if yuan else ""
    if rest == 0:
        return f"人民币{text or '零元'}整"
    if tenths:
        text += _DIGITS[tenths] + "角"
    elif yuan:
        text += "零"
    if hundredths:
        text += _DIGITS[hundredths] + "分"
    return f"人民币{text}"


def birth_of(number: str) -> date | None:
    """The birth date of an 18-digit identity number; None when it has none."""
    text = number.strip().upper()
    if not _ID.fullmatch(text):
        return None
    try:
        return date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None


def id_number_valid(number: str) -> bool:
    """Length, digits, province, real date and check character; a small x is taken as X."""
    text = number.upper()
    if not _ID.fullmatch(text) or text[:2] not in _PROVINCES or birth_of(text) is None:
        return False
    return text == with_check(text[:17])


def with_check(digits: str) -> str:
    """The 17 digits of an identity number with their check character behind them."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + _CHECKS[total % 11]
