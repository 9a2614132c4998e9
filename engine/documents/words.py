"""Dates and amounts as official papers write them (conventions sheet, sections 13.3, 13.4 and 14). Pure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from engine.feel.chinese import amount_text

ZONE = ZoneInfo("Asia/Shanghai")
CAPITALS = "零壹贰叁肆伍陆柒捌玖"
PLAIN = "〇一二三四五六七八九"


def to_decimal(value: object) -> Decimal:
    """An amount from a Decimal, a whole number or its decimal text; floats are refused, they are no money."""
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, (int, str)) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise ValueError(f"not an amount: {value!r}") from None
    else:
        raise ValueError(f"not an amount: {value!r}")  # noqa: TRY004 -- one error for whatever is no amount
    if not number.is_finite():
        raise ValueError(f"not an amount: {value!r}")
    return number


def to_date(value: object) -> date:
    """A calendar day from a date, a moment (taken in Asia/Shanghai) or ISO text of either."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(ZONE).date() if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    raise ValueError(f"not a date: {value!r}")


def to_moment(value: object) -> datetime:
    """A moment in Asia/Shanghai from an aware or naive moment or its ISO text; a bare day has no hour and is refused."""
    if isinstance(value, str) and len(value) > 10:
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(ZONE) if value.tzinfo else value.replace(tzinfo=ZONE)
    raise ValueError(f"not a moment: {value!r}")


def money(value: object) -> str:
    """1409.5 -> 1,409.50: grouped, two decimals; a third decimal that is not zero is refused, never rounded."""
    amount = to_decimal(value)
    if amount != amount.quantize(Decimal("0.01")):
        raise ValueError(f"more than two decimals: {value!r}")
    return f"{amount:,.2f}"


def amount_zh(value: object) -> str:
    """1409.50 -> 人民币壹仟肆佰零玖元伍角. 0 <= value < 10^12 with two decimals at most, else ValueError."""
    return amount_text(to_decimal(value))


_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")  # fmt: skip


def date_zh(value: object) -> str:
    """2026-11-23 -> 2026年11月23日, no leading zeros."""
    day = to_date(value)
    return f"{day.year}年{day.month}月{day.day}日"


def date_en(value: object) -> str:
    """2026-11-23 -> 23 November 2026."""
    day = to_date(value)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def datetime_zh(value: object) -> str:
    """2026-11-23T09:05 -> 2026年11月23日9时05分, in Asia/Shanghai."""
    moment = to_moment(value)
    return f"{date_zh(moment)}{moment.hour}时{moment.minute:02}分"


def _below_hundred(number: int, digits: str, ten: str) -> str:
    tens, ones = divmod(number, 10)
    head = "" if not tens else ten if tens == 1 else digits[tens] + ten
    return head + (digits[ones] if ones else "")


def date_old(value: object) -> str:
    """2026-11-23 -> 二〇二六年十一月二十三日, as certificates write it."""
    day = to_date(value)
    year = "".join(PLAIN[int(figure)] for figure in f"{day.year:04}")
    return f"{year}年{_below_hundred(day.month, PLAIN, '十')}月{_below_hundred(day.day, PLAIN, '十')}日"


def _voucher(number: int) -> str:
    tens, ones = divmod(number, 10)
    text = (CAPITALS[tens] + "拾" if tens else "") + (CAPITALS[ones] if ones else "")
    return text if 11 <= number <= 19 or (tens > 1 and ones) else "零" + text


def date_voucher(value: object) -> str:
    """2026-10-20 -> 贰零贰陆年零壹拾月零贰拾日: the form of vouchers that nobody can lengthen."""
    day = to_date(value)
    year = "".join(CAPITALS[int(figure)] for figure in f"{day.year:04}")
    month = _voucher(day.month)
    return f"{year}年{month}月{_voucher(day.day)}日"
