"""The state of a case: a marking (tokens in a tree), the variables, and how both become bytes.

A scope (process, sub-process, call, multi-instance body, event sub-process) is a token with children. What a token
waits for is derived from its element and the definition; only due times and correlation values are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from msgspec import DecodeError, Raw, Struct, ValidationError, msgpack

from engine.core.bag import Bag, bag_of
from engine.core.faults import CoreError
from engine.core.packing import squeeze, swell, unpack

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION: Final = 1


class Phase(IntEnum):
    """Where a token is in the life of its element."""

    MOVING = 0  # named by a micro-step that is still to come; never stored, except under an incident
    WAITING = 1  # at rest: a task, a catching event, an arrival at a join
    OPEN = 2  # a scope that runs
    TAKEN = 3  # a scope whose content an interrupting event sub-process replaced
    UNDOING = 4  # a scope that is being compensated
    CLOSING = 5  # its content is done or gone; the last micro-step is on its way


class Incident(Struct, frozen=True, array_like=True):
    """Why a token cannot go on. `job` is the micro-step that Retry takes up again; values are packed."""

    code: str
    job: str
    packed: bytes = b"\x80"

    @property
    def values(self) -> dict[str, Any]:
        """What the sentence of this code needs (missing names, the error's code ...)."""
        found: dict[str, Any] = unpack(self.packed)
        return found


class Extras(Struct, frozen=True, omit_defaults=True):
    """What only some tokens need."""

    #: Due moments in microseconds since 1970 UTC, by the id of the timer event.
    due: dict[str, int] | None = None
    #: Repetitions still to come after the next one (-1: without end) and the interval in ISO 8601, by timer event.
    cycle: dict[str, tuple[int, str]] | None = None
    #: Packed correlation values, by the id of the catching element.
    keys: dict[str, bytes] | None = None
    #: Conditional events whose condition held when last looked at: they fire on the rising edge only.
    held: tuple[str, ...] = ()
    #: Multi-instance or loop: number of this instance, counted from 1.
    index: int = 0
    #: Multi-instance or loop body: instances in all, begun, completed, and dropped by the completion condition.
    counts: tuple[int, int, int, int] | None = None
    #: Event sub-process: the start event that took the trigger.
    start: str | None = None
    #: An interrupting boundary event has hit the activity; it goes with the next micro-steps.
    struck: bool = False
    #: Boundary event on its way: the token of the activity it sits on.
    host: int = 0
    #: Complex gateways that fired and have not been reset, with the flows they have consumed, in this scope.
    fired: dict[str, tuple[str, ...]] | None = None
    #: Completed work that can be compensated: its place in the order of completion.
    serial: int = 0
    #: Completed work still to compensate, last completed first.
    todo: tuple[int, ...] | None = None
    #: Compensation handler or reopened scope: the token that waits for it.
    holder: int = 0
    #: Cancelled transaction: the boundary event that goes on when compensation is done.
    after: int = 0
    incident: Incident | None = None
    #: Where the token goes when its element is done, instead of along the flows: straight back to who returned it.
    back: str = ""
    #: Scope: irrevocable elements done inside, and loop heads where a new round began since; each its last time, in order.
    passed: tuple[str, ...] = ()
    #: Body made of a plain task by adding signers: parallel or sequential.
    loop: str = ""


class Token(Struct, frozen=True, array_like=True):
    """One token. `flow` is the sequence flow that brought it, kept at joins."""

    id: int
    element: str
    parent: int
    phase: Phase = Phase.MOVING
    flow: str | None = None
    extras: Extras | None = None


class _Marking(Struct, frozen=True, array_like=True):
    version: int
    next: int
    ends: tuple[str, ...]
    tokens: tuple[Token, ...]
    done: tuple[Token, ...]


class _Values(Struct, frozen=True, array_like=True):
    variables: dict[str, Raw]
    local: dict[int, dict[str, Raw]]


_NOTHING: Final[Mapping[str, Any]] = Bag()
_NO_LOCALS: Final[Mapping[int, Mapping[str, Any]]] = MappingProxyType({})
_NO_TOKENS: Final[Mapping[int, Token]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class State:
    """Everything a case is between two commands; nothing in it is ever changed in place."""

    next: int
    tokens: Mapping[int, Token] = field(default_factory=lambda: _NO_TOKENS)
    #: Completed activities that can still be compensated, by token id.
    done: Mapping[int, Token] = field(default_factory=lambda: _NO_TOKENS)
    #: Variables of the case.
    variables: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    #: Local variables by token id.
    local: Mapping[int, Mapping[str, Any]] = field(default_factory=lambda: _NO_LOCALS)
    #: End events reached in the main process, in order.
    ends: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether no token is left."""
        return not self.tokens


_encode = msgpack.Encoder().encode
_decode = msgpack.Decoder(_Marking).decode
_decode_values = msgpack.Decoder(_Values).decode


def dump(state: State) -> tuple[bytes, bytes]:
    """The marking and the variables as two byte strings; equal states give equal bytes."""
    marking = _Marking(
        VERSION, state.next, state.ends, tuple(state.tokens.values()), tuple(state.done.values())
    )
    values = _Values(
        bag_of(state.variables).packed(),
        {token: bag_of(names).packed() for token, names in sorted(state.local.items())},
    )
    return squeeze(_encode(marking)), squeeze(_encode(values))


def restore(marking: bytes, variables: bytes) -> State:
    """The state that `dump` was given; CoreError "damaged-state" for other bytes."""
    try:
        read = _decode(swell(marking))
        values = _decode_values(swell(variables))
    except (ValidationError, DecodeError, UnicodeDecodeError) as error:
        raise CoreError("damaged-state") from error
    if read.version != VERSION:
        raise CoreError("damaged-state", version=read.version)
    return State(
        next=read.next,
        tokens={token.id: token for token in read.tokens},
        done={token.id: token for token in read.done} if read.done else _NO_TOKENS,
        variables=Bag.of(values.variables),
        local={token: Bag.of(names) for token, names in values.local.items()} if values.local else _NO_LOCALS,
        ends=read.ends,
    )
