"""The fold of a clock's acts: the worked limits of the sheets, and the same clock again out of a journal."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.clock import ClockError, applied, read_calendar, share_used
from engine.clock.replay import replayed
from engine.store.exact import plain
from tests.conftest import ROOT

FOLDER = ROOT / "policies" / "law" / "jinzhong"
CALENDAR = read_calendar(
    {f"calendar/{path.name}": path.read_text() for path in (FOLDER / "calendar").glob("*.json")}
)
Act = dict[str, Any]
STOPS = ["hearing", "expert_review"]


def d(text: str) -> date:
    return date.fromisoformat(text)


def start(day: str, count: int, unit: str = "calendar", **more: Any) -> Act:
    return {
        "act": "start",
        "kind": "statutory",
        "from": d(day),
        "count": count,
        "unit": unit,
        "law": "X-1",
        **more,
    }


def after(*acts: Act) -> dict[str, Any]:
    clock: dict[str, Any] | None = None
    for act in acts:
        clock = applied(clock, act, CALENDAR)
    assert clock is not None
    return clock


@pytest.mark.parametrize(
    ("acts", "due"),
    [
        ([start("2026-03-02", 60)], "2026-05-06"),  # SO-01
        ([start("2026-03-02", 20, "working")], "2026-03-30"),
        ([start("2026-03-25", 7, "working")], "2026-04-03"),
        ([start("2026-02-11", 60)], "2026-04-13"),  # SO-04
        ([start("2026-07-15", 6, "months")], "2027-01-15"),  # SO-16
        ([start("2026-08-31", 30)], "2026-09-30"),  # SO-14
        (
            [start("2026-08-31", 30, extend_most=60), {"act": "extend", "count": 60, "reason": "ministry"}],
            "2026-11-30",
        ),
        (  # AR-01
            [
                start("2026-07-06", 20, "working", extend_most=10),
                {"act": "extend", "count": 10, "reason": "r"},
            ],
            "2026-08-17",
        ),
    ],
)
def test_due_days(acts: list[Act], due: str) -> None:
    assert after(*acts)["due"] == d(due)


def test_a_stop_counts_to_its_real_end_and_not_to_the_planned_one() -> None:
    """SO-12: expert review 2026-05-20 to 2026-06-03, fifteen days, both ends included."""
    begun = start("2026-05-11", 60, stops_for=STOPS)
    stop = {
        "act": "stop",
        "from": d("2026-05-20"),
        "until": d("2026-05-29"),
        "reason": "expert_review",
        "law": "A",
    }
    held = after(begun, stop)
    assert (held["state"], held["due"]) == ("stopped", d("2026-07-20"))
    assert held["stops"] == [
        {
            "from": d("2026-05-20"),
            "until": None,
            "planned": d("2026-05-29"),
            "reason": "expert_review",
            "law": "A",
        }
    ]
    done = after(begun, stop, {"act": "resume", "on": d("2026-06-03")})
    assert (done["state"], done["due"]) == ("running", d("2026-07-27"))


def test_two_stops_at_once_count_each_day_once() -> None:
    acts = [
        start("2026-05-11", 60, stops_for=STOPS),
        {"act": "stop", "from": d("2026-05-20"), "reason": "expert_review"},
        {"act": "stop", "from": d("2026-05-25"), "reason": "hearing"},
        {"act": "resume", "on": d("2026-06-03"), "reason": "expert_review"},
    ]
    assert after(*acts)["state"] == "stopped"
    acts.append({"act": "resume", "on": d("2026-05-30"), "reason": "hearing"})
    assert after(*acts)["due"] == d("2026-07-27")


@pytest.mark.parametrize(
    ("acts", "code"),
    [
        ([{"act": "stop", "from": d("2026-05-20"), "reason": "consultation"}], "clock-stop-not-listed"),
        ([{"act": "extend", "count": 10, "reason": "busy"}], "clock-extension-over"),
        (
            [{"act": "end", "on": d("2026-05-20")}, {"act": "resume", "on": d("2026-05-21")}],
            "clock-not-running",
        ),
        ([{"act": "extend", "count": Decimal("1.5"), "reason": "half"}], "clock-act"),
        ([{"act": "stop", "reason": "hearing"}], "clock-act"),
        ([{"act": "rewind"}], "clock-act"),
        ([start("2026-05-11", -1)], "clock-act"),
        ([start("2026-05-11", 1, "weeks")], "clock-act"),
    ],
)
def test_what_the_law_does_not_list_is_refused(acts: list[Act], code: str) -> None:
    with pytest.raises(ClockError) as caught:
        after(start("2026-05-11", 60, stops_for=STOPS), *acts)
    assert caught.value.code == code


def test_extensions_add_up_to_what_may_be_given() -> None:
    begun = start("2026-08-31", 30, extend_most=60)
    half = {"act": "extend", "count": 30, "reason": "ministry"}
    assert after(begun, half, half)["due"] == d("2026-11-30")
    with pytest.raises(ClockError, match="60"):
        after(begun, half, half, {**half, "count": 1})


def test_a_year_that_nobody_announced_is_marked() -> None:
    """U22: 60 days from 2026-12-10 end on 2027-02-08, provisionally; with the year's table it moves."""
    begun = start("2026-12-10", 60)
    held = after(begun)
    assert (held["due"], held["provisional"]) == (d("2027-02-08"), True)
    table = {
        "year": 2027,
        "source": "test",
        "off": [{"from": "2027-02-05", "to": "2027-02-11"}],
        "working": [],
    }
    new = read_calendar({"calendar/2027.json": json.dumps(table)})
    known = type(CALENDAR)(CALENDAR.years | new.years, CALENDAR.off | new.off, CALENDAR.working | new.working)
    looked = applied(held, {"act": "look"}, known)
    assert (looked["due"], looked["provisional"]) == (d("2027-02-12"), False)


def test_late_is_a_fact_of_the_last_day() -> None:
    begun = start("2026-03-02", 20, "working")
    assert after(begun, {"act": "end", "on": d("2026-03-30")})["late"] is False
    assert after(begun, {"act": "overdue"}, {"act": "end", "on": d("2026-03-31")})["late"] is True


def test_the_share_used_leaves_out_stopped_days() -> None:
    clock = after(
        start("2026-05-11", 60, stops_for=STOPS),
        {"act": "stop", "from": d("2026-05-20"), "reason": "expert_review"},
        {"act": "resume", "on": d("2026-06-03")},
    )
    assert share_used(clock, d("2026-05-11"), CALENDAR) == 0
    assert share_used(clock, d("2026-05-19"), CALENDAR) == share_used(clock, d("2026-06-03"), CALENDAR)
    assert share_used(clock, clock["due"], CALENDAR) == 1


def test_the_journal_gives_the_clock_again() -> None:
    acts = [
        start("2026-05-11", 60, stops_for=STOPS, extend_most=10, title="法定期限", tell="chief"),
        {
            "act": "stop",
            "from": d("2026-05-20"),
            "until": d("2026-05-29"),
            "reason": "expert_review",
            "law": "A",
        },
        {"act": "resume", "on": d("2026-06-03")},
        {"act": "extend", "count": Decimal(10), "reason": "r", "law": "B"},
        {"act": "end", "on": d("2026-08-01")},
    ]
    entries = [
        json.loads(
            plain({"clock": "main", "act": act["act"], "facts": {k: v for k, v in act.items() if k != "act"}})
        )
        for act in acts
    ]
    assert replayed(entries, CALENDAR) == {"main": after(*acts)}
