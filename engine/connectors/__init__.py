"""Lines to the outside: each operation of a service task is one handler, chosen by name.

`BANJIAN_CONNECTORS` maps an operation to an HTTP address (`{"pay": "https://bank...", "check.household": "https://..."}`).
A family of operations may share one address (`{"check.*": "https://..."}`); an address of an operation's own goes before.
`pay` speaks the bank's small protocol (`pay.py`); every other operation posts its input and takes the answer as its
result (`http.py`); `check.*` asks another department, `tell.*` tells it something. Without an address, `pay` goes to the
demonstration bank, `check.*` to demonstration departments that know nobody, `tell.*` to ones that give a receipt, and
`notify` stays in the house; any other
operation has no handler, which the relay turns into an incident.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.connectors.demo_bank import DemonstrationBank
from engine.connectors.demo_departments import knowing_nobody, taking_note
from engine.connectors.http import Line, asking
from engine.connectors.pay import paying
from engine.effects import Answered

if TYPE_CHECKING:
    from engine.effects import Effects, Message, Register
    from engine.settings import Settings


def register(settings: Settings) -> Register:
    """The handlers of all connected operations."""
    handlers: Register = {"notify": _keep}
    for operation, address in settings.connectors.items():
        handlers[operation] = (
            paying(Line(address), settings.zone) if operation == "pay" else asking(Line(address))
        )
    if "pay" not in handlers and settings.demonstration:
        handlers["pay"] = paying(
            DemonstrationBank(settings.data / "demonstration-bank.sqlite3"), settings.zone
        )
    if "check.*" not in handlers and settings.demonstration:
        handlers["check.*"] = knowing_nobody
    if "tell.*" not in handlers and settings.demonstration:
        handlers["tell.*"] = taking_note
    return handlers


def _keep(message: Message, _effects: Effects, /) -> Answered:
    """`notify` without a line: the journal holds the text, the task goes on."""
    return Answered({"channel": "inbox", "sent_at": message.asked_at})
