"""The mover leaves the very traces of bpmn.io's token simulator: every enter, exit and signal, in the same order.

Each trace is run twice where the model has one pool: as a case of its own, and inside a surrounding process, which is how
several pools, several instances and signal starts are run (token_simulation.wired).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from engine.core.definition import Cause

sys.path.insert(0, str(Path(__file__).parent))
import direct
from token_simulation import CORPUS, Simulation, expected, same, wired

DRIVERS = CORPUS / "drivers.json"
drivers = json.loads(DRIVERS.read_text()) if DRIVERS.exists() else {}
#: A trace of the corpus without a driver whose model says what to trigger, as its siblings do.
ALSO = "error-catch-all-outer-event-sub-none"
if drivers and (CORPUS / f"Simulator.{ALSO}.bpmn").exists():
    actions = [["trigger", "StartEvent_1"], ["expect", ALSO]]
    drivers.setdefault(ALSO, {"active_outgoing": {}, "wait_at": [], "actions": actions})
#: Traces that are not met, with the reason the standard gives. None is known.
OTHERWISE: dict[str, str] = {}

pytestmark = pytest.mark.skipif(not drivers, reason="shared/corpora/token-simulation is not here")


def model(name: str) -> Path:
    return CORPUS / f"Simulator.{name}.bpmn"


def segments(name: str, *, outside: bool | None) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """Each expected trace of a driver with the trace that the mover left since the one before."""
    driver = drivers[name]
    simulation = Simulation(
        wired(model(name).read_bytes(), driver["active_outgoing"], driver["wait_at"], outside=outside)
    )
    found = []
    for what, word in driver["actions"]:
        if what == "trigger":
            simulation.trigger(word)
        else:
            assert what == "expect", f"unknown action {what}"
            found.append((word, simulation.trace))
            simulation.trace = []
    return found


def check(name: str, *, outside: bool | None) -> None:
    for word, trace in segments(name, outside=outside):
        path = CORPUS / f"Simulator.{word}.json"
        if word in OTHERWISE or not path.exists():
            continue
        wanted = expected(path)
        assert [":".join(line[:2]) for line in trace] == [":".join(line[:2]) for line in wanted]
        assert same(wanted, trace), "tokens entered other scopes than in the trace"


@pytest.mark.parametrize("name", [each for each in drivers if model(each).exists()])
def test_trace(name: str) -> None:
    check(name, outside=True)


def alone(name: str) -> bool:
    """One pool, started once by hand, without message flows or signal starts: a plain case."""
    driver = drivers[name]
    text = model(name).read_text()
    if text.count("<bpmn:process ") + text.count("<process ") != 1 or "essageFlow" in text:
        return False
    try:
        wiring = wired(model(name).read_bytes(), driver["active_outgoing"], driver["wait_at"], outside=False)
    except direct.UnreadableError:
        return False
    starts = [wiring.definition.nodes[each] for each in wiring.starts]
    by_hand = [word for what, word in driver["actions"] if what == "trigger" and word in wiring.starts]
    return len(by_hand) <= 1 and not any(t.cause is Cause.SIGNAL for node in starts for t in node.triggers)


@pytest.mark.parametrize("name", [each for each in drivers if model(each).exists() and alone(each)])
def test_trace_as_a_case_of_its_own(name: str) -> None:
    check(name, outside=False)


def test_all_traces_have_a_driver_or_are_known_not_to() -> None:
    driven = {word for each in drivers.values() for what, word in each["actions"] if what == "expect"}
    present = {path.name[len("Simulator.") : -len(".json")] for path in CORPUS.glob("Simulator.*.json")}
    undriven = present - driven
    print(f"traces {len(present)}, driven {len(present & driven)}, without driver {sorted(undriven)}")
    assert len(undriven) <= 3
