"""The proof of the mover: the oracle itself, the walks, the seeded faults, and a third opinion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.core.oracle import mutants, third, traces
from tests.core.oracle.generator import FAMILIES, HEAD, chosen, generate
from tests.core.oracle.oracle import Item, Oracle
from tests.core.oracle.paper import Paper
from tests.core.oracle.words import evaluate

THOROUGH = os.environ.get("BANJIAN_THOROUGH") == "1"
ROOT = Path(__file__).resolve().parents[3]
SEED = int(os.environ.get("BANJIAN_SEED", "1"))
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


# ---- the oracle by itself -------------------------------------------------------------------------------------------


def play(body: str, **variables: int) -> Oracle:
    xml = f'{HEAD}<process id="main">{body}</process></definitions>'
    oracle = Oracle(Paper(xml.encode()), "main")
    oracle.start({k: Decimal(v) for k, v in variables.items()}, NOW)
    return oracle


def flows(*pairs: str) -> str:
    """'a b' or 'a b condition' each."""
    lines = []
    for i, pair in enumerate(pairs):
        source, target, *condition = pair.split(" ", 2)
        inner = f"<conditionExpression>{condition[0]}</conditionExpression>" if condition else ""
        lines.append(
            f'<sequenceFlow id="f{i}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
        )
    return "".join(lines)


def waiting(oracle: Oracle) -> list[str]:
    assert oracle.root
    return sorted(i.part.id for i in oracle.root.all() if i.alive and i.phase == "waiting" and not i.many)


def at(oracle: Oracle, element: str) -> Item:
    assert oracle.root
    return next(i for i in oracle.root.all() if i.part.id == element and i.phase == "waiting")


def test_inclusive_join_waits_only_for_what_can_still_come():
    """13.4.3: b can reach the join only over the filled flow too (through x), so it does not hold the join up."""
    body = (
        '<startEvent id="s"/><parallelGateway id="p"/><userTask id="a"/><userTask id="b"/><exclusiveGateway id="x" default="f5"/>'
        '<exclusiveGateway id="m"/><inclusiveGateway id="j"/><userTask id="z"/>'
    )
    paths = flows("s p", "p a", "p b", "a m", "b x", "x m", "x j v = 1", "m j", "j z")
    oracle = play(body + paths, v=0)
    oracle.complete(at(oracle, "a"), {})
    assert waiting(oracle) == ["b", "z"]


def test_inclusive_join_waits_for_an_empty_flow():
    body = (
        '<startEvent id="s"/><parallelGateway id="p"/><userTask id="a"/><userTask id="b"/><inclusiveGateway id="j"/>'
        '<userTask id="z"/>'
    )
    oracle = play(body + flows("s p", "p a", "p b", "a j", "b j", "j z"))
    oracle.complete(at(oracle, "a"), {})
    assert waiting(oracle) == ["b", "j"]
    oracle.complete(at(oracle, "b"), {})
    assert waiting(oracle) == ["z"]


def test_parallel_join_takes_one_token_per_flow():
    """13.4.1: a second token on one flow stays for the next round."""
    body = (
        '<startEvent id="s"/><parallelGateway id="p"/><exclusiveGateway id="m"/><userTask id="a"/><parallelGateway id="j"/>'
        '<userTask id="z"/>'
    )
    oracle = play(body + flows("s p", "p m", "p m", "p a", "m j", "a j", "j z"))
    assert waiting(oracle) == ["a", "j", "j"]
    oracle.complete(at(oracle, "a"), {})
    assert waiting(oracle) == ["j", "z"]


def test_compensation_runs_backwards_and_once():
    body = (
        '<startEvent id="s"/><task id="a"/><task id="b"/><userTask id="ua" isForCompensation="true"/>'
        '<userTask id="ub" isForCompensation="true"/><boundaryEvent id="ba" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>'
        '<boundaryEvent id="bb" attachedToRef="b"><compensateEventDefinition/></boundaryEvent>'
        '<intermediateThrowEvent id="t"><compensateEventDefinition/></intermediateThrowEvent>'
        '<endEvent id="e"><compensateEventDefinition/></endEvent>'
        '<association id="x" sourceRef="ba" targetRef="ua"/><association id="y" sourceRef="bb" targetRef="ub"/>'
    )
    oracle = play(body + flows("s a", "a b", "b t", "t e"))
    assert waiting(oracle) == ["ub"]
    oracle.complete(at(oracle, "ub"), {})
    assert waiting(oracle) == ["ua"]
    oracle.complete(at(oracle, "ua"), {})
    assert oracle.ended


def test_error_prefers_the_exact_code_and_the_inside():
    body = (
        '<startEvent id="s"/><subProcess id="p"><startEvent id="ps"/><endEvent id="pe"><errorEventDefinition errorRef="E"/></endEvent>'
        f"{flows('ps pe')}</subProcess>"
        '<boundaryEvent id="any" attachedToRef="p"><errorEventDefinition/></boundaryEvent>'
        '<boundaryEvent id="exact" attachedToRef="p"><errorEventDefinition errorRef="E"/></boundaryEvent>'
        '<userTask id="a"/><userTask id="b"/>'
    ).replace('id="f0"', 'id="g0"')
    xml = f'{HEAD}<error id="E" errorCode="e"/><process id="main">{body}{flows("s p", "any a", "exact b")}</process></definitions>'
    oracle = Oracle(Paper(xml.encode()), "main")
    oracle.start({}, NOW)
    assert waiting(oracle) == ["b"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 2", Decimal(6)),
        ("v = 1 or w > 1", True),
        ("w > 1", None),
        ("w = 1", False),
        ("false and w > 1", False),
        ('{a: v, b: a + 1, c: [1, "x"]}', {"a": Decimal(1), "b": Decimal(2), "c": [Decimal(1), "x"]}),
    ],
)
def test_words(text, value):
    assert evaluate(text, {"v": Decimal(1)}) == value


def test_generator_is_deterministic_and_different():
    for family in FAMILIES:
        assert generate(family, 7).xml == generate(family, 7).xml
        assert len({generate(family, s).xml for s in range(20)}) > 15


# ---- outside opinions on the oracle ---------------------------------------------------------------------------------

PLANS = json.loads((traces.CORPUS / "drivers.json").read_text()) if traces.CORPUS.exists() else {}


@pytest.mark.skipif(not PLANS, reason="the public traces are not beside the project")
def test_oracle_meets_the_public_traces():
    verdicts = traces.every(PLANS)
    wrong = {n: v for n, v in verdicts.items() if v != "exact" and n not in traces.REASONS}
    assert not wrong
    assert sum(v == "exact" for v in verdicts.values()) >= 59


def test_stock_runtime_agrees_on_acyclic_models():
    figures = third.main(1000 if THOROUGH else 60)
    assert figures["differences"] == 0
    assert figures["commands"] > figures["models"]


# ---- the mover against the oracle -----------------------------------------------------------------------------------


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("family", FAMILIES)
def test_mover_agrees_with_the_oracle(family):
    from tests.core.oracle.walk import walk

    count = 20_000 // len(FAMILIES) if THOROUGH else 30
    print(f"family {family}, seed {SEED}, {count} models")
    commands = 0
    for name, seed in chosen(count, SEED, [family]):
        result = walk(generate(name, seed))
        assert result.difference is None, f"{name} {seed}: {result.difference}\n" + "\n".join(
            map(str, result.orders)
        )
        commands += result.commands
    assert commands > count


@pytest.mark.timeout(1800)
def test_seeded_faults_are_noticed():
    arguments = ["--models", "600"] if THOROUGH else ["--models", "400", "--every", "7"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.oracle.mutants", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "seeded faults noticed" in done.stdout


def test_there_are_enough_seeded_faults_and_each_has_its_place():
    assert len(mutants.MUTANTS) >= 25
    for mutant in mutants.MUTANTS:
        assert mutants.changed(mutant) != ""
    assert len({m.name for m in mutants.MUTANTS}) == len(mutants.MUTANTS)


def test_a_model_that_never_rests_is_stopped():
    """The walks skip such models; the mover must stop by itself and say so."""
    from tests.core.oracle.walk import stopped

    body = '<startEvent id="s"/><exclusiveGateway id="a"/><task id="b"/>' + flows("s a", "a b", "b a")
    assert stopped(
        f'{HEAD}<process id="main" isExecutable="true">{body}</process></definitions>'.encode()
    ) == ["livelock"]


def test_inclusive_join_counts_its_own_output():
    """Several tokens wait on one flow: after the first activation its output can come back to the empty flow."""
    from tests.core.oracle.walk import both

    body = (
        '<startEvent id="s"/><parallelGateway id="p"/><inclusiveGateway id="i"/><userTask id="u" default="fd"/>'
        '<userTask id="w"/><exclusiveGateway id="m"/><endEvent id="e"/>'
        '<sequenceFlow id="fx" sourceRef="u" targetRef="i"><conditionExpression>v = 1</conditionExpression></sequenceFlow>'
        '<sequenceFlow id="fy" sourceRef="w" targetRef="u"/><sequenceFlow id="fd" sourceRef="u" targetRef="e"/>'
    )
    paths = flows("s p", "p m", "p m", "p m", "p u", "m i", "i w")
    xml = f'{HEAD}<process id="main" isExecutable="true">{body}{paths}</process></definitions>'
    mine, difference = both(xml.encode(), {"v": Decimal(0)}, ["u"])
    assert waiting(mine) == ["i", "i", "w"]
    assert difference is None
