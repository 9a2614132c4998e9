"""Reserve funds are opened and replenished by people; what cases take from them is `engine.ledger`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import ledger
from engine.commands.frame import Command, Right, Verb
from engine.errors import Conflict
from engine.store.rows import FundRow

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.commands.frame import Work

#: What policies call the funds.
OBJECT = "fund"


@dataclass(frozen=True, slots=True)
class OpenFund(Command):
    """A fund begins with `opening` yuan; `annual` is its yearly amount, by which "low" is judged."""

    fund: str
    name: str
    area: str
    opening: Decimal
    annual: Decimal


@dataclass(frozen=True, slots=True)
class ReplenishFund(Command):
    """Money (yuan) comes into a fund."""

    fund: str
    amount: Decimal
    reason: str


def _find_place(work: Work, command: OpenFund) -> tuple[Right, FundRow | None]:
    return Right("open", OBJECT, command.area), work.tx.one(FundRow, "fund", "code = ?", command.fund)


def _open(work: Work, command: OpenFund, known: FundRow | None) -> dict[str, Any]:
    if known is not None:
        raise Conflict("fund-exists", fund=command.fund)
    opening = ledger.fen(command.opening)
    new = FundRow(command.fund, command.name, command.area, 0, 0, ledger.fen(command.annual), 0)
    work.tx.insert("fund", new._asdict())
    _fund, entry = ledger.book(work, new, "opening", opening, balance=opening, reserved=0)
    work.note(f"fund:{new.code}", "fund-opened", entry=entry, amount=command.opening)
    return {"fund": new.code, "entry": entry}


def _find_fund(work: Work, command: ReplenishFund) -> tuple[Right, FundRow]:
    fund = ledger.read_fund(work, command.fund)
    return Right("replenish", OBJECT, fund.area), fund


def _replenish(work: Work, command: ReplenishFund, fund: FundRow) -> dict[str, Any]:
    amount = ledger.fen(command.amount)
    fund, entry = ledger.book(
        work,
        fund,
        "replenish",
        amount,
        balance=fund.balance + amount,
        reserved=fund.reserved,
        reason=command.reason,
    )
    work.note(
        f"fund:{fund.code}", "fund-replenished", entry=entry, amount=command.amount, reason=command.reason
    )
    return {"fund": fund.code, "entry": entry, "balance": ledger.yuan(fund.balance)}


VERBS = {OpenFund: Verb(_find_place, _open), ReplenishFund: Verb(_find_fund, _replenish)}
