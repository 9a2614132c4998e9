"""`worker`: the Celery worker of a production installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import EngineError
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser("worker", help="carry out the outbox with Celery (needs BANJIAN_BROKER)")
    parser.add_argument("--concurrency", type=int, default=2)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Work until interrupted."""
    settings = read_settings()
    if not settings.broker:
        raise EngineError("broker-missing", hint="set BANJIAN_BROKER to the address of RabbitMQ or Redis")
    from engine.worker import run_worker  # noqa: PLC0415 - the only importer of Celery

    run_worker(settings, concurrency=options.concurrency)
    return 0
