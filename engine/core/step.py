"""The mover's two vocabularies: inputs that move a case, and events that say what happened.

Plain immutable values; `record` turns events into rows, nothing here knows rows. Tokens are addressed by token id, never by element id: the same task may be open twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.core.clock_events import ClockDue, ClockMoved

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.core.state import State


# ---- inputs ----


@dataclass(frozen=True, slots=True)
class Start:
    """Begin the main process. `at` names a start event when it is not the plain one (message, timer, signal start)."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Complete:
    """A waiting task (user, manual, service, receive) is done; `results` are variables to set."""

    token: int
    results: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fail:
    """A waiting service task answers with a BPMN error `code`; nobody catching it makes an incident."""

    token: int
    code: str
    results: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Break:
    """A waiting service task cannot be carried out (retries spent): an incident that keeps the token."""

    token: int
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deliver:
    """A message arrives; `key` must equal the correlation of the waiting token, if it has one. One token takes it."""

    message: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    key: Any = None
    token: int | None = None  # the one token meant, where the shell knows it


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A signal from outside; every catcher takes it."""

    signal: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fire:
    """A timer that `TimerSet` announced has fallen due."""

    token: int
    element: str


@dataclass(frozen=True, slots=True)
class Change:
    """Variables are set from outside; conditional events are looked at again."""

    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again what an incident stopped, with the variables as they are now."""

    token: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the whole case from outside; every token is dropped."""

    reason: str


Input = Start | Complete | Fail | Break | Deliver | Broadcast | Fire | Change | Retry | Cancel | ClockDue

# ---- events ----


@dataclass(frozen=True, slots=True)
class ScopeOpened:
    """A process, sub-process or instance began; `scope` is its token id, `parent` the enclosing one (0: none)."""

    element: str
    scope: int
    parent: int


@dataclass(frozen=True, slots=True)
class ScopeClosed:
    """A scope ended, by completion or (`dropped`) by interruption."""

    element: str
    scope: int
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """A token came to a node (flow elements of the path that a reader follows)."""

    element: str
    token: int
    scope: int


@dataclass(frozen=True, slots=True)
class Left:
    """A token went on from a node, or (`dropped`) was taken away there."""

    element: str
    token: int
    scope: int
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Caught:
    """A waiting event took what it waited for (timer, message, signal, error ...)."""

    element: str
    token: int
    scope: int


@dataclass(frozen=True, slots=True)
class TaskOpened:
    """A person has work. `due` is the exclusive end of the last permitted moment (aware datetime) or None."""

    token: int
    element: str
    due: datetime | None = None
    assign: Mapping[str, Any] | None = None
    #: local variables of the instance (multi-instance item and the like), for the form and the title
    local: Mapping[str, Any] = field(default_factory=dict)
    #: the token that holds it: its scope, or the multi-instance body
    scope: int = 0


@dataclass(frozen=True, slots=True)
class TaskClosed:
    """That work is gone: done, or (`dropped`) no longer needed."""

    token: int
    element: str
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class CallRequested:
    """A service task waits for the connector `operation`; the answer comes back as Complete, Fail or Break.

    `operation` is "document" where the element names a document to issue (`document`).
    """

    token: int
    element: str
    operation: str
    input: Mapping[str, Any]
    document: str | None = None


@dataclass(frozen=True, slots=True)
class CallDropped:
    """The wait for that answer ended by interruption; a late answer must be ignored (or compensated by the shell)."""

    token: int
    element: str


@dataclass(frozen=True, slots=True)
class NoticeRequested:
    """A notice template is to be sent; nobody waits for it."""

    token: int
    element: str
    notice: str
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """A DMN decision was evaluated; `trace` is plain data for storage and display."""

    element: str
    decision: str
    value: Any
    trace: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TimerSet:
    """A timer runs for (token, element); `due` is an aware datetime."""

    token: int
    element: str
    due: datetime


@dataclass(frozen=True, slots=True)
class TimerCleared:
    """That timer is no longer wanted."""

    token: int
    element: str


@dataclass(frozen=True, slots=True)
class MessageThrown:
    """A message leaves the case (no catcher inside it was meant); the shell routes it."""

    element: str
    message: str
    payload: Mapping[str, Any]
    key: Any = None


@dataclass(frozen=True, slots=True)
class SignalThrown:
    """A signal was thrown; catchers inside the case have it already, the shell tells the others."""

    element: str
    signal: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class IncidentRaised:
    """A token cannot go on; it is kept and visible as work. `code` is from the core's fault list."""

    token: int
    element: str
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncidentCleared:
    """The token of an incident moved on or was dropped."""

    token: int
    element: str


@dataclass(frozen=True, slots=True)
class CaseEnded:
    """No token is left. `ends`: end events reached in the main process; `cancelled`: ended from outside."""

    ends: tuple[str, ...] = ()
    cancelled: bool = False


# fmt: off
Event = (
    ScopeOpened | ScopeClosed | Entered | Left | Caught | TaskOpened | TaskClosed
    | CallRequested | CallDropped | NoticeRequested | DecisionMade | TimerSet | TimerCleared | ClockMoved
    | MessageThrown | SignalThrown | IncidentRaised | IncidentCleared | CaseEnded
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Step:
    """The answer of the mover: the state after, and what happened on the way, in order."""

    state: State
    events: tuple[Event, ...]
