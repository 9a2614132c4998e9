"""What can be done, one dataclass per command, and how each is carried out (`VERBS`, which only the bus uses)."""

from __future__ import annotations

from typing import Any

from engine.commands import (
    accounts,
    applications,
    cases,
    copies,
    days,
    documents,
    dossiers,
    funds,
    impressions,
    looks,
    materials,
    passing,
    processes,
    returning,
    signers,
    substitutes,
    tasks,
    timers,
)
from engine.commands.accounts import AddAccount, GrantLine, SignIn, SignOut
from engine.commands.applications import SubmitApplication
from engine.commands.cases import AnswerCall, CancelCase, RetryIncident, SendMessage, SendSignal
from engine.commands.copies import CopyTo, ReadCopy
from engine.commands.days import SealDay
from engine.commands.documents import CountVerifications, IssueDocument, OpenDocument, RevokeDocument
from engine.commands.dossiers import ArchiveCase, KeepDossier
from engine.commands.frame import Answer, Command, Office, Right, Verb
from engine.commands.funds import OpenFund, ReplenishFund
from engine.commands.impressions import KeepDuplicate, PrintDocument, RecordSerial
from engine.commands.looks import NoteLook
from engine.commands.materials import AddMaterial
from engine.commands.passing import DelegateTask, ReturnDelegated, TransferTask, UrgeTask
from engine.commands.processes import Publish, SaveDraft
from engine.commands.returning import JumpCase, SendBack, TakeBack
from engine.commands.signers import AddSigner, DropSigner
from engine.commands.substitutes import EndSubstitute, SetSubstitute
from engine.commands.tasks import ClaimTask, CompleteTask, ReleaseTask
from engine.commands.timers import FireTimer

__all__ = [
    "VERBS",
    "AddAccount",
    "AddMaterial",
    "AddSigner",
    "Answer",
    "AnswerCall",
    "ArchiveCase",
    "CancelCase",
    "ClaimTask",
    "Command",
    "CompleteTask",
    "CopyTo",
    "CountVerifications",
    "DelegateTask",
    "DropSigner",
    "EndSubstitute",
    "FireTimer",
    "GrantLine",
    "IssueDocument",
    "JumpCase",
    "KeepDossier",
    "KeepDuplicate",
    "NoteLook",
    "Office",
    "OpenDocument",
    "OpenFund",
    "PrintDocument",
    "Publish",
    "ReadCopy",
    "RecordSerial",
    "ReleaseTask",
    "ReplenishFund",
    "RetryIncident",
    "ReturnDelegated",
    "RevokeDocument",
    "Right",
    "SaveDraft",
    "SealDay",
    "SendBack",
    "SendMessage",
    "SendSignal",
    "SetSubstitute",
    "SignIn",
    "SignOut",
    "SubmitApplication",
    "TakeBack",
    "TransferTask",
    "UrgeTask",
]

VERBS: dict[type[Command], Verb[Any, Any]] = {
    kind: verb
    for module in (
        accounts,
        applications,
        cases,
        copies,
        days,
        documents,
        dossiers,
        funds,
        impressions,
        looks,
        materials,
        passing,
        processes,
        returning,
        signers,
        substitutes,
        tasks,
        timers,
    )
    for kind, verb in module.VERBS.items()
}
