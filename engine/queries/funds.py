"""Reserve funds and their ledgers (document D19)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.errors import NotFound
from engine.store.rows import FundRow

if TYPE_CHECKING:
    from datetime import datetime

    from engine.access import Access, Actor
    from engine.store.session import Store

#: What policies call the funds.
OBJECT = "fund"


class Line(NamedTuple):
    """A line of the ledger, in yuan; `balance` is what was left free after it."""

    id: str
    kind: str
    amount: Decimal
    balance: Decimal
    case_id: str | None
    state: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FundView:
    """A fund in yuan, with its ledger."""

    code: str
    name: str
    area: str
    balance: Decimal
    reserved: Decimal
    annual: Decimal
    lines: list[Line]


def funds(store: Store, access: Access, actor: Actor) -> list[FundView]:
    """The funds that the actor may see, by code, without their lines."""
    with store.reading() as reader:
        rows = reader.rows(f"SELECT {', '.join(FundRow._fields)} FROM fund ORDER BY code")  # noqa: S608
    found = [FundRow._make(row) for row in rows]
    return [_view(row, []) for row in found if access.may(actor, "see", OBJECT, row.area)]


def fund(store: Store, access: Access, actor: Actor, code: str) -> FundView:
    """One fund with its whole ledger; NotFound also when the actor may not see it."""
    with store.reading() as reader:
        found = reader.rows(f"SELECT {', '.join(FundRow._fields)} FROM fund WHERE code = ?", (code,))  # noqa: S608
        if not found or not access.may(actor, "see", OBJECT, FundRow._make(found[0]).area):
            raise NotFound(kind="fund", id=code)
        lines = reader.rows(
            "SELECT id, kind, amount, balance, case_id, state, reason, at FROM fund_entry WHERE fund = ? ORDER BY seq",
            (code,),
        )
    return _view(FundRow._make(found[0]), [_line(row) for row in lines])


def _line(row: tuple[Any, ...]) -> Line:
    return Line(row[0], row[1], Decimal(row[2]).scaleb(-2), Decimal(row[3]).scaleb(-2), *row[4:])


def _view(row: FundRow, lines: list[Line]) -> FundView:
    return FundView(
        code=row.code,
        name=row.name,
        area=row.area,
        balance=Decimal(row.balance).scaleb(-2),
        reserved=Decimal(row.reserved).scaleb(-2),
        annual=Decimal(row.annual).scaleb(-2),
        lines=lines,
    )
