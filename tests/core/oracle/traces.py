"""The oracle against the public token-simulation traces: an outside opinion on the oracle itself."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

from tests.core.oracle.oracle import Oracle
from tests.core.oracle.paper import EVENTS, Paper, Part

if TYPE_CHECKING:
    from tests.core.oracle.paper import Path

CORPUS = File(__file__).resolve().parents[4] / "shared" / "corpora" / "token-simulation"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Driver:
    """How the simulator goes on: tasks pass unless waited at, choices are given, no condition holds."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.active = plan["active_outgoing"]
        self.wait_at = plan["wait_at"]

    def waits(self, part: Part) -> bool:
        return part.id in self.wait_at or part.tag == "receiveTask"

    def choose(self, part: Part) -> list[Path] | None:
        if part.id in self.active:
            return [p for p in part.out if p.id in self.active[part.id]]
        if part.tag == "exclusiveGateway":
            return part.out[:1]
        return [p for p in part.out if p.condition is None and p is not part.default] or [
            p for p in part.out if p is part.default
        ]


#: why an expected trace cannot or need not be met by the oracle
REASONS = {
    "signal-consume": "the simulator lets the innermost catcher consume a signal, the standard broadcasts (10.5.1)",
    "signal-rethrow": "the same: the boundary event outside has the first signal already",
    "signal-trigger-multiple-start-events": "a signal start begins another case, and the oracle plays one",
    "message-flow-throw-catch-events": "two pools: two cases",
    "message-flow-trigger-event-based-gateway": "the message flow itself is triggered: two pools",
    "message-flow-trigger-receive-task": "the message flow itself is triggered: two pools",
    "message-flow-trigger-start-multiple-message-events": "the message flow itself is triggered: two pools",
    "process-implicit-start-collaboration": "two pools: two cases",
    "process-implicit-start-collaboration-message-trigger": "two pools: two cases",
    "inclusive-gateway-multiple-starts": "two cases of one process",
    "event-sub-process-nested-interrupting-non-interrupting-boundary": "legal order: two tokens move at the same time",
    "inclusive-gateway-multiple-activation": "legal order: two tokens move at the same time",
    "event-sub-process-cancelation": "the simulator does not log the event sub-process that is dropped before it moves",
    "parallel-gateway-join-1": "this trace is not published in the folder",
}


def comparable(trace: list[str], paper: Paper) -> list[str]:
    """Without what the simulator never logs: targets of event gateways, link targets, folded event sub-processes."""
    return [
        n
        for n in trace
        if not any(p.source.tag == "eventBasedGateway" for p in paper[n].into)
        and not (paper[n].on("link") and paper[n].tag == "intermediateCatchEvent")
        and not paper[n].by_event
    ]


def wanted(lines: list[str], paper: Paper) -> list[str]:
    """Nodes in the order in which the trace enters (or, for starts and boundaries, signals) them."""
    found = []
    for line in lines:
        action, element, _ = line.split(":")
        part = paper.parts.get(element)
        if not part or part.tag == "process":
            continue
        signalled = part.tag in ("startEvent", "boundaryEvent") or part.by_event
        if action == ("signal" if signalled else "enter"):
            found.append(element)
    return found


def play(name: str, plan: dict[str, Any]) -> list[tuple[str, str]]:
    """(trace name, verdict) per expected trace: exact, order, different."""
    paper = Paper((CORPUS / f"Simulator.{name}.bpmn").read_bytes())
    verdicts = []
    oracle: Oracle | None = None
    seen = 0
    for action, element in plan["actions"]:
        if action == "expect":
            file = CORPUS / f"Simulator.{element}.json"
            if not file.exists() or not oracle:
                verdicts.append((element, "absent"))
                continue
            want = comparable(wanted(json.loads(file.read_text()), paper), paper)
            got = comparable(oracle.trace[seen:], paper)
            seen = len(oracle.trace)
            same = want == got
            verdict = (
                "exact"
                if same
                else "order"
                if Counter(want) == Counter(got)
                else f"different\n  want {want}\n  got  {got}"
            )
            verdicts.append((element, verdict))
        elif oracle is None or (paper[element].tag == "startEvent" and paper[element].parent is oracle.main):
            part = paper[element]
            main = part.parent or part
            while main.parent:
                main = main.parent
            if oracle is None:
                oracle = Oracle(paper, main.id, Driver(plan))
                oracle.start({}, NOW, at=element)
            else:
                return [*verdicts, (name, "several cases")]
        else:
            done = False
            for item in list(oracle.root.all()):
                if item.part.id == element and item.phase == "waiting" and item.part.tag not in EVENTS:
                    oracle.complete(item, {})
                    done = True
                    break
                for part in list(oracle.ears(item)):
                    if part.id == element:
                        oracle.trigger(item, part)
                        oracle.run()
                        done = True
                        break
                if done:
                    break
            if not done:
                verdicts.append((name, f"cannot trigger {element}"))
    return verdicts


def every(plans: dict[str, Any]) -> dict[str, str]:
    """The verdict on each expected trace."""
    found: dict[str, str] = {}
    for name, plan in plans.items():
        if not (CORPUS / f"Simulator.{name}.bpmn").exists():
            continue
        try:
            found.update(play(name, plan))
        except KeyError as missing:
            found[name] = f"failed: no {missing} in the oracle's reading"
    return found


def main() -> None:
    verdicts = every(json.loads((CORPUS / "drivers.json").read_text()))
    for trace, verdict in verdicts.items():
        if verdict != "exact":
            print(f"{trace}: {REASONS.get(trace, 'UNEXPLAINED')}\n  {verdict}")
    print(dict(Counter(v.split()[0] for v in verdicts.values())))


if __name__ == "__main__":
    main()
