"""The verbs beside claiming and completing (JSON): what is offered, and each as an operation of its own."""

from __future__ import annotations

from typing import Any

import msgspec

from api.frame import Asked
from api.routes import delete, get, post
from engine.commands import (
    AddSigner,
    Command,
    CopyTo,
    DelegateTask,
    DropSigner,
    EndSubstitute,
    JudgeMaterial,
    ReturnDelegated,
    SaveTaskDraft,
    SendBack,
    SetSubstitute,
    TakeBack,
    TransferTask,
    UrgeTask,
)
from engine.queries import task as read_task
from engine.queries import verbs_of


class Offered(msgspec.Struct, frozen=True):
    """One verb: offered, or the code of why not; steps to send back to, places for a signer."""

    verb: str
    offered: bool
    reason: str | None
    targets: list[str] = []
    straight: list[str] = []
    places: list[str] = []


class Handing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom, and what is said with it."""

    account: str
    text: str = ""


class Signing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who signs too, and where: parallel, before or after."""

    account: str
    place: str = "parallel"
    text: str = ""


class Saying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said with it."""

    text: str = ""


class Copying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may read the case."""

    accounts: list[str]
    text: str = ""


class Returning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Back to which step, why, and what is to be corrected; `straight`: then straight back here."""

    target: str
    reason: str = ""
    items: list[dict[str, str]] = []
    straight: bool = False


class Judging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A paper by its hash: accepted, or refused with a reason."""

    sha256: str
    state: str
    reason: str = ""
    name: str = ""


class Drafted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Answers so far, and the task's revision as it was read."""

    revision: int
    data: dict[str, Any] = {}


class Absence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who stands in, from when to when (ISO days, both included), in one role or all; `absent` is the asker if left out."""

    account: str
    valid_from: str
    valid_to: str
    role: str = ""
    reason: str = ""
    absent: str | None = None


class Done(msgspec.Struct, frozen=True):
    """What came of it."""

    case: str | None = None
    task: str | None = None
    opened: list[str] = []
    ended: bool = False
    given: int = 0
    state: str | None = None
    saved_at: str | None = None
    substitute: str | None = None


def give(asked: Asked, command: Command, task: str | None = None) -> Done:
    """Give the command; a task that the asker may not even see is not found, whether it exists or not."""
    asked.require_account()
    office = asked.office
    seen = (lambda: read_task(office.store, office.bus.access, asked.actor, task)) if task else None
    return msgspec.convert(dict(asked.execute(command, seen).values), Done)


@get("/api/tasks/{task:str}/verbs", tags=["tasks"], summary="What may be done beside completing")
def list_verbs(asked: Asked, task: str) -> list[Offered]:
    """Every verb with whether the asker may use it on the task now, and why not."""
    asked.require_account()
    office = asked.office
    found = verbs_of(office.store, office.bus.access, office.versions, asked.actor, task)
    return [
        Offered(one.verb, one.offered, one.reason, list(one.targets), list(one.straight), list(one.places))
        for one in found
    ]


@post("/api/tasks/{task:str}/transfer", tags=["tasks"], status_code=200, summary="Hand a task over for good")
def transfer(asked: Asked, task: str, data: Handing) -> Done:
    """转办: the task is the other's from now on."""
    return give(asked, TransferTask(asked.command_id(), task, data.account, data.text), task)


@post("/api/tasks/{task:str}/delegate", tags=["tasks"], status_code=200, summary="Ask somebody")
def delegate(asked: Asked, task: str, data: Handing) -> Done:
    """委派: the task waits with the holder for the answer."""
    return give(asked, DelegateTask(asked.command_id(), task, data.account, data.text), task)


@post(
    "/api/tasks/{task:str}/return-delegated", tags=["tasks"], status_code=200, summary="Answer, or call back"
)
def return_delegated(asked: Asked, task: str, data: Saying) -> Done:
    """Who was asked answers; the holder calls the task back."""
    return give(asked, ReturnDelegated(asked.command_id(), task, data.text), task)


@post(
    "/api/tasks/{task:str}/send-back", tags=["tasks"], status_code=200, summary="Send back to an earlier step"
)
def send_back(asked: Asked, task: str, data: Returning) -> Done:
    """退回, 补正: with a reason or a list of what is to be corrected."""
    command = SendBack(asked.command_id(), task, data.target, data.reason, data.items, data.straight)
    return give(asked, command, task)


@post("/api/tasks/{task:str}/take-back", tags=["tasks"], status_code=200, summary="Take a completion back")
def take_back(asked: Asked, task: str) -> Done:
    """撤回: as long as nobody has acted on what followed."""
    return give(asked, TakeBack(asked.command_id(), task), task)


@post("/api/tasks/{task:str}/urge", tags=["tasks"], status_code=200, summary="Urge")
def urge(asked: Asked, task: str, data: Saying) -> Done:
    """催办: a line in the timeline and a notice to the holder."""
    return give(asked, UrgeTask(asked.command_id(), task, data.text), task)


@post("/api/tasks/{task:str}/copy", tags=["tasks"], status_code=200, summary="Copy a case for reading")
def copy(asked: Asked, task: str, data: Copying) -> Done:
    """抄送: these accounts may read the case; nothing waits for them."""
    return give(asked, CopyTo(asked.command_id(), task, data.accounts, data.text), task)


@post("/api/tasks/{task:str}/add-signer", tags=["tasks"], status_code=200, summary="Let somebody sign too")
def add_signer(asked: Asked, task: str, data: Signing) -> Done:
    """加签."""
    return give(asked, AddSigner(asked.command_id(), task, data.account, data.place, data.text), task)


@post("/api/tasks/{task:str}/drop-signer", tags=["tasks"], status_code=200, summary="Ask a signer no longer")
def drop_signer(asked: Asked, task: str, data: Saying) -> Done:
    """减签: `task` is the task of the signer who has not acted."""
    return give(asked, DropSigner(asked.command_id(), task, data.text), task)


@post("/api/tasks/{task:str}/judge", tags=["tasks"], status_code=200, summary="Accept or refuse a paper")
def judge(asked: Asked, task: str, data: Judging) -> Done:
    """Say of a paper that it is accepted, or not and why."""
    command = JudgeMaterial(asked.command_id(), task, data.sha256, data.state, data.reason, data.name)
    return give(asked, command, task)


@post("/api/tasks/{task:str}/draft", tags=["tasks"], status_code=200, summary="Keep what was typed so far")
def keep_draft(asked: Asked, task: str, data: Drafted) -> Done:
    """Answers need not be right or whole."""
    return give(asked, SaveTaskDraft(asked.command_id(), task, data.revision, data.data), task)


@post("/api/substitutes", tags=["tasks"], status_code=201, summary="Name a substitute")
def set_substitute(asked: Asked, data: Absence) -> Done:
    """代理: for some days the other may do what the absent person may."""
    asked.require_account()
    absent = data.absent or str(asked.actor.id)
    span = (data.valid_from, data.valid_to)
    return give(asked, SetSubstitute(asked.command_id(), absent, data.account, *span, data.role, data.reason))


@delete("/api/substitutes/{code:str}", tags=["tasks"], status_code=200, summary="End a substitution")
def end_substitute(asked: Asked, code: str) -> Done:
    """The absent person is back."""
    return give(asked, EndSubstitute(asked.command_id(), code))


routes = (
    list_verbs,
    transfer,
    delegate,
    return_delegated,
    send_back,
    take_back,
    urge,
    copy,
    add_signer,
    drop_signer,
    judge,
    keep_draft,
    set_substitute,
    end_substitute,
)
