"""Registers and pools: what stands is what the entries say, and no number is taken twice, whoever asks at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from engine.commands import SubmitApplication
from engine.commands.frame import Work
from engine.register import find, fold, record
from engine.store.tx import Tx
from engine.verify import verify
from tests.engine.small import AREA, ENGINE, RULES, ends, form, model, open_small, package, person, task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.package import Package
    from tests.engine.small import Small

SEGMENTS = "[{prefix: &quot;MJ&quot;, first: 140001, last: 140003}, {prefix: &quot;MK&quot;, first: 7, last: 9, width: 6}]"


def registry() -> Package:
    """take a number -> record the subject -> end; whoever finds the pool empty ends elsewhere."""
    elements = ends() + '<bpmn:endEvent id="none_left"/>'
    take = f"={{pool: &quot;P&quot;, segments: {SEGMENTS}, purpose: &quot;test&quot;}}"
    elements += task("serviceTask", "take", operation="pool.take", result="code", input=take)
    entry = (
        "={register: &quot;bodies&quot;, key: code.number, event: &quot;established&quot;, on: date(now()), name: name,"
        " status: &quot;registered&quot;, data: {fund: 30000, chair: chair}, new: true}"
    )
    elements += task("serviceTask", "enter", operation="register.record", result="entered", input=entry)
    elements += (
        '<bpmn:boundaryEvent id="empty" attachedToRef="take"><bpmn:errorEventDefinition errorRef="e1"/>'
        "</bpmn:boundaryEvent>"
    )
    bpmn = model(
        "registry",
        {"clerk": "take"},
        elements,
        "begin>take take>enter enter>done empty>none_left",
        '<bpmn:error id="e1" name="empty" errorCode="pool-empty"/>',
    )
    fields = ({"key": "name", "type": "text", "required": True}, {"key": "chair", "type": "text"})
    return package("registry", bpmn, RULES.format("registry"), {"start": form("start", *fields)})


@pytest.fixture
def office(store_url: str) -> Iterator[Small]:
    small = open_small(store_url, registry(), size=10)
    yield small
    small.close()


def asked(office: Small, given: dict[str, Any]) -> dict[str, Any]:
    with office.bus.store.writing() as session:
        work = Work(Tx(session, office.now), ENGINE, office.now, None, office.bus.office)  # type: ignore[arg-type]
        return find(work, "none", given)


def test_fold_lays_later_over_earlier() -> None:
    entries = [
        {"name": "甲", "status": "registered", "data": {"a": 1, "b": 2}},
        {"data": {"a": 3, "b": None}, "append": {"former": "甲"}, "name": "乙"},
        {"append": {"former": "乙"}, "status": "closed"},
    ]
    assert fold(entries) == {"name": "乙", "status": "closed", "a": 3, "former": ["甲", "乙"]}


def test_numbers_run_through_their_segments_and_then_out(office: Small) -> None:
    ended = []
    for number in range(7):
        answer = office.submit("registry", {"name": f"会{number}", "chair": "张三"})
        ended.append(
            orjson.loads(
                office.rows(
                    "SELECT body FROM journal WHERE chain = ? AND kind = 'ended' ORDER BY seq DESC LIMIT 1",
                    answer["case"],
                )[0][0]
            )["ends"]
        )
    taken = [row[0] for row in office.rows("SELECT number FROM pool_number ORDER BY number")]
    assert taken == ["MJ140001", "MJ140002", "MJ140003", "MK000007", "MK000008", "MK000009"]
    assert ended == [["done"]] * 6 + [["none_left"]]
    assert list(verify(office.bus.store)) == []


def test_nobody_gets_a_number_twice(office: Small) -> None:
    def apply(number: int) -> str:
        command = SubmitApplication(f"apply{number}", "registry", AREA, {"name": f"会{number}"})
        return str(office.bus.execute(command, person(f"p{number}"), office.now)["case"])

    with ThreadPoolExecutor(8) as pool:
        cases = list(pool.map(apply, range(12)))
    taken = office.rows("SELECT number, case_id FROM pool_number")
    assert len(taken) == len({row[0] for row in taken}) == 6
    assert {row[1] for row in taken} <= set(cases)
    assert [row[0] for row in office.rows("SELECT count(*) FROM register_item")] == [6]
    assert list(verify(office.bus.store)) == []


def test_items_are_found_by_key_word_text_and_field(office: Small) -> None:
    for name, chair in (("晋中市醋业协会", "张三"), ("晋中市书法研究会", "李四")):
        office.submit("registry", {"name": name, "chair": chair})
    assert asked(office, {"register": "bodies", "key": "MJ140001"})["entry"]["name"] == "晋中市醋业协会"
    assert (
        asked(office, {"register": "bodies", "words": ["晋中市书法研究会", "别的"]})["entry"]["key"]
        == "MJ140002"
    )
    assert asked(office, {"register": "bodies", "text": "醋"})["count"] == 1
    assert asked(office, {"register": "bodies", "text": "%"})["found"] is False
    found = asked(
        office, {"register": "bodies", "area": "1407", "where": {"chair": "李四"}, "status": ["registered"]}
    )
    assert [one["key"] for one in found["entries"]] == ["MJ140002"]
    assert asked(office, {"register": "bodies", "area": "1408"})["entry"] is None


def test_a_name_is_found_after_it_has_changed(office: Small) -> None:
    number = office.submit("registry", {"name": "晋中市醋业协会"})["case"]
    with office.bus.store.writing() as session:
        tx = Tx(session, office.now)
        work = Work(tx, ENGINE, office.now, None, office.bus.office)  # type: ignore[arg-type]
        given = {"register": "bodies", "key": "MJ140001", "event": "changed", "on": date(2026, 9, 1)}
        one = record(
            work, number, {**given, "name": "晋中市老陈醋协会", "append": {"former": "晋中市醋业协会"}}
        )
        two = record(work, number, {**given, "event": "closed", "status": "closed", "data": {"fund": None}})
        moved = record(work, number, {**given, "revision": 2, "event": "again"})
        absent = record(work, number, {**given, "key": "MJ1", "revision": 1, "event": "again"})
        taken = record(work, number, {**given, "new": True, "event": "again"})
        session.flush(tx.writes)
    assert (one["revision"], two["revision"], taken["ok"]) == (2, 3, False)
    assert (moved["ok"], moved["revision"]) == (False, 3)
    assert absent == {"ok": False, "entry": None, "revision": 0, "before": None, "now": None}
    assert "fund" not in two["now"]
    for word in ("晋中市醋业协会", "晋中市老陈醋协会"):
        assert asked(office, {"register": "bodies", "words": word})["entry"]["status"] == "closed"
    assert not [flaw for flaw in verify(office.bus.store) if flaw.code == "register-item-differs"]


def test_verify_sees_an_item_that_no_entry_made(office: Small) -> None:
    office.submit("registry", {"name": "晋中市醋业协会"})
    with office.bus.store.writing() as session:
        session.rows("UPDATE register_item SET revision = 9 RETURNING 1", ())
        session.flush({})
    assert [flaw.code for flaw in verify(office.bus.store)] == ["register-item-differs"]
