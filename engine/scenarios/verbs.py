"""What people do to a running case beside completing a task (docs/verbs.md), as a step of a scenario: `verb`, `step`, `data`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import msgspec

from engine.commands import (
    AddAccount,
    AddSigner,
    ClaimTask,
    Command,
    CopyTo,
    DelegateTask,
    DropSigner,
    GrantLine,
    JumpCase,
    ReturnDelegated,
    SendBack,
    TakeBack,
    TransferTask,
    UrgeTask,
)
from engine.errors import EngineError
from engine.scenarios.stage import STAGE
from engine.store.exact import unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.access import Actor
    from engine.scenarios.model import Action, Cast
    from engine.scenarios.stage import Stage


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `data` of a step may say beside the verb; people by their alias."""


class Return(Said, frozen=True):
    """Sent back: to which step, why, what is to be corrected, and whether it comes straight back then."""

    target: str
    reason: str = ""
    items: list[dict[str, str]] = []
    straight: bool = False


class Handing(Said, frozen=True):
    """Whose it is now."""

    account: str
    reason: str = ""


class Question(Said, frozen=True):
    """Who is asked what."""

    account: str
    question: str = ""


class Reply(Said, frozen=True):
    """What was answered."""

    answer: str = ""


class Signing(Said, frozen=True):
    """Who signs too, and when."""

    account: str
    place: Literal["parallel", "before", "after"] = "parallel"
    reason: str = ""
    item: Any = None


class Dropping(Said, frozen=True):
    """Which other signer is asked no longer."""

    account: str
    reason: str = ""


class Copies(Said, frozen=True):
    """Who may read the case."""

    accounts: list[str]
    note: str = ""


class Push(Said, frozen=True):
    """What is said with a push."""

    note: str = ""


class Leap(Said, frozen=True):
    """Where the work goes, and why."""

    target: str
    reason: str


#: Verb -> what a step says with it, and the command that carries it out.
COMMANDS: Final[Mapping[str, tuple[type[Said], Callable[..., Command]]]] = {
    "send_back": (Return, SendBack),
    "take_back": (Said, TakeBack),
    "transfer": (Handing, TransferTask),
    "delegate": (Question, DelegateTask),
    "return_delegated": (Reply, ReturnDelegated),
    "add_signer": (Signing, AddSigner),
    "drop_signer": (Dropping, DropSigner),
    "copy": (Copies, CopyTo),
    "urge": (Push, UrgeTask),
    "jump": (Leap, JumpCase),
}
#: Verbs of whoever holds the task: it is claimed first, as by a `task` step.
HOLDERS: Final = frozenset({"send_back", "transfer", "delegate", "add_signer", "drop_signer"})


class Row(NamedTuple):
    """A task as the verbs look for it."""

    id: str
    element: str
    token: int
    scope: int
    process: str
    area: str
    state: str
    account: str | None
    claimed_by: str | None
    changed_by: str | None
    change: str
    local: str | None


def act(
    stage: Stage, action: Action, case: str, actor: Actor, cast: Mapping[str, Cast], command: str
) -> None:
    """Carry out a step that names a verb; raises what the engine refuses it with."""
    said = _said(action)
    for alias in _people(said):
        meet(stage, alias, cast)
    kind = COMMANDS[str(action.verb)][1]
    if isinstance(said, Leap):
        token = _token(stage, case, str(action.step))
        stage.bus.execute(
            kind(command, case=case, token=token, **msgspec.structs.asdict(said)), actor, stage.now
        )
        return
    task = _of_step(stage, action, case, actor)
    if action.verb in HOLDERS and task.claimed_by is None and not _hands_out(stage, action, task, actor):
        stage.bus.execute(ClaimTask(f"{command}c", task.id), actor, stage.now)
    values = msgspec.structs.asdict(said)
    if isinstance(said, Dropping):
        task = _signer(stage, case, task, values.pop("account"))
    stage.bus.execute(kind(command, task=task.id, **values), actor, stage.now)


def meet(stage: Stage, alias: str, cast: Mapping[str, Cast]) -> None:
    """Let somebody of the cast have an account on the stage: work is handed to accounts."""
    if stage.rows("SELECT 1 FROM account WHERE id = ?", alias):
        return
    part = cast.get(alias)
    if part is None:
        raise EngineError("not-found", kind="account", id=alias)
    roles = [part.role] if isinstance(part.role, str) else part.role
    grants = [GrantLine(role, part.area, part.department or "") for role in roles if role]
    known = AddAccount(f"account:{alias}", alias, part.name or alias, grants=grants)
    stage.bus.execute(known, STAGE, stage.now)


def tasks_of(stage: Stage, case: str, element: str = "") -> list[Row]:
    """The tasks of a case, or of one of its steps, in the order in which they came."""
    columns = ", ".join(Row._fields)
    sql = f"SELECT {columns} FROM task WHERE case_id = ? ORDER BY token, id"  # noqa: S608 - names of ours
    if element:
        sql = sql.replace(" ORDER", " AND element = ? ORDER")
    return [Row(*one) for one in stage.rows(sql, case, *([element] if element else []))]


def _of_step(stage: Stage, action: Action, case: str, actor: Actor) -> Row:
    """The open task of the step; for taking back the last one that the actor has completed."""
    rows = [one for one in tasks_of(stage, case, str(action.step)) if _fits(one, action.where)]
    if action.verb == "take_back":
        mine = [one for one in rows if one.state == "done" and one.changed_by == actor.id]
        if mine:
            return mine[-1]
    found = [one for one in rows if one.state == "open"]
    # Of several signers it is the one who acts that is meant.
    own = [one for one in found if actor.id in (one.claimed_by, one.account)]
    if own or found:
        return (own or found)[0]
    raise EngineError("no-such-open-task", task=action.step)


def _fits(row: Row, where: Mapping[str, Any]) -> bool:
    local = unpack(row.local) if row.local and where else {}
    return all(local.get(name) == value for name, value in where.items())


def signers_beside(stage: Stage, case: str, task: Row) -> list[Row]:
    """Who signs the same step and has not acted."""
    return [
        one
        for one in tasks_of(stage, case)
        if one.state == "open"
        and one.id != task.id
        and one.scope == task.scope
        and one.account is not None
        and one.claimed_by is None
    ]


def _signer(stage: Stage, case: str, task: Row, account: str) -> Row:
    found = [one for one in signers_beside(stage, case, task) if account == one.account]
    if not found:
        raise EngineError("no-signers", account=account)
    return found[0]


def _hands_out(stage: Stage, action: Action, task: Row, actor: Actor) -> bool:
    """Whether the actor moves the task without holding it."""
    if action.verb not in {"transfer", "drop_signer"}:
        return False
    return stage.bus.access.may(actor, "reassign", task.process, task.area)


def _token(stage: Stage, case: str, element: str) -> int:
    found = [one.token for one in tasks_of(stage, case, element) if one.state == "open"]
    if not found:
        sql = "SELECT token FROM incident WHERE case_id = ? AND element = ? ORDER BY token"
        found = [row[0] for row in stage.rows(sql, case, element)]
    if not found:
        raise EngineError("no-such-open-task", task=element)
    return int(found[0])


def _people(said: Said) -> list[str]:
    match said:
        case Copies(accounts=accounts):
            return accounts
        case Handing(account=account) | Question(account=account) | Signing(account=account):
            return [account]
    return []


def _said(action: Action) -> Said:
    """What the step says; EngineError verb-data where that is not what the verb takes."""
    try:
        return msgspec.convert(action.data, COMMANDS[str(action.verb)][0])
    except msgspec.ValidationError as fault:
        raise EngineError("verb-data", verb=action.verb, reason=str(fault)) from fault
