"""Applications begun step by step, who may hand in for whom, helpers, ratings, receipts, and what an owner is not shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine import errors, queries
from engine.access import Actor
from engine.commands import (
    AskReceipt,
    BeginApplication,
    DropApplication,
    KeepApplication,
    KeepFile,
    OpenDocument,
    RateCase,
    RecordHelper,
    SubmitApplication,
    TakeApplication,
)
from engine.effects import Issued
from tests.engine.small import AREA, Small, ends, form, model, open_small, package, person, task

if TYPE_CHECKING:
    from collections.abc import Iterator

BOB = Actor("bob", "BOB")
ANN = person("ann")
HELPER = {"name": "李四", "relation": "relative", "consent": "present"}
LAW = {"rating_window_days": Decimal(10), "rating_bad_grade": Decimal(2), "rating_process": "looked-into"}


def begin(small: Small, actor: Actor = BOB) -> tuple[str, str]:
    """A draft of `actor`: its id and code."""
    told = small.do(BeginApplication(small.id(), "relief"), actor)
    return told["draft"], told["code"]


def begun_by_nobody(small: Small) -> tuple[str, str]:
    """A draft without account: its id and code."""
    draft, code = begin(small)
    small.bus.store.run("UPDATE application_draft SET account = NULL")
    return draft, code


def keep(small: Small, draft: str, actor: Actor = BOB, seen: int = 1, **answers: Any) -> Any:
    """Save one step whose questions are `reason` and whatever is answered."""
    keys = ("reason", *answers)
    return small.do(KeepApplication(small.id(), draft, "1", seen, keys, answers), actor)


def test_a_draft_is_saved_step_by_step_and_handed_in_once(small: Small) -> None:
    draft, code = begin(small)
    small.do(KeepApplication("k0", draft, "place", 1, about={"area": AREA, "phone": "13812345678"}), BOB)
    keep(small, draft, reason="fire")
    first = small.do(SubmitApplication("s1", "relief", "", draft=draft), BOB)
    assert small.do(SubmitApplication("s1", "relief", "", draft=draft), BOB).again
    with pytest.raises(errors.Conflict) as late:
        small.do(SubmitApplication("s2", "relief", "", draft=draft), BOB)
    assert (late.value.code, late.value.values["case"]) == ("already-submitted", first["case"])
    with pytest.raises(errors.Conflict):
        keep(small, draft, reason="water")
    row = small.rows("SELECT applicant, area, application FROM cases")
    assert [(r[0], r[1], json.loads(r[2])) for r in row] == [("bob", AREA, {"reason": "fire"})]
    held = queries.draft(small.bus.store, BOB, draft, small.now)
    assert (held.row.state, held.row.case_id, dict(held.answers)) == ("submitted", first["case"], {})
    assert len(code) == 8


def test_an_older_window_empties_nothing(small: Small) -> None:
    draft, _ = begin(small)
    saved = keep(small, draft, reason="fire")["revision"]
    told = keep(small, draft, seen=1)
    assert told["merged"]
    assert queries.draft(small.bus.store, BOB, draft, small.now).answers == {"reason": "fire"}
    told = keep(small, draft, seen=told["revision"])
    assert not told["merged"]
    assert queries.draft(small.bus.store, BOB, draft, small.now).answers == {}
    assert saved == 2


def test_a_draft_is_nobody_elses(small: Small) -> None:
    draft, code = begin(small)
    for stranger in (Actor("eve", "EVE"), Actor(None), person("clerk"), Actor("draft:other")):
        with pytest.raises(errors.NotFound):
            queries.draft(small.bus.store, stranger, draft, small.now)
        with pytest.raises((errors.NotFound, errors.SignInRequired)):
            keep(small, draft, actor=stranger, reason="mine now")
        with pytest.raises((errors.NotFound, errors.SignInRequired)):
            small.do(SubmitApplication(small.id(), "relief", "", draft=draft), stranger)
    with pytest.raises(errors.NotFound):
        queries.draft_holder(small.bus.store, draft, "WRONG234")
    holder = queries.draft_holder(small.bus.store, draft, code)
    keep(small, draft, actor=holder, reason="session ended, the draft did not")
    small.do(KeepApplication("k", draft, "place", 9, about={"area": AREA}), holder)
    number = small.do(SubmitApplication("s", "relief", "", draft=draft), holder)["case"]
    assert small.rows("SELECT applicant FROM cases WHERE id = ?", number) == [("bob",)]


def test_a_proved_phone_finds_its_drafts(small: Small) -> None:
    draft, code = begin(small)
    small.do(KeepApplication("k", draft, "place", 1, about={"phone": "13812345678"}), BOB)
    carol = Actor("carol", "CAROL")
    assert queries.drafts(small.bus.store, carol, small.now) == []
    small.bus.store.run(
        "INSERT INTO identity (issuer, subject, account, added_at) VALUES ('phone', ?, 'carol', ?)",
        ("13812345678", small.now),
    )
    assert [row.id for row in queries.drafts(small.bus.store, carol, small.now)] == [draft]
    assert [row.id for row in queries.drafts_of_phone(small.bus.store, "13812345678", code, small.now)] == [
        draft
    ]
    assert queries.drafts_of_phone(small.bus.store, "13812345678", "WRONG234", small.now) == []
    keep(small, draft, actor=carol, reason="on another telephone")


def test_a_draft_begun_without_account_becomes_the_account_s(small: Small) -> None:
    draft, code = begun_by_nobody(small)
    small.do(KeepApplication("k", draft, "1", 1, ("reason",), {"reason": "fire"}), Actor(f"draft:{draft}"))
    with pytest.raises(errors.NotFound):
        small.do(TakeApplication(small.id(), draft, "WRONG234"), BOB)
    with pytest.raises((errors.NotFound, errors.SignInRequired)):
        small.do(TakeApplication(small.id(), draft, code), Actor(None))
    assert small.do(TakeApplication(small.id(), draft, code), BOB)["taken"]
    assert [row.id for row in queries.drafts(small.bus.store, BOB, small.now)] == [draft]
    # Whose it is now, it stays; the code still opens it, in whichever browser holds it.
    assert not small.do(TakeApplication(small.id(), draft, code), Actor("carol", "CAROL"))["taken"]
    assert queries.drafts(small.bus.store, Actor("carol", "CAROL"), small.now) == []
    assert queries.draft_holder(small.bus.store, draft, code).id == f"draft:{draft}"


def test_a_draft_of_another_phone_is_not_taken(small: Small) -> None:
    draft, code = begun_by_nobody(small)
    small.do(KeepApplication("k", draft, "place", 1, about={"phone": "13812345678"}), Actor(f"draft:{draft}"))
    small.bus.store.run(
        "INSERT INTO identity (issuer, subject, account, added_at) VALUES ('phone', ?, 'carol', ?)",
        ("13900000000", small.now),
    )
    assert not small.do(TakeApplication(small.id(), draft, code), Actor("carol", "CAROL"))["taken"]
    assert small.rows("SELECT account FROM application_draft") == [(None,)]


def test_old_drafts_are_gone_and_cleared_away(small: Small) -> None:
    draft, _ = begin(small)
    small.later(days=31)
    with pytest.raises(errors.NotFound):
        queries.draft(small.bus.store, BOB, draft, small.now)
    with pytest.raises(errors.NotFound):
        keep(small, draft, reason="late")
    other, _ = begin(small)
    assert small.rows("SELECT id FROM application_draft") == [(other,)]
    small.do(DropApplication("d", other), BOB)
    assert small.rows("SELECT id FROM application_draft") == []


def test_files_are_kept_once_and_counted(small: Small) -> None:
    draft, _ = begin(small)
    files = [{"hash": f"{n:064x}", "name": f"{n}.jpg", "size": 9, "type": "image/jpeg"} for n in range(3)]
    for file in (files[0], files[0], files[1]):
        small.do(KeepFile(small.id(), draft, "1", "papers", file, 2), BOB)
    assert queries.draft(small.bus.store, BOB, draft, small.now).answers == {"papers": files[:2]}
    with pytest.raises(errors.CommandInvalid) as many:
        small.do(KeepFile(small.id(), draft, "1", "papers", files[2], 2), BOB)
    assert many.value.code == "too-many-files"
    with pytest.raises(errors.CommandInvalid):
        keep(small, draft, seen=9, reason="x" * 300_000)


def test_only_an_office_enters_cases_for_others(small: Small) -> None:
    for fields in ({"channel": "window"}, {"applicant": "carol"}, {"channel": "phone", "applicant": "carol"}):
        with pytest.raises(errors.Forbidden):
            small.submit(actor=BOB, **fields)  # type: ignore[arg-type]
    number = small.submit(actor=ANN, channel="window", applicant="carol")["case"]
    assert small.rows("SELECT applicant, channel FROM cases WHERE id = ?", number) == [("carol", "window")]
    small.submit(actor=BOB)


def test_a_helper_and_the_consent_stay_with_the_case(small: Small) -> None:
    number = small.submit(actor=BOB, helper=HELPER)["case"]
    stored, body = small.rows(
        "SELECT c.helper, j.body FROM cases c JOIN journal j ON j.chain = c.id AND j.kind = 'submitted'"
        " WHERE c.id = ?",
        number,
    )[0]
    assert json.loads(stored) == HELPER
    assert json.loads(body)["helper"] == HELPER
    view = queries.case(small.bus.store, small.bus.access, BOB, number)
    assert view.variables["case"]["helper"] == HELPER
    worker = {"name": "王五", "relation": "worker", "consent": "telephone", "unit": "锦纶社区"}
    small.do(RecordHelper("h", number, worker), BOB)
    assert json.loads(small.rows("SELECT helper FROM cases WHERE id = ?", number)[0][0]) == worker
    for wrong in (
        {},
        {**HELPER, "name": " "},
        {**HELPER, "consent": "yes"},
        {**HELPER, "relation": "boss"},
        {**HELPER, "consent": "by-law"},
        {**HELPER, "more": "x"},
        {**HELPER, "name": "x" * 61},
    ):
        with pytest.raises(errors.CommandInvalid):
            small.do(RecordHelper(small.id(), number, wrong), BOB)
    with pytest.raises((errors.Forbidden, errors.NotFound)):
        small.do(RecordHelper(small.id(), number, HELPER), Actor("eve", "EVE"))


def ledgered() -> Any:
    """A case that ends after a paper of the office's own and one for the applicant."""
    elements = (
        ends() + task("serviceTask", "book", document="D19") + task("serviceTask", "tell", document="D01")
    )
    bpmn = model("ledgered", {"clerk": "book tell"}, elements, "begin>book book>tell tell>done")
    sidecars = {
        f"templates/ledgered/{code}.json": json.dumps({"title": {"zh": code}, "layout": layout}).encode()
        for code, layout in (("D19", "ledger"), ("D01", "notice"))
    }
    shared = {"templates/_shared/received.json": b'{"title": {"zh": "receipt"}, "layout": "receipt"}'}
    start = {"start": form("start", {"key": "reporter", "type": "text"})}
    start["start"] = start["start"].replace(b'"variables"', b'"about": "reporter", "variables"', 1)
    rules = "p, anyone, {0}, start\np, clerk, {0}, see\np, clerk, {0}/clerk, work\n".format("ledgered")
    return package("ledgered", bpmn, rules, start, **sidecars, **shared)


def looked_into() -> Any:
    """What a bad rating opens."""
    elements = ends() + task("userTask", "call")
    keys = ("rated_case", "rated_item", "comment")
    fields = [{"key": key, "type": "text"} for key in keys]
    fields.append({"key": "grade", "type": "integer"})
    start = form(
        "start",
        *fields,
        {"key": "reasons", "type": "choices", "options": [{"value": "slow", "label": {"zh": "慢"}}]},
        {
            "key": "handled_by",
            "type": "list",
            "fields": [{"key": "account", "type": "text", "label": {"zh": "账号"}}],
        },
    )
    bpmn = model("looked-into", {"clerk": "call"}, elements, "begin>call call>done")
    return package(
        "looked-into",
        bpmn,
        "p, clerk, looked-into, see\np, clerk, looked-into/clerk, work\n",
        {"start": start},
    )


@pytest.fixture
def ended(store_url: str) -> Iterator[Small]:
    """An office with one ended case of BOB's."""
    issued = lambda message, _: Issued(  # noqa: E731
        f"{message.name:0>64}", 1, {"zh": str(message.name)}, message.asked_at.date()
    )
    office = open_small(store_url, ledgered(), looked_into(), handlers={"document": issued})
    office.bus.office = replace(
        office.bus.office, world=replace(office.bus.office.world, law=lambda name, *_: LAW[name])
    )
    yield office
    office.close()


def finish(small: Small) -> str:
    """A case of BOB's that has ended."""
    number = small.submit("ledgered", {"reporter": "张三"}, actor=BOB)["case"]
    small.carrier.drain()
    return str(number)


def test_papers_of_the_office_are_not_the_owners(ended: Small) -> None:
    number = finish(ended)
    store, access = ended.bus.store, ended.bus.access
    holder = Actor(f"case:{number}")
    for owner in (BOB, holder):
        view = queries.case(store, access, owner, number)
        assert not view.office
        assert [one.code for one in view.documents] == ["D01"]
        assert {entry.kind for entry in view.timeline} <= {"submitted", "issued", "ended"}
        assert [one.code for one in queries.documents(store, access, owner, number)] == ["D01"]
    clerk = queries.case(store, access, ANN, number)
    assert clerk.office
    assert [one.code for one in clerk.documents] == ["D19", "D01"]
    ledger, notice = (one.id for one in clerk.documents)
    for owner in (BOB, holder):
        with pytest.raises(errors.Forbidden):
            ended.do(OpenDocument(ended.id(), ledger), owner)
        assert ended.do(OpenDocument(ended.id(), notice), owner)["code"] == "D01"
    assert ended.do(OpenDocument(ended.id(), ledger), ANN)["code"] == "D19"
    assert ended.rows("SELECT title FROM cases WHERE id = ?", number) == [("ledgered · 张三",)]


def test_a_receipt_is_printed_when_first_asked_for(ended: Small) -> None:
    number = finish(ended)
    message = ended.do(AskReceipt("r1", number), BOB)["message"]
    assert ended.do(AskReceipt("r2", number), BOB)["message"] == message
    ended.carrier.drain()
    document = ended.do(AskReceipt("r3", number), BOB)["document"]
    assert ended.do(OpenDocument("o", document), BOB)["code"] == "received"
    assert ended.rows("SELECT state FROM cases WHERE id = ?", number) == [("ended",)]
    with pytest.raises((errors.Forbidden, errors.NotFound)):
        ended.do(AskReceipt("r4", number), Actor("eve", "EVE"))


def test_a_case_is_rated_once_after_its_end(ended: Small) -> None:
    number = finish(ended)
    for wrong in (
        RateCase("w1", number, 6),
        RateCase("w2", number, 5, ("boring",)),
        RateCase("w3", number, 5, (), "x" * 501),
    ):
        with pytest.raises(errors.CommandInvalid):
            ended.do(wrong, BOB)
    with pytest.raises(errors.Forbidden):
        ended.do(RateCase("e", number, 1), ANN)
    assert not ended.do(RateCase("g", number, 5, (), "谢谢"), BOB)["looked_into"]
    with pytest.raises(errors.Conflict) as again:
        ended.do(RateCase("h", number, 1), BOB)
    assert again.value.code == "already-rated"
    rating = queries.rating(ended.bus.store, number)
    assert rating is not None
    assert (rating.grade, rating.state, rating.comment) == (5, "kept", "谢谢")
    ended.carrier.drain()
    assert ended.rows("SELECT count(*) FROM cases WHERE process = 'looked-into'") == [(0,)]


def test_a_bad_rating_opens_a_case_and_the_handlers_do_not_read_it(ended: Small) -> None:
    number = finish(ended)
    assert ended.do(RateCase("g", number, 2, ("slow",), "太慢"), Actor(f"case:{number}"))["looked_into"]
    ended.carrier.drain()
    found = ended.rows("SELECT application, channel FROM cases WHERE process = 'looked-into'")
    assert len(found) == 1
    assert json.loads(found[0][0])["rated_case"] == number
    clerk = queries.case(ended.bus.store, ended.bus.access, ANN, number)
    rated = [entry for entry in clerk.timeline if entry.kind == "rated"]
    assert [entry.body for entry in rated] == [{}]
    assert ended.rows("SELECT count(*) FROM incident") == [(0,)]


def test_no_rating_before_the_end_nor_long_after(ended: Small, store_url: str) -> None:
    number = ended.submit("ledgered", {"reporter": "张三"}, actor=BOB)["case"]
    with pytest.raises(errors.Conflict) as early:
        ended.do(RateCase("e", number, 5), BOB)
    assert early.value.code == "not-yet-ended"
    ended.carrier.drain()
    ended.now += timedelta(days=10, seconds=1)
    with pytest.raises(errors.Conflict) as late:
        ended.do(RateCase("l", number, 5), BOB)
    assert late.value.code == "rating-over"
    assert store_url
