"""Production: the outbox is carried out by Celery workers. The only importer of Celery.

A Celery message carries an outbox id and nothing more. The rows are the truth: each worker also runs a publisher that
claims due rows, hands their ids to the broker, and hands them over again when nobody has answered within the lease, so a
broker that loses everything costs time and no work. Due timers are fired by the publisher itself.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from celery import Celery, signals

from engine.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.relay import Carrier
    from engine.settings import Settings

log = logging.getLogger(__name__)

TASK = "banjian.carry"
QUEUE = "banjian"
#: How often a publisher looks for due rows that nobody announced.
_POLL_SECONDS = 0.2
#: Pause after the broker or the database did not answer.
_PAUSE_SECONDS = 2.0


class Publisher(threading.Thread):
    """Hands due outbox rows to the broker, and fires due timers."""

    def __init__(
        self, carrier: Carrier, send: Callable[[str], object], *, poll_seconds: float = _POLL_SECONDS
    ) -> None:
        super().__init__(name="publisher", daemon=True)
        self._carrier = carrier
        self._send = send
        self._poll = poll_seconds
        self._ended = threading.Event()

    def stop(self) -> None:
        """End after the batch in hand."""
        self._ended.set()

    def run(self) -> None:
        """Until stopped."""
        while not self._ended.is_set():
            try:
                pause = 0.0 if self.round() else self._poll
            except Exception:
                # Broker or database away: what was claimed and not sent is claimed again when its lease is over.
                log.exception("publisher pauses")
                pause = _PAUSE_SECONDS
            self._ended.wait(pause)

    def round(self) -> int:
        """Hand over what is due now; how much that was."""
        messages = self._carrier.claim()
        for message in messages:
            self._send(message)
        return (
            len(messages)
            + self._carrier.fire_timers()
            + self._carrier.carry_lines()
            + self._carrier.do_chores()
        )


def create_app(broker: str, open_carrier: Callable[[], Carrier]) -> Celery:
    """The Celery application; every worker process opens its own carrier, the parent another for its publisher."""
    app = Celery("banjian", broker=broker, set_as_current=False)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"socket_timeout": 10, "retry_on_timeout": True},
    )
    held: list[Carrier] = []

    @app.task(name=TASK, bind=True, max_retries=None)  # type: ignore[untyped-decorator]
    def carry(task: Any, message: str) -> None:
        try:
            held[0].carry(message)
        except StoreUnavailable as error:
            raise task.retry(exc=error, countdown=_PAUSE_SECONDS) from error

    def begin(**_: object) -> None:
        held[:] = [open_carrier()]

    def publish(sender: Any, **_: object) -> None:
        publisher = Publisher(open_carrier(), lambda message: carry.apply_async((message,), retry=False))
        publisher.start()
        sender.app.publisher = publisher

    # Weak references would let these closures vanish.
    signals.worker_process_init.connect(begin, weak=False)
    signals.worker_ready.connect(publish, weak=False)
    return app


def run_worker(settings: Settings, *, concurrency: int = 2) -> None:
    """Work until told to stop (SIGTERM ends it after the tasks in hand)."""
    from engine.office import open_office  # noqa: PLC0415 - brings the printing press along, which others do not need

    app = create_app(settings.broker, lambda: open_office(settings).relay.carrier)
    app.Worker(concurrency=concurrency, pool="prefork", loglevel="WARNING").start()
