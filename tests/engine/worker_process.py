"""A Celery worker for tests: `python -m tests.engine.worker_process DATABASE BROKER FILE`; payments go to the file."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta

from engine.effects import Effects, Message
from engine.relay import Carrier, Patience
from engine.worker import create_app
from tests.engine.small import open_small, paid, relief


def main(database: str, broker: str, file: str) -> None:
    def bank(message: Message, effects: Effects) -> object:
        line = f"{message.id} {message.input['amount']}\n".encode()
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, line)
        os.close(descriptor)
        time.sleep(0.02)
        return paid(message, effects)

    def open_carrier() -> Carrier:
        bus = open_small(database, relief()).bus
        clock = Effects(bus.office.packages, lambda: datetime.now(UTC))
        return Carrier(bus, {"pay": bank}, clock, patience=Patience(lease=timedelta(seconds=3)))

    app = create_app(broker, open_carrier)
    app.Worker(concurrency=2, pool="prefork", loglevel="WARNING").start()


if __name__ == "__main__":
    main(*sys.argv[1:4])
