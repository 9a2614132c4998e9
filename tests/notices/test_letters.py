"""Notices from a case to people: inboxes, chosen lines, languages; retries that never send twice; logs that name nobody."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from engine.access import Actor
from engine.commands import AddAccount, ChangeProfile, GrantLine, ReadNotices
from engine.commands.letters import SettleLetter
from engine.effects import Broken, Message, Sent
from engine.errors import NotFound
from engine.notices import line_handlers
from engine.package import Package
from engine.queries.accounts import inbox, unread
from engine.settings import Settings
from engine.verify import verify
from tests.bank import running_bank
from tests.engine.models import watch
from tests.engine.small import INSTALLER, RULES, Small, ends, model, open_small, package, task
from tests.notices.post_office import PASSWORD, USER, certificates, running_post_office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bank import RunningBank
    from tests.notices.post_office import Boxes

PHONE, ANN_PHONE = "13812345678", "13900000001"


def telling() -> Package:
    """A case that tells its applicant that it has come."""
    given = "={phone: phone, name: &quot;张三丰&quot;}"
    elements = ends() + task("intermediateThrowEvent", "tell", notice="received", input=given)
    elements += task("userTask", "look")
    bpmn = model("telling", {"clerk": "look"}, elements, "begin>tell tell>look look>done")
    from tests.engine.small import form

    forms = {"start": form("start", {"key": "phone", "type": "phone"})}
    return package("telling", bpmn, RULES.format("telling"), forms)


def watched() -> Package:
    """Tasks with deadlines, handed out by leaders."""
    files = watch().files
    rules = files["policies/watch.csv"] + b"p, leader, watch, reassign\n"
    return Package("watch", {**files, "policies/watch.csv": rules})


def written(message: Message, _effects: object) -> Sent:
    return Sent(
        "inbox",
        "",
        f"已收到{message.input.get('name')}的申请。",
        translations={"en": "Your application has arrived."},
    )


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBank]:
    with running_bank(tmp_path_factory.mktemp("gateway") / "ledger.sqlite3") as running:
        yield running


@pytest.fixture(scope="module")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Boxes]]:
    root, tls = certificates(tmp_path_factory.mktemp("tls"))
    with running_post_office(tls) as running:
        yield root, running


@pytest.fixture
def office(store_url: str, gateway: RunningBank, boxes: tuple[Path, Boxes]) -> Iterator[Small]:
    root, post = boxes
    post.letters.clear()
    post.answers.clear()
    gateway.habits(forget=True)
    settings = Settings(
        connectors={"sms": f"{gateway.url}/messages"},
        mail=f"smtp://{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{post.port}",
        mail_from="banjian@example.org",
        mail_authority=str(root),
    )
    small = open_small(
        store_url, telling(), watched(), handlers={"notice": written, **line_handlers(settings)}
    )
    small.bus.office = replace(small.bus.office, lines=frozenset({"sms", "email"}))
    yield small
    small.close()


def person(
    office: Small, name: str, *, phone: str | None = None, language: str = "zh", **grant: str
) -> Actor:
    grants = [GrantLine(**grant)] if grant else []
    office.do(AddAccount(f"add-{name}", name, name.upper(), None, phone, language, grants), INSTALLER)
    return Actor(name, name.upper())


def texts(gateway: RunningBank, case: str) -> list[tuple[str, str]]:
    return [(one["to"], one["text"]) for one in gateway.messages() if one["key"].startswith(case)]


def submit(office: Small, actor: Actor, phone: str | None = PHONE) -> str:
    return str(office.submit("telling", {"phone": phone} if phone else {}, actor=actor)["case"])


def test_an_applicant_without_choice_gets_a_message_and_finds_it_in_the_inbox(
    office: Small, gateway: RunningBank
) -> None:
    ann = person(office, "ann", phone=ANN_PHONE)
    case = submit(office, ann)
    office.carrier.drain()
    assert texts(gateway, case) == [(ANN_PHONE, "已收到张三丰的申请。")]
    [(letter, (sending,))] = inbox(office.bus.store, ann)
    assert (letter.text, letter.case_id, letter.read_at) == ("已收到张三丰的申请。", case, None)
    assert (sending.line, sending.state) == ("sms", "done")
    assert unread(office.bus.store, ann) == 1
    office.do(ReadNotices("read", letter.id), ann)
    assert unread(office.bus.store, ann) == 0
    assert not list(verify(office.bus.store))


def test_the_own_choice_counts_and_the_own_language(office: Small, gateway: RunningBank, boxes: Any) -> None:
    bob = person(office, "bob", phone=ANN_PHONE)
    office.do(ChangeProfile("p", "BOB", "bob@example.com", ("email",), "en"), bob)
    case = submit(office, bob)
    office.carrier.drain()
    assert texts(gateway, case) == []
    [(to, letter)] = boxes[1].letters
    assert to == "bob@example.com"
    assert letter.get_content().strip() == "Your application has arrived."
    assert office.rows("SELECT state FROM outbox WHERE kind = 'email'") == [("done",)]
    office.do(ChangeProfile("q", "BOB", "bob@example.com", (), "zh"), bob)
    submit(office, bob)
    office.carrier.drain()
    assert len(boxes[1].letters) == 1
    assert [found[0].text for found in inbox(office.bus.store, bob)] == [
        "已收到张三丰的申请。",
        "Your application has arrived.",
    ]


def test_who_has_no_account_gets_a_message_at_the_number_of_the_form(
    office: Small, gateway: RunningBank
) -> None:
    cat = Actor("cat", "CAT")  # signed in, but without a row: as with the scenario runner
    case = submit(office, cat)
    office.carrier.drain()
    assert texts(gateway, case) == [(PHONE, "已收到张三丰的申请。")]
    assert office.rows("SELECT recipient FROM notice") == [("138****5678",)]
    nobody = submit(office, cat, None)
    office.carrier.drain()
    assert texts(gateway, nobody) == []


def test_a_letter_that_is_carried_again_is_not_sent_again(office: Small, gateway: RunningBank) -> None:
    case = submit(office, person(office, "dan", phone=ANN_PHONE))
    office.carrier.drain()
    # As if the worker had died after sending: the row is open again, and another claims it.
    name = office.rows("SELECT id FROM outbox WHERE kind = 'sms'")[0][0]
    office.bus.store.run("DELETE FROM command WHERE id = ?", (name,))
    body = '{"input":{"to":"13900000001","text":"已收到张三丰的申请。"}}'
    office.bus.store.run("UPDATE outbox SET state = 'open', body = ? WHERE id = ?", (body, name))
    office.later(minutes=5)
    office.carrier.drain()
    assert office.rows("SELECT state FROM outbox WHERE id = ?", name) == [("done",)]
    assert len(texts(gateway, case)) == 1


def test_a_refused_number_fails_and_the_case_goes_on(office: Small, gateway: RunningBank) -> None:
    gateway.habits(refuse=1)
    eve = person(office, "eve", phone=ANN_PHONE)
    case = submit(office, eve)
    office.carrier.drain()
    assert office.rows("SELECT state, error FROM outbox WHERE kind = 'sms'") == [("failed", "sms-refused")]
    assert office.rows("SELECT count(*) FROM incident WHERE case_id = ?", case) == [(0,)]
    [(letter, (sending,))] = inbox(office.bus.store, eve)
    assert (sending.state, letter.text) == ("failed", "已收到张三丰的申请。")
    assert not list(verify(office.bus.store))


def test_a_line_that_is_down_is_tried_again_and_then_given_up(
    office: Small, gateway: RunningBank, boxes: Any
) -> None:
    boxes[1].answers = ["451 later", "451 later"]
    fay = person(office, "fay")
    office.do(ChangeProfile("p", "FAY", "fay@example.com", ("email",), "zh"), fay)
    submit(office, fay)
    for _ in range(4):
        office.carrier.drain()
        office.later(minutes=11)
    assert len(boxes[1].letters) == 1
    assert office.rows("SELECT state, tries FROM outbox WHERE kind = 'email'") == [("done", 3)]
    boxes[1].answers = ["451 later"] * 9
    submit(office, fay)
    for _ in range(6):
        office.carrier.drain()
        office.later(minutes=11)
    boxes[1].answers = []
    assert len(boxes[1].letters) == 1
    failed = office.rows("SELECT state, error FROM outbox WHERE kind = 'email' ORDER BY id")
    assert ("failed", "mail-refused") in failed


def test_what_was_for_whom_is_forgotten_when_it_is_settled(office: Small) -> None:
    submit(office, person(office, "gus", phone=ANN_PHONE))
    office.carrier.drain()
    rows = office.rows("SELECT * FROM outbox WHERE kind IN ('sms', 'email')")
    assert rows
    assert ANN_PHONE not in str(rows)
    assert ANN_PHONE not in str(office.rows("SELECT * FROM command"))
    assert ANN_PHONE not in str(office.rows("SELECT body FROM journal"))


def test_settling_twice_changes_nothing(office: Small) -> None:
    submit(office, person(office, "hal", phone=ANN_PHONE))
    office.carrier.drain()
    name = office.rows("SELECT id FROM outbox WHERE kind = 'sms'")[0][0]
    told = office.do(SettleLetter("again", name, Broken("late")))
    assert told["settled"] is False
    assert office.rows("SELECT state FROM outbox WHERE id = ?", name) == [("done",)]
    with pytest.raises(NotFound):
        office.do(SettleLetter("none", "no-such", Broken("late")))


def test_nobody_reads_the_notices_of_others(office: Small) -> None:
    ann, bob = person(office, "ann"), person(office, "bob")
    submit(office, ann)
    office.carrier.drain()
    [(letter, _)] = inbox(office.bus.store, ann)
    assert inbox(office.bus.store, bob) == []
    with pytest.raises(NotFound):
        office.do(ReadNotices("x", letter.id), bob)


def test_logs_name_nobody(
    office: Small, gateway: RunningBank, boxes: Any, caplog: pytest.LogCaptureFixture
) -> None:
    boxes[1].answers = ["451 later"]
    gateway.habits(refuse=1)
    ida = person(office, "ida", phone=ANN_PHONE)
    office.do(ChangeProfile("p", "IDA", "ida@example.com", ("sms", "email"), "zh"), ida)
    with caplog.at_level(logging.DEBUG, logger="engine"):
        submit(office, ida)
        for _ in range(3):
            office.carrier.drain()
            office.later(minutes=11)
    ours = "\n".join(
        r.getMessage() + str(r.exc_info or "") for r in caplog.records if r.name.startswith("engine")
    )
    assert not [word for word in (ANN_PHONE, PHONE, "ida@example.com", "张三丰") if word in ours]


def test_overdue_work_is_told_to_its_holder_and_to_those_who_hand_it_out(office: Small) -> None:
    person(office, "jan", role="clerk", area="140702")
    for name, area in (("kim", "140702"), ("lee", "140728")):
        person(office, name, role="leader", area=area)
    case = office.submit("watch")["case"]
    office.bus.store.run(
        "UPDATE task SET claimed_by = 'jan', claimed_name = 'JAN' WHERE case_id = ?", (case,)
    )
    office.later(days=4)
    office.carrier.drain()
    told = office.rows("SELECT event, account FROM notice WHERE case_id = ? ORDER BY event", case)
    assert told == [("overdue-escalate", "kim"), ("overdue-remind", "jan")]
