"""Events: messages, signals, timers, conditions, errors and escalations, at boundaries, in flows, in event sub-processes."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from play import (
    ERROR,
    ESCALATION,
    MESSAGE,
    NOW,
    ROOTS,
    SIGNAL,
    Play,
    boundary,
    chain,
    condition,
    flow,
    later,
    model,
    props,
    script,
    timer,
    users,
)

from engine.core import step as core
from engine.core.faults import CoreError
from engine.core.timers import ZONE

HOUR = timedelta(hours=1)


def on_task(definition: str, *, interrupting: bool) -> bytes:
    return model(
        '<startEvent id="s"/><endEvent id="e"/>'
        + users("t", "caught")
        + boundary("b", "t", definition, interrupting=interrupting)
        + chain("t")
        + flow("b", "caught"),
        ROOTS,
    )


TRIGGERS = {
    "message": (MESSAGE, lambda play: play.message()),
    "signal": (SIGNAL, lambda play: play.signal()),
    "timer": (timer("PT1H"), lambda play: play.fire("b")),
    "conditional": (condition("n > 1"), lambda play: play.do(core.Change({"n": Decimal(2)}))),
}


@pytest.mark.parametrize("name", TRIGGERS)
def test_interrupting_boundary_ends_the_task(name: str) -> None:
    definition, trigger = TRIGGERS[name]
    play = Play(on_task(definition, interrupting=True))
    trigger(play)
    assert play.open == ["caught"]
    assert [e.dropped for e in play.seen(core.TaskClosed)] == [True]
    assert core.Left("t", play.seen(core.TaskOpened)[0].token, 1, dropped=True) in play.events
    assert play.path == ["s", "t", "b", "caught"]
    assert play.complete("caught").ended


@pytest.mark.parametrize("name", TRIGGERS)
def test_non_interrupting_boundary_adds_a_token(name: str) -> None:
    definition, trigger = TRIGGERS[name]
    play = Play(on_task(definition, interrupting=False))
    trigger(play)
    assert play.open == ["caught", "t"]
    play.complete("t")
    assert not play.ended
    assert play.complete("caught").ended


@pytest.mark.parametrize("name", TRIGGERS)
def test_a_boundary_is_deaf_when_its_task_is_done(name: str) -> None:
    definition, trigger = TRIGGERS[name]
    play = Play(
        model(
            '<startEvent id="s"/><endEvent id="e"/>'
            + users("t", "next", "caught")
            + boundary("b", "t", definition)
            + chain("t", "next")
            + flow("b", "caught"),
            ROOTS,
        )
    ).complete("t")
    if name == "message":
        with pytest.raises(CoreError, match="nothing in this case waits"):
            trigger(play)
    elif name == "timer":
        with pytest.raises(StopIteration):
            trigger(play)
    else:
        trigger(play)
    assert play.open == ["next"]


def test_a_non_interrupting_message_is_taken_each_time() -> None:
    play = Play(on_task(MESSAGE, interrupting=False)).message().message()
    assert play.open == ["caught", "caught", "t"]


def test_catching_events_wait() -> None:
    for definition, trigger in TRIGGERS.values():
        play = Play(
            model(
                f'<startEvent id="s"/><intermediateCatchEvent id="b">{definition}</intermediateCatchEvent>'
                '<endEvent id="e"/>' + chain("b"),
                ROOTS,
            )
        )
        assert play.open == ["b"]
        trigger(play)
        assert play.ended
        assert len(play.seen(core.Caught)) == 1


# ---- messages ---------------------------------------------------------------------------------------------------------


def two_receivers() -> bytes:
    key = props(correlation="k")
    return model(
        '<startEvent id="s"/><parallelGateway id="f"/>'
        + script("one", '{k: "A"}')
        + script("two", '{k: "B"}')
        + f'<intermediateCatchEvent id="a">{key}{MESSAGE}</intermediateCatchEvent>'
        + f'<intermediateCatchEvent id="b">{key}{MESSAGE}</intermediateCatchEvent>'
        + users("after_a", "after_b")
        + chain("one", "a", start="s", end="two")
        + flow("two", "b")
        + flow("b", "after_b"),
        ROOTS,
    )


def test_the_correlation_value_is_taken_when_the_wait_begins() -> None:
    xml = model(
        '<startEvent id="s"/>'
        + script("one", '{k: "A"}')
        + f'<intermediateCatchEvent id="a">{props(correlation="k")}{MESSAGE}</intermediateCatchEvent>'
        + users("after")
        + chain("one", "a", end="after"),
        ROOTS,
    )
    play = Play(xml)
    play.do(core.Change({"k": "B"}))
    for wrong in ("B", None):
        with pytest.raises(CoreError, match="nothing in this case waits"):
            play.message(key=wrong)
    assert play.message(key="A", reason="moved").open == ["after"]
    assert play.variables["reason"] == "moved"


def test_a_null_correlation_is_an_incident() -> None:
    xml = model(
        f'<startEvent id="s"/><intermediateCatchEvent id="a">{props(correlation="k")}{MESSAGE}</intermediateCatchEvent>'
        '<endEvent id="e"/>' + chain("a"),
        ROOTS,
    )
    play = Play(xml)
    assert play.incidents == [("a", "null-correlation")]
    play.do(core.Change({"k": Decimal(7)})).do(core.Retry(play.token("a")))
    assert play.message(key=Decimal("7.0")).ended


def test_one_token_takes_a_message_the_innermost_then_the_oldest() -> None:
    xml = model(
        '<startEvent id="s"/><parallelGateway id="f"/><subProcess id="sub"><startEvent id="s2"/>'
        '<receiveTask id="inner" messageRef="m"/><endEvent id="e2"/>'
        + chain("inner", start="s2", end="e2")
        + '</subProcess><receiveTask id="a" messageRef="m"/><receiveTask id="b" messageRef="m"/><endEvent id="e"/>'
        + boundary("bnd", "sub", MESSAGE, interrupting=False)
        + users("caught")
        + flow("s", "f")
        + "".join(flow("f", x) + flow(x, "e") for x in ("a", "b", "sub"))
        + flow("bnd", "caught"),
        ROOTS,
    )
    play = Play(xml)
    assert play.open == ["a", "b", "inner"]
    assert play.message().open == ["a", "b"]
    assert play.message().open == ["b"]
    assert play.message().ended
    play = Play(xml)
    token = play.token("b")
    play.do(core.Deliver("withdrawal", token=token))
    assert play.open == ["a", "inner"]


def test_a_thrown_message_stays_inside_if_somebody_waits_there() -> None:
    xml = model(
        '<startEvent id="s"/><parallelGateway id="f"/><receiveTask id="r" messageRef="m"/>'
        f'<intermediateThrowEvent id="throw">{props(payload="{x: 1}")}{MESSAGE}</intermediateThrowEvent>'
        '<endEvent id="e"/>'
        + users("t")
        + flow("s", "f")
        + flow("f", "r")
        + flow("f", "t")
        + chain("throw", start="t")
        + flow("r", "e"),
        ROOTS,
    )
    play = Play(xml).complete("t")
    assert play.ended
    assert play.variables["x"] == Decimal(1)
    assert not play.seen(core.MessageThrown)
    play = Play(xml).message().complete("t")
    assert play.ended
    assert play.seen(core.MessageThrown) == [core.MessageThrown("throw", "withdrawal", {"x": Decimal(1)})]
    assert isinstance(play.events[-1], core.CaseEnded)


def test_message_and_receive_starts() -> None:
    xml = model(
        f'<startEvent id="s">{MESSAGE}</startEvent><startEvent id="plain"/><endEvent id="e"/>'
        + users("t", "u")
        + chain("t")
        + flow("plain", "u"),
        ROOTS,
    )
    play = Play(xml, {"n": Decimal(1)}, at="s")
    assert play.open == ["t"]
    assert core.Caught("s", 2, 1) in play.events
    assert Play(xml).open == ["u"]
    with pytest.raises(CoreError, match="no such start event"):
        Play(xml, at="t")
    only = model(f'<startEvent id="s">{MESSAGE}</startEvent><endEvent id="e"/>' + chain(), ROOTS)
    with pytest.raises(CoreError, match="no start that needs no trigger"):
        Play(only)


def test_an_instantiating_gateway_starts_at_the_event_behind_it() -> None:
    xml = model(
        '<eventBasedGateway id="g0" instantiate="true"/>'
        f'<intermediateCatchEvent id="c">{MESSAGE}</intermediateCatchEvent>'
        f'<intermediateCatchEvent id="d">{SIGNAL}</intermediateCatchEvent>'
        + users("a", "b")
        + flow("g0", "c")
        + flow("g0", "d")
        + flow("c", "a")
        + flow("d", "b"),
        ROOTS,
    )
    play = Play(xml, at="c")
    assert play.open == ["a"]


# ---- signals ----------------------------------------------------------------------------------------------------------


def test_every_catcher_takes_a_signal_and_the_shell_is_told() -> None:
    xml = model(
        '<startEvent id="s"/><parallelGateway id="f"/><endEvent id="e"/>'
        f'<intermediateCatchEvent id="a">{SIGNAL}</intermediateCatchEvent>'
        f'<intermediateCatchEvent id="b">{SIGNAL}</intermediateCatchEvent>'
        f'<intermediateThrowEvent id="throw">{SIGNAL}</intermediateThrowEvent>'
        + users("t", "u", "caught")
        + boundary("bnd", "u", SIGNAL, interrupting=False)
        + flow("s", "f")
        + "".join(flow("f", x) for x in ("a", "b", "t", "u"))
        + flow("a", "e")
        + flow("b", "e")
        + chain("throw", start="t")
        + flow("bnd", "caught"),
        ROOTS,
    )
    play = Play(xml).complete("t")
    assert play.open == ["caught", "u"]
    assert [e.signal for e in play.seen(core.SignalThrown)] == ["changed"]
    play.signal()
    assert play.open == ["caught", "caught", "u"]
    play.signal("unknown")
    assert play.open == ["caught", "caught", "u"]


# ---- timers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        ("timeDuration", "PT90M", later(minutes=90)),
        ("timeDuration", "P1M", datetime(2026, 9, 3, 1, tzinfo=UTC)),
        ("timeDuration", "P1Y2M3DT4H", datetime(2027, 10, 6, 5, tzinfo=UTC)),
        ("timeDuration", "P2W", later(days=14)),
        ("timeDuration", "PT0.5S", later(milliseconds=500)),
        ("timeDuration", "=duration(&quot;PT2H&quot;)", later(hours=2)),
        ("timeDuration", "=duration(&quot;P1M&quot;)", datetime(2026, 9, 3, 1, tzinfo=UTC)),
        ("timeDate", "2026-08-05T10:00:00+08:00", datetime(2026, 8, 5, 2, tzinfo=UTC)),
        ("timeDate", "2026-08-05T10:00:00Z", datetime(2026, 8, 5, 10, tzinfo=UTC)),
        ("timeDate", "2026-08-05T10:00", datetime(2026, 8, 5, 2, tzinfo=UTC)),
        ("timeDate", "2026-08-05", datetime(2026, 8, 4, 16, tzinfo=UTC)),
        ("timeDate", "=day", datetime(2026, 8, 9, 16, tzinfo=UTC)),
        ("timeCycle", "R3/PT10M", later(minutes=10)),
        ("timeCycle", "R/2026-08-10T08:00:00+08:00/P1D", datetime(2026, 8, 10, tzinfo=UTC)),
        ("timeCycle", "=&quot;R2/PT1H&quot;", later(hours=1)),
    ],
)
def test_due_moments(kind: str, text: str, due: datetime) -> None:
    play = Play(on_task(timer(text, kind), interrupting=False), {"day": date(2026, 8, 10)})
    assert play.due("b") == due
    assert play.seen(core.TimerSet)[0].due == due


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("timeDuration", "soon", "bad-timer"),
        ("timeDuration", "PT", "bad-timer"),
        ("timeDuration", "-PT1H", "bad-timer"),
        ("timeDate", "2026-13-01", "bad-timer"),
        ("timeCycle", "R0/PT1H", "bad-timer"),
        ("timeCycle", "R3/PT0S", "bad-timer"),
        ("timeDate", "=unknown", "null-timer"),
    ],
)
def test_timers_that_say_nothing_are_incidents(kind: str, text: str, code: str) -> None:
    play = Play(on_task(timer(text, kind), interrupting=False))
    assert play.incidents == [("t", code)]
    assert not play.seen(core.TaskOpened)


def test_a_cycle_of_three_fires_three_times_by_its_own_rhythm() -> None:
    play = Play(on_task(timer("R3/PT1H", "timeCycle"), interrupting=False))
    for turn in (1, 2, 3):
        play.now = later(days=1)
        play.fire("b")
        assert play.open == ["caught"] * turn + ["t"]
        if turn < 3:
            assert play.due("b") == NOW + HOUR * (turn + 1)
    with pytest.raises(CoreError, match="does not wait for that"):
        play.do(core.Fire(play.token("t"), "b"))


def test_an_endless_cycle_goes_on_and_stops_with_its_task() -> None:
    play = Play(on_task(timer("R/PT1H", "timeCycle"), interrupting=False))
    for _ in range(5):
        play.fire("b")
    play.complete("t")
    assert play.seen(core.TimerCleared)[-1].element == "b"
    with pytest.raises(CoreError):
        play.do(core.Fire(2, "b"))


def test_months_go_by_the_calendar_of_china() -> None:
    xml = model(
        f'<startEvent id="s"/><intermediateCatchEvent id="b">{timer("P1M")}</intermediateCatchEvent>'
        '<endEvent id="e"/>' + users("t") + chain("t", "b")
    )
    play = Play(xml)
    play.now = datetime(2026, 1, 30, 17, tzinfo=UTC)  # 31 January, 01:00 in China
    play.complete("t")
    assert play.due("b") == datetime(2026, 2, 28, 1, tzinfo=ZONE)


# ---- conditions -------------------------------------------------------------------------------------------------------


def test_a_condition_fires_on_the_rising_edge_only() -> None:
    play = Play(on_task(condition("n > 1"), interrupting=False))

    def change(n: int) -> list[str]:
        return play.do(core.Change({"n": Decimal(n)})).open

    assert change(0) == ["t"]
    assert change(2) == ["caught", "t"]
    assert change(3) == ["caught", "t"]
    assert change(1) == ["caught", "t"]
    assert change(2) == ["caught", "caught", "t"]


def test_a_condition_that_holds_already_fires_when_the_wait_begins() -> None:
    assert Play(on_task(condition("n > 1"), interrupting=True), {"n": Decimal(2)}).open == ["caught"]


def test_a_script_elsewhere_makes_a_condition_true() -> None:
    xml = model(
        '<startEvent id="s"/><parallelGateway id="f"/><endEvent id="e"/>'
        f'<intermediateCatchEvent id="c">{condition("n > 1")}</intermediateCatchEvent>'
        + users("t")
        + script("set", "{n: 5}")
        + flow("s", "f")
        + flow("f", "c")
        + flow("f", "t")
        + chain("set", start="t")
        + flow("c", "e")
    )
    assert Play(xml).complete("t").ended


def test_the_results_of_a_task_do_not_interrupt_the_task_itself() -> None:
    play = Play(on_task(condition("n > 1"), interrupting=True)).complete("t", n=Decimal(2))
    assert play.ended
    assert "b" not in play.path


# ---- errors and escalations ---------------------------------------------------------------------------------------------


def wired(flows: str, *names: str) -> str:
    """Those user tasks that a flow leads to."""
    return users(*(name for name in names if f'targetRef="{name}"' in flows))


def service(catchers: str, more: str) -> bytes:
    return model(
        f'<startEvent id="s"/><endEvent id="e"/><serviceTask id="pay">{props(operation="pay", input="{amount: 5}")}'
        f"</serviceTask>" + wired(more, "exact", "any") + catchers + chain("pay") + more,
        ROOTS,
    )


def test_a_business_error_is_caught_exactly_before_by_all() -> None:
    xml = service(
        boundary("every", "pay", "<errorEventDefinition/>") + boundary("b", "pay", ERROR),
        flow("b", "exact") + flow("every", "any"),
    )
    play = Play(xml)
    assert play.seen(core.CallRequested) == [
        core.CallRequested(play.token("pay"), "pay", "pay", {"amount": Decimal(5)})
    ]
    play.do(core.Fail(play.token("pay"), "pay-refused", {"why": "closed account"}))
    assert play.open == ["exact"]
    assert play.variables["why"] == "closed account"
    assert [e.element for e in play.seen(core.CallDropped)] == ["pay"]
    play = Play(xml)
    assert play.do(core.Fail(play.token("pay"), "fraud")).open == ["any"]


def test_an_error_nobody_catches_is_an_incident_and_retry_asks_again() -> None:
    play = Play(service("", ""))
    token = play.token("pay")
    play.do(core.Fail(token, "pay-refused"))
    assert play.incidents == [("pay", "uncaught-error")]
    play.do(core.Retry(token))
    assert play.incidents == []
    assert len(play.seen(core.CallRequested)) == 2
    assert play.do(core.Complete(token, {"receipt": "r1"})).ended


def test_a_call_that_cannot_be_carried_out_waits_for_a_retry() -> None:
    play = Play(service(boundary("late", "pay", timer("PT1H")), flow("late", "any")))
    token = play.token("pay")
    due = play.due("late")
    play.now += HOUR / 2
    play.do(core.Break(token, "bank-down", {"tries": 5}))
    assert play.incidents == [("pay", "bank-down")]
    assert play.seen(core.IncidentRaised)[0].values == {"tries": 5}
    play.do(core.Retry(token))
    assert play.due("late") == due
    play.do(core.Break(token, "bank-down"))
    assert play.fire("late").open == ["any"]
    assert [e.token for e in play.seen(core.IncidentCleared)] == [token, token]


def nested(thrown: str, *, inner: str = "", outer: str = "", more: str = "") -> bytes:
    return model(
        f'<startEvent id="s"/><endEvent id="e"/><subProcess id="out"><startEvent id="s1"/><endEvent id="e1"/>'
        f'<subProcess id="in"><startEvent id="s2"/><endEvent id="e2">{thrown}</endEvent>'
        + users("t")
        + chain("t", start="s2", end="e2")
        + "</subProcess>"
        + chain("in", start="s1", end="e1")
        + inner
        + "</subProcess>"
        + wired(more, "caught")
        + outer
        + chain("out")
        + more,
        ROOTS,
    )


def test_an_error_looks_outwards() -> None:
    catch_in = (
        boundary("bi", "in", '<errorEventDefinition errorRef="other"/>')
        + users("wrong")
        + flow("bi", "wrong")
    )
    play = Play(nested(ERROR, inner=catch_in, outer=boundary("bo", "out", ERROR), more=flow("bo", "caught")))
    assert play.complete("t").open == ["caught"]
    assert [e.element for e in play.seen(core.ScopeClosed) if e.dropped] == ["in", "out"]
    play = Play(nested(ERROR)).complete("t")
    assert play.incidents == [("e2", "uncaught-error")]


def test_an_escalation_goes_on_when_nobody_or_somebody_without_interrupting_catches_it() -> None:
    assert Play(nested(ESCALATION)).complete("t").ended
    catching = boundary("bo", "out", ESCALATION, interrupting=False)
    play = Play(nested(ESCALATION, outer=catching, more=flow("bo", "caught"))).complete("t")
    assert play.open == ["caught"]
    assert "e1" in play.path
    catching = boundary("bo", "out", "<escalationEventDefinition/>")
    play = Play(nested(ESCALATION, outer=catching, more=flow("bo", "caught"))).complete("t")
    assert play.open == ["caught"]
    assert "e1" not in play.path


# ---- event sub-processes -------------------------------------------------------------------------------------------------


def with_event_sub_process(
    definition: str, *, interrupting: bool, inner: str = '<userTask id="h"/>'
) -> bytes:
    flag = "" if interrupting else ' isInterrupting="false"'
    return model(
        '<startEvent id="s"/><endEvent id="e"/>'
        + users("t")
        + chain("t")
        + f'<subProcess id="esp" triggeredByEvent="true"><startEvent id="b"{flag}>{definition}</startEvent>{inner}'
        + '<endEvent id="e9"/>'
        + chain("h", start="b", end="e9")
        + "</subProcess>",
        ROOTS,
    )


@pytest.mark.parametrize("name", TRIGGERS)
def test_interrupting_event_sub_process_replaces_its_scope(name: str) -> None:
    definition, trigger = TRIGGERS[name]
    play = Play(with_event_sub_process(definition, interrupting=True))
    trigger(play)
    assert play.open == ["h"]
    assert play.complete("h").ended


@pytest.mark.parametrize("name", TRIGGERS)
def test_non_interrupting_event_sub_process_runs_beside_its_scope(name: str) -> None:
    definition, trigger = TRIGGERS[name]
    play = Play(with_event_sub_process(definition, interrupting=False))
    trigger(play)
    assert play.open == ["h", "t"]
    play.complete("t")
    assert not play.ended
    assert play.complete("h").ended


def test_a_cyclic_event_sub_process_starts_again_and_stops_with_its_scope() -> None:
    play = Play(with_event_sub_process(timer("R/PT1H", "timeCycle"), interrupting=False))
    play.fire("b").fire("b")
    assert play.open == ["h", "h", "t"]
    play.complete("t").complete("h")
    play.fire("b")
    assert play.open == ["h", "h"]
    assert play.complete("h").complete("h").ended
    assert play.seen(core.TimerCleared)[-1].element == "b"


def test_error_event_sub_process_and_rethrow_to_the_boundary() -> None:
    catching = (
        '<subProcess id="esp" triggeredByEvent="true"><startEvent id="b"><errorEventDefinition/></startEvent>'
        f'<endEvent id="e9">{ERROR}</endEvent>'
        + users("h")
        + chain("h", start="b", end="e9")
        + "</subProcess>"
    )
    play = Play(nested(ERROR, inner=catching, outer=boundary("bo", "out", ERROR), more=flow("bo", "caught")))
    assert play.complete("t").open == ["h"]
    assert play.complete("h").open == ["caught"]


def test_an_interrupted_scope_starts_no_other_event_sub_process_but_its_boundary_still_listens() -> None:
    inner = (
        '<subProcess id="x1" triggeredByEvent="true"><startEvent id="b1"><signalEventDefinition signalRef="g"/></startEvent>'
        '<endEvent id="f1"/>' + users("h1") + chain("h1", start="b1", end="f1") + "</subProcess>"
        '<subProcess id="x2" triggeredByEvent="true"><startEvent id="b2" isInterrupting="false">'
        f'{MESSAGE}</startEvent><endEvent id="f2"/>'
        + users("h2")
        + chain("h2", start="b2", end="f2")
        + "</subProcess>"
    )
    xml = model(
        '<startEvent id="s"/><endEvent id="e"/><subProcess id="sub"><startEvent id="s1"/><endEvent id="e1"/>'
        + users("t")
        + chain("t", start="s1", end="e1")
        + inner
        + "</subProcess>"
        + boundary("bnd", "sub", timer("PT1H"))
        + users("caught")
        + chain("sub")
        + flow("bnd", "caught"),
        ROOTS,
    )
    play = Play(xml).signal()
    assert play.open == ["h1"]
    with pytest.raises(CoreError, match="nothing in this case waits"):
        play.message()
    assert play.fire("bnd").open == ["caught"]


def test_a_message_into_an_event_sub_process_is_local_to_each_instance() -> None:
    play = Play(with_event_sub_process(MESSAGE, interrupting=False)).message(note="one").message(note="two")
    assert [e.local for e in play.seen(core.TaskOpened)][1:] == [{"note": "one"}, {"note": "two"}]
    assert "note" not in play.variables
    play = Play(with_event_sub_process(MESSAGE, interrupting=True)).message(note="one")
    assert play.variables["note"] == "one"
