"""betsy's executable models come to the end that they model (what each script wrote, and where a run must stop)."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import betsy

MODELS = {path.stem: path for path in sorted(betsy.CORPUS.rglob("*.bpmn"))} if betsy.CORPUS.exists() else {}
pytestmark = pytest.mark.skipif(not MODELS, reason="shared/corpora/betsy is not here")

#: model -> {value of the variable `test`: what must come out}. Derived from the models by hand.
ANY = {
    "CallActivity_Process": "FILE task2 ended",
    "Compensation_BoundaryEvent_SubProcess": "task1 ended",
    "Compensation_EndEvent_TopLevel": "task1 ended",
    "Compensation_IntermediateEvent": "task1 ended",
    "Compensation_TriggeredByCancel": "task1 ended",
    "Error_StartEvent_EventSubProcess_Interrupting": "task1 task2 task3 ended",
    "Escalation_BoundaryEvent_SubProcess_NonInterrupting": "task1 task2 task3 task4 ended",
    "Escalation_EndEvent_TopLevel": "FILE task1 ended",
    "EventDefinitionRef_Error_StartEvent_EventSubProcess_Interrupting": "task1 task2 task3 ended",
    "EventDefinitionRef_Signal_BoundaryEvent_SubProcess_NonInterrupting": "task1 task2 task3 task4 ended",
    "Link_Event": "task1 ended",
    "Loop_ConditionOnly": "increment increment increment task2 ended",
    "Loop_NoIteration_TestBeforeTrue": "task2 ended",
    "Message_StartEvent": "task1 ended",
    "MultiInstance_OneBehavior": "task1 task3 ended",
    "MultiInstance_SubProcess": "task1 task1 task1 task2 ended",
    "MultiInstance_Task": "task1 task1 task1 task2 ended",
    "ParallelGateway": "task1 task2 task3 ended",
    "ReceiveTask": "task1 ended",
    "Signal_StartEvent_EventSubProcess_Interrupting": "task2 ended",
    "Terminate_Event": "- ended",
    "Timer_BoundaryEvent_SubProcess_TimeCycle": "task3 task3 task3 task3 task1 task2 ended",
    "Timer_IntermediateTimeCycleEvent": "task1 ended",
    "Transaction": "task1 task2 ended",
    "WCP03_Synchronization": "task1 task2 task3 ended",
    "WCP10_ArbitraryCycles": "task1 task1 task2 task2 ended",
    "WCP14_MultipleInstancesWithAPrioriRuntimeKnowledge": "task1 task1 task1 task2 ended",
    "WCP20_CancelCaseError": "task1 task2 ended",
}
STUCK = "- stops at {} incident no-true-flow"
BY_VALUE = {
    "ComplexGateway": {
        "": STUCK.format("ComplexGateway_1"),
        "a": "task1 task4 ended",
        "ab": "task1 task2 task4 ended",
        "abc": "task1 task2 task3 task4 ended",
    },
    "Conditional_IntermediateEvent": {"b": "- stops at IntermediateCatchEvent_1", "a": "task1 ended"},
    "ExclusiveDiverging_InclusiveConverging": {
        "c": STUCK.format("ExclusiveGateway_1"),
        "ab": "task1 task3 ended",
        "b": "task2 task3 ended",
    },
    "ExclusiveGatewayMixed": {
        "c": STUCK.format("ExclusiveGateway_1"),
        "a": "task2 task4 task5 ended",
        "ab": "task1 task3 task5 ended",
    },
    "InclusiveDiverging_ExclusiveConverging": {
        "c": STUCK.format("InclusiveGateway_1"),
        "b": "task2 task3 ended",
        "ab": "task1 task2 task3 task3 ended",
    },
    "InclusiveDiverging_ParallelConverging": {
        "c": STUCK.format("InclusiveGateway_1"),
        "a": "task1 stops at ParallelGateway_2",  # the fault this model is made for
        "ab": "task1 task2 task3 ended",
    },
    "InclusiveGateway_Default": {
        "c": "task3 task4 ended",
        "a": "task1 task4 ended",
        "ab": "task1 task2 task4 ended",
    },
    "SequenceFlow_ConditionalDefault_Normal": {"b": "task3 ended", "a": "task1 task3 ended"},
    "WCP06_MultiChoice_ComplexGateway": {
        "c": "task3 ended",
        "a": "task1 ended",
        "ab": "task1 task2 ended",
    },
    "WCP08_MultiMerge": {
        "": STUCK.format("inclusiveGateway_1"),
        "b": "task2 task4 ended",
        "abc": "task1 task2 task3 task4 task4 task4 ended",
    },
}
VALUES = ("", "a", "b", "c", "ab", "abc")


def outcome(model: str, value: str) -> str:
    definition = betsy.read(MODELS[model])
    number = Decimal(3) if model.startswith("WCP14") else Decimal(0)
    return str(betsy.play(definition, test=value, integerVariable=number))


@pytest.mark.parametrize("model", sorted(MODELS))
def test_ends_as_modelled(model: str) -> None:
    for value in VALUES:
        found = outcome(model, value)
        wanted = ANY.get(model) or BY_VALUE.get(model, {}).get(value)
        if wanted is not None:
            assert found == wanted, f"test={value!r}"
        elif model not in BY_VALUE:
            # A model this table does not know: it must still end, or stop where somebody can see why.
            assert "ended" in found or "stops at" in found
            assert "livelock" not in found


def test_every_model_here_has_its_outcome() -> None:
    assert not (set(ANY) | set(BY_VALUE)) - set(MODELS) or len(MODELS) < 38
    print(
        f"betsy: {len(MODELS)} models, {len(set(MODELS) & (set(ANY) | set(BY_VALUE)))} with a written outcome"
    )
