"""Carry out one piece of work and write what came of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

from engine.clock import ClockError
from engine.core.faults import CoreError
from engine.core.load import ModelError
from engine.core.reading.messages import sentence as model_sentence
from engine.dmn import DmnError
from engine.dmn.messages import sentence as decision_sentence
from engine.errors import EngineError, StoreUnavailable
from engine.jobs.progress import Progress
from engine.jobs.scenarios import play_scenarios
from engine.jobs.simulation import simulate_decided
from engine.package import BROKEN
from engine.package import unpack as unpack_package
from engine.store import jobs
from engine.store.exact import unpack
from engine.store.rows_jobs import JobRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine.office import Office
    from engine.package import Package

log = logging.getLogger(__name__)


class Kind(Protocol):
    """What work of a kind is: it tells how far it is, ends early when it is told to, and gives plain values."""

    def __call__(
        self, office: Office, package: Package, given: Mapping[str, Any], progress: Progress, /
    ) -> Mapping[str, Any]:
        """Do it."""
        ...


KINDS: dict[str, Kind] = {"scenarios": play_scenarios, "simulation": simulate_decided}


def carry(office: Office, mine: jobs.Claim, clock: Callable[[], datetime]) -> None:
    """Do the claimed work. What the engine refuses (a broken package, a measure that is none) is told in the row."""
    columns = ", ".join(JobRow._fields)
    with office.store.reading() as reader:
        row = JobRow._make(reader.rows(f"SELECT {columns} FROM job WHERE id = ?", (mine.job,))[0])  # noqa: S608 - names of ours
        archive = jobs.archive_of(reader, mine.job)
    try:
        with Progress(office.store, mine, clock) as progress:
            package = unpack_package(row.process, archive)
            _ = package.definition, package.forms  # what cannot run at all is told before anything is begun
            result = KINDS[row.kind](office, package, unpack(row.input), progress)
            state = "stopped" if progress.stopped else "done"
            progress.tell()
    except StoreUnavailable:
        raise  # nobody can be told; the work is begun again
    except (EngineError, CoreError, ClockError, OSError, *BROKEN) as fault:
        log.warning("%s broke: %s", mine.job, fault)
        jobs.finish(office.store, mine, clock(), "broken", error=_told(fault))
        return
    jobs.finish(office.store, mine, clock(), state, result)


def _told(fault: Exception) -> dict[str, Any]:
    """Code and values of a fault; with the sentences that the pure parts have for their own, by language."""
    code, values = getattr(fault, "code", "fault"), getattr(fault, "values", {"fault": str(fault)})
    told: dict[str, Any] = {"code": code, "values": values}
    match fault:
        case ModelError(element=element):
            told["words"] = {
                "zh": model_sentence(code, element, values, 0),
                "en": model_sentence(code, element, values),
            }
        case DmnError(element=element):
            told["words"] = {
                language: decision_sentence(code, values, language, element=element)
                for language in ("zh", "en")
            }
    return told
