"""What can be done, one dataclass per command, and how each is carried out (`VERBS`, which only the bus uses)."""

from __future__ import annotations

from typing import Any

from engine.commands import applications, cases, days, documents, funds, materials, processes, tasks, timers
from engine.commands.applications import SubmitApplication
from engine.commands.cases import AnswerCall, CancelCase, RetryIncident, SendMessage
from engine.commands.days import SealDay
from engine.commands.documents import IssueDocument, OpenDocument
from engine.commands.frame import Answer, Command, Office, Right, Verb
from engine.commands.funds import OpenFund, ReplenishFund
from engine.commands.materials import AddMaterial
from engine.commands.processes import Publish, SaveDraft
from engine.commands.tasks import ClaimTask, CompleteTask, ReleaseTask
from engine.commands.timers import FireTimer

__all__ = [
    "VERBS",
    "AddMaterial",
    "Answer",
    "AnswerCall",
    "CancelCase",
    "ClaimTask",
    "Command",
    "CompleteTask",
    "FireTimer",
    "IssueDocument",
    "Office",
    "OpenDocument",
    "OpenFund",
    "Publish",
    "ReleaseTask",
    "ReplenishFund",
    "RetryIncident",
    "Right",
    "SaveDraft",
    "SealDay",
    "SendMessage",
    "SubmitApplication",
]

VERBS: dict[type[Command], Verb[Any, Any]] = {
    kind: verb
    for module in (applications, cases, days, documents, funds, materials, processes, tasks, timers)
    for kind, verb in module.VERBS.items()
}
