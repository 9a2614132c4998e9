"""Dates, times, durations: texts, parts, arithmetic, zones, years far away."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.feel import YearsMonths, compile_expression, text_of
from engine.feel.budget import Run
from engine.feel.far import FarDate, from_ordinal, make_date, ordinal
from engine.feel.world import NOWHERE

# expression -> text of its value
CASES = [
    ('date("2026-02-28")', "2026-02-28"), ('date("2026-02-29")', "null"), ('date("26-02-28")', "null"), ('date("2026-2-28")', "null"), ('date("+2026-02-28")', "null"), ('date("2026-02-28T00:00:00")', "null"),
    ("date(2024, 2, 29)", "2024-02-29"), ("date(2024, 2, 30)", "null"), ("date(2024.5, 2, 1)", "null"), ('date(date and time("2026-01-01T10:00:00"))', "2026-01-01"), ('date("999999999-12-31")', "999999999-12-31"),
    ('date("-999999999-01-01")', "-999999999-01-01"), ('date("1000000000-01-01")', "null"), ('date("012026-01-01")', "null"), ("date(-1, 1, 1)", "-0001-01-01"), ("date(10000, 2, 29)", "10000-02-29"), ("date(10001, 2, 29)", "null"),
    ('time("10:20:30")', "10:20:30"), ('time("10:20:30.5")', "10:20:30.5"), ('time("10:20:30Z")', "10:20:30Z"), ('time("10:20:30+08:00")', "10:20:30+08:00"), ('time("10:20:30@Asia/Shanghai")', "10:20:30@Asia/Shanghai"),
    ('time("24:00:01")', "null"), ('time("10:20")', "null"), ('time("10:20:30+19:00")', "null"), ('time("10:20:30@Asia/Nowhere")', "null"), ('time("10:20:30@../../etc/passwd")', "null"), ('time("10:20:60")', "null"),
    ("time(10, 20, 30)", "10:20:30"), ("time(10, 20, 30.25)", "10:20:30.25"), ('time(10, 20, 30, duration("-PT2H"))', "10:20:30-02:00"), ("time(10, 20, 60)", "null"), ('time(date("2026-01-01"))', "00:00:00Z"),
    ('date and time("2026-01-01T10:20:30")', "2026-01-01T10:20:30"), ('date and time("2026-01-01")', "2026-01-01T00:00:00"), ('date and time("2026-01-01T24:00:00")', "2026-01-02T00:00:00"), ('date and time("2026-01-01T10:20:30@Asia/Shanghai")', "2026-01-01T10:20:30@Asia/Shanghai"),
    ('date and time(date("2026-01-01"), time("10:20:30Z"))', "2026-01-01T10:20:30Z"), ("date and time(2026, 1, 2, 3, 4, 5)", "2026-01-02T03:04:05"), ('date and time(2026, 1, 2, 3, 4, 5, "Asia/Shanghai")', "2026-01-02T03:04:05@Asia/Shanghai"),
    ('date and time(2026, 1, 2, 3, 4, 5, @"PT8H")', "2026-01-02T03:04:05+08:00"), ('date and time("12026-01-01T10:20:30+08:00")', "12026-01-01T10:20:30+08:00"), ('date and time("2026-01-01 10:20:30")', "null"),
    ('duration("P1DT2H3M4.5S")', "P1DT2H3M4.5S"), ('duration("PT36H")', "P1DT12H"), ('duration("-PT1M")', "-PT1M"), ('duration("P0D")', "PT0S"), ('duration("P14M")', "P1Y2M"), ('duration("P0Y")', "P0M"), ('duration("P1Y1D")', "null"),
    ('duration("P")', "null"), ('duration("PT")', "null"), ('duration("P1.5D")', "null"), ('duration("P9999999999999D")', "null"), ('duration("P1DT")', "null"), ('duration("P1W")', "null"), ('duration(@"P1D")', "P1D"),
    ('years and months duration(date("2024-01-31"), date("2026-01-30"))', "P1Y11M"), ('years and months duration(date("2026-01-30"), date("2024-01-31"))', "-P1Y11M"), ('years and months duration(date("2026-01-01"), date and time("2026-03-01T00:00:00"))', "P2M"),
    # parts
    ('date("2026-11-23").weekday', "1"), ('@"2026-11-23T10:20:30+08:00".time offset', "PT8H"), ('@"2026-11-23T10:20:30@Asia/Shanghai".timezone', "Asia/Shanghai"), ('@"2026-11-23T10:20:30".time zone', "null"), ('@"10:20:30".minute', "20"),
    ('@"-P1DT2H3M4S".hours', "-2"), ('@"-P1DT2H3M4S".days', "-1"), ('@"P1Y2M".months', "2"), ('@"-P14M".years', "-1"), ('@"P1D".years', "null"), ('@"2026-11-23".hour', "null"), ('@"2026-11-23T01:02:03.5".second', "3"), ('@"PT1.5S".seconds', "1.5"),
    # arithmetic
    ('@"2026-01-31" + @"P1M"', "2026-02-28"), ('@"2026-03-31" - @"P1M"', "2026-02-28"), ('@"2024-02-29" + @"P1Y"', "2025-02-28"), ('@"P1M" + @"2026-01-31"', "2026-02-28"), ('@"2026-01-01" + @"PT36H"', "2026-01-02"), ('@"2026-01-01" - @"PT1H"', "2025-12-31"),
    ('@"2026-01-01" - @"2025-12-31"', "P1D"), ('@"2026-01-01T00:00:00Z" - @"2026-01-01"', "PT0S"), ('@"2026-01-01T00:00:00" - @"2026-01-01"', "null"), ('@"2026-01-01T00:00:00Z" - @"2026-01-01T00:00:00"', "null"), ('@"10:00:00" - @"09:30:00"', "PT30M"),
    ('@"23:30:00" + @"PT1H"', "00:30:00"), ('@"10:00:00" + @"P1M"', "null"), ('@"2026-01-01" + @"2026-01-01"', "null"), ('@"P1D" + @"P1M"', "null"), ('@"P1D" * 1.5', "P1DT12H"), ('@"P1D" / @"PT6H"', "4"), ('@"P1Y" / 5', "P2M"), ('@"P1D" / 0', "null"),
    ('@"P1D" * @"P1D"', "null"), ('@"2026-03-29T01:30:00@Europe/Paris" + @"PT1H"', "2026-03-29T03:30:00@Europe/Paris"), ('@"2026-03-29T03:00:00@Europe/Paris" - @"2026-03-29T01:00:00@Europe/Paris"', "PT1H"), ('-@"P1D"', "-P1D"), ('@"9999-12-31" + @"P1D"', "10000-01-01"),
    ('@"-0001-12-31" + @"P1D"', "0000-01-01"), ('@"0000-02-29" + @"P1Y"', "0001-02-28"), ('@"10000-01-01T00:00:00@Asia/Shanghai" - @"PT1S"', "9999-12-31T23:59:59@Asia/Shanghai"), ('@"999999999-12-31" + @"P1D"', "null"), ('@"12000-01-01" - @"2000-01-01"', "P3652425D"),
    # comparison
    ('@"2026-01-01T08:00:00+08:00" = @"2026-01-01T00:00:00Z"', "true"), ('@"2026-01-01T08:00:00@Asia/Shanghai" = @"2026-01-01T00:00:00Z"', "true"), ('@"2026-01-01T08:00:00" < @"2026-01-01T00:00:00Z"', "null"), ('@"2026-01-01" < @"2026-01-01T00:00:00"', "null"),
    ('@"P1M" < @"P1Y"', "true"), ('@"P1D" < @"P1M"', "null"), ('@"10:00:00" < @"10:00:01"', "true"), ('@"10000-01-01" > @"9999-12-31"', "true"), ('@"-0001-01-01" < @"0001-01-01"', "true"), ('@"2026-06-01" in [@"2026-01-01"..@"2026-12-31"]', "true"),
    # calendar names
    ('day of week(@"2026-11-23")', "Monday"), ('month of year(@"2026-11-23")', "November"), ('week of year(@"2026-01-01")', "1"), ('week of year(@"2021-01-01")', "53"), ('day of year(@"2024-12-31")', "366"), ('day of year(@"12024-12-31")', "366"), ('day of week(@"10000-01-01")', "Saturday"),
    # own
    ('add working days(@"2026-01-01", 1)', "null"), ('months after(@"2025-08-31", -6)', "2025-02-28"), ('add calendar days(@"2026-03-02", -2)', "2026-02-28"), ('string(end of day(@"2026-12-31T23:30:00Z"))', "2027-01-02T00:00:00@Asia/Shanghai"), ('age on(@"2000-02-29", @"2026-02-28")', "25"),
    ('age on(@"2026-01-01", @"2025-01-01")', "null"), ('age on("not a number", @"2025-01-01")', "null"), ('law("x", @"2026-01-01")', "null"), ('is working day(@"2026-01-01")', "null"), ('working days between(@"2026-01-01", @"2026-01-02")', "null"), ('calendar deadline(@"2026-01-01", 3)', "null"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_value(text: str, expected: str) -> None:
    outcome = compile_expression(text).outcome({})
    assert text_of(outcome.value, Run(NOWHERE)) == expected


def test_python_values_come_out() -> None:
    found = compile_expression('[a + @"P1D", b, c - b, d, e, f]').evaluate(
        {
            "a": date(2026, 1, 1),
            "b": datetime(2026, 1, 1, tzinfo=UTC),
            "c": datetime(2026, 1, 2, tzinfo=ZoneInfo("Asia/Shanghai")),
            "d": time(10, 30),
            "e": timedelta(days=1),
            "f": YearsMonths(14),
        }
    )
    assert found == [
        date(2026, 1, 2),
        datetime(2026, 1, 1, tzinfo=UTC),
        timedelta(hours=16),
        time(10, 30),
        timedelta(days=1),
        YearsMonths(14),
    ]


def test_day_numbers_go_both_ways() -> None:
    for year in (-999_999_999, -400, -1, 0, 1, 9999, 10_000, 12_345, 999_999_999):
        for month, day in ((1, 1), (2, 28), (12, 31)):
            found = make_date(year, month, day)
            assert from_ordinal(ordinal(found)) == found
            assert isinstance(found, date) is (1 <= year <= 9999)
    assert ordinal(FarDate(10_000, 1, 1)) == date.max.toordinal() + 1
    assert ordinal(FarDate(0, 12, 31)) == 0


def test_equality_is_to_the_second_and_order_is_not() -> None:
    """The TCK (0068) compares by whole seconds; earlier and later stay exact."""
    texts = (
        '@"10:00:00.1" = @"10:00:00.2"',
        '@"10:00:00.1" < @"10:00:00.2"',
        'is(@"10:00:00.1", @"10:00:00.2")',
    )
    assert [compile_expression(text).evaluate({}) for text in texts] == [True, True, False]


def test_seconds_are_exact() -> None:
    assert compile_expression('@"PT0.1S".seconds * 3').evaluate({}) == Decimal("0.3")
