"""Work of the kind `simulation`: decided cases of a period, or of the demonstration archive, through a package."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.replay.measure import PAID
from engine.replay.share import answered, question_of
from engine.replay.suppose import Supposed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.jobs.progress import Progress
    from engine.office import Office
    from engine.package import Package


def simulate_decided(
    office: Office, package: Package, given: Mapping[str, Any], progress: Progress
) -> Mapping[str, Any]:
    """`given`: since, until (days, both counted), source (decided | archive), measure, supposed.

    Gives the sums and every case as a row. Ends early with what there is when it is stopped.
    """

    def told(done: int, of: int) -> bool:
        progress.done, progress.total = done, of
        if not done:
            progress.tell()
        return not progress.stopped

    question = question_of(
        office.settings,
        package,
        given["since"],
        given["until"],
        archived=given.get("source") == "archive",
        measure=given.get("measure") or PAID,
        supposed=[supposed(one) for one in given.get("supposed", ())],
    )
    answer = answered(question, told=told)
    sums = {
        name: dict(value) if isinstance(value, dict) else value
        for name, value in vars(answer.summary).items()
    }
    return {"summary": sums, "rows": [asdict(one) for one in answer.rows], "of": answer.of}


def supposed(given: Mapping[str, Any]) -> Supposed:
    """A supposed parameter as it stands in a job's input."""
    since = given.get("since")
    value = given["value"]
    return Supposed(
        str(given["parameter"]),
        Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value,
        since if isinstance(since, date) else None,
        str(given.get("area") or ""),
    )
