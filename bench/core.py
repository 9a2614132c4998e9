"""What one command costs in the core: load, step and dump, and how that grows with loops, instances and variables.

    python bench/core.py

Prints microseconds per command (median of repeats) with 2 KB of variables, the share of each part, the ratio of loop
round 1000 to round 0, parallel multi-instance bodies of 100 and 1000, and the bytes of the stored state.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.core.definition import Cause, Definition, Flow, Kind, Loop, Node, Scope, TimerKind, Trigger
from engine.core.run import step
from engine.core.state import State, dump, restore
from engine.core.step import Complete, Input, Start
from engine.feel import compile_expression

if TYPE_CHECKING:
    from collections.abc import Iterable

NOW = datetime(2026, 8, 3, 9, tzinfo=UTC)
REVIEWS = ("civil_affairs_review", "human_resources_review", "medical_insurance_review")


def build(
    nodes: Iterable[Node], flows: Iterable[tuple[str, str, str | None]], default: str = ""
) -> Definition:
    """A one-process definition; `flows` are (source, target, condition)."""
    lines = {
        f"flow_{place}": Flow(
            f"flow_{place}", source, target, compile_expression(condition) if condition else None
        )
        for place, (source, target, condition) in enumerate(flows)
    }
    made = {}
    for node in nodes:
        incoming = tuple(each.id for each in lines.values() if each.target == node.id)
        outgoing = tuple(each.id for each in lines.values() if each.source == node.id)
        made[node.id] = Node(
            node.id,
            node.kind,
            "assistance",
            incoming=incoming,
            outgoing=outgoing,
            default=default if default in outgoing else None,
            triggers=node.triggers,
            attached_to=node.attached_to,
            interrupting=node.interrupting,
            loop=node.loop,
        )
    boundaries: dict[str, list[str]] = {}
    for node in made.values():
        if node.attached_to is not None:
            boundaries.setdefault(node.attached_to, []).append(node.id)
    scope = Scope("assistance", "process", None, tuple(made), ("submitted",))
    held = {activity: tuple(events) for activity, events in boundaries.items()}
    return Definition("assistance", made, lines, {"assistance": scope}, held)


def review_loop() -> Definition:
    """Three departments side by side, each with a reminder, again as long as `accepted` is not true."""
    reminder = (Trigger(Cause.TIMER, timer=TimerKind.DURATION, expression=compile_expression('"P5D"')),)
    nodes = [
        Node("submitted", Kind.START, ""),
        Node("collect", Kind.EXCLUSIVE, ""),
        Node("split", Kind.PARALLEL, ""),
        Node("join", Kind.PARALLEL, ""),
        Node("enough", Kind.EXCLUSIVE, ""),
        Node("correct", Kind.USER, ""),
        Node("finished", Kind.END, ""),
        Node("reminded", Kind.END, ""),
        *(Node(name, Kind.USER, "") for name in REVIEWS),
        *(
            Node(f"{name}_late", Kind.BOUNDARY, "", triggers=reminder, attached_to=name, interrupting=False)
            for name in REVIEWS
        ),
    ]
    flows: list[tuple[str, str, str | None]] = [
        ("submitted", "collect", None),
        ("collect", "split", None),
        *(("split", name, None) for name in REVIEWS),
        *((name, "join", None) for name in REVIEWS),
        *((f"{name}_late", "reminded", None) for name in REVIEWS),
        ("join", "enough", None),
        ("enough", "finished", "accepted"),
        ("enough", "correct", "not(accepted)"),
        ("correct", "collect", None),
    ]
    return build(nodes, flows)


def many(kind: str) -> Definition:
    """One user task for each member of `people`."""
    loop = Loop(
        kind,
        collection=compile_expression("people"),
        item="person",
        output="opinions",
        output_item=compile_expression("opinion"),
    )
    nodes = [
        Node("submitted", Kind.START, ""),
        Node("sign", Kind.USER, "", loop=loop),
        Node("end", Kind.END, ""),
    ]
    return build(nodes, [("submitted", "sign", None), ("sign", "end", None)])


def form() -> dict[str, Any]:
    """About 2 KB of variables as a form leaves them."""
    people = [
        {
            "name": f"家庭成员{place}",
            "relation": "父母",
            "income": Decimal("1234.50"),
            "born": date(1980, 1, 2),
        }
        for place in range(19)
    ]
    return {
        "case": {
            "number": "140702-2026-000123",
            "area": "140702001001",
            "submitted_at": NOW,
            "applicant": None,
        },
        "applicant": {"name": "王小明", "id_number": "140702198001011234", "phone": "13800000000"},
        "household": people,
        "reason": "突发重大疾病，家庭支出超出承受能力，申请临时救助。" * 4,
        "amount": Decimal("605.00"),
        "accepted": False,
    }


def command(definition: Definition, marking: bytes, variables: bytes, given: Input) -> tuple[bytes, bytes]:
    """One whole command: the stored bytes in, the stored bytes out."""
    return dump(step(definition, restore(marking, variables), given, NOW).state)


def timed(
    definition: Definition, state: State, given: Input, repeat: int
) -> tuple[float, float, float, float]:
    """Median microseconds of the whole, load, step and dump."""
    marking, variables = dump(state)
    columns: list[list[float]] = [[], [], [], []]
    clock = time.perf_counter_ns
    for _ in range(repeat):
        first = clock()
        loaded = restore(marking, variables)
        second = clock()
        done = step(definition, loaded, given, NOW)
        third = clock()
        dump(done.state)
        fourth = clock()
        for column, ns in zip(
            columns, (fourth - first, second - first, third - second, fourth - third), strict=True
        ):
            column.append(ns / 1000)
    whole, load, move, store = (statistics.median(column) for column in columns)
    return whole, load, move, store


def open_task(state: State, element: str) -> int:
    """The first token at an element."""
    return next(token.id for token in state.tokens.values() if token.element == element)


def one_round(definition: Definition, state: State) -> State:
    """All three reviews and the correction, through bytes after each command."""
    for element in (*REVIEWS, "correct"):
        results = {element: {"by": "3f2a", "opinion": "同意"}}
        state = restore(*command(definition, *dump(state), Complete(open_task(state, element), results)))
    return state


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--rounds", type=int, default=1000)
    options.add_argument("--repeat", type=int, default=2000)
    given = options.parse_args()
    definition = review_loop()
    state = step(definition, None, Start(form()), NOW).state
    marking, variables = dump(state)
    print(
        f"state: marking {len(marking)} bytes, variables {len(variables)} bytes, {len(state.tokens)} tokens"
    )
    early = report("loop round 0", definition, state, given.repeat)
    for _ in range(given.rounds):
        state = one_round(definition, state)
    marking, _ = dump(state)
    late = report(f"loop round {given.rounds}", definition, state, given.repeat)
    print(f"ratio {late / early:.2f}, marking {len(marking)} bytes, {len(state.tokens)} tokens")
    for kind, count in (("parallel", 100), ("parallel", 1000), ("sequential", 1000)):
        several = many(kind)
        began = time.perf_counter()
        state = step(several, None, Start({"people": [f"p{n}" for n in range(count)]}), NOW).state
        created = (time.perf_counter() - began) * 1000
        marking, _ = dump(state)
        token = next(each.id for each in state.tokens.values() if each.extras and each.extras.index)
        whole, *_ = timed(several, state, Complete(token, {"opinion": "yes"}), 50)
        print(
            f"{kind} {count}: created in {created:.1f} ms, command {whole:.0f} us, marking {len(marking)} bytes"
        )


def report(name: str, definition: Definition, state: State, repeat: int) -> float:
    """Print the cost of completing one review; the whole in microseconds."""
    given = Complete(open_task(state, REVIEWS[0]), {REVIEWS[0]: {"by": "3f2a", "opinion": "同意"}})
    whole, load, move, store = timed(definition, state, given, repeat)
    print(f"{name}: command {whole:.1f} us (load {load:.1f}, step {move:.1f}, dump {store:.1f})")
    return whole


if __name__ == "__main__":
    main()
