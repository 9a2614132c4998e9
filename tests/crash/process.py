"""The two processes that the crash test kills: one serves commands on a socket, one carries out the outbox."""

from __future__ import annotations

import json
import os
import socketserver
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands import ClaimTask, CompleteTask, SubmitApplication
from engine.documents.vault import FolderVault
from engine.effects import Effects, Issued, Message
from engine.errors import EngineError
from engine.relay import Patience, Relay
from tests.engine.small import AREA, RULES, ends, form, model, open_small, package, paid, person, task

if TYPE_CHECKING:
    from engine.package import Package

CLERK = person("bob")


def aid() -> Package:
    """decide -> reserve -> pay -> settle -> numbered letter -> end."""
    elements = ends() + task("userTask", "decide")
    given = "={fund: &quot;F1&quot;, amount: amount}"
    elements += task("serviceTask", "reserve", operation="fund.reserve", result="held", input=given)
    elements += task("serviceTask", "pay", operation="pay", result="paid", input="={amount: amount}")
    elements += task(
        "serviceTask", "settle", operation="fund.settle", result="booked", input="={entry: held.entry}"
    )
    elements += task("serviceTask", "letter", document="letter", result="letter")
    flows = "begin>decide decide>reserve reserve>pay pay>settle settle>letter letter>done"
    bpmn = model("aid", {"clerk": "decide"}, elements, flows)
    sidecar = json.dumps({"number": "晋中民救字〔{year}〕{n}号"}).encode()
    forms = {"decide": form("decide", {"key": "amount", "type": "money", "required": True})}
    return package("aid", bpmn, RULES.format("aid"), forms, **{"templates/aid/letter.json": sidecar})


def serve(database: str, port: int, ready: Any) -> None:
    """Answer commands, one JSON line each, until killed."""
    office = open_small(database, aid())

    class Line(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                asked = json.loads(line)
                try:
                    answer = office.bus.execute(_command(**asked), CLERK, datetime.now(UTC))
                    told: dict[str, Any] = dict(answer.values)
                except EngineError as error:
                    told = {"error": error.code}
                self.wfile.write(json.dumps(told).encode() + b"\n")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", port), Line) as server:
        ready.set()
        server.serve_forever()


def _command(kind: str, id: str, **fields: Any) -> Any:  # noqa: A002 - the field's name
    match kind:
        case "submit":
            return SubmitApplication(id, "aid", AREA, channel="window")
        case "claim":
            return ClaimTask(id, **fields)
        case _:
            return CompleteTask(id, **fields)


def carry(database: str, folder: str, ready: Any) -> None:
    """Carry out the outbox until killed. The bank is a file: a key paid before is not paid again."""
    office = open_small(database, aid())
    vault = FolderVault(Path(folder) / "vault", durable=False)

    def bank(message: Message, effects: Effects) -> Any:
        descriptor = os.open(f"{folder}/bank", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, f"{message.id} {Decimal(message.input['amount'])}\n".encode())
        os.close(descriptor)
        return paid(message, effects)

    def press(message: Message, _effects: Effects) -> Issued:
        content = f"{message.case['number']} {message.number} {message.token}".encode()
        return Issued(vault.put(content), len(content), {"zh": "通知书"}, date(2026, 8, 3))

    relay = Relay(
        office.bus,
        {"pay": bank, "document": press},
        Effects(office.bus.office.packages, lambda: datetime.now(UTC)),
        patience=Patience(lease=timedelta(seconds=1)),
        poll_seconds=0.05,
    )
    ready.set()
    relay.start()
    for thread in relay._threads:
        thread.join()
