"""Amounts, dates and masks against the vectors of the conventions sheet (sections 7, 13, 14)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine.documents import masks, words


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1409.50", "人民币壹仟肆佰零玖元伍角"),  # U12
        ("6007.14", "人民币陆仟零柒元壹角肆分"),
        ("325.04", "人民币叁佰贰拾伍元零肆分"),
        ("1680.32", "人民币壹仟陆佰捌拾元叁角贰分"),  # U13
        ("107000.53", "人民币壹拾万柒仟元伍角叁分"),
        ("0", "人民币零元整"),  # U14
        ("0.05", "人民币伍分"),
        ("0.50", "人民币伍角"),
        ("10", "人民币壹拾元整"),
        ("20005", "人民币贰万零伍元整"),
        ("10000001", "人民币壹仟万零壹元整"),  # U15
        ("100010000", "人民币壹亿零壹万元整"),
        ("8000000.08", "人民币捌佰万元零捌分"),
        ("999999999999.99", "人民币玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_amounts_in_capitals(amount: str, text: str) -> None:
    assert words.amount_zh(Decimal(amount)) == text
    assert words.amount_zh(amount) == text


_VALUES = {"零": 0, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9}
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def _read_back(text: str) -> Decimal:
    """An independent reading of an amount in capitals: from the left, digits and units."""
    whole, group, digit, cents = 0, 0, 0, 0
    for letter in text.removeprefix("人民币"):
        if letter in _VALUES:
            digit = _VALUES[letter]
        elif letter in _UNITS:
            group, digit = group + digit * _UNITS[letter], 0
        elif letter in "万亿":
            whole, group, digit = whole + (group + digit) * {"万": 10**4, "亿": 10**8}[letter], 0, 0
        elif letter == "元":
            whole, group, digit = whole + group + digit, 0, 0
        elif letter in "角分":
            cents, digit = cents + digit * {"角": 10, "分": 1}[letter], 0
    return Decimal(whole) + Decimal(cents) / 100


def test_every_amount_reads_back() -> None:
    for step in range(1, 4000):
        amount = Decimal(step * step * step * 15485863 % 10**14) / 100
        text = words.amount_zh(amount)
        assert _read_back(text) == amount, (amount, text)
        assert "零零" not in text
        assert "零元" not in text or amount < 1


@pytest.mark.parametrize("wrong", ["1.005", "-1", "1e12", "NaN", "zwölf", 1.5, None, True])
def test_no_amount_is_guessed(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"amount|decimals"):
        words.amount_zh(wrong)


def test_money_is_grouped_and_never_rounded() -> None:
    assert words.money(Decimal("1234567.5")) == "1,234,567.50"
    with pytest.raises(ValueError, match="two decimals"):
        words.money(Decimal("0.001"))


def test_dates() -> None:
    day = date(2026, 11, 23)
    assert words.date_zh(day) == words.date_zh("2026-11-23") == "2026年11月23日"
    assert words.date_zh(date(2026, 1, 5)) == "2026年1月5日"
    assert words.date_old(day) == "二〇二六年十一月二十三日"
    assert words.date_old(date(2030, 10, 20)) == "二〇三〇年十月二十日"
    assert words.date_voucher(date(2026, 1, 15)) == "贰零贰陆年零壹月壹拾伍日"
    assert words.date_voucher(date(2026, 10, 20)) == "贰零贰陆年零壹拾月零贰拾日"
    assert words.date_voucher(day) == "贰零贰陆年壹拾壹月贰拾叁日"
    assert words.date_voucher(date(2026, 2, 9)) == "贰零贰陆年零贰月零玖日"


def test_a_moment_is_told_in_chinese_time() -> None:
    moment = datetime(2026, 11, 22, 16, 5, tzinfo=UTC)
    assert words.date_zh(moment) == "2026年11月23日"
    assert words.datetime_zh(moment) == "2026年11月23日0时05分"
    with pytest.raises(ValueError, match="not a moment"):
        words.datetime_zh("2026-11-23")


@pytest.mark.parametrize(
    ("kind", "plain", "masked"),
    [
        ("phone", "13812345678", "138****5678"),
        ("phone", "+86 13812345678", "+86 138****5678"),
        ("id_number", "142401199003079984", "142401********9984"),
        ("name", "张三丰", "张**"),
        ("name", "欧阳锋", "欧阳*"),
        ("name", "李", "*"),
        ("name", "司马", "司*"),
        ("name", "阿依古丽·买买提", "阿依古丽·***"),
        ("name", "𠅤三", "𠅤*"),
        ("minor", "王小明", "王*"),
        ("account", "6222020100012341234", "6222 **** **** 1234"),
        ("landline", "03542631234", "*******1234"),
        ("hidden", "乌金山镇一组十二号", "***"),
        ("phone", "110", "1**"),
        ("id_number", "", ""),
    ],
)
def test_masks(kind: str, plain: str, masked: str) -> None:
    assert masks.mask(kind, plain) == masked


def test_a_mask_never_shows_more_than_its_ends() -> None:
    for length in range(1, 40):
        text = "".join(chr(0x4E00 + place) for place in range(length))
        shown = masks.keep_ends(text, 3, 4)
        assert len(shown) == length
        assert sum(letter != "*" for letter in shown) <= max(1, 7 if length > 7 else 1)


def test_tail_of_an_identity_number() -> None:
    assert masks.id_tail("142401199003079984") == "9984"
    assert masks.id_tail("984") == "***"
