"""Sub-processes, calls, transactions, terminate; multi-instance and loops; compensation."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from play import (
    ERROR,
    ESCALATION,
    MESSAGE,
    ROOTS,
    SIGNAL,
    Play,
    boundary,
    chain,
    flow,
    model,
    props,
    script,
    timer,
    users,
)

from engine.core import step as core


def sub(name: str, inside: str, tag: str = "subProcess", extra: str = "") -> str:
    return f'<{tag} id="{name}">{extra}{inside}</{tag}>'


def around(inside: str, more: str = "", after: str = "") -> str:
    return f'<startEvent id="s"/><endEvent id="e"/>{inside}{more}{after}'


def test_nested_sub_processes_open_and_close_in_order() -> None:
    inner = sub(
        "in", '<startEvent id="s2"/><endEvent id="e2"/>' + users("t") + chain("t", start="s2", end="e2")
    )
    outer = sub("out", '<startEvent id="s1"/><endEvent id="e1"/>' + inner + chain("in", start="s1", end="e1"))
    play = Play(model(around(outer, chain("out")))).complete("t")
    assert play.ended
    order = [
        (type(e).__name__, e.element)
        for e in play.events
        if isinstance(e, core.ScopeOpened | core.ScopeClosed)
    ]
    assert order == [
        ("ScopeOpened", "p"),
        ("ScopeOpened", "out"),
        ("ScopeOpened", "in"),
        ("ScopeClosed", "in"),
        ("ScopeClosed", "out"),
        ("ScopeClosed", "p"),
    ]


def test_an_empty_sub_process_passes() -> None:
    assert Play(model(around(sub("out", ""), chain("out")))).ended


def test_a_sub_process_waits_for_all_its_tokens_and_dies_with_its_boundary() -> None:
    inside = '<startEvent id="s1"/>' + users("a", "b") + flow("s1", "a") + flow("s1", "b")
    more = boundary("bnd", "out", MESSAGE) + users("caught") + flow("bnd", "caught") + chain("out")
    xml = model(around(sub("out", inside), more), ROOTS)
    play = Play(xml).complete("a")
    assert play.open == ["b"]
    assert play.complete("b").ended
    play = Play(xml).message()
    assert play.open == ["caught"]
    assert [e.dropped for e in play.seen(core.TaskClosed)] == [True, True]


def test_a_sub_process_shares_the_variables_unless_it_has_an_input() -> None:
    inside = '<startEvent id="s1"/>' + script("set", "{n: n + 1, fresh: 1}") + chain(start="s1", end="set")
    play = Play(model(around(sub("out", inside), chain("out"))), {"n": Decimal(1)})
    assert play.variables == {"n": Decimal(2), "fresh": Decimal(1)}
    own = props(input="{own: n * 10}", result="out_values")
    inside = (
        '<startEvent id="s1"/>' + script("set", "{n: n + own, fresh: own}") + chain(start="s1", end="set")
    )
    play = Play(model(around(sub("out", inside, extra=own), chain("out"))), {"n": Decimal(1)})
    assert play.variables == {"n": Decimal(11), "out_values": {"own": Decimal(10), "fresh": Decimal(10)}}
    assert play.state is not None
    assert not play.state.local


def called(settings: str) -> bytes:
    other = (
        '<process id="q"><startEvent id="s5"/><endEvent id="e5"/>'
        + users("inside")
        + script("set", '{answer: "yes", seen: n}')
        + chain("inside", "set", start="s5", end="e5")
        + "</process>"
    )
    call = f'<callActivity id="call" calledElement="q">{settings}</callActivity>'
    return model(around(call, chain("call")), more=other)


def test_a_call_without_input_sees_its_caller_and_keeps_new_names() -> None:
    play = Play(called(""), {"n": Decimal(3)})
    assert play.open == ["inside"]
    play.complete("inside", n=Decimal(4))
    assert play.ended
    assert play.variables == {"n": Decimal(4)}


def test_a_call_with_input_sees_only_that_and_hands_over_its_variables() -> None:
    play = Play(called(props(input="{n: n + 1}", result="got")), {"n": Decimal(3), "secret": "x"})
    play.complete("inside", secret="y")
    assert play.ended
    assert play.variables["n"] == Decimal(3)
    assert play.variables["secret"] == "x"
    assert play.variables["got"] == {"n": Decimal(4), "secret": "y", "answer": "yes", "seen": Decimal(4)}


def test_a_call_may_call_its_own_process() -> None:
    other = (
        '<process id="q"><startEvent id="s5"/><exclusiveGateway id="x" default="x_done"/><endEvent id="done"/>'
        f'<callActivity id="again" calledElement="q">{props(input="{depth: depth - 1}")}</callActivity>'
        + users("t")
        + flow("s5", "x")
        + flow("x", "again", "depth > 0")
        + flow("x", "done")
        + flow("again", "t")
        + "</process>"
    )
    call = f'<callActivity id="call" calledElement="q">{props(input="{depth: 2}")}</callActivity>'
    play = Play(model(around(call, chain("call")), more=other))
    assert play.open == ["t"]
    play.complete("t")
    assert play.open == ["t"]
    assert play.complete("t").ended


def test_terminate_ends_its_own_scope_only() -> None:
    stop = '<endEvent id="stop"><terminateEventDefinition/></endEvent>'
    inside = (
        '<startEvent id="s1"/>'
        + users("a", "b")
        + stop
        + flow("s1", "a")
        + flow("s1", "b")
        + flow("b", "stop")
    )
    play = Play(model(around(sub("out", inside) + users("next"), chain("out", "next"))))
    play.complete("b")
    assert play.open == ["next"]
    play = Play(
        model(
            '<startEvent id="s"/>'
            + users("a", "b")
            + stop
            + flow("s", "a")
            + flow("s", "b")
            + flow("b", "stop")
        )
    )
    play.complete("b")
    assert play.ended
    assert play.seen(core.CaseEnded)[0].ends == ("stop",)


# ---- multi-instance and loops ------------------------------------------------------------------------------------------


def many(kind: str, *, more: str = "", task: str = "userTask", inside: str = "", extra: str = "") -> str:
    sequential = ' isSequential="true"' if kind == "sequential" else ""
    loop = (
        f"<multiInstanceLoopCharacteristics{sequential}>{more}"
        '<loopDataInputRef>people</loopDataInputRef><inputDataItem name="person"/>'
        "</multiInstanceLoopCharacteristics>"
    )
    return f'<{task} id="m">{extra}{loop}{inside}</{task}>'


def definition_of_many(kind: str, **loop: str) -> Play:
    """A multi-instance user task through the definition (the loader's XML spellings have their own tests)."""
    from dataclasses import replace

    import play as playing

    from engine.core.definition import Loop
    from engine.feel import compile_expression

    given = {
        key: compile_expression(value)
        if key in {"collection", "cardinality", "condition", "output_item"}
        else value
        for key, value in loop.items()
    }
    xml = model(around(users("m", "next"), chain("m", "next")))

    class Many(playing.Play):
        def do(self, what: core.Input) -> Play:
            node = self.definition.nodes["m"]
            if node.loop is None:
                nodes = {**self.definition.nodes, "m": replace(node, loop=Loop(kind, **given))}
                self.definition = replace(self.definition, nodes=nodes)
            return super().do(what)

    return Many(xml, {"people": ["甲", "乙", "丙"], "n": Decimal(2)})


def test_parallel_instances_have_their_own_variables_and_outputs_keep_their_order() -> None:
    play = definition_of_many(
        "parallel", collection="people", item="person", output="opinions", output_item='person + ":" + said'
    )
    assert play.open == ["m", "m", "m"]
    assert [e.local for e in play.seen(core.TaskOpened)] == [
        {"loopCounter": Decimal(n), "person": p} for n, p in enumerate(["甲", "乙", "丙"], 1)
    ]
    play.complete("m", 2, said="no").complete("m", 0, said="yes").complete("m", 0, said="maybe")
    assert play.open == ["next"]
    assert play.variables["opinions"] == ["甲:yes", "乙:maybe", "丙:no"]
    assert "said" not in play.variables
    assert play.state is not None
    assert not play.state.local


def test_sequential_instances_come_one_by_one() -> None:
    play = definition_of_many(
        "sequential", collection="people", item="person", output="o", output_item="person"
    )
    for turn in (1, 2, 3):
        assert play.open == ["m"]
        assert play.seen(core.TaskOpened)[-1].local["loopCounter"] == Decimal(turn)
        play.complete("m")
    assert play.open == ["next"]
    assert play.variables["o"] == ["甲", "乙", "丙"]


def test_the_completion_condition_drops_the_rest() -> None:
    for kind, left in (("parallel", 1), ("sequential", 0)):
        play = definition_of_many(
            kind,
            collection="people",
            item="person",
            output="o",
            output_item="person",
            condition="numberOfCompletedInstances >= n",
        )
        play.complete("m").complete("m")
        assert play.open == ["next"]
        assert play.variables["o"] == ["甲", "乙", None]
        assert [e.dropped for e in play.seen(core.TaskClosed)].count(True) == left


def test_no_instances_at_all() -> None:
    play = definition_of_many("parallel", cardinality="n - 2", output="o", output_item="1")
    assert play.open == ["next"]
    assert play.variables["o"] == []


@pytest.mark.parametrize(
    ("loop", "code"),
    [
        ({"collection": "nobody"}, "null-collection"),
        ({"collection": "n"}, "bad-collection"),
        ({"cardinality": "n - 3"}, "bad-cardinality"),
        ({"cardinality": "n / 4"}, "bad-cardinality"),
        ({"cardinality": "unknown"}, "null-cardinality"),
        ({"cardinality": "100000"}, "too-many-instances"),
    ],
)
def test_loops_that_cannot_begin_are_incidents(loop: dict[str, str], code: str) -> None:
    play = definition_of_many("parallel", **loop)
    assert play.incidents == [("m", code)]
    if loop == {"collection": "nobody"}:
        play.do(core.Change({"nobody": [Decimal(1)]})).do(core.Retry(play.token("m")))
        assert play.open == ["m"]


def test_a_thousand_instances() -> None:
    play = definition_of_many("parallel", cardinality="1000", output="o", output_item="loopCounter")
    assert play.open == ["m"] * 1000
    play.complete("m", 500).complete("m", 0)
    assert len(play.open) == 998


def test_multi_instance_sub_process_with_boundary_on_the_whole() -> None:
    inside = '<startEvent id="s1"/>' + users("a") + '<endEvent id="e1"/>' + chain("a", start="s1", end="e1")
    loop = (
        '<multiInstanceLoopCharacteristics><loopCardinality xsi:type="tFormalExpression">2</loopCardinality>'
        "</multiInstanceLoopCharacteristics>"
    )
    more = boundary("bnd", "out", MESSAGE) + users("caught") + flow("bnd", "caught") + chain("out")
    xml = model(around(sub("out", inside, extra=loop), more), ROOTS)
    play = Play(xml).complete("a")
    assert play.open == ["a"]
    assert play.complete("a").ended
    play = Play(xml).complete("a").message()
    assert play.open == ["caught"]
    assert [e.dropped for e in play.seen(core.ScopeClosed) if e.element == "out"] == [False, True]


def standard(text: str, attributes: str = "") -> bytes:
    loop = f'<standardLoopCharacteristics{attributes}><loopCondition xsi:type="tFormalExpression"><![CDATA[{text}]]></loopCondition></standardLoopCharacteristics>'
    return model(around(f'<userTask id="m">{loop}</userTask>', chain("m")))


def test_standard_loops() -> None:
    play = Play(standard("again"))
    play.complete("m", again=True).complete("m", again=True)
    assert play.open == ["m"]
    assert play.complete("m", again=False).ended
    assert play.variables == {"again": False}
    assert Play(standard("false", ' testBefore="true"')).ended
    play = Play(standard("true", ' loopMaximum="2"')).complete("m")
    assert play.seen(core.TaskOpened)[-1].local == {"loopCounter": Decimal(2)}
    assert play.complete("m").ended
    play = Play(standard("unknown")).complete("m")
    assert play.incidents == [("m", "null-condition")]
    assert play.do(core.Change({"unknown": False})).do(core.Retry(play.token("m"))).ended


# ---- compensation -----------------------------------------------------------------------------------------------------


def undone(activity: str, handler: str, *, as_user: bool = False) -> str:
    tag = "userTask" if as_user else "task"
    return (
        f'<task id="{activity}"/><boundaryEvent id="on_{activity}" attachedToRef="{activity}"><compensateEventDefinition/>'
        f'</boundaryEvent><{tag} id="{handler}" isForCompensation="true"/>'
        f'<association id="as_{activity}" associationDirection="One" sourceRef="on_{activity}" targetRef="{handler}"/>'
    )


def throws(name: str, ref: str = "", *, end: bool = False, wait: bool = True) -> str:
    tag = "endEvent" if end else "intermediateThrowEvent"
    attributes = (f' activityRef="{ref}"' if ref else "") + ("" if wait else ' waitForCompletion="false"')
    return f'<{tag} id="{name}"><compensateEventDefinition{attributes}/></{tag}>'


def names(play: Play, *wanted: str) -> list[str]:
    return [each for each in play.path if each in wanted]


def test_all_of_a_scope_is_undone_in_reverse_order_and_once() -> None:
    body = undone("a", "ua") + undone("b", "ub") + undone("c", "uc") + throws("t1") + throws("t2", end=True)
    play = Play(model('<startEvent id="s"/>' + body + chain("a", "b", "c", "t1", end="t2")))
    assert play.ended
    assert names(play, "ua", "ub", "uc") == ["uc", "ub", "ua"]


def test_one_activity_is_undone_for_each_time_it_ran() -> None:
    body = undone("a", "ua") + undone("b", "ub") + throws("t1", "a") + users("t")
    xml = model(
        '<startEvent id="s"/><exclusiveGateway id="m"/><exclusiveGateway id="x" default="x_m"/><endEvent id="e"/>'
        + body
        + flow("s", "m")
        + chain("a", "b", "t", start="m", end="x")
        + flow("x", "m")
        + flow("x", "t1", "done")
        + flow("t1", "e")
    )
    play = Play(xml, {"done": False}).complete("t").complete("t", done=True)
    assert play.ended
    assert names(play, "ua", "ub") == ["ua", "ua"]


def test_the_thrower_waits_for_the_handlers_or_not() -> None:
    for wait in (True, False):
        body = undone("a", "ua", as_user=True) + throws("t1", wait=wait) + users("next")
        play = Play(model(around(body, chain("a", "t1", "next"))))
        if wait:
            assert play.open == ["t1", "ua"]
            assert play.complete("ua").open == ["next"]
        else:
            assert "next" in play.open
            play.complete("next")
            assert not play.ended
            play.complete("ua")
        assert play.ended == (not wait)


def test_a_completed_sub_process_is_reopened_and_its_work_undone() -> None:
    inside = '<startEvent id="s1"/><endEvent id="e1"/>' + undone("a", "ua") + undone("b", "ub")
    body = sub("out", inside + chain("a", "b", start="s1", end="e1")) + undone("c", "uc") + throws("t1")
    play = Play(model(around(body, chain("out", "c", "t1"))))
    assert play.ended
    assert names(play, "ua", "ub", "uc") == ["uc", "ub", "ua"]
    assert [e.element for e in play.seen(core.ScopeOpened)] == ["p", "out", "out"]


def test_a_handler_of_the_sub_process_stands_for_its_inner_work() -> None:
    inside = '<startEvent id="s1"/><endEvent id="e1"/>' + undone("a", "ua") + chain("a", start="s1", end="e1")
    handler = (
        '<boundaryEvent id="on_out" attachedToRef="out"><compensateEventDefinition/></boundaryEvent>'
        '<task id="uo" isForCompensation="true"/>'
        '<association id="as_out" associationDirection="One" sourceRef="on_out" targetRef="uo"/>'
    )
    play = Play(model(around(sub("out", inside) + handler + throws("t1", "out"), chain("out", "t1"))))
    assert play.ended
    assert names(play, "ua", "uo") == ["uo"]


def test_a_compensation_event_sub_process_decides() -> None:
    esp = (
        '<subProcess id="esp" triggeredByEvent="true"><startEvent id="s9"><compensateEventDefinition/></startEvent>'
        '<endEvent id="e9"/>'
        + users("h")
        + throws("only_a", "a")
        + chain("h", "only_a", start="s9", end="e9")
        + "</subProcess>"
    )
    inside = '<startEvent id="s1"/><endEvent id="e1"/>' + undone("a", "ua") + undone("b", "ub") + esp
    body = sub("out", inside + chain("a", "b", start="s1", end="e1")) + throws("t1", "out")
    play = Play(model(around(body, chain("out", "t1"))))
    assert play.open == ["h", "t1"]
    play.complete("h")
    assert play.ended
    assert names(play, "ua", "ub") == ["ua"]


def test_multi_instance_work_is_undone_per_instance_with_its_variables() -> None:
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="true"><loopCardinality xsi:type="tFormalExpression">3'
        "</loopCardinality></multiInstanceLoopCharacteristics>"
    )
    task = undone("a", "ua").replace('<task id="a"/>', f'<userTask id="a">{loop}</userTask>')
    handler = task.replace(
        '<task id="ua" isForCompensation="true"/>', '<userTask id="ua" isForCompensation="true"/>'
    )
    play = Play(model(around(handler + throws("t1", "a"), chain("a", "t1"))))
    for place in (1, 2, 3):
        play.complete("a", receipt=f"r{place}")
    for place in (3, 2, 1):
        assert play.open == ["t1", "ua"]
        assert play.seen(core.TaskOpened)[-1].local == {"loopCounter": Decimal(place), "receipt": f"r{place}"}
        play.complete("ua")
    assert play.ended


def test_what_did_not_complete_is_not_undone() -> None:
    body = undone("a", "ua").replace('<task id="a"/>', '<userTask id="a"/>')
    more = boundary("bnd", "a", MESSAGE) + throws("t1", end=True) + chain("a") + flow("bnd", "t1")
    play = Play(model(around(body, more), ROOTS)).message()
    assert play.ended
    assert names(play, "ua") == []


def transaction(end: str, extra: str = "") -> bytes:
    inside = (
        '<startEvent id="s1"/><parallelGateway id="f"/>'
        + undone("a", "ua")
        + undone("b", "ub")
        + users("open", "decide")
        + f'<endEvent id="e1">{end}</endEvent>'
        + chain("a", "b", start="s1", end="f")
        + flow("f", "open")
        + flow("f", "decide")
        + flow("decide", "e1")
    )
    more = (
        boundary("cancelled", "tx", "<cancelEventDefinition/>")
        + boundary("failed", "tx", ERROR)
        + users("after", "hazard", "good")
        + flow("cancelled", "after")
        + flow("failed", "hazard")
        + flow("s", "tx")
        + flow("tx", "good")
    )
    return model('<startEvent id="s"/>' + sub("tx", inside, "transaction") + more + extra, ROOTS)


def test_a_cancelled_transaction_drops_undoes_and_goes_on_at_its_boundary() -> None:
    play = Play(transaction("<cancelEventDefinition/>")).complete("decide")
    assert play.open == ["after"]
    assert names(play, "ua", "ub") == ["ub", "ua"]
    assert core.TaskClosed(play.seen(core.TaskOpened)[0].token, "open", dropped=True) in play.events


def test_an_error_in_a_transaction_undoes_nothing() -> None:
    play = Play(transaction(ERROR)).complete("decide")
    assert play.open == ["hazard"]
    assert names(play, "ua", "ub") == []


def test_a_cancel_waits_for_people_who_undo() -> None:
    xml = transaction("<cancelEventDefinition/>").replace(b'<task id="ua" ', b'<userTask id="ua" ')
    play = Play(xml).complete("decide")
    assert play.open == ["ua"]
    assert play.complete("ua").open == ["after"]


def test_escalation_and_timer_inside_a_transaction_and_signal_to_all_scopes() -> None:
    inside = (
        '<startEvent id="s1"/><endEvent id="e1"/>'
        f'<intermediateThrowEvent id="up">{ESCALATION}</intermediateThrowEvent>'
        f'<intermediateCatchEvent id="wait">{SIGNAL}</intermediateCatchEvent>'
        + chain("up", "wait", start="s1", end="e1")
    )
    more = (
        boundary("esc_b", "tx", ESCALATION, interrupting=False)
        + boundary("late", "tx", timer("R/P1D", "timeCycle"), interrupting=False)
        + users("told", "reminded")
        + flow("esc_b", "told")
        + flow("late", "reminded")
        + chain("tx")
    )
    play = Play(model(around(sub("tx", inside, "transaction"), more), ROOTS))
    assert play.open == ["told", "wait"]
    play.fire("late").fire("late").signal()
    assert play.open == ["reminded", "reminded", "told"]
    for task in ("told", "reminded", "reminded"):
        play.complete(task)
    assert play.ended


def test_what_one_throw_has_taken_on_is_not_taken_by_another() -> None:
    body = (
        '<parallelGateway id="f"/>'
        + undone("a", "ua", as_user=True)
        + undone("b", "ub", as_user=True)
        + throws("t1")
        + throws("t2", "a")
        + users("go")
    )
    flows = chain("a", "b", start="s", end="f") + flow("f", "t1") + flow("f", "go") + flow("go", "t2")
    play = Play(model('<startEvent id="s"/>' + body + flows))
    assert play.open == ["go", "t1", "ub"]
    play.complete("go")
    assert play.open == ["t1", "ub"]
    play.complete("ub")
    assert play.open == ["t1", "ua"]
    assert play.complete("ua").ended


def test_an_event_sub_process_does_not_catch_what_comes_from_inside_itself() -> None:
    inner = (
        '<startEvent id="s3"/><endEvent id="e3">'
        f"{ESCALATION}</endEvent>" + users("t3") + chain("t3", start="s3", end="e3")
    )
    esp = (
        '<subProcess id="esp" triggeredByEvent="true"><startEvent id="b" isInterrupting="false">'
        f"{ESCALATION}</startEvent>" + sub("deep", inner) + chain(start="b", end="deep") + "</subProcess>"
    )
    up = f'<intermediateThrowEvent id="up">{ESCALATION}</intermediateThrowEvent>'
    play = Play(model(around(up + users("t"), chain("up", "t")) + esp, ROOTS))
    assert play.open == ["t", "t3"]
    assert play.complete("t3").open == ["t"]


def test_an_error_in_a_scope_that_is_being_interrupted_goes_down_with_it() -> None:
    inside = (
        '<startEvent id="s1"/><parallelGateway id="f"/>'
        f'<endEvent id="x1">{ERROR}</endEvent><endEvent id="x2">{ERROR}</endEvent>'
        + flow("s1", "f")
        + flow("f", "x1")
        + flow("f", "x2")
    )
    more = boundary("bnd", "out", ERROR) + users("caught") + flow("bnd", "caught") + chain("out")
    play = Play(model(around(sub("out", inside), more), ROOTS))
    assert play.open == ["caught"]
    assert not play.seen(core.IncidentRaised)
