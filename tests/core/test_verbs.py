"""The verbs' token rules, verb by verb: sequence, parallel, multi-instance, sub-process (the tables of docs/verbs.md)."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from play import MESSAGE, ROOTS, Play, boundary, chain, flow, model, props, script, timer, users

from engine.core import step as core
from engine.core.faults import CoreError
from engine.core.state import dump
from engine.core.verbs import AddSigner, DropSigner, Jump, SendBack, TakeBack
from engine.core.verbs_explain import explain, is_added, refusal
from engine.core.verbs_offer import offered, returns_to, way_back
from engine.core.verbs_ways import ways_of

S, E = '<startEvent id="s"/>', '<endEvent id="e"/>'


def par(*names: str) -> str:
    return "".join(f'<parallelGateway id="{name}"/>' for name in names)


def many(inner: str = "", kind: str = "parallel") -> str:
    ordered = ' isSequential="true"' if kind == "sequential" else ""
    return f"<multiInstanceLoopCharacteristics{ordered}>{inner}</multiInstanceLoopCharacteristics>"


def until(text: str) -> str:
    return f'<completionCondition xsi:type="tFormalExpression"><![CDATA[{text}]]></completionCondition>'


def board(condition: str = "", kind: str = "parallel", after: str = "z") -> bytes:
    """Three people sign; then z."""
    settings = props(collection='=["ann", "bob", "cat"]', item="who", output="votes", output_item="=vote")
    inner = settings + many(until(condition) if condition else "", kind)
    return model(S + E + f'<userTask id="a">{inner}</userTask>' + users(after) + chain("a", after))


def departments() -> bytes:
    """r, then a1-a2 and b side by side, then d; d goes back to r while again = true."""
    body = S + E + users("r", "a1", "a2", "b", "d") + par("f", "j")
    body += '<exclusiveGateway id="x" default="x_e"/><exclusiveGateway id="m"/>'
    body += (
        flow("s", "m")
        + flow("m", "r")
        + flow("r", "f")
        + flow("f", "a1")
        + flow("a1", "a2")
        + flow("a2", "j")
    )
    body += flow("f", "b") + flow("b", "j") + flow("j", "d") + flow("d", "x")
    return model(body + flow("x", "e") + flow("x", "m", "again = true"))


def back(play: Play, element: str, target: str, *, straight: bool = False) -> Play:
    return play.do(SendBack(play.token(element), target, straight))


def scope(play: Play, element: str) -> int:
    """The scope token around a task that is open there now."""
    assert play.state is not None
    return play.state.tokens[play.token(element)].parent


def refused(play: Play, verb: object) -> str:
    assert play.state is not None
    before = dump(play.state)
    with pytest.raises(CoreError) as caught:
        play.do(verb)  # type: ignore[arg-type]
    assert dump(play.state) == before
    told = refusal(play.definition, play.state, verb)  # type: ignore[arg-type]
    assert told is not None
    assert told.code == caught.value.code
    return caught.value.code


# ---- send back ----------------------------------------------------------------------------------------------------------


def test_in_a_sequence_the_target_is_open_and_the_way_is_walked_again():
    play = Play(model(S + E + users("a", "b", "c") + chain("a", "b", "c"))).complete("a").complete("b")
    back(play, "c", "a")
    assert play.open == ["a"]
    play.complete("a")
    assert play.open == ["b"]


def test_straight_comes_back_without_the_steps_between():
    play = Play(model(S + E + users("a", "b", "c") + chain("a", "b", "c"))).complete("a").complete("b")
    back(play, "c", "a", straight=True)
    assert play.open == ["a"]
    assert play.state is not None
    assert way_back(play.state, play.token("a")) == "c"
    play.complete("a")
    assert play.open == ["c"]
    play.complete("c")
    assert play.ended


def test_before_the_split_all_branches_go():
    play = Play(departments(), {"again": False}).complete("r").complete("a1")
    assert play.open == ["a2", "b"]
    back(play, "a2", "r")
    assert play.open == ["r"]


@pytest.mark.parametrize("second_round", [False, True])
def test_inside_a_branch_the_others_and_their_arrivals_stay(second_round):
    play = Play(departments(), {"again": second_round}).complete("r")
    if second_round:
        play.complete("a1").complete("a2").complete("b").complete("d").complete("r")
    play.complete("b").complete("a1")
    assert play.open == ["a2", "j"]
    back(play, "a2", "a1")
    assert play.open == ["a1", "j"]
    play.complete("a1").complete("a2")
    assert play.open == ["d"]


@pytest.mark.parametrize("second_round", [False, True])
def test_from_behind_a_join_it_gets_its_other_arrivals_back(second_round):
    play = Play(departments(), {"again": second_round}).complete("r")
    if second_round:
        play.complete("b").complete("a1").complete("a2").complete("d").complete("r")
    play.complete("b").complete("a1").complete("a2")
    back(play, "d", "a1")
    assert play.open == ["a1", "j"]
    play.complete("a1").complete("a2")
    assert play.open == ["d"]


def test_straight_in_a_branch_touches_nobody_else():
    play = Play(departments(), {"again": False}).complete("r").complete("a1")
    back(play, "a2", "r", straight=True)
    assert play.open == ["b", "r"]
    play.complete("b").complete("r")
    assert play.open == ["a2", "j"]
    play.complete("a2")
    assert play.open == ["d"]


def test_for_an_inclusive_join_who_goes_straight_back_stands_where_they_go_back_to():
    """b could bring a token to j, but from b this one goes straight to c: nobody waits for it."""
    body = (
        S
        + E
        + users("b", "c", "k", "z")
        + par("f")
        + '<exclusiveGateway id="x" default="x_j"/><inclusiveGateway id="j"/>'
    )
    body += flow("s", "f") + flow("f", "b") + flow("b", "x") + flow("x", "c", "true") + flow("x", "j")
    body += flow("f", "k") + flow("k", "j") + flow("j", "z") + flow("z", "e") + flow("c", "e")
    play = Play(model(body)).complete("b")
    back(play, "c", "b", straight=True)
    play.complete("k")
    assert play.open == ["b", "z"]
    assert play.complete("b").open == ["c", "z"]


def test_a_complex_gateway_that_fired_still_waits_for_who_goes_straight_back():
    gate = '<complexGateway id="j"><activationCondition xsi:type="tFormalExpression">activationCount &gt;= 1</activationCondition></complexGateway>'
    body = S + E + users("a", "b", "k", "z") + par("f") + gate
    body += (
        flow("s", "a") + flow("a", "f") + flow("f", "b") + flow("f", "k") + flow("b", "j") + flow("k", "j")
    )
    play = Play(model(body + flow("j", "z") + flow("z", "e"))).complete("a").complete("k")
    assert play.open == ["b", "z"]
    back(play, "b", "a", straight=True)
    assert play.complete("a").complete("b").open == ["z"]  # swallowed, as it would have been


def test_remaining_co_signers_go_with_the_sender():
    body = (
        S
        + E
        + users("r")
        + f'<userTask id="a"><extensionElements/>{many("<loopCardinality>3</loopCardinality>")}</userTask>'
    )
    play = Play(model(body + chain("r", "a"))).complete("r").complete("a")
    assert play.open == ["a", "a"]
    back(play, "a", "r")
    assert play.open == ["r"]
    play.complete("r")
    assert play.open == ["a", "a", "a"]


def inner() -> bytes:
    """r, then a sub-process with k and q side by side after o, then z."""
    sub = '<startEvent id="is"/>' + users("o", "k", "q") + par("if") + chain("o", "if", start="is", end="k")
    sub = f'<subProcess id="sub">{sub}{flow("if", "q")}</subProcess>'
    return model(S + E + users("r", "z") + sub + chain("r", "sub", "z"))


def test_inside_a_sub_process_only_that_scope_is_touched():
    play = Play(inner()).complete("r").complete("o")
    back(play, "q", "o")
    assert play.open == ["o"]
    play.complete("o")
    assert play.open == ["k", "q"]


def test_out_of_a_sub_process_it_goes_as_a_whole_and_comes_anew():
    play = Play(inner()).complete("r").complete("o")
    back(play, "q", "r")
    assert play.open == ["r"]
    play.complete("r")
    assert play.open == ["o"]


def test_a_step_inside_another_scope_is_refused_but_the_scope_can_be_done_again():
    play = Play(inner()).complete("r").complete("o").complete("k").complete("q")
    assert play.open == ["z"]
    assert refused(play, SendBack(play.token("z"), "o")) == "elsewhere"
    back(play, "z", "sub")
    assert play.open == ["o"]


def test_what_does_not_lie_before_is_refused():
    play = (
        Play(departments(), {"again": True})
        .complete("r")
        .complete("a1")
        .complete("a2")
        .complete("b")
        .complete("d")
    )
    assert play.open == ["r"], "the second round"
    for target in ("d", "a1", "r"):
        assert refused(play, SendBack(play.token("r"), target)) == "not-before"
    for target in ("x", "nothing", "f"):
        assert refused(play, SendBack(play.token("r"), target)) == "no-such-target"
    assert refused(play, SendBack(10**6, "r")) == "no-such-token"


def test_out_of_a_boundary_path_back_before_its_activity():
    body = (
        S
        + E
        + users("a", "b", "late")
        + boundary("t", "b", timer("P3D"))
        + chain("a", "b")
        + flow("t", "late")
    )
    play = Play(model(body)).complete("a").fire("t")
    back(play, "late", "a")
    assert play.open == ["a"]
    play.complete("a")
    assert play.due("t")


def paid(loop: bool = False) -> bytes:
    pay = f'<serviceTask id="pay">{props(operation="pay", irrevocable="true")}</serviceTask>'
    body = (
        S
        + E
        + users("a", "b", "c", "d")
        + pay
        + '<exclusiveGateway id="m"/><exclusiveGateway id="x" default="x_e"/>'
    )
    body += flow("s", "a") + flow("a", "m") + chain("b", "pay", "c", "d", start="m", end="x") + flow("x", "e")
    return model(body + (flow("x", "m", "again = true") if loop else ""))


def test_not_behind_what_is_irrevocable_and_done():
    play = Play(paid()).complete("a").complete("b")
    assert refused(play, SendBack(play.token("pay"), "a")) == "not-waiting"
    play.complete("pay").complete("c")
    back(play, "d", "c")
    play.complete("c")
    for straight in (False, True):
        assert refused(play, SendBack(play.token("d"), "b", straight)) == "irrevocable"
    assert refused(play, Jump(play.token("d"), "a")) == "irrevocable"


def test_a_payment_of_the_round_before_bars_only_what_lies_before_the_loop():
    play = Play(paid(loop=True), {"again": True}).complete("a")
    play.complete("b").complete("pay").complete("c").complete("d").complete("b")
    assert play.open == ["pay"]
    play.do(core.Break(play.token("pay"), "down"))
    assert play.state is not None
    play.do(Jump(play.token("pay"), "b"))
    assert play.open == ["b"]
    assert refused(play, Jump(play.token("b"), "a")) == "irrevocable"


def test_a_payment_inside_a_sub_process_bars_the_way_around_it():
    pay = f'<serviceTask id="pay">{props(operation="pay", irrevocable="true")}</serviceTask>'
    sub = f'<subProcess id="sub"><startEvent id="is"/>{pay}{users("q")}{chain("pay", start="is", end="q")}</subProcess>'
    play = Play(model(S + E + users("r", "z") + sub + chain("r", "sub", "z"))).complete("r").complete("pay")
    assert refused(play, SendBack(play.token("q"), "r")) == "irrevocable"
    play.complete("q")
    assert refused(play, SendBack(play.token("z"), "r")) == "irrevocable"


def test_not_while_an_interrupting_event_sub_process_runs():
    esub = (
        '<subProcess id="es" triggeredByEvent="true"><startEvent id="ess">'
        + MESSAGE
        + "</startEvent>"
        + users("w")
        + flow("ess", "w")
        + "</subProcess>"
    )
    play = Play(model(S + E + users("a", "b") + esub + chain("a", "b"), ROOTS)).complete("a").message()
    assert play.open == ["w"]
    assert refused(play, SendBack(play.token("w"), "a")) == "scope-interrupted"


def test_a_complex_join_with_other_arrivals_is_not_set_back():
    gate = '<complexGateway id="j"><activationCondition xsi:type="tFormalExpression">activationCount >= 1</activationCondition></complexGateway>'
    body = S + E + users("a0", "a", "b", "d") + par("f") + gate.replace(">=", "&gt;=")
    body += (
        flow("s", "f")
        + flow("f", "a0")
        + flow("a0", "a")
        + flow("f", "b")
        + flow("a", "j")
        + flow("b", "j")
        + flow("j", "d")
        + flow("d", "e")
    )
    play = Play(model(body)).complete("a0").complete("a")
    assert play.open == ["b", "d"]
    assert refused(play, SendBack(play.token("d"), "a0")) == "complex-join"


# ---- take back and jump ---------------------------------------------------------------------------------------------------


def test_take_back_is_the_marking_before():
    play = Play(departments(), {"again": False}).complete("r").complete("b").complete("a1")
    root = scope(play, "a2")
    play.complete("a2")
    assert play.open == ["d"]
    play.do(TakeBack(root, "a2"))
    assert play.open == ["a2", "j"]
    assert refused(play, TakeBack(root, "a2")) == "nothing-to-take-back"


def test_a_signature_is_taken_back_in_its_own_place():
    play = Play(board())
    body = scope(play, "a")
    play.complete("a", 1, vote="yes")
    play.do(TakeBack(body, "a", 2))
    assert play.open == ["a", "a", "a"]
    opened = play.seen(core.TaskOpened)[-1]
    assert opened.local["who"] == "bob"
    play.complete("a", 0, vote=1).complete("a", 0, vote=3).complete("a", 0, vote=2)
    assert play.variables["votes"] == [1, 2, 3]


def test_in_a_sequence_of_signers_the_one_before_the_current():
    play = Play(board(kind="sequential")).complete("a", vote=1)
    body = scope(play, "a")
    play.do(TakeBack(body, "a", 1))
    assert play.seen(core.TaskOpened)[-1].local["who"] == "ann"
    play.complete("a", vote=4).complete("a", vote=5)
    assert refused(play, TakeBack(body, "a", 1)) == "nothing-to-take-back"
    play.complete("a", vote=6)
    assert play.variables["votes"] == [4, 5, 6]


def test_jump_gives_up_what_is_named_and_explain_says_what_cannot_open():
    play = Play(departments(), {"again": False}).complete("r").complete("b")
    play.do(Jump(play.token("a1"), "d"))
    assert play.open == ["d", "j"]
    play.complete("d")
    assert play.open == ["j"]
    assert play.state is not None
    stuck = [wait.element for wait in explain(play.definition, play.state) if wait.stuck]
    assert stuck == ["j"]
    play.do(Jump(play.token("j"), "e"))
    assert play.ended


def test_a_jump_may_give_up_more_than_one():
    play = Play(departments(), {"again": False}).complete("r").complete("b")
    play.do(Jump(play.token("a1"), "d", (play.token("j"),)))
    assert play.open == ["d"]
    assert refused(play, Jump(play.token("d"), "r", (10**6,))) == "no-such-token"


def test_a_jump_into_another_scope_is_refused():
    play = Play(inner()).complete("r")
    assert refused(play, Jump(play.token("o"), "nothing")) == "no-such-target"
    other = Play(inner())
    assert refused(other, Jump(other.token("r"), "o")) == "elsewhere"
    other.do(Jump(other.token("r"), "sub"))
    assert other.open == ["o"]


# ---- signers --------------------------------------------------------------------------------------------------------------


def test_one_more_co_signer_is_waited_for_and_answers_in_place():
    play = Play(board()).complete("a", vote=1)
    play.do(AddSigner(play.token("a"), item="dan", account="dan"))
    assert play.open == ["a", "a", "a"]
    opened = play.seen(core.TaskOpened)[-1]
    assert (opened.local["who"], opened.assign) == ("dan", {"account": "dan"})
    play.complete("a", vote=2).complete("a", vote=3).complete("a", vote=4)
    assert play.variables["votes"] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("rule", "needed"),
    [
        ("numberOfCompletedInstances >= 1", 1),
        ("numberOfCompletedInstances / numberOfInstances > 0.5", 3),
        ("numberOfCompletedInstances = numberOfInstances", 4),
        ('count(votes[item = "yes"]) >= 2', 2),
    ],
)
def test_any_share_all_and_votes(rule, needed):
    play = Play(board(rule))
    play.do(AddSigner(play.token("a"), item="dan"))
    for number in range(needed):
        assert play.open == ["a"] * (4 - number)
        play.complete("a", vote="yes")
    assert play.open == ["z"]


def test_one_signer_less_may_fulfil_the_rule():
    play = Play(board("numberOfCompletedInstances / numberOfInstances > 0.5"))
    play.do(AddSigner(play.token("a"), item="dan"))
    play.complete("a", vote=1).complete("a", 2, vote=4)
    assert play.open == ["a", "a"]
    play.do(DropSigner(play.token("a", 1)))
    assert play.open == ["z"]
    assert play.variables["votes"] == [1, None, 4]


def test_the_last_signer_is_not_dropped():
    play = Play(board())
    body = scope(play, "a")
    play.do(DropSigner(play.token("a"))).do(DropSigner(body, 2))
    assert refused(play, DropSigner(play.token("a"))) == "last-signer"
    assert refused(play, DropSigner(body, 2)) == "signed"
    play.complete("a", vote="b")
    assert play.open == ["z"]


def test_a_sequence_takes_the_next_and_loses_one_to_come():
    play = Play(board(kind="sequential"))
    body = scope(play, "a")
    play.do(AddSigner(play.token("a"), item="dan", place="after")).do(DropSigner(body, 3))
    assert refused(play, AddSigner(play.token("a"), item="eve")) == "no-signers"
    for who in ("ann", "dan", "cat"):
        assert play.seen(core.TaskOpened)[-1].local["who"] == who
        play.complete("a", vote=who)
    assert play.variables["votes"] == ["ann", "dan", "cat"]
    assert play.open == ["z"]


def plain() -> Play:
    body = (
        S
        + E
        + users("a", "z", "late")
        + boundary("t", "a", timer("P3D"))
        + chain("a", "z")
        + flow("t", "late")
    )
    return Play(model(body))


@pytest.mark.parametrize("first", [0, 1])
def test_beside_a_plain_task_both_must_sign(first):
    play = plain()
    due, mine = play.due("t"), play.token("a")
    play.do(AddSigner(mine, "bob"))
    assert play.due("t") == due, "the deadline's timer goes on"
    assert play.open == ["a", "a"]
    assert play.state is not None
    assert [is_added(play.state, play.token("a", n)) for n in (0, 1)] == [False, True]
    play.complete("a", first).complete("a")
    assert play.open == ["z"]


def test_before_and_after_a_plain_task():
    play = plain()
    play.do(AddSigner(play.token("a"), "bob", place="before", asker="me"))
    assert [e.assign for e in play.seen(core.TaskOpened)][1:] == [{"account": "bob"}]
    play.complete("a")
    assert play.seen(core.TaskOpened)[-1].assign == {"account": "me"}
    play.do(AddSigner(play.token("a"), "cat", place="after")).complete("a")
    assert play.seen(core.TaskOpened)[-1].assign == {"account": "cat"}
    assert play.open == ["a"]
    play.complete("a")
    assert play.open == ["z"]


def test_a_boundary_event_ends_added_signers_too():
    play = plain()
    play.do(AddSigner(play.token("a"), "bob")).fire("t")
    assert play.open == ["late"]


def test_who_asked_is_not_dropped_but_the_asked_one_is():
    play = plain()
    play.do(AddSigner(play.token("a"), "bob"))
    assert refused(play, DropSigner(play.token("a", 0))) == "no-signers"
    play.do(DropSigner(play.token("a", 1))).complete("a")
    assert play.open == ["z"]
    assert refused(play, DropSigner(play.token("z"))) == "no-signers"


def test_added_signers_survive_a_return_of_their_task():
    play = Play(model(S + E + users("a", "b") + chain("a", "b"))).complete("a")
    play.do(SendBack(play.token("b"), "a", straight=True)).do(AddSigner(play.token("a"), "bob"))
    play.complete("a").complete("a")
    assert play.open == ["b"], "straight back, once both have signed"


# ---- explain and the map ----------------------------------------------------------------------------------------------------


def test_explain_names_the_work_and_who_can_bring_what_a_join_misses():
    play = Play(departments(), {"again": False}).complete("r").complete("b")
    assert play.state is not None
    waits = {wait.element: wait for wait in explain(play.definition, play.state)}
    assert waits["a1"].kind == "work"
    [missing] = waits["j"].missing
    assert (missing.flow, missing.tokens) == ("a2_j", (play.token("a1"),))
    assert not waits["j"].stuck


def test_explain_names_timers_messages_and_incidents():
    body = S + E + users("a") + boundary("t", "a", timer("P3D")) + boundary("w", "a", MESSAGE)
    body += users("late") + script("bad", "null") + flow("w", "bad") + flow("t", "late") + chain("a")
    play = Play(model(body, ROOTS))
    assert play.state is not None
    [wait] = [w for w in explain(play.definition, play.state) if w.element == "a"]
    assert [(e.element, e.cause, e.name) for e in wait.events] == [
        ("t", "timer", None),
        ("w", "message", "withdrawal"),
    ]
    assert wait.events[0].due == play.due("t")
    play.message()
    [wait] = [w for w in explain(play.definition, play.state) if w.element == "bad"]
    assert (wait.kind, wait.code, wait.stuck) == ("incident", "null-script", True)


def test_ways_back_are_those_whose_end_lies_on_every_way_to_their_beginning():
    ways = ways_of(Play(departments(), {"again": False}).definition)
    assert ways.back == {("x_m", "m")}
    assert "b" not in ways.after("a1")
    assert {"a2", "j", "d", "x_m"} <= ways.after("a1")


def test_what_a_model_offers():
    body = (
        S
        + E
        + f'<userTask id="a">{props(verbs="send_back urge", send_back_to="b c")}</userTask>'
        + users("b")
    )
    nodes = Play(model(body + chain("a", "b"))).definition.nodes
    assert offered(nodes["a"]) == {"send_back", "urge"}
    assert returns_to(nodes["a"]) == {"b", "c"}
    assert "add_signer" not in offered(nodes["b"])
    assert "send_back" in offered(nodes["b"])


def test_taking_back_at_once_is_always_the_state_before():
    """Whatever a completion led to, taking it back at once leaves the same elements waiting."""
    random = Random(20260803)
    for _ in range(200):
        play = Play(departments(), {"again": random.random() < 0.7})
        for _ in range(random.randint(0, 9)):
            if play.ended:
                break
            element = random.choice([name for name in play.open if name != "j"])
            before, around = play.open, scope(play, element)
            play.complete(element)
            if not play.ended and element != "d":
                play.do(TakeBack(around, element))
                assert play.open == before
                play.complete(element)
