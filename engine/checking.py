"""Everything that an office checks of a package, with the law, the calendar and the connectors that it has."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from engine.commands.codes import KIND as CODE
from engine.commands.notices import EMAIL, SMS
from engine.errors import PackageBroken
from engine.lint import Severity, lint
from engine.openings import CASE_START
from engine.operations import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from engine.clock import Calendar, Law
    from engine.effects import Register
    from engine.lint import Finding
    from engine.package import Package

#: What the engine itself sends by the outbox: papers and letters. No task can ask for these as its operation.
_SENT = frozenset({"document", "notice", SMS, EMAIL, CODE})
#: Packages whose findings are remembered; looking at a page again asks for the same ones.
_KEPT = 64


class Checker:
    """Finds what is wrong with packages, and refuses those that may not be published. Thread-safe."""

    def __init__(
        self, law: Law, calendar: Calendar, handlers: Register, clock: Callable[[], datetime]
    ) -> None:
        self._law = law
        self._calendar = calendar
        self._clock = clock
        self._operations = (frozenset(handlers) - _SENT) | frozenset(OPERATIONS) | {CASE_START}
        self._lock = threading.Lock()
        self._known: dict[tuple[str, bool, date], list[Finding]] = {}

    def findings(self, package: Package, *, walk: bool = False) -> list[Finding]:
        """All findings, errors first; with `walk` the situations of the model are walked too, which takes long."""
        now = self._clock()
        key = (package.digest, walk, now.date())
        with self._lock:
            known = self._known.pop(key, None)
        if known is None:
            known = lint(
                package,
                articles=frozenset(article.id for article in self._law.articles),
                outdated=self.outdated(now.date()),
                operations=self._operations,
                walk=walk,
                world=self._law.as_world(self._calendar, now),
            )
        with self._lock:
            self._known[key] = known
            while len(self._known) > _KEPT:
                del self._known[next(iter(self._known))]
        return known

    def outdated(self, on: date) -> dict[str, str]:
        """Articles that are not in force on the day: id -> the day on which they ended or begin, as text."""
        told: dict[str, str] = {}
        for one in self._law.articles:
            if self._law.article(one.id, on) is None:
                end = one.valid_to if one.valid_to is not None and one.valid_to < on else one.valid_from
                told[one.id] = end.isoformat() if end is not None else ""
        return told

    def __call__(self, package: Package) -> None:
        """Return for a package without errors; PackageBroken lists them."""
        found = [one for one in self.findings(package) if one.severity is Severity.ERROR]
        if not found:
            return
        first = found[0]
        raise PackageBroken(
            process=package.name,
            reason=first.code,
            file=first.file,
            element=first.element,
            count=len(found),
            findings=[f"{f.file} {f.element or ''} {f.code}" for f in found[:50]],
        )
