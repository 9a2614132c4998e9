"""A third opinion: SpiffWorkflow's own runtime, on acyclic models of constructs that it does not break.

Variables are set at the start only (its joins lose what branches write), tasks are user tasks.
"""

from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from tests.core.oracle.generator import VARIABLES, generate
from tests.core.oracle.oracle import Oracle
from tests.core.oracle.paper import Paper
from tests.core.oracle.words import evaluate

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


class Words(PythonScriptEngine):
    """Conditions by the oracle's reader instead of Python."""

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        return evaluate(expression, task.data)


def stock(xml: bytes, variables: dict[str, Any]) -> BpmnWorkflow:
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.parse(io.BytesIO(xml)), filename="m.bpmn")
    spec = parser.get_spec("main")
    workflow = BpmnWorkflow(spec, parser.get_subprocess_specs("main"), script_engine=Words())
    workflow.set_data(**variables)
    first = workflow.get_tasks(state=TaskState.READY)[0]
    first.set_data(**variables)
    advance(workflow)
    return workflow


def ready(workflow: BpmnWorkflow) -> list[Any]:
    return [t for t in workflow.get_tasks(state=TaskState.READY) if t.task_spec.manual]


def advance(workflow: BpmnWorkflow) -> None:
    """Everything but user tasks runs."""
    workflow.do_engine_steps()
    workflow.refresh_timers()
    workflow.do_engine_steps()


def open_tasks(oracle: Oracle) -> list[Any]:
    return (
        [i for i in oracle.root.all() if i.alive and i.part.tag == "userTask" and i.phase == "waiting"]
        if oracle.root
        else []
    )


def compare(seed: int) -> tuple[int, str | None]:
    """Commands made, and the first difference if there is one."""
    model = generate("plain", seed)
    random = Random(seed)
    variables = {v: Decimal(random.randint(0, 2)) for v in VARIABLES}
    oracle = Oracle(Paper(model.xml), "main")
    oracle.start(variables, NOW)
    other = stock(model.xml, variables)
    for n in range(60):
        mine = sorted(i.part.id for i in open_tasks(oracle))
        theirs = sorted(t.task_spec.bpmn_id for t in ready(other))
        stuck = any(i.trouble for i in oracle.root.all()) if oracle.root else False
        if stuck:
            return n, None
        if mine != theirs or oracle.ended != other.completed:
            return n, f"oracle {mine} {oracle.ended}, stock {theirs} {other.completed}"
        if not mine:
            return n, None
        pick = random.choice(mine)
        oracle.complete(next(i for i in open_tasks(oracle) if i.part.id == pick), {})
        next(t for t in ready(other) if t.task_spec.bpmn_id == pick).run()
        advance(other)
    return 60, None


def main(count: int = 300) -> Counter[str]:
    figures: Counter[str] = Counter()
    for seed in range(count):
        commands, difference = compare(seed)
        figures["models"] += 1
        figures["commands"] += commands
        if difference:
            figures["differences"] += 1
            print(f"seed {seed}: {difference}")
    return figures


if __name__ == "__main__":
    print(dict(main()))
