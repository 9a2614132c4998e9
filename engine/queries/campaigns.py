"""How campaigns stand: lines waiting, opened, refused; cases open and ended; what they came to, subject by subject."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.core.state import restore
from engine.errors import NotFound
from engine.queries.cases import all_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from engine.access import Access, Actor
    from engine.store.session import Reader, Store

#: Whoever may open a campaign of the process there, or see its cases, may see how it stands.
_RIGHTS = ("campaign", "see")
_MOST_LINES = 200
_STATES = ("waiting", "refused", "open", "ended")


class CampaignRow(NamedTuple):
    """A campaign as it was opened."""

    id: str
    process: str
    area: str
    period: str
    result: str
    total: int
    opened_name: str
    opened_at: datetime


class CampaignLine(NamedTuple):
    """One subject of a campaign; `state` is waiting, refused, open or ended."""

    subject: str
    name: str
    area: str
    state: str
    case: str | None
    error: str | None
    #: Value of the campaign's result variable; None as long as there is none.
    result: str | None


class CampaignView(NamedTuple):
    """A campaign with its progress: how many lines in each state, at each open step, and with each result."""

    row: CampaignRow
    states: dict[str, int]
    steps: dict[str, int]
    results: dict[str, int]
    lines: list[CampaignLine]
    #: How many lines fit the filter; `lines` holds the wanted page of them.
    fitting: int


def campaigns(store: Store, access: Access, actor: Actor) -> list[CampaignRow]:
    """The campaigns that the actor may see, newest first."""
    with store.reading() as reader:
        rows = all_rows(reader, CampaignRow, "campaign", "id <> '' ORDER BY opened_at DESC, id DESC")
    return [row for row in rows if _may(access, actor, row)]


def campaign(
    store: Store,
    access: Access,
    actor: Actor,
    key: str,
    *,
    state: str | None = None,
    result: str | None = None,
    skip: int = 0,
) -> CampaignView:
    """One campaign with a page of its lines, those of a state or result only; NotFound if the actor may not see it."""
    with store.reading() as reader:
        found = all_rows(reader, CampaignRow, "campaign", "id = ?", key)
        if not found or not _may(access, actor, found[0]):
            raise NotFound(kind="campaign", id=key)
        row = found[0]
        lines = list(_lines(reader, row))
        sql = (
            "SELECT t.element, count(*) FROM campaign_item i JOIN task t ON t.case_id = i.case_id"
            " WHERE i.campaign = ? AND t.state = 'open' GROUP BY t.element ORDER BY t.element"
        )
        steps = {element: int(number) for element, number in reader.rows(sql, (key,))}
    states = Counter(line.state for line in lines)
    results = Counter(line.result for line in lines if line.result is not None)
    wanted = [one for one in lines if state in (None, one.state) and result in (None, one.result)]
    return CampaignView(
        row,
        {name: states[name] for name in _STATES},
        steps,
        dict(sorted(results.items())),
        wanted[skip : skip + _MOST_LINES],
        len(wanted),
    )


def _lines(reader: Reader, row: CampaignRow) -> Iterator[CampaignLine]:
    sql = (
        "SELECT i.subject, i.name, i.area, i.state, i.case_id, i.error, c.state, c.marking, c.variables"
        " FROM campaign_item i LEFT JOIN cases c ON c.id = i.case_id WHERE i.campaign = ? ORDER BY i.subject"
    )
    for subject, name, area, state, case, error, standing, marking, variables in reader.rows(sql, (row.id,)):
        result = _result(row.result, marking, variables) if standing not in (None, "open") else None
        now = state if standing is None else "open" if standing == "open" else "ended"
        yield CampaignLine(subject, name, area, now, case, error, result)


def _result(name: str, marking: bytes, variables: bytes) -> str | None:
    value: Any = restore(marking, variables).variables.get(name)
    return str(value) if value is not None else None


def _may(access: Access, actor: Actor, row: CampaignRow) -> bool:
    rights: Sequence[str] = _RIGHTS
    return any(access.may(actor, right, row.process, row.area) for right in rights)
