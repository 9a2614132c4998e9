"""The data that a preview is made of: bare, of a scenario, or of a real case, always as the message that would ask for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.effects import Message, message_of
from engine.feel import FeelError
from engine.store.outbox import Posted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.feel import World
    from engine.package import Package
    from engine.store.session import Reader

_ASKED = (
    "SELECT o.id, o.kind, o.name, o.element, o.body, o.package, o.tries, o.asked_at, o.case_id, c.process, c.area,"
    " c.channel, c.submitted_at, c.applicant, c.helper FROM outbox o JOIN cases c ON c.id = o.case_id"
    " WHERE o.case_id = ? AND o.kind = ? AND o.name = ? ORDER BY o.asked_at DESC LIMIT 1"
)


def bare(process: str, kind: str, name: str, data: Mapping[str, Any], now: datetime, area: str) -> Message:
    """A message with this data and a case of that area that is nobody's."""
    case = {
        "number": f"{area[:6]:0<6}MZ{now.year}00000000",
        "process": process,
        "area": area,
        "submitted_at": now,
    }
    return Message("preview", kind, name, "preview", f"preview:{process}", case, dict(data), now, token="")


def asked_in(reader: Reader, number: str, kind: str, name: str) -> Message | None:
    """The last message by which a real case asked for the document or notice; None if it never did."""
    rows = reader.rows(_ASKED, (number, kind, name))
    return replace(message_of(Posted._make(rows[0])), token="") if rows else None


def would_ask(
    package: Package,
    kind: str,
    name: str,
    case: Mapping[str, Any],
    variables: Mapping[str, Any],
    world: World,
    now: datetime,
) -> Message | None:
    """What the first step that makes it would hand over, were it done now with these variables; None if none can."""
    for node in package.definition.nodes.values():
        settings = node.settings
        if name not in ((settings.document,) if kind == "document" else (settings.notice,)):
            continue
        data: Any = {}
        if settings.input is not None:
            try:
                data = settings.input.evaluate(variables, world)
            except FeelError:
                continue
        if isinstance(data, dict):
            return Message(
                "preview", kind, name, node.id, f"preview:{package.name}", dict(case), data, now, token=""
            )
    return None
