"""One piece of work: `python -m engine.jobs JOB TRY`, begun by `engine.jobs.launch` with the settings on its input."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from datetime import UTC, datetime

from engine.jobs.carry import carry
from engine.office import open_office
from engine.store.jobs import Claim


def _watch() -> None:
    """Whoever began us is gone when the pipe closes; nobody would look after us any more."""
    # (Not by `sys.stdin`, whose lock would still be held when this process ends.)
    while os.read(0, 4096):
        pass
    os._exit(1)


def main() -> int:
    """Do it; 0 when its row tells what came of it."""
    settings = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that began this one
    threading.Thread(target=_watch, daemon=True).start()
    office = open_office(settings)
    try:
        carry(office, Claim(sys.argv[1], int(sys.argv[2])), lambda: datetime.now(UTC))
    finally:
        office.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
