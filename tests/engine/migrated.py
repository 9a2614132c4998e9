"""What must hold of every case after a migration, looked up independently of the code that migrates."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from engine.core.definition import Kind
from engine.core.state import Phase, restore

if TYPE_CHECKING:
    from engine.commands.versions import Versions
    from engine.store.session import Reader, Store

#: Everything else of an open case can be told from its marking and the model that it is pinned to.
_CASES = "SELECT id, process, package, state, marking, variables, incidents FROM cases ORDER BY id"


def faults(store: Store, versions: Versions) -> list[tuple[Any, ...]]:
    """(case, what, found, wanted) wherever tokens, tasks, timers or calls are not those of the case's own model."""
    found: list[tuple[Any, ...]] = []
    with store.reading() as reader:
        for case, process, package, state, marking, variables, incidents in reader.rows(_CASES):
            kept = restore(marking, variables)
            definition = versions.at(package).definition
            known = {*definition.nodes, *definition.scopes}
            strangers = {token.element for token in kept.tokens.values()} - known
            found += [(case, "token", stranger, package[:8]) for stranger in strangers]
            if kept.ended != (state != "open"):
                found.append((case, "state", state, kept.ended))
            if strangers or state != "open":
                continue
            for what, is_, should in _views(reader, case, process, definition, kept):
                if is_ != should and not incidents:
                    found.append(
                        (case, what, sorted((is_ - should).elements()), sorted((should - is_).elements()))
                    )
    return found


def _views(reader: Reader, case: str, process: str, definition: Any, kept: Any) -> list[tuple[str, Any, Any]]:
    """Three times (what, rows, what the model says)."""
    nodes, waiting = definition.nodes, Phase.WAITING
    resting = [token for token in kept.tokens.values() if token.phase is waiting]
    tasks = Counter(
        (token, element, title, lane, obj)
        for token, element, title, lane, obj in reader.rows(
            "SELECT token, element, title, lane, object FROM task WHERE case_id = ? AND state = 'open'",
            (case,),
        )
    )
    people = Counter(
        (token.id, token.element, node.name or node.id, node.lane or "", f"{process}/{node.lane or ''}")
        for token in resting
        if (node := nodes[token.element]).kind in (Kind.USER, Kind.MANUAL)
    )
    timers = Counter(
        (token, element, int(due.timestamp() * 1_000_000))
        for token, element, due in reader.rows(
            "SELECT token, element, due FROM timer WHERE case_id = ? AND kind = 'event'", (case,)
        )
    )
    due = Counter(
        (token.id, element, at)
        for token in kept.tokens.values()
        for element, at in ((token.extras.due if token.extras is not None else None) or {}).items()
    )
    calls = Counter(
        (token, element)
        for token, element in reader.rows(
            "SELECT token, element FROM outbox WHERE case_id = ? AND state = 'open'"
            " AND kind NOT IN ('notice', 'message', 'signal')",
            (case,),
        )
    )
    asked = Counter(
        (token.id, token.element) for token in resting if nodes[token.element].kind is Kind.SERVICE
    )
    return [("tasks", tasks, people), ("timers", timers, due), ("calls", calls, asked)]
