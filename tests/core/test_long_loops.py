"""A loop costs the same in its thousandth round as in its first, in tokens and in bytes."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

import core as bench

from engine.core.run import step
from engine.core.state import dump
from engine.core.step import Start


def test_a_thousand_rounds_leave_no_trace_in_the_state() -> None:
    definition = bench.review_loop()
    state = step(definition, None, Start(bench.form()), bench.NOW).state
    first = dump(state)
    seen = {(len(state.tokens), tuple(sorted(t.element for t in state.tokens.values())))}
    for _ in range(1000):
        state = bench.one_round(definition, state)
        seen.add((len(state.tokens), tuple(sorted(t.element for t in state.tokens.values()))))
    last = dump(state)
    print(f"marking {len(first[0])} -> {len(last[0])} bytes, ids up to {state.next}")
    assert len(seen) == 1
    assert len(last[0]) <= len(first[0]) + 16
    assert len(last[0]) < 250


def test_the_thousandth_round_costs_what_the_first_does() -> None:
    definition = bench.review_loop()
    state = step(definition, None, Start(bench.form()), bench.NOW).state
    late = state
    for _ in range(1000):
        late = bench.one_round(definition, late)
    ratios = []
    for _ in range(5):
        early_cost = bench.timed(
            definition, state, bench.Complete(bench.open_task(state, bench.REVIEWS[0])), 300
        )[0]
        late_cost = bench.timed(
            definition, late, bench.Complete(bench.open_task(late, bench.REVIEWS[0])), 300
        )[0]
        ratios.append(late_cost / early_cost)
    print(f"cost of round 1000 over round 0: {sorted(ratios)}")
    assert min(ratios) <= 1.2
