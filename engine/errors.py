"""Every failure the shell expects: one class per meaning, a stable code, and values. Sentences are made in `api/errors`.

The pure packages (`core`, `feel`, `dmn`, `clock`) raise their own exceptions of the same shape: `.code` and `.values`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class EngineError(Exception):
    """Something the engine refuses, with a code for machines and values for the sentence."""

    code = "engine-error"

    def __init__(self, code: str | None = None, /, **values: Any) -> None:
        if code is not None:
            self.code = code
        self.values: dict[str, Any] = values
        super().__init__(f"{self.code} {values}" if values else self.code)


class NotFound(EngineError):
    """What was asked for does not exist, or the asker may not know that it does."""

    code = "not-found"


class DraftGone(NotFound):
    """There is no draft of the process any more: published (state `published`) or given up; then it can be restored."""

    code = "draft-gone"


class Forbidden(EngineError):
    """The actor lacks the right for this action on this object in this area."""

    code = "forbidden"


class SignInRequired(EngineError):
    """The action needs an account."""

    code = "sign-in-required"


class FourEyes(Forbidden):
    """Whoever did `task` in this case may not do this step too (separate_from)."""

    code = "four-eyes"


class ConflictOfInterest(Forbidden):
    """The actor must stand aside in this case (near relative and the like)."""

    code = "conflict-of-interest"


class Conflict(EngineError):
    """Another party was faster; nothing was changed. Values say who and what."""

    code = "conflict"


class CannotMigrate(EngineError):
    """The case must stay on its version: `reason` at `element` (`engine.core.migrate.Obstacle`)."""

    code = "cannot-migrate"


class Stale(Conflict):
    """The case moved on since the caller read it: `revision` is the current one, `by` and `kind` the last change."""

    code = "stale"


class DraftOpen(Conflict):
    """Somebody works on a draft of the process already: `by` saved it last, `at`."""

    code = "draft-open"


class DraftInReview(Conflict):
    """The draft waits for its reviewer; it has to be taken back before it can be changed."""

    code = "draft-in-review"


class NotInReview(Conflict):
    """Only a draft that somebody asked to be reviewed can be published or returned."""

    code = "not-in-review"


class NothingChanged(Conflict):
    """The files are those of version `number`, which new cases get already."""

    code = "nothing-changed"


class ScenariosNotGreen(Conflict):
    """The scenarios of exactly these files were not played, or `failed` of `cases` came out otherwise than written."""

    code = "scenarios-not-green"


class ProcessRetired(Conflict):
    """The process takes no new cases any more: `by`, `at` and `why` say who ended it; running cases go on."""

    code = "process-retired"


class NameTaken(Conflict):
    """There is a process of that name already."""

    code = "name-taken"


class AlreadyClaimed(Conflict):
    """The task belongs to somebody else: `by` is the holder's name."""

    code = "already-claimed"


class NotClaimed(Conflict):
    """The task must be claimed before it can be worked."""

    code = "not-claimed"


class TaskClosed(Conflict):
    """The task is no longer open: `by` and `at` say who closed it."""

    code = "task-closed"


class CommandReused(EngineError):
    """The command id was used before with another content."""

    code = "command-reused"


class CommandInvalid(EngineError):
    """A command lacks something or carries what its kind does not know."""

    code = "command-invalid"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: its path (`members.0.name`), a code and values for the sentence."""

    path: str
    code: str
    values: dict[str, Any] = field(default_factory=dict)


class FormInvalid(EngineError):
    """A form was filled in wrongly; `errors` follow the order of the form's fields."""

    code = "form-invalid"

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(errors=[{"path": e.path, "code": e.code, **e.values} for e in errors])
        self.errors = errors


class FormBroken(EngineError):
    """A form file cannot be used: `file` and `reason`."""

    code = "form-broken"


class PackageBroken(EngineError):
    """The files of a process do not fit together: `process`, `findings`."""

    code = "package-broken"


class NotWaiting(Conflict):
    """The case does not wait for this message, answer or timer (any more)."""

    code = "not-waiting"


class VerbRefused(Conflict):
    """The case's tokens do not allow this verb; the code (of `engine.core.faults.REFUSALS`) says why."""

    code = "verb-refused"


class NotOffered(EngineError):
    """The model or the state of the task does not offer this verb: `verb` and `reason`."""

    code = "not-offered"


class Delegated(Conflict):
    """The task waits for the answer of `by`, who was asked; it can be called back."""

    code = "delegated"


class CodeTooSoon(EngineError):
    """The phone got a code a moment ago, or many today: `seconds` until it can get another."""

    code = "code-too-soon"


class IdentityUnknown(EngineError):
    """Whoever signed in elsewhere has no account here, or one that rests."""

    code = "identity-unknown"


class TooOften(Conflict):
    """The same was done a short time ago: `until` is when it can be done again."""

    code = "too-often"


class CaseEnded(Conflict):
    """The case has ended; nothing more can be done in it."""

    code = "case-ended"


class LawMissing(EngineError):
    """A dated parameter or a calendar year is not configured: an administrator must load it."""

    code = "law-missing"


class StoreUnavailable(EngineError):
    """The database does not answer; nothing was changed, try again in a moment."""

    code = "store-unavailable"


class VaultFull(EngineError):
    """The document store has no room; nothing was changed, the work is retried."""

    code = "vault-full"


class VaultDamaged(EngineError):
    """Stored bytes do not match their name (hash)."""

    code = "vault-damaged"


class TooLarge(EngineError):
    """An upload is larger than `limit` bytes."""

    code = "too-large"


class TooManyPages(TooLarge):
    """A paper has more than `limit` pages, or unfolds to more than anybody could read."""

    code = "too-many-pages"


class Unreadable(EngineError):
    """A file is not what it claims to be, or of a kind that is not accepted."""

    code = "unreadable"
