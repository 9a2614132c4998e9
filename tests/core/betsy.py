"""Runs betsy's executable models: its pseudo scripts and Java-like conditions said in FEEL, the outside world played.

A script appends its word to the variable `log`, so a run can be judged by what it wrote. The player fires the earliest
due timer, delivers what is waited for, and completes open tasks, until the case ends or nothing moves.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from engine.core import step as core
from engine.core.definition import Cause, Definition, Kind
from engine.core.plan import plan_of
from engine.core.run import step
from engine.core.state import Phase, State, dump, restore
from engine.core.timers import instant
from engine.feel import compile_expression

sys.path.insert(0, str(Path(__file__).parent))
import direct

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "betsy" / "executable"
NOW = datetime(2026, 8, 3, 9, tzinfo=UTC)
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_SCRIPTS = {
    "CREATE_LOG_FILE": '{log: append(log, "start")}',
    "INCREMENT_INTEGER_VARIABLE": "{integerVariable: integerVariable + 1}",
    "INCREMENT_INTEGER_VARIABLE_AND_LOG": '{integerVariable: integerVariable + 1, log: append(log, "increment")}',
}


def feel(text: str, names: Any = ()) -> Any:
    """Betsy's text as FEEL: script words become entries of the log, `x.contains("a")` a function call."""
    text = text.strip()
    if re.fullmatch(r"[A-Z][A-Z_]*(task\d+)?", text):
        text = _SCRIPTS.get(text, f'{{log: append(log, "{text.rpartition("_")[2]}")}}')
    text = re.sub(r"(\w+)\.contains\((\"[^\"]*\")\)", r"contains(\1, \2)", text)
    text = re.sub(r"\$\{(\w+)\}", r"\1", text)
    return compile_expression(text, names)


def read(path: Path) -> Definition:
    xml = path.read_bytes()
    root = etree.fromstring(xml)
    executable = [p.get("id") for p in root.iter(f"{BPMN}process") if p.get("isExecutable") == "true"]
    called = {c.get("calledElement", "").rpartition(":")[2] for c in root.iter(f"{BPMN}callActivity")}
    main = [each for each in executable if each not in called]
    main = [m for m in main if path.stem.startswith(m)] or main
    return direct.read_direct({path.name: xml}, main[0], compile_text=feel)


@dataclass
class Run:
    """How a run came out."""

    log: str
    ended: bool
    incidents: tuple[str, ...]
    stuck: tuple[str, ...]

    def __str__(self) -> str:
        rest = f" incident {','.join(self.incidents)}" if self.incidents else ""
        return f"{self.log or '-'} {'ended' if self.ended else 'stops at ' + ','.join(self.stuck)}{rest}"


def play(definition: Definition, **variables: Any) -> Run:
    """Run a model to its end, or to where nobody outside can move it."""
    given = {"log": [], "integerVariable": Decimal(0), **variables}
    now = NOW
    done = step(definition, None, core.Start(given, _start(definition)), now)
    for _ in range(200):
        state = restore(*dump(done.state))
        assert state == done.state
        chosen = _next(definition, state)
        if chosen is None:
            break
        move, at = chosen
        now = max(now, at)
        before = dump(state)
        done = step(definition, state, move, now)
        assert dump(state) == before, "the input state was changed"
    else:
        raise AssertionError("does not come to rest")
    state = done.state
    incidents = [t.extras.incident.code for t in state.tokens.values() if t.extras and t.extras.incident]
    leaves = [
        t.element for t in state.tokens.values() if t.phase in {Phase.WAITING, Phase.CLOSING, Phase.MOVING}
    ]
    words = [str(word) for word in state.variables["log"] if word != "start"]
    return Run(" ".join(words), state.ended, tuple(incidents), tuple(leaves))


def _start(definition: Definition) -> str | None:
    plan = plan_of(definition)
    if plan.starts[definition.main]:
        return None
    nodes = (definition.nodes[name] for name in definition.scopes[definition.main].nodes)
    return next(n.id for n in nodes if n.kind is Kind.START or n.instantiate)


def _next(definition: Definition, state: State) -> tuple[core.Input, datetime] | None:
    due = [
        (at, token.id, element)
        for token in state.tokens.values()
        if token.extras and token.extras.due
        for element, at in token.extras.due.items()
    ]
    if due:
        at, token, element = min(due)
        return core.Fire(token, element), instant(at)
    for token in state.tokens.values():
        node = definition.nodes.get(token.element)
        if node is None or token.phase is not Phase.WAITING or (token.extras and token.extras.incident):
            continue
        if node.kind in {Kind.USER, Kind.MANUAL, Kind.SERVICE, Kind.RECEIVE}:
            return core.Complete(token.id), NOW
        for watch in plan_of(definition).watches.get(token.element, ()):
            if watch.trigger.cause is Cause.MESSAGE:
                return core.Deliver(watch.trigger.ref, token=token.id), NOW
            if watch.trigger.cause is Cause.SIGNAL:
                return core.Broadcast(watch.trigger.ref), NOW
    return None
