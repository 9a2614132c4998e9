"""Cases go on with another version: what stays, what is watched for anew, and what keeps a case where it is."""

from __future__ import annotations

import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from play import MESSAGE, NOW, ROOTS, boundary, chain, condition, flow, model, script, timer, users

from engine.core import step as core
from engine.core.faults import CoreError
from engine.core.load import load
from engine.core.migrate import migrate, obstacles
from engine.core.run import step
from engine.core.sound.moves import Outside
from engine.core.state import dump, restore
from tests.core.oracle.generator import FAMILIES, VARIABLES, generate

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'


def read(body: str):
    return load({"m.bpmn": model(START + body + END, ROOTS)}, "p", strict=False)


def begun(definition, **variables):
    return step(definition, None, core.Start(variables), NOW).state


def token_at(state, element: str) -> int:
    return next(token.id for token in state.tokens.values() if token.element == element)


def test_the_same_model_changes_nothing() -> None:
    old = read(users("a", "b") + chain("a", "b") + boundary("t", "a", timer("PT1H")) + chain(start="t"))
    state = begun(old)
    done = migrate(old, old, state, NOW + timedelta(minutes=10))
    assert dump(done.state) == dump(state)
    assert done.events == ()


def test_a_case_goes_on_with_what_the_new_model_adds() -> None:
    old = read(users("a") + chain("a"))
    new = read(users("a", "b") + chain("a", "b"))
    state = migrate(old, new, begun(old), NOW).state
    state = step(new, state, core.Complete(token_at(state, "a")), NOW).state
    assert token_at(state, "b")


def test_watches_are_ended_and_begun_and_those_that_run_go_on() -> None:
    old = read(
        users("a") + chain("a")
        + boundary("kept", "a", timer("PT1H")) + chain(start="kept")
        + boundary("gone", "a", timer("PT2H")) + chain(start="gone")
    )  # fmt: skip
    new = read(
        users("a") + chain("a")
        + boundary("kept", "a", timer("PT5H")) + chain(start="kept")
        + boundary("added", "a", timer("PT3H"), interrupting=False) + chain(start="added")
        + boundary("told", "a", MESSAGE) + chain(start="told")
    )  # fmt: skip
    state = begun(old)
    later = NOW + timedelta(minutes=30)
    done = migrate(old, new, state, later)
    token = token_at(done.state, "a")
    assert done.events == (
        core.TimerCleared(token, "gone"),
        core.TimerSet(token, "added", later + timedelta(hours=3)),
    )
    again = restore(*dump(done.state))
    assert step(new, again, core.Fire(token, "kept"), later).state.ended
    assert step(new, again, core.Deliver("withdrawal"), later).state.ended


def test_a_new_condition_that_holds_already_is_taken_at_once() -> None:
    old = read(script("set", "{n: 5}") + users("a") + chain("set", "a"))
    new = read(
        script("set", "{n: 5}") + users("a", "b") + chain("set", "a")
        + boundary("much", "a", condition("n > 3")) + chain("b", start="much")
    )  # fmt: skip
    assert token_at(migrate(old, new, begun(old), NOW).state, "b")


@pytest.mark.parametrize(
    ("body", "code", "element"),
    [
        (users("b") + chain("b"), "gone", "a"),
        ('<manualTask id="a"/>' + chain("a"), "other-kind", "a"),
        (
            '<userTask id="a"><standardLoopCharacteristics loopMaximum="2"/></userTask>' + chain("a"),
            "other-loop",
            "a",
        ),
    ],
)
def test_what_keeps_a_case_on_its_version(body: str, code: str, element: str) -> None:
    old, new = read(users("a") + chain("a")), read(body)
    state = begun(old)
    assert [(one.code, one.element) for one in obstacles(old, new, state)] == [(code, element)]
    with pytest.raises(CoreError, match="cannot go on") as refused:
        migrate(old, new, state, NOW)
    assert refused.value.values["reason"] == code


def test_a_join_must_keep_the_flow_that_brought_a_token() -> None:
    def joined(name: str):
        return read(
            '<parallelGateway id="x"/><parallelGateway id="y"/>' + users("a", "b")
            + flow("s", "x") + flow("x", "a") + flow("x", "b")
            + flow("a", "y", name=name) + flow("b", "y") + flow("y", "e")
        )  # fmt: skip

    old, new = joined("old_way"), joined("new_way")
    state = begun(old)
    assert not obstacles(old, new, state)
    state = step(old, state, core.Complete(token_at(state, "a")), NOW).state
    assert [(one.code, one.element) for one in obstacles(old, new, state)] == [("join-flow-gone", "y")]


def test_a_timer_that_cannot_be_set_keeps_the_case() -> None:
    old = read(users("a") + chain("a"))
    new = read(users("a") + chain("a") + boundary("t", "a", timer("=nobody knows")) + chain(start="t"))
    with pytest.raises(CoreError) as refused:
        migrate(old, new, begun(old), NOW)
    assert refused.value.values["reason"] == "null-timer"


def test_random_cases_lose_nothing_on_the_same_model() -> None:
    """At every point of a random walk, going over to a second reading of the same file changes no byte."""
    compared = 0
    for seed in range(48):
        family = list(FAMILIES)[seed % len(FAMILIES)]
        xml = generate(family, seed).xml
        old, new = (load({"m.bpmn": xml}, "main", strict=False) for _ in range(2))
        random, outside = Random(seed), Outside(old)
        variables = {name: Decimal(random.randrange(4)) for name in VARIABLES}
        try:
            state = step(old, None, core.Start(variables), NOW).state
        except CoreError:
            continue
        for _ in range(8):
            if state.ended:
                break
            assert not obstacles(old, new, state), (family, seed)
            assert dump(migrate(old, new, state, NOW).state)[0] == dump(state)[0], (family, seed)
            compared += 1
            inputs = [given for _, given in outside.next(state)]
            random.shuffle(inputs)
            for given in inputs:
                try:
                    state = step(old, state, given, NOW).state
                except CoreError:
                    continue
                break
    assert compared > 100
