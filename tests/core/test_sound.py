"""Soundness: each defect is found with the way that leads to it, sound models have none, nothing is missed."""

from __future__ import annotations

import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from play import ERROR, MESSAGE, ROOTS, boundary, chain, flow, model, script, timer, users

from engine.core.faults import CoreError
from engine.core.load import load
from engine.core.run import step
from engine.core.sound import Bounds, Soundness, examine
from engine.core.sound.moves import Outside
from engine.core.step import Start
from engine.package import process_names, read_package
from tests.conftest import ROOT, THOROUGH
from tests.core.oracle.generator import FAMILIES, VARIABLES, generate
from tests.core.oracle.walk import BEGIN

if TYPE_CHECKING:
    from engine.core.definition import Definition

CODES = ("deadlock", "never-ends", "unreached", "piles-up")
START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'


def judged(body: str, bounds: Bounds = Bounds()) -> Soundness:  # noqa: B008
    """The verdict over a small process."""
    return examine(load({"m.bpmn": model(START + body + END, ROOTS)}, "p", strict=False), bounds)


def codes(found: Soundness) -> list[tuple[str, tuple[str, ...]]]:
    return [(defect.code, defect.elements) for defect in found.defects]


def gateway(kind: str, name: str, default: str = "") -> str:
    return f'<{kind}Gateway id="{name}"' + (f' default="{default}"' if default else "") + "/>"


def fork(first: str, second: str) -> str:
    """A split of one kind, joined by another, with two tasks between."""
    one = flow("x", "a", "n > 1") if first == "exclusive" else flow("x", "a")
    return (
        gateway(first, "x", "x_b" if first == "exclusive" else "")
        + gateway(second, "y")
        + users("a", "b")
        + flow("s", "x")
        + one
        + flow("x", "b")
        + flow("a", "y")
        + flow("b", "y")
        + flow("y", "e")
    )


def test_a_plain_process_is_sound() -> None:
    found = judged(users("a", "b") + chain("a", "b"))
    assert found.sound
    assert found.situations == 3


@pytest.mark.parametrize("kind", ["parallel", "exclusive", "inclusive"])
def test_gateways_that_fit_are_sound(kind: str) -> None:
    assert judged(fork(kind, kind)).sound


def test_a_join_that_waits_for_a_way_not_taken_is_a_deadlock() -> None:
    found = judged(fork("exclusive", "parallel"))
    assert codes(found) == [("deadlock", ("y",)), ("unreached", ("e",))]
    way = found.defects[0].way
    assert [(move.what, move.where) for move in way] == [("start", ""), ("complete", "b")]
    assert found.defects[0].way[0].held == ()


def test_the_way_names_the_conditions_that_held() -> None:
    body = (
        gateway("exclusive", "x", "x_e")
        + gateway("parallel", "y")
        + users("a")
        + flow("s", "x")
        + flow("x", "a", "n > 1")
        + flow("x", "e")
        + flow("a", "y")
        + flow("y", "e")
        + users("never")
        + flow("never", "y")
        + flow("y", "never")
    )
    found = judged(body)
    assert ("deadlock", ("y",)) in codes(found)
    assert found.defects[0].way[0].held == ("x_a",)


def test_a_circle_without_a_way_out_never_ends() -> None:
    found = judged(users("a", "b") + flow("s", "a") + flow("a", "b") + flow("b", "a"))
    assert codes(found) == [("never-ends", ("a",))]


def test_a_circle_with_a_way_out_is_sound() -> None:
    body = users("a") + gateway("exclusive", "x", "x_e") + chain("a", "x") + flow("x", "a", "n > 1")
    assert judged(body).sound


def test_tokens_that_pile_up_are_found() -> None:
    body = (
        gateway("parallel", "split") + users("a", "b")
        + flow("s", "a") + flow("a", "split") + flow("split", "a") + flow("split", "b") + flow("b", "e")
    )  # fmt: skip
    found = judged(body)
    assert ("piles-up", ("b",)) in codes(found)


def test_what_may_come_again_and_again_does_not_pile_up() -> None:
    body = (
        users("a", "b")
        + chain("a")
        + boundary("m1", "a", MESSAGE, interrupting=False)
        + chain("b", start="m1")
    )
    assert judged(body).sound


def test_steps_behind_an_event_that_never_comes_are_unreached() -> None:
    body = users("a", "island") + chain("a") + boundary("f", "a", ERROR) + chain("island", start="f")
    found = judged(body)  # nobody raises an error at a person's task
    assert sorted(codes(found)) == [("unreached", ("f",)), ("unreached", ("island",))]


def test_failures_timers_and_messages_are_reckoned_with() -> None:
    body = (
        '<sendTask id="out"/>'
        + script("compute", "1")
        + users("a", "late", "failed", "told")
        + chain("compute", "a", "out")
        + boundary("t", "a", timer("PT1H"))
        + boundary("f", "compute", ERROR)
        + boundary("g", "a", MESSAGE)
        + chain("late", start="t")
        + chain("failed", start="f")
        + chain("told", start="g")
    )
    assert judged(body).sound


def test_multi_instance_and_nested_scopes_are_walked() -> None:
    loop = '<multiInstanceLoopCharacteristics><loopCardinality xsi:type="x">3</loopCardinality></multiInstanceLoopCharacteristics>'
    loop = loop.replace(' xsi:type="x"', "")
    inside = '<startEvent id="s2"/>' + users("u") + '<endEvent id="e2"/>' + chain("u", start="s2", end="e2")
    assert judged(f'<subProcess id="sub">{loop}{inside}</subProcess>' + chain("sub")).sound


def test_bounds_are_said() -> None:
    many = [f"t{number}" for number in range(8)]
    body = (
        gateway("parallel", "x") + gateway("parallel", "y") + users(*many) + flow("s", "x") + flow("y", "e")
    )
    body += "".join(flow("x", name) + flow(name, "y") for name in many)
    found = judged(body, Bounds(situations=100, reduced=False))
    assert found.bounded == ("states",)
    assert not found.sound
    assert not found.defects
    assert judged(body, Bounds(steps=100, reduced=False)).bounded == ("steps",)
    whole = judged(body, Bounds(situations=10_000, reduced=False))
    assert whole.sound
    assert whole.situations >= 2 ** len(many)
    # Eight people who feel nothing of one another need not be walked in every order.
    reduced = judged(body, Bounds(situations=100))
    assert reduced.sound
    assert reduced.situations <= len(many) + 2


def test_nobody_is_put_off_for_ever_by_one_who_goes_round() -> None:
    """a and its circle never end and feel nothing of b; what b comes to is found all the same."""
    body = (
        gateway("parallel", "x") + gateway("exclusive", "y", "y_a") + gateway("parallel", "z") + users("a", "b", "c")
        + flow("s", "x") + flow("x", "a") + flow("x", "b") + flow("a", "y") + flow("y", "a") + flow("y", "z", "n > 1")
        + flow("b", "c") + flow("c", "z") + flow("z", "e")
    )  # fmt: skip
    assert judged(body).sound
    stuck = body.replace('targetRef="z"', 'targetRef="w"') + gateway("parallel", "w") + flow("w", "a")
    both = [codes(judged(stuck, Bounds(reduced=reduced))) for reduced in (True, False)]
    assert both[0] == both[1]


def verdict(found: Soundness) -> tuple[object, ...]:
    """What must not depend on how much was walked: every deadlock, every unreached step, and whether the others occur."""
    told = {code: {one.elements for one in found.defects if one.code == code} for code in CODES}
    return (told["deadlock"], told["unreached"], bool(told["never-ends"]), bool(told["piles-up"]))


def test_walking_less_finds_the_same() -> None:
    """The reduced search beside the whole one, on random models of every family; those too large for the whole are left out."""
    compared = whole = reduced = 0
    found: Counter[str] = Counter()
    for seed in range(2_500 if THOROUGH else 48):
        family = list(FAMILIES)[seed % len(FAMILIES)]
        definition = load({"m.bpmn": generate(family, seed).xml}, "main", strict=False)
        everything = examine(definition, Bounds(500 if THOROUGH else 100, 32, reduced=False))
        if everything.bounded:
            continue
        less = examine(definition, Bounds(500, 32))
        assert not less.bounded, (family, seed)
        assert verdict(less) == verdict(everything), (family, seed)
        compared += 1
        whole, reduced = whole + everything.situations, reduced + less.situations
        found.update(one.code for one in everything.defects)
    print(f"{compared} models: {whole} situations walked whole, {reduced} reduced; defects {dict(found)}")
    assert compared > (1_900 if THOROUGH else 25)
    assert reduced < whole


def walked(definition: Definition, outside: Outside, random: Random) -> bool:
    """Twenty random inputs with real conditions; False when nothing fits any more although the case has not ended."""
    begun, values = BEGIN, {name: Decimal(random.randrange(4)) for name in VARIABLES}
    try:
        reached = step(definition, None, Start(values), begun)
    except CoreError:
        return True
    for _ in range(20):
        kept = [token.extras for token in reached.state.tokens.values() if token.extras is not None]
        if reached.state.ended or any(extras.incident or extras.keys for extras in kept):
            return True  # also where a message must bring a key, which nobody here knows
        inputs = [given for _, given in outside.next(reached.state)]
        random.shuffle(inputs)
        before = reached
        for given in inputs:
            try:
                reached = step(definition, before.state, given, begun)
            except CoreError:
                continue
            break
        else:
            return False
    return True


def test_nothing_is_missed_in_random_models() -> None:
    """Whenever a random walk with data gets stuck, the search knew a deadlock or had to say that it was bounded."""
    stuck = sound = 0
    for seed in range(72):
        family = list(FAMILIES)[seed % len(FAMILIES)]
        definition = load({"m.bpmn": generate(family, seed).xml}, "main", strict=False)
        verdict = examine(definition, Bounds(400, 64))
        random = Random(seed)
        outside = Outside(definition)
        for _ in range(3):
            if not walked(definition, outside, random):
                stuck += 1
                assert verdict.bounded or verdict.defects, (family, seed)
        sound += verdict.sound
    assert stuck > 0
    assert sound > 0


@pytest.mark.parametrize("process", process_names(ROOT))
def test_processes_of_the_tree_have_no_defect(process: str) -> None:
    """All but the largest are walked whole."""
    large = process in {"adoption-registration", "so-establish"}
    bounds = Bounds(situations=100) if large else Bounds(situations=6_000, steps=24_000)
    found = examine(read_package(ROOT, process).definition, bounds)
    assert not found.defects
    assert bool(found.bounded) is large
