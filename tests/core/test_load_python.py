"""No Python from a model is evaluated, compiled or executed while it is loaded, and SpiffWorkflow's engines are not made."""

from __future__ import annotations

import builtins
from typing import Any

import pytest
from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine

from engine.core.load import ModelError, load
from tests.core.models import EVERYTHING, between

#: Python that would be noticed if anything ran it.
BOMB = "__import__('os').abort()"


def forbidden(*arguments: Any, **named: Any) -> None:
    raise AssertionError(f"Python was evaluated: {arguments[:1]}")


@pytest.fixture
def no_python(monkeypatch: pytest.MonkeyPatch) -> None:
    load({"all.bpmn": EVERYTHING}, decisions={"route": None})  # type: ignore[dict-item]  # imports are done
    for name in ("eval", "exec", "compile"):
        monkeypatch.setattr(builtins, name, forbidden)
    monkeypatch.setattr(PythonScriptEngine, "__init__", forbidden)


@pytest.mark.usefixtures("no_python")
def test_loading_evaluates_nothing() -> None:
    load({"all.bpmn": EVERYTHING}, decisions={"route": None})  # type: ignore[dict-item]


@pytest.mark.usefixtures("no_python")
@pytest.mark.parametrize(
    "inner",
    [
        f'<scriptTask id="x"><script>{BOMB}</script></scriptTask>',
        f'<task id="x"><standardLoopCharacteristics><loopCondition>{BOMB}</loopCondition></standardLoopCharacteristics></task>',
        f'<task id="x"><extensionElements><spiffworkflow:postScript>{BOMB}</spiffworkflow:postScript></extensionElements></task>',
        f'<intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>{BOMB}</timeDuration></timerEventDefinition></intermediateCatchEvent>',
        f'<intermediateCatchEvent id="x"><conditionalEventDefinition><condition>{BOMB}</condition></conditionalEventDefinition></intermediateCatchEvent>',
    ],
    ids=["script", "loop", "after", "timer", "condition"],
)
def test_python_is_refused_or_harmless_text(inner: str) -> None:
    """What FEEL cannot read is refused; what it can read (a call of an unknown function) is null, never Python."""
    try:
        definition = load({"a.bpmn": between(inner)}, strict=False)
    except ModelError as error:
        refused = error.element
    else:
        refused = None
    if refused is not None:
        assert refused == "x"
        return
    node = definition.nodes["x"]
    written = [
        node.script,
        node.loop and node.loop.condition,
        *(trigger.expression for trigger in node.triggers),
    ]
    assert [expression.evaluate({}) for expression in written if expression is not None] == [None]
