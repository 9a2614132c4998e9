"""When a closed case goes to the archive and how long its dossier is kept: by the law in force when it was closed.

Two parameters of the law say so: `archive_filing_wd`, working days after closing, and `archive_retention`, `permanent` or
a number of years. A process may have its own, and so may a family: for `so-change` the name is looked up as
`archive_retention_so_change`, then `archive_retention_so`, then `archive_retention`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.clock import ClockError, add_working_days
from engine.documents.dossiers import ARCHIVIST, archive
from engine.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.clock import Calendar, Law
    from engine.office import Office

log = logging.getLogger(__name__)

#: No rule is shorter; keeps the look at the register small.
_SHORTEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """What the law says of one closed case: the last day for filing it, and `permanent` or years."""

    last_day: date
    retention: str


@dataclass(frozen=True, slots=True)
class Due:
    """A case whose time has come."""

    case: str
    rule: Rule


def rule_for(law: Law, calendar: Calendar, process: str, area: str, closed: date) -> Rule:
    """The rule for a case of a process that was closed on a day; ClockError where law or calendar do not say."""
    days = int(_value(law, "archive_filing_wd", process, closed, area))
    return Rule(add_working_days(closed, days, calendar), retention_for(law, process, area, closed))


def retention_for(law: Law, process: str, area: str, closed: date) -> str:
    """`permanent`, or how many years; ClockError where the law does not say."""
    return str(_value(law, "archive_retention", process, closed, area))


def _value(law: Law, name: str, process: str, on: date, area: str) -> Any:
    words = process.split("-")
    for count in range(len(words), 0, -1):
        try:
            return law.value("_".join([name, *words[:count]]), on, area)
        except ClockError:
            continue
    return law.value(name, on, area)


def due(office: Office, now: datetime) -> Iterator[Due]:
    """Closed cases that should lie in the archive by now and do not, oldest first.

    One whose year has no calendar yet waits for it: nothing is lost by filing late.
    """
    today = now.astimezone(office.settings.zone).date()
    with office.store.reading() as reader:
        rows = reader.rows(
            "SELECT id, process, area, ended_at FROM cases c WHERE state <> 'open' AND ended_at < ? AND NOT EXISTS"
            " (SELECT 1 FROM journal j WHERE j.chain = c.id AND j.kind = 'kept-dossier') ORDER BY ended_at, id",
            (now - _SHORTEST,),
        )
    for number, process, area, ended_at in rows:
        closed = ended_at.astimezone(office.settings.zone).date()
        try:
            rule = rule_for(office.law, office.calendar, process, area, closed)
        except ClockError as error:
            log.warning("%s is not archived yet: %s", number, error)
            continue
        if rule.last_day < today:
            yield Due(number, rule)


def archive_due(office: Office, now: datetime, limit: int) -> list[str]:
    """Archive what is due, `limit` cases at most; their numbers. Several processes may do so at once."""
    done: list[str] = []
    for one in due(office, now):
        if len(done) >= limit:
            break
        try:
            archive(office, ARCHIVIST, f"retention:{one.case}", one.case, now, one.rule.retention)
        except Conflict:
            continue  # something of it is still on its way out; the next look finds it again
        done.append(one.case)
    return done
