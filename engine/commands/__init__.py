"""What can be done, one dataclass per command, and how each is carried out (`VERBS`, which only the bus uses)."""

from __future__ import annotations

from typing import Any

from engine.commands import (
    accounts,
    application_drafts,
    applications,
    campaigns,
    case_migration,
    cases,
    codes,
    copies,
    days,
    desks,
    documents,
    dossiers,
    drafting,
    entering,
    funds,
    helpers,
    identities,
    impressions,
    jobs,
    judgements,
    letters,
    looks,
    materials,
    migration_lines,
    migrations,
    notices,
    passing,
    processes,
    profiles,
    ratings,
    receipts,
    remarking,
    representation,
    retirement,
    returning,
    reviewing,
    sessions,
    signers,
    substitutes,
    tasks,
    timers,
)
from engine.commands.accounts import AddAccount, GrantLine, SignIn, SignOut
from engine.commands.application_drafts import (
    BeginApplication,
    DropApplication,
    KeepApplication,
    KeepFile,
    TakeApplication,
)
from engine.commands.applications import SubmitApplication
from engine.commands.campaigns import NoteCampaignCase, OpenCampaign
from engine.commands.case_migration import MigrateCase
from engine.commands.cases import AnswerCall, CancelCase, RetryIncident, SendMessage, SendSignal
from engine.commands.codes import AskCode, EnterCode
from engine.commands.copies import CopyTo, ReadCopy
from engine.commands.days import SealDay
from engine.commands.desks import (
    AddPhrase,
    BePresent,
    DropPhrase,
    DropTaskDraft,
    DropView,
    SaveTaskDraft,
    SaveView,
)
from engine.commands.documents import CountVerifications, IssueDocument, OpenDocument, RevokeDocument
from engine.commands.dossiers import ArchiveCase, KeepDossier
from engine.commands.drafting import (
    AddDraftFiles,
    BeginDraft,
    DropDraft,
    RemoveDraftFile,
    RestoreDraft,
    SaveDraftFile,
)
from engine.commands.entering import EnterItem
from engine.commands.frame import Answer, Command, Office, Right, Verb
from engine.commands.funds import OpenFund, ReplenishFund
from engine.commands.helpers import RecordHelper
from engine.commands.identities import SignInElsewhere
from engine.commands.impressions import KeepDuplicate, PrintDocument, RecordSerial
from engine.commands.jobs import AskJob, StopJob
from engine.commands.judgements import JudgeMaterial
from engine.commands.letters import SettleLetter
from engine.commands.looks import NoteLook
from engine.commands.materials import AddMaterial
from engine.commands.migration_lines import CarryMigration, ListMigration
from engine.commands.migrations import (
    EndMigration,
    ProposeMigration,
    ResumeMigration,
    StartMigration,
    StopMigration,
)
from engine.commands.notices import ReadNotices
from engine.commands.passing import DelegateTask, ReturnDelegated, TransferTask, UrgeTask
from engine.commands.processes import Publish, PublishAgain
from engine.commands.profiles import ChangePassword, ChangeProfile
from engine.commands.ratings import RateCase
from engine.commands.receipts import AskReceipt
from engine.commands.remarking import Remark, SettleRemark
from engine.commands.representation import AddWard, ConfirmRepresentation, EndRepresentation, Entrust
from engine.commands.retirement import Reinstate, Retire
from engine.commands.returning import JumpCase, SendBack, TakeBack
from engine.commands.reviewing import AskReview, NoteTrial, ReturnDraft, TakeBackDraft
from engine.commands.sessions import EndSessions, Opening
from engine.commands.signers import AddSigner, DropSigner
from engine.commands.substitutes import EndSubstitute, SetSubstitute
from engine.commands.tasks import ClaimTask, CompleteTask, ReleaseTask
from engine.commands.timers import FireTimer

__all__ = [
    "VERBS",
    "AddAccount",
    "AddDraftFiles",
    "AddMaterial",
    "AddPhrase",
    "AddSigner",
    "AddWard",
    "Answer",
    "AnswerCall",
    "ArchiveCase",
    "AskCode",
    "AskJob",
    "AskReceipt",
    "AskReview",
    "BePresent",
    "BeginApplication",
    "BeginDraft",
    "CancelCase",
    "CarryMigration",
    "ChangePassword",
    "ChangeProfile",
    "ClaimTask",
    "Command",
    "CompleteTask",
    "ConfirmRepresentation",
    "CopyTo",
    "CountVerifications",
    "DelegateTask",
    "DropApplication",
    "DropDraft",
    "DropPhrase",
    "DropSigner",
    "DropTaskDraft",
    "DropView",
    "EndMigration",
    "EndRepresentation",
    "EndSessions",
    "EndSubstitute",
    "EnterCode",
    "EnterItem",
    "Entrust",
    "FireTimer",
    "GrantLine",
    "IssueDocument",
    "JudgeMaterial",
    "JumpCase",
    "KeepApplication",
    "KeepDossier",
    "KeepDuplicate",
    "KeepFile",
    "ListMigration",
    "MigrateCase",
    "NoteCampaignCase",
    "NoteLook",
    "NoteTrial",
    "Office",
    "OpenCampaign",
    "OpenDocument",
    "OpenFund",
    "Opening",
    "PrintDocument",
    "ProposeMigration",
    "Publish",
    "PublishAgain",
    "RateCase",
    "ReadCopy",
    "ReadNotices",
    "RecordHelper",
    "RecordSerial",
    "Reinstate",
    "ReleaseTask",
    "Remark",
    "RemoveDraftFile",
    "ReplenishFund",
    "RestoreDraft",
    "ResumeMigration",
    "Retire",
    "RetryIncident",
    "ReturnDelegated",
    "ReturnDraft",
    "RevokeDocument",
    "Right",
    "SaveDraftFile",
    "SaveTaskDraft",
    "SaveView",
    "SealDay",
    "SendBack",
    "SendMessage",
    "SendSignal",
    "SetSubstitute",
    "SettleLetter",
    "SettleRemark",
    "SignIn",
    "SignInElsewhere",
    "SignOut",
    "StartMigration",
    "StopJob",
    "StopMigration",
    "SubmitApplication",
    "TakeApplication",
    "TakeBack",
    "TakeBackDraft",
    "TransferTask",
    "UrgeTask",
]

VERBS: dict[type[Command], Verb[Any, Any]] = {
    kind: verb
    for module in (
        accounts,
        application_drafts,
        applications,
        campaigns,
        case_migration,
        cases,
        codes,
        copies,
        days,
        desks,
        documents,
        dossiers,
        drafting,
        entering,
        funds,
        helpers,
        identities,
        impressions,
        jobs,
        judgements,
        letters,
        looks,
        materials,
        migration_lines,
        migrations,
        notices,
        passing,
        processes,
        profiles,
        ratings,
        receipts,
        remarking,
        representation,
        retirement,
        returning,
        reviewing,
        sessions,
        signers,
        substitutes,
        tasks,
        timers,
    )
    for kind, verb in module.VERBS.items()
}
