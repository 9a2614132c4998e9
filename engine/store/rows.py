"""The rows that commands read, as tuples with names; each lists only the columns it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class CaseRow(NamedTuple):
    """A case with the core's state."""

    id: str
    process: str
    package: str
    area: str
    channel: str
    applicant: str | None
    title: str
    state: str
    revision: int
    marking: bytes
    variables: bytes
    journal_seq: int
    journal_head: bytes
    submitted_at: datetime
    incidents: int
    #: JSON of who acts for the applicant: name, relation, consent ...
    helper: str | None = None

    @property
    def owner(self) -> tuple[str, ...]:
        """Whose case it is: the applicant's account, and whoever holds its query code (docs/decisions/0004)."""
        holder = f"case:{self.id}"
        return (self.applicant, holder) if self.applicant else (holder,)


class TaskRow(NamedTuple):
    """A task."""

    id: str
    case_id: str
    token: int
    element: str
    process: str
    object: str
    area: str
    department: str | None
    account: str | None
    title: str
    state: str
    revision: int
    local: str
    due: datetime
    claimed_by: str | None
    claimed_name: str | None
    change: str
    changed_by: str | None
    changed_name: str
    changed_at: datetime
    scope: int
    delegated_to: str | None
    delegated_name: str | None
    urged_at: datetime | None
    urged: int
    opened_at: datetime


class OutboxRow(NamedTuple):
    """A message waiting for its handler, or answered."""

    id: str
    case_id: str
    token: int
    element: str
    kind: str
    name: str | None
    body: str
    package: str
    state: str
    tries: int
    error: str | None
    asked_at: datetime
    due: datetime


class TimerRow(NamedTuple):
    """A running timer."""

    case_id: str
    token: int
    element: str
    kind: str
    due: datetime


class DocumentRow(NamedTuple):
    """An issued document."""

    id: str
    case_id: str
    code: str
    number: str | None
    title: str
    sha256: str
    size: int
    media_type: str
    state: str
    issued_on: str
    element: str
    valid_until: str | None
    purpose: str | None
    replaced_by: str | None
    state_reason: str | None
    relied: int
    internal: int


class IncidentRow(NamedTuple):
    """Something that stopped and needs a person."""

    case_id: str
    token: int
    element: str
    code: str


class JournalRow(NamedTuple):
    """One link of a chain."""

    chain: str
    seq: int
    at: datetime
    actor: str | None
    actor_name: str
    kind: str
    command: str
    body: str
    hash: bytes


class VersionRow(NamedTuple):
    """A published version, without its files."""

    process: str
    number: int
    digest: str
    origin: str
    note: str
    published_by: str
    published_name: str
    approved_by: str | None
    approved_name: str
    published_at: datetime


class ProcessRow(NamedTuple):
    """What the installation decided about a process beside its files."""

    name: str
    state: str
    note: str
    changed_name: str
    changed_at: datetime


class DraftRow(NamedTuple):
    """The work in progress on a process."""

    process: str
    revision: int
    state: str
    base: str
    number: int | None
    begun: int
    files: str
    note: str
    asked_by: str | None
    asked_name: str
    returned: str
    returned_name: str
    saved_by: str
    saved_name: str
    saved_at: datetime

    @property
    def open(self) -> bool:
        """Whether there is a draft now: in work, or in review."""
        return self.state in {"draft", "review"}


class DraftStepRow(NamedTuple):
    """One step of a draft."""

    process: str
    revision: int
    kind: str
    base: str
    files: str
    note: str
    by: str | None
    by_name: str
    at: datetime


class TrialRow(NamedTuple):
    """What came of playing all scenarios of a package."""

    digest: str
    process: str
    cases: int
    failed: int
    told: str
    at: datetime


class FundRow(NamedTuple):
    """A reserve fund, in fen."""

    code: str
    name: str
    area: str
    balance: int
    reserved: int
    annual: int
    revision: int


class FundEntryRow(NamedTuple):
    """A line of a fund's ledger."""

    id: str
    fund: str
    kind: str
    amount: int
    case_id: str | None
    state: str


class ApplicationDraftRow(NamedTuple):
    """An application that somebody fills in step by step."""

    id: str
    process: str
    code: str
    phone: str | None
    account: str | None
    area: str | None
    channel: str
    helper: str | None
    answers: str
    steps: str
    state: str
    case_id: str | None
    revision: int
    saved_at: datetime
    expires_at: datetime

    @property
    def owner(self) -> tuple[str, ...]:
        """Whose draft it is: the account's, and whoever holds its code."""
        holder = f"draft:{self.id}"
        return (self.account, holder) if self.account else (holder,)


class RatingRow(NamedTuple):
    """What an applicant thought of how the case was handled."""

    case_id: str
    grade: int
    reasons: str
    comment: str
    rated_at: datetime
    state: str
    answered_by: str | None
    answer: str | None
    answered_at: datetime | None
