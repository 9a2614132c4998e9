"""What a loaded definition says: the parts that the mover and the shell rely on, each on a small model."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from engine.core.definition import Cause, Kind, TimerKind
from engine.core.load import load
from tests.core.models import EVERYTHING, between, flow, frame, settings, timer

DEFINITION = load({"all.bpmn": EVERYTHING}, decisions={"route": None})  # type: ignore[dict-item]
NODES = DEFINITION.nodes


def test_scopes() -> None:
    assert list(DEFINITION.scopes) == ["all", "sub", "trade", "on_error", "on_note", "called"]
    assert DEFINITION.scopes["all"].starts == ("Start",)
    assert DEFINITION.scopes["all"].name == "全部"
    assert DEFINITION.scopes["sub"].event_sub_processes == ("on_error", "on_note")
    assert DEFINITION.scopes["trade"].parent == "sub"
    assert DEFINITION.scopes["called"].parent is None
    assert {NODES[name].scope for name in DEFINITION.scopes["trade"].nodes} == {"trade"}
    assert {name for scope in DEFINITION.scopes.values() for name in scope.nodes} == set(NODES)


def test_kinds() -> None:
    assert {node.kind for node in NODES.values()} == set(Kind)
    assert NODES["on_note"].kind is Kind.EVENT_SUB_PROCESS
    assert NODES["trade"].kind is Kind.TRANSACTION


def test_flows_keep_identity_order_and_condition() -> None:
    assert NODES["ask"].incoming == ("f1", "f2")
    assert NODES["ask"].outgoing == ("c1", "c2", "d_ask")
    assert NODES["ask"].default == "d_ask"
    assert [DEFINITION.flows[name].condition.text for name in ("c1", "c2")] == [
        "amount > 500",
        "amount > 100",
    ]  # type: ignore[union-attr]
    assert DEFINITION.flows["c1"].name == "large"
    assert DEFINITION.flows["d_ask"].condition is None


def test_lanes() -> None:
    """The innermost lane counts; the inside of a sub-process and boundary events follow their host."""
    lanes = {
        name: NODES[name].lane
        for name in ("Start", "ask", "review", "note", "t_task", "on_error_start", "cancelled")
    }
    assert lanes == {
        "Start": "town_window",
        "ask": "town_clerk",
        "review": "county",
        "note": None,
        "t_task": "county",
        "on_error_start": "county",
        "cancelled": "county",
    }


def test_settings() -> None:
    given = NODES["ask"].settings
    assert given.law == ("a.1", "b.2", "c.3")
    assert given.separate_from == ("review",)
    assert (given.on_overdue, given.notice, given.publish_mask) == ("remind", "asked", "name")
    assert given.deadline is not None
    assert given.raw["odd"] == "kept"
    assert NODES["ask"].documentation == "第一行\n第二行"
    assert NODES["xor"].settings.law == ("x.1",)


def test_service_operator() -> None:
    given = NODES["pay"].settings
    assert (given.operation, given.result) == ("pay", "paid")
    assert given.input is not None
    assert given.input.evaluate({"amount": 5, "payee": "li"}) == {"amount": 5, "to": "li"}


def test_boundary_events() -> None:
    assert DEFINITION.boundaries["call"] == ("late", "fails", "fails_any", "undo")
    assert NODES["late"].interrupting is False
    assert NODES["fails"].interrupting is True
    assert [NODES[name].triggers[0].ref for name in ("fails", "fails_any")] == ["pay-refused", None]
    assert NODES["undo"].handler == "undo_call"
    assert NODES["undo_call"].for_compensation


def test_triggers() -> None:
    two = NODES["wait_two"].triggers
    assert [trigger.timer for trigger in two] == [TimerKind.DATE, TimerKind.DURATION]
    assert [trigger.expression.text for trigger in two] == ['start + duration("P1D")', '"PT5M"']  # type: ignore[union-attr]
    assert [trigger.cause for trigger in NODES["wait_any"].triggers] == [
        Cause.SIGNAL,
        Cause.CONDITIONAL,
        Cause.TIMER,
    ]
    assert NODES["on_error_start"].triggers[0].ref == "plain"
    assert NODES["on_note_start"].interrupting is False
    undo = NODES["on_error_end"].triggers[0]
    assert (undo.cause, undo.ref, undo.wait) == (Cause.COMPENSATE, "sub_task", False)
    assert [NODES[name].triggers[0].ref for name in ("go", "gone")] == ["on", "on"]
    assert NODES["go"].kind is Kind.THROW


def test_correlation() -> None:
    """The waiting side's key comes from the subscription, the sender's from the retrieval paths, in the same order."""
    waiting, sent = NODES["wait_message"].triggers[0], NODES["send"].triggers[0]
    assert waiting.ref == "application received"
    case = {"case": {"number": "7", "area": "14"}}
    assert waiting.correlation is not None
    assert waiting.correlation.evaluate(case) == ["7", "14"]
    assert sent.correlation is not None
    assert sent.correlation.evaluate(case) == "7"
    assert sent.expression is not None
    assert sent.expression.evaluate({"number": "7"}) == {"n": "7"}


def test_correlation_by_setting() -> None:
    source = between(
        f'<receiveTask id="x" messageRef="m">{settings(correlation="=case.number")}</receiveTask>',
        roots='<message id="m" name="n"/>',
    )
    trigger = load({"a.bpmn": source}).nodes["x"].triggers[0]
    assert trigger.correlation is not None
    assert trigger.correlation.text == "case.number"


def test_loops() -> None:
    review, many, sub = NODES["review"].loop, NODES["many"].loop, NODES["sub"].loop
    assert review is not None
    assert (review.kind, review.item, review.output, review.behaviour) == (
        "sequential",
        "person",
        "answers",
        "One",
    )
    assert review.collection is not None
    assert review.collection.text == "people"
    assert review.event is not None
    assert (review.event.cause, review.event.ref) == (Cause.SIGNAL, "rules changed")
    assert many is not None
    assert (many.kind, many.item, many.output) == ("parallel", "p", "got")
    assert many.output_item is not None
    assert many.output_item.text == "p.answer"
    assert sub is not None
    assert (sub.kind, sub.test_before, sub.maximum) == ("standard", True, 3)


def test_other_nodes() -> None:
    assert NODES["rule"].decision == "route"
    assert NODES["call"].called == "called"
    assert NODES["note"].script is not None
    assert NODES["complex"].activation is not None
    assert NODES["receive"].triggers[0].ref == "application received"
    assert not any(node.instantiate for node in NODES.values())


def test_what_starts_without_being_led_to() -> None:
    """Drafts may lack start events: what nothing leads to starts, unless it waits for something else."""
    loose = f"""<task id="a"/><task id="b"/>{flow("f", "a", "b")}
      <boundaryEvent id="c" attachedToRef="a">{timer("PT1M")}</boundaryEvent>
      <subProcess id="d" triggeredByEvent="true"><startEvent id="i">{timer("PT1M")}</startEvent><task id="j"/></subProcess>
      <task id="k" isForCompensation="true"/><receiveTask id="l" instantiate="true"/>
      <intermediateCatchEvent id="m"><linkEventDefinition name="x"/></intermediateCatchEvent><endEvent id="n"/>"""
    definition = load({"a.bpmn": frame(loose)}, strict=False)
    assert definition.scopes["p"].starts == ("a", "n")
    assert definition.scopes["d"].starts == ("j",)


@pytest.mark.parametrize(
    ("text", "feel"),
    [
        ("amount > 5", "amount > 5"),
        ("=amount > 5", "amount > 5"),
        ("${amount > 5}", "amount > 5"),
        ('tags.contains("a")', 'contains(tags, "a")'),
        ('${tags.contains("a") and b}', 'contains(tags, "a") and b'),
    ],
)
def test_two_foreign_spellings(text: str, feel: str) -> None:
    source = frame(f'<task id="a"/><task id="b"/>{flow("c", "a", "b", text)}')
    condition = load({"a.bpmn": source}, strict=False).flows["c"].condition
    assert condition is not None
    assert condition.text == feel


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timeDate", "2026-01-01"),
        ("timeDate", "2026-01-01T08:00:00+08:00"),
        ("timeDuration", "P1Y2M3DT4H5M6.5S"),
        ("timeDuration", "P2W"),
        ("timeCycle", "R/PT1H"),
        ("timeCycle", "R3/2026-01-01T00:00:00Z/P1D"),
    ],
)
def test_iso_timers(kind: str, text: str) -> None:
    source = between(f'<intermediateCatchEvent id="x">{timer(text, kind)}</intermediateCatchEvent>')
    trigger = load({"a.bpmn": source}).nodes["x"].triggers[0]
    assert trigger.timer is TimerKind(kind)
    assert trigger.expression is not None
    assert trigger.expression.evaluate({}) == text


def test_called_parts_come_from_other_files() -> None:
    part = frame(f'<startEvent id="ps"/><endEvent id="pe"/>{flow("pf", "ps", "pe")}', name="part")
    caller = between('<callActivity id="x" calledElement="part"/>')
    unused = frame('<adHocSubProcess id="never"><task id="t"/></adHocSubProcess>', name="unused")
    definition = load(
        {"a.bpmn": caller, "_shared/part.bpmn": part, "_shared/unused.bpmn": unused}, "p", strict=False
    )
    assert set(definition.scopes) == {"p", "part"}
    assert definition.nodes["pe"].scope == "part"


def test_a_process_may_call_itself() -> None:
    definition = load({"a.bpmn": between('<callActivity id="x" calledElement="p"/>')})
    assert set(definition.scopes) == {"p"}


def test_digest() -> None:
    """The digest names the content: same files, same name; another byte or another main process, another name."""
    source = between('<task id="x"/>')
    digest = load({"a.bpmn": source}).digest
    assert digest == load({"a.bpmn": source}).digest
    assert digest != load({"a.bpmn": source + b" "}).digest
    assert digest != load({"b.bpmn": source}).digest


def test_immutable() -> None:
    with pytest.raises(FrozenInstanceError):
        NODES["ask"].name = "x"  # type: ignore[misc]


def test_an_error_without_code_is_known_by_its_id() -> None:
    late = '<boundaryEvent id="b" attachedToRef="x"><errorEventDefinition errorRef="bare"/></boundaryEvent>'
    source = between('<serviceTask id="x"/>', late + flow("f3", "b", "e"), roots='<error id="bare"/>')
    assert load({"m.bpmn": source}).nodes["b"].triggers[0].ref == "bare"
