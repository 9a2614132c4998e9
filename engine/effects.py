"""What the outbox relay hands to a handler, and what a handler may answer.

A handler does one thing outside the database (print a document, ask the bank, send a notice). It runs in no
transaction and may run more than once for the same message, so whatever it does must be harmless the second time:
`Message.id` is the idempotency key to pass on. What it returns travels back as a command whose id is `Message.id`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from engine.store.exact import unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from engine.package import Packages
    from engine.store.outbox import Posted


@dataclass(frozen=True, slots=True)
class Message:
    """One outbox row as a handler sees it.

    `kind` chooses the handler: a connector operation (`pay`, `notify`, `check.household`), `document`, or `notice`.
    For documents `name` is the template id, `number` the document number reserved for it (None: it has none) and
    `token` the random word of its verification address; for notices `name` is the event. `input` is the evaluated
    FEEL context of the element, with exact Decimals and dates. `case` holds number, process, area, channel,
    submitted_at and applicant as FEEL sees them.
    """

    id: str
    kind: str
    name: str | None
    element: str
    package: str  # digest of the pinned version
    case: Mapping[str, Any]
    input: Mapping[str, Any]
    asked_at: datetime
    tries: int = 0
    number: str | None = None
    token: str | None = None


def message_of(posted: Posted) -> Message:
    """The outbox row as handlers see it."""
    body = unpack(posted.body)
    case = {
        "number": posted.case_id,
        "process": posted.process,
        "area": posted.area,
        "channel": posted.channel,
        "submitted_at": posted.submitted_at,
        "applicant": posted.applicant,
        "helper": orjson.loads(posted.helper) if posted.helper else None,
    }
    return Message(
        id=posted.id,
        kind=posted.kind,
        name=posted.name,
        element=posted.element,
        package=posted.package,
        case=case,
        input=body["input"],
        asked_at=posted.asked_at,
        tries=posted.tries,
        number=body.get("number"),
        token=body.get("token"),
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """The call succeeded; `values` become the element's result variable."""

    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side said no: a BPMN error with this code, which the model may catch."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Issued:
    """A document lies in the vault under `sha256`; the case is told by command IssueDocument."""

    sha256: str
    size: int
    title: Mapping[str, str]
    issued_on: date
    media_type: str = "application/pdf"
    #: What the public verification page may show (the sidecar's "public" keys).
    public: Mapping[str, Any] = field(default_factory=dict)
    #: Name of the signing key, None while unsigned.
    signed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice went out (nobody waits for it); `receipt` is what the channel returned, `text` what was sent."""

    channel: str
    recipient: str
    text: str
    receipt: str | None = None
    #: The same text in other languages, by language.
    translations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Broken:
    """The relay gave up on a message: an incident that a person looks at. Handlers raise, they do not return this."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


Result = Answered | Refused | Issued | Sent


class LaterError(Exception):
    """Try again later (the other side is down, slow or busy). Any other exception is treated alike, but logged as a fault.

    `code` names the reason in journal and incident; `final` stops retrying at once and makes the incident.
    """

    def __init__(self, code: str, *, final: bool = False, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.final = final
        self.values = values


@dataclass(frozen=True, slots=True)
class Effects:
    """What a handler gets besides its message. Whatever else it needs (vault, keys, addresses) it brings itself."""

    packages: Packages
    now: Callable[[], datetime]


class Handler(Protocol):
    """Carries out one message: `register[kind] = handler`. Raise `LaterError` (or anything) to be called again."""

    def __call__(self, message: Message, effects: Effects, /) -> Result:
        """Do it, once or once more, and say what came of it."""
        ...


#: kind -> handler; "document" and "notice" are kinds, every connector operation is one.
Register = dict[str, Handler]
