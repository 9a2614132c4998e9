"""The process that the migration's crash test kills: it carries a migration, and the outbox beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.effects import Effects
from engine.relay import Patience, Relay
from tests.engine.small import RULES, ends, form, model, open_small, package, paid, task

if TYPE_CHECKING:
    from engine.package import Package

_LATE = (
    '<bpmn:boundaryEvent id="{0}" attachedToRef="{1}" cancelActivity="false"><bpmn:timerEventDefinition>'
    '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P30D</bpmn:timeDuration></bpmn:timerEventDefinition>'
    "</bpmn:boundaryEvent>"
)


def aid(approve: str, late: str, look: bool) -> Package:
    """register -> (look ->) approve, with a reminder -> pay -> end; the names of the later steps are given."""
    elements = ends() + task("userTask", "register") + task("userTask", approve, separate_from="register")
    elements += _LATE.format(late, approve) + task("userTask", "remind")
    elements += task("serviceTask", "pay", operation="pay", result="paid", input="={amount: amount}")
    lanes = {"clerk": "register remind" + (" look" if look else ""), "leader": approve}
    between = f"register>look look>{approve}" if look else f"register>{approve}"
    elements += task("userTask", "look") if look else ""
    flows = f"begin>register {between} {approve}>pay pay>done {late}>remind remind>done"
    forms = {
        "start": form("start", {"key": "reason", "type": "text", "required": True}),
        "register": form("register", {"key": "amount", "type": "money", "required": True}),
    }
    return package("relief", model("relief", lanes, elements, flows), RULES.format("relief"), forms)


OLD, NEW = aid("approve", "late", look=False), aid("sign", "too_late", look=True)
NAMES = {"approve": "sign", "late": "too_late"}


def carry(database: str, ready: Any) -> None:
    """Carry on until killed."""
    office = open_small(database, OLD, NEW)
    relay = Relay(
        office.bus,
        {"pay": paid},
        Effects(office.bus.office.packages, lambda: datetime.now(UTC)),
        patience=Patience(lease=timedelta(milliseconds=300), batch=5),
        poll_seconds=0.02,
    )
    ready.set()
    relay.start()
    for thread in relay._threads:
        thread.join()
