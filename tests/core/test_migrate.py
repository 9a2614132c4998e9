"""Cases go on with another version: what stays, what is watched for anew, and what keeps a case where it is."""

from __future__ import annotations

import re
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
from engine.core.mapping import misfits
from engine.core.migrate import migrate, obstacles
from engine.core.run import step
from engine.core.sound.marking import shape_of
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


def joined(name: str, source: str = "a", between: str = ""):
    """a and b side by side; the first way into the join is called `name` and comes from `source`."""
    more = users(between) + flow("a", between) + flow(between, "y", name=name) if between else ""
    return read(
        '<parallelGateway id="x"/><parallelGateway id="y"/>' + users(source, "b")
        + flow("s", "x") + flow("x", source) + flow("x", "b")
        + (more or flow(source, "y", name=name)) + flow("b", "y") + flow("y", "e")
    )  # fmt: skip


def test_a_join_must_keep_the_flow_that_brought_a_token() -> None:
    old, new = joined("old_way"), joined("new_way", between="c")
    state = begun(old)
    assert not obstacles(old, new, state)
    state = step(old, state, core.Complete(token_at(state, "a")), NOW).state
    assert [(one.code, one.element) for one in obstacles(old, new, state)] == [("join-flow-gone", "y")]


@pytest.mark.parametrize(("source", "names"), [("a", {}), ("examine", {"a": "examine"})])
def test_a_flow_drawn_anew_between_the_same_steps_is_the_same(source: str, names: dict[str, str]) -> None:
    old, new = joined("old_way"), joined("new_way", source)
    state = step(old, begun(old), core.Complete(token_at(begun(old), "a")), NOW).state
    moved = migrate(old, new, state, NOW, names=names).state
    assert step(new, moved, core.Complete(token_at(moved, "b")), NOW).state.ended


def test_a_case_goes_over_to_the_step_that_was_named() -> None:
    late = boundary("late", "a", timer("PT1H"))
    old = read(users("a", "b") + chain("a", "b") + late + chain(start="late"))
    late = boundary("too_late", "examine", timer("PT9H"))
    new = read(users("examine", "b") + chain("examine", "b") + late + chain(start="too_late"))
    state = begun(old)
    assert [one.code for one in obstacles(old, new, state)] == ["gone"]
    done = migrate(old, new, state, NOW, names={"a": "examine", "late": "too_late"})
    token = token_at(done.state, "examine")
    due = NOW + timedelta(hours=1)
    assert done.events == (core.TimerCleared(token, "late"), core.TimerSet(token, "too_late", due))
    again = restore(*dump(done.state))
    assert step(new, again, core.Fire(token, "too_late"), due).state.ended


def test_answers_are_found_by_the_new_name_of_their_task() -> None:
    old = read(users("a", "b") + chain("a", "b"))
    new = read(users("examine", "b") + chain("examine", "b"))
    state = begun(old)
    state = step(old, state, core.Complete(token_at(state, "a"), {"a": {"by": "ann"}}), NOW).state
    moved = migrate(old, new, state, NOW, names={"a": "examine"}).state
    assert moved.variables["examine"] == moved.variables["a"] == {"by": "ann"}


def test_two_steps_side_by_side_do_not_become_one() -> None:
    old = joined("way")
    new = read(users("b") + chain("b"))
    state = begun(old)
    assert ("two-in-one", "a") in [(one.code, one.element) for one in obstacles(old, new, state, {"a": "b"})]
    state = step(old, state, core.Complete(token_at(state, "b")), NOW).state  # the join would lose its flow
    assert {one.code for one in obstacles(old, new, state, {"a": "b"})} == {"gone"}


def test_what_cannot_be_named_for_another_is_said() -> None:
    old = read(users("a", "b", "c") + chain("a", "b", "c"))
    new = read(users("b", "d") + '<manualTask id="m"/>' + chain("b", "d", "m"))
    names = {"a": "m", "b": "d", "c": "nowhere", "z": "d"}
    told = [(one.code, one.element) for one in misfits([old], new, names)]
    assert told == [("map-kind", "a"), ("map-kept", "b"), ("map-no-target", "c"), ("map-unknown", "z")]
    assert not list(misfits([old], new, {"a": "d", "c": "d"}))


def test_random_cases_go_over_and_back_under_other_names() -> None:
    """A model whose every id is another: each case goes over, goes on there as it would have here, and comes back."""
    compared = 0
    for seed in range(48):
        family = list(FAMILIES)[seed % len(FAMILIES)]
        xml = generate(family, seed).xml
        old = load({"m.bpmn": xml}, "main", strict=False)
        there = {name: f"{name}_neu" for name in old.nodes}
        text = xml.decode()
        for name, other in sorted(there.items(), key=lambda pair: -len(pair[0])):
            text = re.sub(rf'(?<=[">]){re.escape(name)}(?=["<])', other, text)
        new = load({"m.bpmn": text.encode()}, "main", strict=False)
        back = {other: name for name, other in there.items()}
        random, outside = Random(seed), Outside(old)
        variables = {name: Decimal(random.randrange(4)) for name in VARIABLES}
        try:
            state = step(old, None, core.Start(variables), NOW).state
        except CoreError:
            continue
        for _ in range(8):
            if state.ended:
                break
            assert not list(
                misfits(
                    [old],
                    new,
                    {
                        token.element: there[token.element]
                        for token in state.tokens.values()
                        if token.element in there
                    },
                )
            )
            over = migrate(old, new, state, NOW, names=there).state
            again = migrate(new, old, over, NOW, names=back).state
            assert shape_of(again) == shape_of(state), (family, seed)
            compared += 1
            inputs = [given for _, given in outside.next(state)]
            random.shuffle(inputs)
            for given in inputs:
                try:
                    here = step(old, state, given, NOW)
                except CoreError:
                    continue
                moved = given
                if isinstance(given, core.Fire):
                    moved = core.Fire(given.token, there[given.element])
                beside = step(new, over, moved, NOW)
                assert shape_of(
                    migrate(new, old, beside.state, NOW, names=back).state
                    if not beside.state.ended
                    else beside.state
                ) == shape_of(here.state), (family, seed)
                state = here.state
                break
    assert compared > 100


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
