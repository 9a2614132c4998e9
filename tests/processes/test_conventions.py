"""The unit vectors of the conventions sheet (section 14, U01 to U22), as a model sees them: through FEEL."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.clock import applied
from engine.feel import compile_expression
from engine.forms import read_form, validate
from engine.office import read_jurisdiction
from tests.conftest import ROOT

LAW, CALENDAR = read_jurisdiction(ROOT, "jinzhong")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
WORLD = LAW.as_world(CALENDAR, NOW)

#: (vector, FEEL, value as text)
VECTORS = [
    ("U01", 'id number valid("142401199003079984")', "True"),
    ("U02", 'id number valid("142431195202299998")', "True"),
    ("U03", 'id number valid("14242119870612990X")', "True"),
    ("U04", 'id number valid("140781201306019977")', "True"),
    ("U04", 'age on("140781201306019977", date("2026-11-23"))', "13"),
    ("U05", 'id number valid("142401199003079985")', "False"),
    ("U05", 'id number valid("14242419820229998X")', "False"),
    ("U06", 'id number valid("11010519491231002X")', "True"),
    ("U07", 'organisation code check("MJ140001")', "3"),
    ("U07", 'credit code check("51140700MJ1400013")', "H"),
    ("U08", 'organisation code check("MJ140002") + credit code check("52140700MJ1400021")', "19"),
    ("U09", 'organisation code check("MJ140003") + credit code check("53140000MJ140003X")', "XR"),
    ("U09", 'organisation code check("MJ140008") + credit code check("51140700MJ1400080")', "0F"),
    ("U10", 'organisation code check("MJ140010") + credit code check("51140700MJ1400101")', "10"),
    ("U10", 'credit code valid("51140700MJ14001010")', "True"),
    ("U11", 'credit code valid("11211300001200266Q")', "True"),
    ("U11", 'credit code valid("11211300001200266R")', "False"),
    ("U11", 'credit code valid("51140700MJ140001OH")', "False"),
    ("1.14", 'credit code valid("91110000600037341L")', "True"),
    ("U12", "chinese amount(1409.50)", "人民币壹仟肆佰零玖元伍角"),
    ("U12", "chinese amount(6007.14)", "人民币陆仟零柒元壹角肆分"),
    ("U12", "chinese amount(325.04)", "人民币叁佰贰拾伍元零肆分"),
    ("U13", "chinese amount(1680.32)", "人民币壹仟陆佰捌拾元叁角贰分"),
    ("U13", "chinese amount(107000.53)", "人民币壹拾万柒仟元伍角叁分"),
    ("U14", "chinese amount(0)", "人民币零元整"),
    ("U14", "chinese amount(0.05)", "人民币伍分"),
    ("U14", "chinese amount(10)", "人民币壹拾元整"),
    ("U14", "chinese amount(20005)", "人民币贰万零伍元整"),
    ("U15", "chinese amount(10000001)", "人民币壹仟万零壹元整"),
    ("U15", "chinese amount(100010000)", "人民币壹亿零壹万元整"),
    ("U15", "chinese amount(8000000.08)", "人民币捌佰万元零捌分"),
    ("U16", 'add working days(date("2026-09-24"), 5)', "2026-10-09"),
    ("U16", 'add working days(date("2026-02-11"), 5)', "2026-02-25"),
    ("U17", 'add working days(date("2025-01-24"), 5)', "2025-02-07"),
    ("U17", 'add working days(date("2025-09-22"), 20)', "2025-10-24"),
    ("U17", 'add working days(date("2025-09-22"), 30)', "2025-11-07"),
    ("U18", 'add working days(date("2026-04-28"), 10)', "2026-05-14"),
    ("U18", 'add working days(date("2026-04-30"), 7)', "2026-05-13"),
    ("U18", 'add working days(date("2026-01-03"), 1)', "2026-01-04"),
    ("U19", 'calendar deadline(date("2026-03-02"), 60)', "2026-05-06"),
    ("U19", 'calendar deadline(date("2025-08-06"), 60)', "2025-10-09"),
    ("U19", 'calendar deadline(date("2026-01-16"), 30)', "2026-02-24"),
    ("U20", 'calendar deadline(months after(date("2025-08-31"), 6), 0)', "2026-02-28"),
    ("U20", 'months after(date("2026-03-31"), 6)', "2026-09-30"),
    (
        "U21",
        'calendar deadline(date("2026-05-11"), 60, [{from: date("2026-05-20"), to: date("2026-06-03")}])',
        "2026-07-27",
    ),
    ("U22", 'add working days(date("2026-07-15"), -7)', "2026-07-06"),
]


@pytest.mark.parametrize(
    ("vector", "text", "value"), VECTORS, ids=[f"{v}-{n}" for n, (v, _, _) in enumerate(VECTORS)]
)
def test_vector(vector: str, text: str, value: str) -> None:
    assert str(compile_expression(text).evaluate({}, WORLD)) == value, vector


def test_a_small_x_is_taken_and_kept_large() -> None:
    """U03."""
    words = {"zh": "证件"}
    field = {"key": "number", "type": "id_number", "label": words}
    form: dict[str, Any] = {"id": "f", "title": words, "sections": [{"fields": [field]}]}
    read = read_form(json.dumps(form).encode())
    assert validate(read, {"number": "14242119870612990x"}, {}, WORLD) == {"number": "14242119870612990X"}


def test_a_limit_that_ends_in_a_year_without_calendar_is_provisional() -> None:
    """U22: 60 days from 2026-12-10."""
    begun = {"act": "start", "kind": "statutory", "from": date(2026, 12, 10), "count": 60, "unit": "calendar"}
    clock = applied(None, begun, CALENDAR)
    assert (clock["due"], clock["provisional"]) == (date(2027, 2, 8), True)
