"""Statutory time and dated law against the tables and worked dates of the domain sheets."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from engine.clock import (
    Calendar,
    ClockError,
    Stop,
    add_calendar_days,
    add_working_days,
    months_after,
    read_calendar,
    read_law,
    working_days_between,
)

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpora" / "holiday-cn"


def jurisdiction() -> dict[str, str]:
    folder = ROOT / "policies" / "law" / "jinzhong"
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


TEXTS = jurisdiction()
CALENDAR = read_calendar(TEXTS)
LAW = read_law(TEXTS)


def d(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_day_of_the_year_is_as_the_public_holiday_data_says(year: int) -> None:
    if not CORPUS.is_dir():
        pytest.skip("the holiday corpus is not beside this checkout")
    table = json.loads((CORPUS / f"{year}.json").read_text(encoding="utf-8"))
    special = {d(one["date"]): not one["isOffDay"] for one in table["days"]}
    day, worked = date(year, 1, 1), 0
    while day.year == year:
        expected = special.get(day, day.weekday() < 5)
        assert CALENDAR.is_working_day(day) is expected, day
        worked += expected
        day += timedelta(days=1)
    assert worked == 248


def test_a_year_without_table_is_an_error_that_names_it() -> None:
    with pytest.raises(ClockError, match="2027") as caught:
        CALENDAR.is_working_day(d("2027-01-01"))
    assert (caught.value.code, caught.value.values) == ("calendar-missing", {"year": 2027})
    with pytest.raises(ClockError, match="2027"):
        add_working_days(d("2026-12-28"), 5, CALENDAR)
    assert add_working_days(d("2026-12-28"), 3, CALENDAR) == d("2026-12-31")


# U16-U18 of the conventions sheet; E cases of the assistance sheet (limits in working days).
WORKING = """
2026-09-24  5 2026-10-09
2026-02-11  5 2026-02-25
2025-01-24  5 2025-02-07
2025-09-22 20 2025-10-24
2025-09-22 30 2025-11-07
2026-04-28 10 2026-05-14
2026-04-30  7 2026-05-13
2026-01-03  1 2026-01-04
2026-07-15 -7 2026-07-06
2026-08-03  5 2026-08-10
2026-08-07 10 2026-08-21
2026-07-08 10 2026-07-22
2026-08-10  5 2026-08-17
2026-08-12 10 2026-08-26
2026-08-11  5 2026-08-18
2026-09-17  5 2026-09-23
2026-09-16 10 2026-09-30
2026-10-03 10 2026-10-20
2026-08-12  5 2026-08-19
2026-08-11  3 2026-08-14
2026-08-13  5 2026-08-20
2026-08-20  5 2026-08-27
2026-08-10 10 2026-08-24
2026-08-19 10 2026-09-02
2026-09-14 15 2026-10-10
2026-08-03 30 2026-09-14
"""


@pytest.mark.parametrize("line", WORKING.strip().splitlines())
def test_limits_in_working_days(line: str) -> None:
    start, count, due = line.split()
    assert add_working_days(d(start), int(count), CALENDAR) == d(due)
    assert working_days_between(d(start), d(due), CALENDAR) == int(count)


# U19; lane A's three days do not roll; reconsideration period of E09; default end of E15.
CALENDAR_DAYS = """
2026-03-02 60 roll 2026-05-06
2025-08-06 60 roll 2025-10-09
2026-01-16 30 roll 2026-02-24
2026-08-03  3 keep 2026-08-06
2026-07-06  3 keep 2026-07-09
2026-08-10  3 keep 2026-08-13
2026-09-16  3 keep 2026-09-19
2026-10-02  3 keep 2026-10-05
2026-08-12  3 keep 2026-08-15
2026-08-13  3 keep 2026-08-16
2026-08-14 60 roll 2026-10-13
2026-07-20 30 keep 2026-08-19
2026-08-24 90 roll 2026-11-23
2026-12-10 60 keep 2027-02-08
"""


@pytest.mark.parametrize("line", CALENDAR_DAYS.strip().splitlines())
def test_limits_in_calendar_days(line: str) -> None:
    start, count, how, due = line.split()
    assert add_calendar_days(d(start), int(count), CALENDAR if how == "roll" else None) == d(due)


def test_a_limit_that_rolls_into_a_year_without_table_is_an_error() -> None:
    with pytest.raises(ClockError) as caught:
        add_calendar_days(d("2026-12-10"), 60, CALENDAR)
    assert caught.value.values == {"year": 2027}


def test_months_end_on_the_same_day_or_the_last_of_the_month() -> None:
    assert months_after(d("2025-08-31"), 6) == d("2026-02-28")
    assert CALENDAR.is_working_day(d("2026-02-28"))  # a make-up Saturday: U20 does not roll
    assert months_after(d("2026-03-31"), 6) == d("2026-09-30")
    assert months_after(d("2024-02-29"), 12) == d("2025-02-28")
    assert months_after(d("2026-03-05"), -12) == d("2025-03-05")
    assert months_after(d("2026-01-31"), -11) == d("2025-02-28")


def test_stops_lengthen_a_limit_once_for_each_day() -> None:
    stop = Stop(d("2026-05-20"), d("2026-06-03"))
    assert add_calendar_days(d("2026-05-11"), 60, CALENDAR, [stop]) == d("2026-07-27")  # U21
    assert add_calendar_days(d("2026-05-11"), 60, None, [stop]) == d("2026-07-25")
    overlapping = [stop, Stop(d("2026-05-25"), d("2026-06-05"))]
    assert add_calendar_days(d("2026-05-11"), 60, None, overlapping) == d("2026-07-27")
    too_late = Stop(d("2026-07-11"), d("2026-07-20"))
    assert add_calendar_days(d("2026-05-11"), 60, None, [too_late]) == d("2026-07-10")
    before = Stop(d("2026-05-01"), d("2026-05-11"))
    assert add_calendar_days(d("2026-05-11"), 60, None, [before]) == d("2026-07-10")
    # Working days inside the stop are not counted: 08-05 .. 08-07 are three.
    week = Stop(d("2026-08-05"), d("2026-08-09"))
    assert add_working_days(d("2026-08-03"), 5, CALENDAR, [week]) == d("2026-08-13")


def test_working_days_between_is_signed() -> None:
    assert working_days_between(d("2026-09-30"), d("2026-10-08"), CALENDAR) == 1
    assert working_days_between(d("2026-10-08"), d("2026-09-30"), CALENDAR) == -1
    assert working_days_between(d("2026-10-08"), d("2026-10-08"), CALENDAR) == 0


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ('{"year": 2026, "off": [], "working": ["2026-01-05"]}', "weekday"),
        ('{"year": 2026, "off": [{"from": "2026-05-05", "to": "2026-05-01"}], "working": []}', "backwards"),
        (
            '{"year": 2026, "off": [{"from": "2025-05-05", "to": "2025-05-05"}], "working": []}',
            "does not lie",
        ),
        (
            '{"year": 2026, "off": [{"from": "2026-01-03", "to": "2026-01-04"}], "working": ["2026-01-04"]}',
            "both",
        ),
        ('{"year": 2026, "working": []}', "'off' is missing"),
        ('{"year": 2026, "off": [], "working": [], "of": []}', "unknown key"),
        ('{"year": "x", "off": [], "working": []}', "invalid literal"),
        ("[", "Expecting"),
        ("[]", "indices"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(table: str, reason: str) -> None:
    with pytest.raises(ClockError, match=reason) as caught:
        read_calendar({"calendar/2026.json": table})
    assert caught.value.code == "calendar-invalid"
    assert caught.value.values["file"] == "calendar/2026.json"


def test_two_tables_for_one_year_are_refused() -> None:
    table = TEXTS["calendar/2026.json"]
    with pytest.raises(ClockError, match="second table"):
        read_calendar({"calendar/2026.json": table, "calendar/again.json": table})


# ---- dated law ------------------------------------------------------------------------------------------------------

HEAD = "id,value,unit,valid_from,valid_to,area,source,status\n"


def law(rows: str) -> object:
    return read_law({"parameters.csv": HEAD + rows})


def test_the_most_specific_area_in_force_on_the_day_counts() -> None:
    found = read_law(
        {
            "parameters.csv": HEAD
            + "b,605,yuan,2020-01-01,2026-08-31,1407,s,assumed\n"
            + "b,650,yuan,2026-09-01,,1407,s,assumed\n"
            + "b,700.50,yuan,2026-01-01,,140702,s,assumed\n"
            + "cap,1,times,,,,s,assumed\n"
        }
    )
    assert found.value("b", d("2026-08-31"), "140781001001") == Decimal(605)
    assert found.value("b", d("2026-09-01"), "140781001001") == Decimal(650)
    assert found.value("b", d("2026-09-01"), "140702001001") == Decimal("700.50")
    assert found.value("b", d("2025-12-31"), "140702") == Decimal(605)
    assert found.value("cap", d("1999-01-01")) == Decimal(1)
    for on, area in [
        ("2019-12-31", "140702"),
        ("2026-09-01", None),
        ("2026-09-01", "140800"),
        ("2026-09-01", "14"),
    ]:
        with pytest.raises(ClockError) as caught:
            found.value("b", d(on), area)
        assert caught.value.code == "law-missing"
        assert caught.value.values == {"parameter": "b", "on": d(on), "area": area}


def test_units_give_the_type_of_a_value() -> None:
    found = read_law(
        {
            "parameters.csv": HEAD
            + "a,true,boolean,,,,s,assumed\nb,2025-12-31,date,,,,s,assumed\nc,per_case,word,,,,s,assumed\n"
        }
    )
    assert found.value("a", d("2026-01-01")) is True
    assert found.value("b", d("2026-01-01")) == d("2025-12-31")
    assert found.value("c", d("2026-01-01")) == "per_case"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("b,1,yuan,,,,s,assumed\nb,2,yuan,2026-01-01,,,s,assumed\n", "same days"),
        ("b,x,yuan,,,,s,assumed\n", "line 2"),
        ("b,NaN,yuan,,,,s,assumed\n", "no number"),
        ("b,yes,boolean,,,,s,assumed\n", "neither true nor false"),
        ("b,1,yuan,2026-02-01,2026-01-01,,s,assumed\n", "before it begins"),
        ("b,1,yuan,,,,s,guessed\n", "no status"),
        ("b,1,yuan,,,,s\n", "as many cells"),
        ("b,1,yuan,,,,s,assumed,more\n", "as many cells"),
        (",1,yuan,,,,s,assumed\n", "id is empty"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(rows: str, reason: str) -> None:
    with pytest.raises(ClockError, match=reason) as caught:
        law(rows)
    assert caught.value.code == "law-invalid"
    assert caught.value.values["file"] == "parameters.csv"


def test_a_missing_column_is_refused() -> None:
    with pytest.raises(ClockError, match="no column 'status'"):
        read_law({"parameters.csv": "id,value,unit,valid_from,valid_to,area,source\nb,1,yuan,,,,s\n"})


def test_the_files_of_jinzhong() -> None:
    on = d("2026-08-03")
    assert LAW.value("dibao_urban_month", on, "140702001001") == Decimal(605)
    assert LAW.value("fast_small_limit", on) == Decimal(3)
    assert LAW.value("fast_needs_notice", on) is False
    with pytest.raises(ClockError):
        LAW.value("dibao_urban_month", on, "140100")
    article = LAW.article("SHJZF-50", on)
    assert article is not None
    assert article.title == "《中华人民共和国社会救助法》第五十条"
    assert LAW.article("SHJZF-50", d("2026-06-30")) is None
    assert LAW.article("SHJZF-999") is None
    counties = [one for one in LAW.areas if one.level == "county" and one.in_force(on)]
    assert len(counties) == 11
    assert not any(one.demonstration for one in counties)
    assert LAW.area("140726", d("2019-12-29")) is not None
    assert LAW.area("140726", on) is None
    towns = [one for one in LAW.areas if one.level == "town"]
    assert len(towns) == 6
    for town in towns:
        assert sum(one.code.startswith(town.code) for one in LAW.areas if one.level == "village") == 2
    assert len(LAW.edition) == 64
    assert read_law({**TEXTS, "articles.csv": TEXTS["articles.csv"] + "\n"}).edition != LAW.edition


def test_an_unknown_level_or_code_is_refused() -> None:
    head = "code,name,level,valid_from,valid_to,demonstration\n"
    for row in ("14070,x,county,,,false\n", "140702,x,land,,,false\n", "14070x,x,county,,,false\n"):
        with pytest.raises(ClockError, match="no code of level"):
            read_law({"areas.csv": head + row})


def test_feel_sees_the_calendar_and_the_law() -> None:
    from engine.feel import compile_expression

    now = datetime(2026, 8, 3, 9, 0, tzinfo=timezone(timedelta(hours=8)))
    world = LAW.as_world(CALENDAR, now)
    expression = compile_expression(
        '=add working days(date("2026-09-17"), law("lane_b_limit", date("2026-09-17")))'
    )
    assert expression.evaluate({}, world) == d("2026-09-23")
    base = compile_expression('law("dibao_urban_month", date("2026-09-17"), "140781001001") * 3')
    assert base.evaluate({}, world) == Decimal(1815)


def test_a_calendar_is_a_plain_value() -> None:
    assert read_calendar(TEXTS) == CALENDAR
    assert read_calendar({}) == Calendar(frozenset(), frozenset(), frozenset())
