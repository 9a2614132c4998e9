"""Work of the kind `simulation`: decided cases of a period, or of the demonstration archive, through a package."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.errors import NotFound
from engine.package import pack
from engine.replay.archive import archive_path
from engine.replay.measure import PAID, Summary
from engine.replay.share import Question, compare_all, numbers_of
from engine.replay.suppose import Supposed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.jobs.progress import Progress
    from engine.office import Office
    from engine.package import Package
    from engine.replay.measure import Compared


def simulate_decided(
    office: Office, package: Package, given: Mapping[str, Any], progress: Progress
) -> Mapping[str, Any]:
    """`given`: since, until (days, both counted), source (decided | archive), measure, supposed, now.

    Gives the sums and every case as a row. Ends early with what there is when it is stopped.
    """
    question = question_of(office, package, given)
    numbers = numbers_of(question)
    progress.total = len(numbers)
    progress.tell()
    found: dict[int, list[Compared]] = {}
    shares = compare_all(question, numbers)
    for first, share in shares:
        found[first] = share
        progress.done += len(share)
        if progress.stopped:
            shares.close()
            break
    summary = Summary()
    rows = [one for first in sorted(found) for one in found[first]]
    for one in rows:
        summary.count(one)
    sums = {name: dict(value) if isinstance(value, dict) else value for name, value in vars(summary).items()}
    return {"summary": sums, "rows": [asdict(one) for one in rows], "of": len(numbers)}


def question_of(office: Office, package: Package, given: Mapping[str, Any]) -> Question:
    """What is asked, with the addresses of this office; NotFound of kind archive if there is no such archive."""
    settings = office.settings
    database = settings.database_url
    if given.get("source") == "archive":
        path = archive_path(settings.data, package.name)
        if not path.is_file():
            raise NotFound(kind="archive", id=package.name)
        database = f"sqlite:///{path}"
    since = datetime.combine(given["since"], time(), settings.zone)
    until = datetime.combine(given["until"] + timedelta(days=1), time(), settings.zone)
    return Question(
        database=database,
        process=package.name,
        since=since,
        until=until,
        draft=pack(package),
        root=settings.root,
        jurisdiction=settings.jurisdiction,
        now=datetime.now(UTC).astimezone(settings.zone),
        measure=given.get("measure") or PAID,
        supposed=tuple(supposed(one) for one in given.get("supposed", ())),
    )


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
