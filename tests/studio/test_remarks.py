"""Remarks about elements and files: who may make them, threads, settling, the journal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
import pytest
from lxml import html

from engine.access import Actor, Grant
from engine.commands import BeginDraft, DropDraft, Remark, SettleRemark
from engine.errors import CommandInvalid, Forbidden, NotFound
from engine.package import pack
from engine.queries.remarks import remarks
from tests.engine.small import RULES, ends, model, package, task
from tests.studio.conftest import ANNE, CALLING, SHORT

if TYPE_CHECKING:
    from engine.office import Office
    from tests.api.conftest import Caller, People

BOB = Actor("process_admin", "高远", (Grant("process_admin"),))
CLERK = Actor("beiguan.window", "王丽", (Grant("town_window", "140702001"),))
NOW = datetime(2026, 8, 3, 1, 0, tzinfo=UTC)
PATH = f"workflows/bpmn/{SHORT}.bpmn"


def say(office: Office, key: str, actor: Actor = ANNE, **values: Any) -> Any:
    command = Remark(
        **{"id": key, "process": SHORT, "path": PATH, "text": "为什么？", "element": "handle", **values}
    )
    return office.bus.execute(command, actor, NOW)


def threads(office: Office, actor: Actor = ANNE) -> list[Any]:
    return remarks(office.store, office.bus.access, actor, SHORT)


def test_a_thread_with_an_answer_is_settled_and_taken_up_again(bureau: Office) -> None:
    first = say(bureau, "thread-1")["thread"]
    answer = say(
        bureau, "thread-1-answer", BOB, thread=first, path="elsewhere", element="", text="第十条要求"
    )
    assert answer["thread"] == first
    (found,) = [one for one in threads(bureau, BOB) if one.first.id == first]
    assert [(one.by_name, one.text, one.path, one.element) for one in (found.first, *found.answers)] == [
        ("路遥", "为什么？", PATH, "handle"),
        ("高远", "第十条要求", PATH, "handle"),
    ]
    bureau.bus.execute(SettleRemark("settle-1", SHORT, first), BOB, NOW)
    (found,) = [one for one in threads(bureau) if one.first.id == first]
    assert found.settled
    assert found.first.settled_name == "高远"
    bureau.bus.execute(SettleRemark("settle-2", SHORT, first, settled=False), ANNE, NOW)
    assert not next(one for one in threads(bureau) if one.first.id == first).settled
    with bureau.store.reading() as reader:
        rows = reader.rows(
            "SELECT kind, body FROM journal WHERE chain = ? ORDER BY seq", (f"process:{SHORT}",)
        )
    told = [
        kind
        for kind, body in rows
        if first in (orjson.loads(body).get("thread"), orjson.loads(body).get("remark"))
    ]
    assert told == ["remarked", "remarked", "remark-settled", "remark-taken-up"]


def test_open_threads_come_first(bureau: Office) -> None:
    done = say(bureau, "order-1")["thread"]
    bureau.bus.execute(SettleRemark("order-settle", SHORT, done), ANNE, NOW)
    still = say(bureau, "order-2")["thread"]
    order = [one.first.id for one in threads(bureau)]
    assert order.index(still) < order.index(done)


def test_open_threads_and_the_newest_are_kept(bureau: Office) -> None:
    """The oldest thread is open, the next two are settled: with room for one, then two, then three."""
    early = NOW - timedelta(days=700)
    for place, key in enumerate(("kept-old", "kept-settled", "kept-newer")):
        command = Remark(key, SHORT, PATH, "为什么？", "handle")
        bureau.bus.execute(command, ANNE, early + timedelta(days=place))
    for key in ("kept-settled", "kept-newer"):
        bureau.bus.execute(SettleRemark(f"{key}-done", SHORT, key), BOB, NOW)
    answer = Remark("kept-answer", SHORT, "", "因为", thread="kept-old")
    bureau.bus.execute(answer, BOB, NOW + timedelta(days=1))
    every = threads(bureau)
    still = [one.first.id for one in every if not one.settled]
    assert still[-1] == "kept-old"

    def kept(most: int) -> list[Any]:
        return remarks(bureau.store, bureau.bus.access, ANNE, SHORT, most)

    assert [one.first.id for one in kept(1)] == still[:1]
    found = kept(len(still))
    assert [one.first.id for one in found] == still
    assert [one.text for one in found[-1].answers] == ["因为"]
    assert [one.first.id for one in kept(len(every) - 1)][-1] == "kept-newer"
    assert [one.first.id for one in kept(len(every))][-2:] == ["kept-newer", "kept-settled"]


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"text": "  "}, CommandInvalid),
        ({"text": "长" * 2001}, CommandInvalid),
        ({"path": "x" * 301}, CommandInvalid),
        ({"process": "nowhere"}, Forbidden),
        ({"thread": "nothing-said"}, NotFound),
    ],
)
def test_what_is_no_remark_is_refused(
    bureau: Office, values: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        say(bureau, f"bad-{sorted(values)}-{len(str(values))}", **values)


def test_an_answer_stays_with_its_process(bureau: Office) -> None:
    first = say(bureau, "stays")["thread"]
    # The other one is secret, and may be spoken of by who draws it: its cases are not its files.
    with pytest.raises(NotFound):
        say(bureau, "strays", process=CALLING, thread=first)
    with pytest.raises(NotFound):
        bureau.bus.execute(SettleRemark("strays-settle", CALLING, first), ANNE, NOW)


def test_something_can_be_said_about_a_process_that_was_never_published(bureau: Office) -> None:
    name = "never-published"
    bpmn = model(name, {"clerk": "look"}, ends() + task("userTask", "look"), "begin>look look>done")
    unheard = package(name, bpmn, RULES.format(name))
    begun = BeginDraft("begin-unheard", name, archive=pack(unheard), new=True)
    try:
        bureau.bus.execute(begun, ANNE, NOW)
        bureau.refresh()
        said = say(bureau, "unheard", process=name)["thread"]
        found = remarks(bureau.store, bureau.bus.access, BOB, name)
        assert [one.first.id for one in found] == [said]
        with pytest.raises(Forbidden):
            say(bureau, "unheard-clerk", CLERK, process=name)
    finally:
        bureau.bus.execute(DropDraft("drop-unheard", name, 1), ANNE, NOW)
        bureau.refresh()


def test_clerks_neither_say_nor_read(bureau: Office) -> None:
    with pytest.raises(Forbidden):
        say(bureau, "clerk", CLERK)
    with pytest.raises(Forbidden):
        threads(bureau, CLERK)


def test_the_page_takes_remarks_beside_the_diagram(analyst: Caller, publisher: Caller) -> None:
    address = f"/studio/{SHORT}/remarks"
    headers = {**analyst.headers, "content-type": "application/x-www-form-urlencoded"}
    where = {"path": PATH, "element": "call_back"}
    said = analyst.client.post(
        address,
        content=urlencode({**where, "text": "<b>打几次电话？</b>", "command": "page-1"}),
        headers=headers,
    )
    assert said.status_code == 303
    page = publisher.get(f"{address}?element=call_back")
    assert "&lt;b&gt;打几次电话？&lt;/b&gt;" in page.text
    drawn = html.fromstring(page.text).xpath("//*[@data-element-id='call_back']//*[@class='d-r']")
    assert len(drawn) == 1


def test_an_editor_reads_and_writes_them_as_data(analyst: Caller, publisher: Caller, staff: People) -> None:
    address = f"/studio/{SHORT}/remarks"
    body = {"path": PATH, "element": "fix", "text": "期限够吗？"}
    thread = analyst.post(f"{address}/say", body).json()["thread"]
    assert publisher.post(f"{address}/say", {"thread": thread, "text": "够。"}).json()["thread"] == thread
    listed = analyst.get(f"{address}/list").json()
    assert listed["open"]["fix"] == 1
    (found,) = [one for one in listed["threads"] if one["id"] == thread]
    assert [(one["text"], one["own"]) for one in found["said"]] == [("期限够吗？", True), ("够。", False)]
    assert analyst.post(f"{address}/settle", {"thread": thread}).json()["settled"]
    assert "fix" not in analyst.get(f"{address}/list").json()["open"]
    assert analyst.post(f"{address}/say", {**body, "path": "nowhere"}).status_code == 400
    assert staff("beiguan.window").get(f"{address}/list").status_code == 404
    assert staff("beiguan.window").post(f"{address}/say", body).status_code == 404
