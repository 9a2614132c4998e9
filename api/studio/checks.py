"""What stands between a draft and new cases: findings, scenarios, what changes, and what it does to today's cases."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from api.posted import Given
from api.studio import jobs
from api.studio.findings import findings_of, worst
from api.studio.frame import knows_of_cases
from engine.compare import compare
from engine.errors import NotFound
from engine.lint import Severity
from engine.package import BROKEN
from engine.queries.jobs import jobs as jobs_of
from engine.queries.migration import plan_migration
from engine.queries.processes import trial
from engine.store.exact import unpack

if TYPE_CHECKING:
    from api.frame import Asked
    from api.studio.frame import Opened
    from engine.package import Package
    from engine.store.rows import TrialRow
    from engine.store.rows_jobs import JobRow
    from engine.store.session import Reader

#: Open cases that are tried on the new version for the summary; the page of the migration tries all.
_TRIED = 300
#: How long what scenarios came to counts: law, calendar and other processes may change meanwhile.
FRESH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Impact:
    """What the draft would do to open cases: how many were tried, how many could go over."""

    tried: int
    movable: int
    #: Reason -> how many cases it keeps where they are.
    blocked: dict[str, int]
    all: bool


@dataclass(frozen=True, slots=True)
class Checks:
    """Everything that is looked at before publishing."""

    counts: dict[str, int]
    findings: list[dict[str, Any]]
    #: None: the scenarios were not played with exactly these files.
    trial: TrialRow | None
    failed: dict[str, list[str]]
    #: Whether that was so long ago that it does not count any more.
    stale: bool
    #: The playing of them that goes on, or that ended without a result.
    run: JobRow | None
    #: File -> how many things differ from the current version; None where there is none yet.
    changes: dict[str, int] | None
    #: None: nothing to try, or the draft cannot be read yet.
    impact: Impact | None

    @property
    def errors(self) -> int:
        """How many findings forbid publishing."""
        return self.counts["error"]

    @property
    def playing(self) -> bool:
        """Whether the scenarios are being played with exactly these files now."""
        return self.run is not None and self.run.state in jobs.UNDER_WAY

    @property
    def green(self) -> bool:
        """Whether nothing but a person's word is missing."""
        return not self.errors and self.trial is not None and not (self.trial.failed or self.stale)


def checks_of(asked: Asked, shown: Opened) -> Checks:
    """The checks of what is shown."""
    office = asked.office
    found = findings_of(asked, shown.package)
    with office.store.reading() as reader:
        played = trial(reader, shown.digest)
        current = _current(asked, reader, shown.process)
    changes = _changes(current, shown.package) if current is not None else None
    return Checks(
        counts=worst(found),
        findings=[one for one in found if one["severity"] != Severity.INFO.value],
        trial=played,
        failed=json.loads(played.told) if played else {},
        stale=played is not None and asked.now - played.at > FRESH,
        run=_run(asked, shown),
        changes=changes,
        impact=_impact(asked, shown)
        if current is not None and knows_of_cases(asked, shown.process)
        else None,
    )


def _current(asked: Asked, reader: Reader, process: str) -> Package | None:
    try:
        return asked.office.versions.current(reader, process)
    except NotFound:
        return None


def _changes(before: Package, after: Package) -> dict[str, int]:
    return dict(Counter(one.file for one in compare(before, after)))


class _Supposed:
    """Versions as they would be if the draft were one."""

    def __init__(self, asked: Asked, package: Package) -> None:
        self._versions = asked.office.versions
        self._package = package

    def at(self, digest: str, reader: Reader | None = None) -> Package:
        """The draft under its digest, else the version."""
        return self._package if digest == self._package.digest else self._versions.at(digest, reader)


def _impact(asked: Asked, shown: Opened) -> Impact | None:
    try:
        _ = shown.package.definition
    except BROKEN:
        return None
    versions = _Supposed(asked, shown.package)
    given = (asked.office.store, asked.office.bus.access, asked.actor, versions)
    planned = list(islice(plan_migration(*given, shown.process, shown.digest), _TRIED + 1))
    some = planned[:_TRIED]
    blocked = Counter(one.obstacles[0].code for one in some if one.obstacles)
    free = sum(not one.obstacles for one in some)
    return Impact(len(some), free, dict(blocked), len(planned) <= _TRIED)


def play_all(asked: Asked, given: Given, package: Package) -> None:
    """Have all scenarios of the package played beside the server; BROKEN or NotFound where nothing can be played.

    What they come to is noted under exactly these files when the work is done; publishing reads that.
    """
    asked.require_account()
    if package.scenarios is None:
        raise NotFound(kind="scenarios", id=package.name)
    _ = package.definition
    jobs.ask(asked, given, package, "scenarios", {"cases": [], "published": True})


def _run(asked: Asked, shown: Opened) -> JobRow | None:
    """The newest work over all scenarios of exactly these files, unless it is done: then its trial tells."""
    for row in jobs_of(asked.office.store, asked.office.bus.access, asked.actor, shown.process, "scenarios"):
        wish = unpack(row.input)
        if wish.get("digest") == shown.digest and not wish.get("cases"):
            return None if row.state == "done" else row
    return None


__all__ = ["Checks", "Impact", "checks_of", "play_all"]
