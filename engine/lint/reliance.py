"""Two things that a model is easily silent about: a paper it relied on may end, and a context may hide a case variable.

A case that verifies a document (`document.verify`) is told by the message `document_revoked` when that document is
revoked; a model that waits for it nowhere goes on as if nothing had happened. Whoever ends papers itself is spared.
In the input of a called operation an entry sees the entries before it: one that has the name of a case variable hides
that variable from the entries after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core.definition import Cause, Kind
from engine.feel.syntax import Context, Filter, Name, children
from engine.lint.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from engine.core.definition import Definition
    from engine.feel.syntax import Node

VERIFY, REVOKE, REVOKED = "document.verify", "document.revoke", "document_revoked"
_SENDING = {Kind.THROW, Kind.END, Kind.SEND}


def reliance(definition: Definition, main: str) -> Iterator[Finding]:
    """Elements that verify a document in a model that never waits for its revocation."""
    nodes = definition.nodes.values()
    heard = any(
        trigger.cause is Cause.MESSAGE and trigger.ref == REVOKED and node.kind not in _SENDING
        for node in nodes
        for trigger in node.triggers
    )
    if heard or any(node.settings.operation == REVOKE for node in nodes):
        return
    for node in nodes:
        if node.settings.operation == VERIFY:
            yield Finding(main, "revocation-unheard", node.id, Severity.WARNING, {"message": REVOKED})


def shadows(definition: Definition, main: str, variables: Collection[str]) -> Iterator[Finding]:
    """Entries of an input that hide a case variable from a later entry which names it."""
    for node in definition.nodes.values():
        tree = node.settings.input.tree if node.settings.input is not None else None
        if not isinstance(tree, Context) or node.kind is Kind.CALL:
            continue
        for place, key in enumerate(tree.keys):
            later = tree.values[place + 1 :]
            named = any(_names(value, key) for value in later)
            own = tree.values[place]
            same = isinstance(own, Name) and own.name == key
            if named and key in variables and not same:
                yield Finding(main, "name-hidden", node.id, Severity.WARNING, {"name": key})


def _names(root: Node, name: str) -> bool:
    """Whether the expression names it anywhere but in a filter's condition, where the items' own keys come first."""
    pending: list[Node] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, Name) and node.name == name:
            return True
        pending.extend([node.source] if isinstance(node, Filter) else children(node))
    return False
