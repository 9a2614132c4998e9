"""What the model allows people to do with a task beside completing it (settings `verbs` and `send_back_to`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.core.reading.texts import split

if TYPE_CHECKING:
    from engine.core.definition import Node
    from engine.core.state import State

VERBS: Final = frozenset({"transfer", "delegate", "send_back", "take_back", "add_signer", "copy", "urge"})
#: Where the element says nothing. More signers change who decides: only a model that says so takes them.
USUAL: Final = VERBS - {"add_signer"}
#: The applicant's own steps are nobody else's.
OF_APPLICANT: Final = frozenset({"urge"})
#: Lane id of the applicant (base policies speak of it too).
APPLICANT_LANE: Final = "applicant"


def offered(node: Node) -> frozenset[str]:
    """The verbs that the element allows."""
    said = node.settings.raw.get("verbs")
    if said is not None:
        return frozenset(split(said)) & VERBS
    return OF_APPLICANT if node.lane == APPLICANT_LANE else USUAL


def returns_to(node: Node) -> frozenset[str] | None:
    """The steps that its work may be sent back to; None is any that was done before."""
    said = node.settings.raw.get("send_back_to")
    return None if said is None else frozenset(split(said))


def batchable(node: Node) -> bool:
    """Whether its work may be done for many cases at once, with the same answers (setting `batch`)."""
    return node.settings.raw.get("batch") == "true"


def way_back(state: State, number: int) -> str | None:
    """Where the work at a token goes when it is done, if it was sent back by somebody who wants it straight back."""
    token = state.tokens.get(number)
    if token is not None and token.extras is not None and token.extras.index:
        token = state.tokens.get(token.parent)
    if token is None or token.extras is None:
        return None
    return token.extras.back or None
