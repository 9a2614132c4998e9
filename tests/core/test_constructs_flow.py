"""Sequence flows and gateways: which flows are taken, and when joins go on."""

from __future__ import annotations

import itertools
import sys
from decimal import Decimal
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from play import MESSAGE, ROOTS, Play, boundary, chain, flow, model, script, users

from engine.core import step as core
from engine.core.faults import CoreError


def test_all_plain_tasks_pass_and_people_wait() -> None:
    tags = ("task", "scriptTask", "serviceTask", "sendTask", "businessRuleTask")
    body = "".join(f'<{tag} id="{tag}"/>' for tag in tags) + '<manualTask id="manual"/>' + users("u")
    play = Play(model(f'<startEvent id="s"/>{body}<endEvent id="e"/>{chain(*tags, "manual", "u")}'))
    assert play.open == ["manual"]
    assert play.complete("manual").open == ["u"]
    play.complete("u")
    assert play.ended
    assert play.path == ["s", *tags, "manual", "u", "e"]
    assert play.events[-1] == core.CaseEnded(("e",))


def test_exclusive_takes_the_first_true_flow_and_the_default_last() -> None:
    xml = model(
        '<startEvent id="s"/><exclusiveGateway id="x" default="x_c"/>'
        + users("a", "b", "c")
        + flow("s", "x")
        + flow("x", "c")
        + flow("x", "a", "n > 1")
        + flow("x", "b", "n > 0")
    )
    for n, task in ((2, "a"), (1, "b"), (0, "c")):
        assert Play(xml, {"n": Decimal(n)}).open == [task]


def test_no_true_flow_is_an_incident_and_retry_goes_on() -> None:
    xml = model(
        '<startEvent id="s"/><exclusiveGateway id="x"/>'
        + users("a")
        + flow("s", "x")
        + flow("x", "a", "n > 1")
    )
    play = Play(xml, {"n": Decimal(0)})
    assert play.incidents == [("x", "no-true-flow")]
    assert not play.ended
    play.do(core.Change({"n": Decimal(2)}))
    assert play.incidents == [("x", "no-true-flow")]
    play.do(core.Retry(play.token("x")))
    assert play.open == ["a"]
    assert play.path.count("x") == 1


def test_a_null_condition_names_what_is_missing() -> None:
    xml = model(
        '<startEvent id="s"/><exclusiveGateway id="x"/>'
        + users("a")
        + flow("s", "x")
        + flow("x", "a", "amount > 1")
    )
    play = Play(xml)
    assert play.incidents == [("x", "null-condition")]
    raised = play.seen(core.IncidentRaised)[0]
    assert raised.values["missing"] == ["amount"]
    play.do(core.Change({"amount": Decimal(2)})).do(core.Retry(raised.token))
    assert play.open == ["a"]


def test_several_flows_out_of_a_task_all_go_and_none_waits_for_another() -> None:
    xml = model(
        '<startEvent id="s"/><endEvent id="e"/>'
        + users("t", "a", "b")
        + flow("s", "t")
        + flow("t", "a")
        + flow("t", "b")
        + flow("a", "e")
        + flow("b", "e")
    )
    play = Play(xml).complete("t")
    assert play.open == ["a", "b"]
    play.complete("a")
    assert not play.ended
    play.complete("b")
    assert play.ended
    assert play.seen(core.CaseEnded)[0].ends == ("e", "e")


def conditional_task() -> bytes:
    return model(
        '<startEvent id="s"/><userTask id="t" default="t_d"/>'
        + users("a", "b", "d")
        + flow("s", "t")
        + flow("t", "a", "n >= 1")
        + flow("t", "b", "n >= 2")
        + flow("t", "d")
    )


@pytest.mark.parametrize(("n", "tasks"), [(0, ["d"]), (1, ["a"]), (2, ["a", "b"])])
def test_conditional_flows_out_of_a_task(n: int, tasks: list[str]) -> None:
    assert Play(conditional_task()).complete("t", n=Decimal(n)).open == tasks


def test_a_plain_flow_beside_a_default_makes_the_default_idle() -> None:
    xml = model(
        '<startEvent id="s"/><userTask id="t" default="t_d"/>'
        + users("a", "d")
        + flow("s", "t")
        + flow("t", "a")
        + flow("t", "d")
    )
    assert Play(xml).complete("t").open == ["a"]


def test_a_task_with_only_false_conditions_keeps_its_token_as_an_incident() -> None:
    xml = model('<startEvent id="s"/>' + users("t", "a") + flow("s", "t") + flow("t", "a", "n = 1"))
    play = Play(xml).complete("t", n=Decimal(0))
    assert play.incidents == [("t", "no-true-flow")]
    assert [e.dropped for e in play.seen(core.TaskClosed)] == [False]
    play.do(core.Change({"n": Decimal(1)})).do(core.Retry(play.token("t")))
    assert play.open == ["a"]


FORK = (
    '<startEvent id="s"/><endEvent id="e"/><{0} id="f"/><{0} id="j"/>'
    + users("a", "b", "c")
    + flow("s", "f")
    + "".join(flow("f", x, "{1}") + flow(x, "j") for x in "abc")
    + flow("j", "e")
)


def test_parallel_waits_for_every_flow() -> None:
    for order in itertools.permutations("abc"):
        play = Play(model(FORK.format("parallelGateway", "")))
        for place, task in enumerate(order):
            assert not play.ended
            assert play.open == sorted([*order[place:], *("j" for _ in order[:place])])
            play.complete(task)
        assert play.ended
        assert play.path.count("e") == 1


def test_parallel_counts_flows_not_tokens() -> None:
    """Two tokens over the same flow do not make a join of two flows go on."""
    xml = model(
        '<startEvent id="s"/><parallelGateway id="f"/><parallelGateway id="j"/>'
        + users("a", "b", "c", "after")
        + flow("s", "f")
        + flow("f", "a")
        + flow("f", "b")
        + flow("f", "c")
        + '<exclusiveGateway id="m"/>'
        + flow("a", "m")
        + flow("b", "m")
        + flow("m", "j")
        + flow("c", "j")
        + flow("j", "after")
    )
    play = Play(xml).complete("a").complete("b")
    assert play.open == ["c", "j", "j"]
    play.complete("c")
    assert play.open == ["after", "j"]


def inclusive() -> bytes:
    tasks = "".join(
        flow("f", x, f"contains(pick, &quot;{x}&quot;)".replace("&quot;", '"')) + flow(x, "j") for x in "abc"
    )
    return model(
        '<startEvent id="s"/><inclusiveGateway id="f"/><inclusiveGateway id="j"/>'
        + users("a", "b", "c", "after")
        + flow("s", "f")
        + tasks
        + flow("j", "after")
    )


@pytest.mark.parametrize("pick", ["a", "b", "ab", "bc", "abc"])
def test_inclusive_waits_for_exactly_what_was_started(pick: str) -> None:
    for order in itertools.permutations(pick):
        play = Play(inclusive(), {"pick": pick})
        assert play.open == sorted(pick)
        for task in order:
            assert "after" not in play.open
            play.complete(task)
        assert play.open == ["after"]


def test_inclusive_goes_on_when_the_other_branch_leaves_another_way() -> None:
    xml = model(
        '<startEvent id="s"/><parallelGateway id="f"/><inclusiveGateway id="j"/><exclusiveGateway id="x" default="x_gone"/>'
        '<endEvent id="gone"/>'
        + users("a", "b", "after")
        + flow("s", "f")
        + flow("f", "a")
        + flow("f", "b")
        + flow("a", "j")
        + flow("b", "x")
        + flow("x", "j", "join")
        + flow("x", "gone")
        + flow("j", "after")
    )
    play = Play(xml).complete("a")
    assert play.open == ["b", "j"]
    assert play.complete("b", join=False).open == ["after"]
    play = Play(xml).complete("a")
    assert play.complete("b", join=True).open == ["after"]


def test_inclusive_does_not_count_ways_over_boundary_events() -> None:
    """By the letter of table 13.3 only sequence flows make a path."""
    xml = model(
        '<startEvent id="s"/><parallelGateway id="f"/><inclusiveGateway id="j"/><endEvent id="e"/>'
        + users("a", "b", "after")
        + boundary("late", "b", MESSAGE)
        + flow("s", "f")
        + flow("f", "a")
        + flow("f", "b")
        + flow("a", "j")
        + flow("b", "e")
        + flow("late", "j")
        + flow("j", "after"),
        ROOTS,
    )
    play = Play(xml).complete("a")
    assert play.open == ["after", "b"]
    assert play.message().open == ["after", "after"]


def test_inclusive_in_a_loop() -> None:
    xml = model(
        '<startEvent id="s"/><exclusiveGateway id="m"/><inclusiveGateway id="f"/><inclusiveGateway id="j"/>'
        '<exclusiveGateway id="x" default="x_m"/><endEvent id="e"/>'
        + users("a", "b")
        + flow("s", "m")
        + flow("m", "f")
        + flow("f", "a", "true")
        + flow("f", "b", "both")
        + flow("a", "j")
        + flow("b", "j")
        + flow("j", "x")
        + flow("x", "e", "done")
        + flow("x", "m")
    )
    play = Play(xml, {"both": True, "done": False})
    for both in (True, False, True):
        play.do(core.Change({"both": both}))
        while "a" in play.open or "b" in play.open:
            rounds = play.path.count("x")
            for task in list(play.open):
                if task in "ab":
                    play.complete(task)
            assert play.path.count("x") == rounds + 1
            break
    for task in [t for t in play.open if t in "ab"][:-1]:
        play.complete(task)
    play.complete([t for t in play.open if t in "ab"][-1], done=True)
    assert play.ended


def complex_gateway(activation: str, out: str = "") -> bytes:
    text = f'<activationCondition xsi:type="tFormalExpression"><![CDATA[{activation}]]></activationCondition>'
    return model(
        f'<startEvent id="s"/><parallelGateway id="f"/><complexGateway id="j">{text if activation else ""}</complexGateway>'
        + users("a", "b", "c", "after")
        + flow("s", "f")
        + "".join(flow("f", x) + flow(x, "j") for x in "abc")
        + flow("j", "after", out)
    )


def test_complex_goes_on_when_its_condition_holds_and_swallows_the_rest() -> None:
    play = Play(complex_gateway("activationCount >= 2")).complete("a")
    assert play.open == ["b", "c", "j"]
    assert play.complete("c").open == ["after", "b"]
    play.complete("b")
    assert play.open == ["after"]
    assert play.complete("after").ended


def test_complex_without_condition_waits_for_all() -> None:
    play = Play(complex_gateway("")).complete("a").complete("b")
    assert play.open == ["c", "j", "j"]
    assert play.complete("c").open == ["after"]


def test_complex_second_output_only_where_the_model_asks_for_it() -> None:
    play = Play(complex_gateway("activationCount >= 1", "waitingForStart or more"), {"more": True})
    play.complete("a").complete("b")
    assert play.open == ["after", "c", "j"]
    assert play.complete("c").open == ["after", "after"]
    play = Play(complex_gateway("activationCount >= 1", "waitingForStart or more"), {"more": False})
    assert play.complete("a").complete("b").complete("c").open == ["after"]


def test_complex_in_a_second_round_starts_anew() -> None:
    xml = model(
        '<startEvent id="s"/><exclusiveGateway id="m"/><parallelGateway id="f"/><complexGateway id="j">'
        '<activationCondition xsi:type="tFormalExpression">activationCount >= 1</activationCondition></complexGateway>'
        + users("a", "b", "again")
        + flow("s", "m")
        + flow("m", "f")
        + flow("f", "a")
        + flow("f", "b")
        + flow("a", "j")
        + flow("b", "j")
        + flow("j", "again")
        + flow("again", "m")
    )
    play = Play(xml).complete("a")
    assert play.open == ["again", "b"]
    assert play.complete("b").open == ["again"]
    assert play.complete("again").open == ["a", "b"]
    assert play.complete("b").open == ["a", "again"]


def test_event_gateway_takes_the_first_event_only() -> None:
    xml = model(
        '<startEvent id="s"/><eventBasedGateway id="g0"/>'
        f'<intermediateCatchEvent id="c">{MESSAGE}</intermediateCatchEvent>'
        '<intermediateCatchEvent id="t"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT1H'
        "</timeDuration></timerEventDefinition></intermediateCatchEvent>"
        '<receiveTask id="r" messageRef="m2"/>'
        + users("a", "b", "d")
        + flow("s", "g0")
        + "".join(flow("g0", x) for x in "ctr")
        + flow("c", "a")
        + flow("t", "b")
        + flow("r", "d"),
        ROOTS,
    )
    play = Play(xml)
    assert play.open == ["g0"]
    assert play.message().open == ["a"]
    assert play.seen(core.TimerCleared) == [core.TimerCleared(play.seen(core.TimerSet)[0].token, "t")]
    assert Play(xml).fire("t").open == ["b"]
    assert Play(xml).message("correction").open == ["d"]
    with pytest.raises(CoreError, match="nothing in this case waits"):
        play.message()


def test_links_jump_also_back() -> None:
    xml = model(
        '<startEvent id="s"/><intermediateThrowEvent id="go"><linkEventDefinition name="L"/></intermediateThrowEvent>'
        '<intermediateCatchEvent id="come"><linkEventDefinition name="L"/></intermediateCatchEvent>'
        '<exclusiveGateway id="x" default="x_go"/><endEvent id="e"/>'
        + users("t")
        + flow("s", "go")
        + flow("come", "t")
        + flow("t", "x")
        + flow("x", "go")
        + flow("x", "e", "done")
    )
    play = Play(xml)
    for _ in range(3):
        assert play.complete("t", done=False).open == ["t"]
    assert play.complete("t", done=True).ended


def test_a_circle_of_automatic_steps_is_stopped_and_visible() -> None:
    xml = model(
        '<startEvent id="s"/><exclusiveGateway id="m"/><task id="t"/>'
        + flow("s", "m")
        + flow("m", "t")
        + flow("t", "m")
    )
    play = Play(xml)
    assert [code for _, code in play.incidents] == ["livelock"]
    play.do(core.Cancel("wrong model"))
    assert play.ended
    assert play.events[-1] == core.CaseEnded((), cancelled=True)


def test_ten_thousand_rounds_in_one_command_are_no_livelock() -> None:
    xml = model(
        '<startEvent id="s"/><exclusiveGateway id="m"/><exclusiveGateway id="x" default="x_m"/><endEvent id="e"/>'
        + script("t", "{n: n + 1}")
        + flow("s", "m")
        + flow("m", "t")
        + flow("t", "x")
        + flow("x", "e", "n >= 2000")
        + flow("x", "m")
    )
    play = Play(xml, {"n": Decimal(0)})
    assert play.ended
    assert play.variables["n"] == Decimal(2000)
