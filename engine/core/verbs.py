"""The clerks' verbs: what people may do to a marking that no flow of the model says.

Each is an input of `step` like any other, so that joins, conditions and incidents follow as after a task. What does not
fit is refused with a reason (CoreError) and changes nothing. Who may do it is the shell's question; `docs/verbs.md` has
the tables of tokens before and after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.core import verbs_return, verbs_sign

if TYPE_CHECKING:
    from engine.core.walk import Walk


@dataclass(frozen=True, slots=True)
class SendBack:
    """退回: the work of `token` goes back to `target`, an activity that lies before it in its scope or around it.

    Everything that lies after the target is taken away, and walked again. `straight` takes away only the sender's own
    work: when the target is done, the token comes straight back to it.
    """

    token: int
    target: str
    straight: bool = False


@dataclass(frozen=True, slots=True)
class TakeBack:
    """撤回: the finished `element` of the scope token `scope` is opened again and what followed is taken away.

    `index` means one signer of a multi-instance body (`scope`), who signs again.
    """

    scope: int
    element: str
    index: int = 0


@dataclass(frozen=True, slots=True)
class Jump:
    """跳转: the work at `token` (and at `also`, beside it) is given up, and a token put on `target`."""

    token: int
    target: str
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AddSigner:
    """加签: another person signs with the one at `token`: `place` is parallel (beside), before or after.

    `account` is whose the new task is; `item` the entry of the collection, where the model has one; `asker` whose the
    task at `token` is again after one that signs before.
    """

    token: int
    account: str | None = None
    item: Any = None
    place: str = "parallel"
    asker: str | None = None


@dataclass(frozen=True, slots=True)
class DropSigner:
    """减签: the signer at `token` is no longer asked; of a body, the one with that `index`, even if not begun yet."""

    token: int
    index: int = 0


Verb = SendBack | TakeBack | Jump | AddSigner | DropSigner


def take(walk: Walk, verb: Verb) -> None:
    """Do the verb to the marking; what follows is queued."""
    match verb:
        case SendBack():
            verbs_return.send_back(walk, verb.token, verb.target, straight=verb.straight)
        case TakeBack() if verb.index:
            verbs_sign.sign_again(walk, verb.scope, verb.index)
        case TakeBack():
            verbs_return.take_back(walk, verb.scope, verb.element)
        case Jump():
            verbs_return.jump(walk, verb.token, verb.target, verb.also)
        case AddSigner():
            verbs_sign.add(walk, verb)
        case DropSigner():
            verbs_sign.drop(walk, verb.token, verb.index)
