"""Papers: how long they hold, what for, who is told when they end; and one case opening another."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from engine import papers
from engine.commands import CountVerifications, RevokeDocument
from engine.documents.register import StoreRegister
from engine.documents.verify import by_token
from engine.effects import Issued
from engine.errors import CommandInvalid, Conflict, Forbidden
from engine.openings import CASE_START
from tests.engine.small import (
    ENGINE,
    RULES,
    ends,
    form,
    model,
    open_small,
    package,
    person,
    relief,
    task,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.effects import Effects, Message
    from engine.package import Package
    from tests.engine.small import Small

BOB, CHIEF = person("bob"), person("chief", "chief")
NUMBER = papers.numbered("{area}-{year}-{n:05}-{check}", 2026, 1, "140702001")


def certificate() -> Package:
    """check (clerk) -> a certificate that holds until a day, for one purpose."""
    given = "={who: &quot;x&quot;, until: date(&quot;2026-08-31&quot;), what_for: &quot;adoption&quot;}"
    elements = ends() + task("userTask", "check")
    elements += task("serviceTask", "print", document="paper", result="paper", input=given)
    bpmn = model("certificate", {"clerk": "check"}, elements, "begin>check check>print print>done")
    sidecar = {
        "title": {"zh": "证明"},
        "number": "{area}-{year}-{n:05}-{check}",
        "valid_until": "until",
        "purpose": "what_for",
    }
    files = {"templates/certificate/paper.json": json.dumps(sidecar).encode()}
    rules = RULES.format("certificate") + "p, chief, certificate, revoke\n"
    return package("certificate", bpmn, rules, **files)


def reliance(*, listening: bool = True) -> Package:
    """A case that verifies a certificate and then works on; it hears when that certificate is revoked."""
    name = "reliance" if listening else "deaf"
    given = "={number: number, purpose: &quot;adoption&quot;}"
    elements = ends() + task("serviceTask", "look", operation="document.verify", result="seen", input=given)
    elements += task("userTask", "decide") + task("userTask", "think_again")
    flows = "begin>look look>decide decide>done"
    events = '<bpmn:message id="m" name="document_revoked"/>'
    if listening:
        elements += (
            '<bpmn:boundaryEvent id="heard" attachedToRef="decide"><bpmn:extensionElements>'
            '<spiffworkflow:properties><spiffworkflow:property name="result" value="news"/>'
            "</spiffworkflow:properties></bpmn:extensionElements>"
            '<bpmn:messageEventDefinition messageRef="m"/></bpmn:boundaryEvent>'
        )
        flows += " heard>think_again think_again>done"
    else:
        elements = elements.replace(task("userTask", "think_again"), "")
    lanes = {"clerk": "decide think_again" if listening else "decide"}
    bpmn = model(name, lanes, elements, flows, events if listening else "")
    forms = {"start": form("start", {"key": "number", "type": "text", "required": True})}
    return package(name, bpmn, RULES.format(name), forms)


def opening(process: str = "relief", reason: str = "&quot;asked&quot;") -> Package:
    """A case that opens another one and keeps its number."""
    given = f"={{process: &quot;{process}&quot;, area: case.area, data: {{reason: {reason}}}}}"
    elements = ends() + task("serviceTask", "open", operation=CASE_START, result="other", input=given)
    bpmn = model("opening", {"clerk": "begin"}, elements, "begin>open open>done")
    return package("opening", bpmn, RULES.format("opening"))


def press(message: Message, _effects: Effects) -> Issued:
    return Issued("0" * 64, 10, {"zh": "证明"}, date(2026, 8, 3), public={"who": "张*"})


@pytest.fixture
def office(store_url: str) -> Iterator[Small]:
    packages = [relief(), certificate(), reliance(), reliance(listening=False), opening()]
    small = open_small(store_url, *packages, handlers={"document": press})
    yield small
    small.close()


def issued(office: Small) -> str:
    """A certificate; the id of its document."""
    opened = office.submit("certificate", {})
    office.work(opened["opened"][0], BOB)
    office.carrier.drain()
    return str(office.rows("SELECT id FROM document")[0][0])


def verdict(office: Small, on: date, purpose: str | None = None) -> str:
    token = office.rows("SELECT token FROM document")[0][0]
    return by_token(token, StoreRegister(office.bus.store), on=on, purpose=purpose).outcome


def test_the_order_of_what_is_told() -> None:
    end, before, after = date(2026, 8, 31), date(2026, 8, 31), date(2026, 9, 1)
    asked = [("revoked", after, "bank"), ("replaced", after, "bank"), ("valid", after, "bank")]
    asked += [("valid", before, "bank"), ("valid", before, "adoption"), ("valid", before, None)]
    told = [papers.standing(state, end, "adoption", on, purpose) for state, on, purpose in asked]
    assert told == ["revoked", "replaced", "expired", "wrong-purpose", "genuine", "genuine"]
    assert papers.standing("valid", None, None, after, "bank") == "genuine"


def test_every_slip_of_one_figure_shows() -> None:
    text = "1407020010012026000"
    own = papers.check_digit(text)
    assert papers.check_digit("0794") == "5"  # the standard's own example
    for place, figure in enumerate(text):
        for other in "0123456789":
            changed = text[:place] + other + text[place + 1 :]
            assert (papers.check_digit(changed) == own) == (other == figure)


def test_a_certificate_holds_until_its_day_and_for_its_purpose(office: Small) -> None:
    issued(office)
    assert office.rows("SELECT number, valid_until, purpose FROM document") == [
        (NUMBER, "2026-08-31", "adoption")
    ]
    assert verdict(office, date(2026, 8, 31), "adoption") == "genuine"
    assert verdict(office, date(2026, 8, 31), "bank") == "wrong-purpose"
    assert verdict(office, date(2026, 9, 1), "adoption") == "expired"


def test_a_case_that_relied_on_it_is_told(office: Small) -> None:
    document = issued(office)
    relying = office.submit("reliance", {"number": NUMBER})["case"]
    deaf = office.submit("deaf", {"number": NUMBER})["case"]
    assert office.rows("SELECT case_id, outcome, times FROM verification ORDER BY case_id") == [
        (relying, "genuine", 1),
        (deaf, "genuine", 1),
    ]
    answer = office.bus.execute(RevokeDocument("r", document, "facts were false"), CHIEF, office.now)
    assert answer["told"] == [relying, deaf]
    office.carrier.drain()
    waiting = office.rows("SELECT case_id, element FROM task WHERE state = 'open' ORDER BY case_id")
    assert waiting == [(relying, "think_again"), (deaf, "decide")]
    assert verdict(office, date(2026, 8, 4)) == "revoked"
    assert office.rows("SELECT count(*) FROM outbox WHERE state = 'open'") == [(0,)]


def test_revoking_takes_a_right_a_reason_and_happens_once(office: Small) -> None:
    document = issued(office)
    with pytest.raises(Forbidden):
        office.bus.execute(RevokeDocument("a", document, "x"), BOB, office.now)
    with pytest.raises(CommandInvalid):
        office.bus.execute(RevokeDocument("b", document, " "), CHIEF, office.now)
    office.bus.execute(RevokeDocument("c", document, "mistyped", replaced_by="2"), CHIEF, office.now)
    assert verdict(office, date(2026, 9, 1)) == "replaced"
    with pytest.raises(Conflict):
        office.bus.execute(RevokeDocument("d", document, "again"), CHIEF, office.now)


def test_of_strangers_only_their_number_is_kept(office: Small) -> None:
    document = issued(office)
    for name in ("a", "b"):
        counts = ((document, "2026-08-04", "genuine", 5), (document, "2026-08-04", "expired", 1))
        office.bus.execute(CountVerifications(name, counts), ENGINE, office.now)
    rows = office.rows("SELECT case_id, day, outcome, times FROM verification ORDER BY outcome")
    assert rows == [("", "2026-08-04", "expired", 2), ("", "2026-08-04", "genuine", 10)]
    with pytest.raises(Forbidden):
        office.bus.execute(CountVerifications("c", ()), CHIEF, office.now)


def test_a_case_opens_another_once(office: Small) -> None:
    first = office.submit("opening", {})["case"]
    office.carrier.drain()
    office.carrier.drain()
    cases = office.rows("SELECT id, channel FROM cases WHERE process = 'relief'")
    assert [channel for _, channel in cases] == ["exchange"]
    assert office.rows("SELECT state FROM cases WHERE id = ?", first) == [("ended",)]


@pytest.mark.parametrize(("process", "reason"), [("nowhere", "&quot;x&quot;"), ("relief", "null")])
def test_a_case_that_cannot_be_opened_is_visible_work(store_url: str, process: str, reason: str) -> None:
    small = open_small(store_url, relief(), opening(process, reason))
    try:
        case = small.submit("opening", {})["case"]
        small.carrier.drain()
        assert small.rows("SELECT case_id, code FROM incident") == [(case, "case-not-started")]
        assert small.rows("SELECT count(*) FROM cases") == [(1,)]
    finally:
        small.close()
