"""The ledger of reserve funds: money is set aside, paid out or given back inside the command that decides it.

A balance never goes below zero: the check constraint says so, and every change names the revision it was computed from.
The operations are those a model may name on a service task; their input and answer are FEEL contexts with money in yuan.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from engine.effects import Refused
from engine.errors import CommandInvalid, NotFound
from engine.store.rows import FundEntryRow, FundRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.commands.frame import Work

#: A fund below this share of its yearly amount is "low": it should be replenished.
_LOW_SHARE = Decimal("0.2")
_FEN = Decimal(100)
#: Amounts the columns and the law can mean at all.
_MOST_YUAN = Decimal(10) ** 12


Answer = dict[str, Any] | Refused


def fen(amount: object) -> int:
    """Whole fen of an amount in yuan; CommandInvalid unless it is a positive number with at most two decimals."""
    try:
        value = Decimal(str(amount)) * _FEN
    except InvalidOperation:
        value = Decimal("NaN")
    if (
        not value.is_finite()
        or value <= 0
        or value >= _MOST_YUAN * _FEN
        or value != value.to_integral_value()
    ):
        raise CommandInvalid(reason="amount", amount=str(amount))
    return int(value)


def yuan(amount: int) -> Decimal:
    """Yuan, with two decimals, of whole fen."""
    return Decimal(amount).scaleb(-2)


def read_fund(work: Work, code: str) -> FundRow:
    """The fund as it is for this command: as stored, or as an earlier operation of the command left it."""
    row = work.tx.one(FundRow, "fund", "code = ?", code, lock=True)
    if row is None:
        raise NotFound(kind="fund", id=code)
    pending = work.tx.pending("fund", (code,))
    return row._replace(**pending.values) if pending else row


def book(
    work: Work, fund: FundRow, kind: str, amount: int, *, balance: int, reserved: int, **columns: Any
) -> tuple[FundRow, str]:
    """Write one ledger line and the fund's new totals; the fund as it is then, and the line's id."""
    seq = fund.revision + 1
    entry = f"{fund.code}.{seq}"
    after = fund._replace(balance=balance, reserved=reserved, revision=seq)
    totals = {"balance": balance, "reserved": reserved, "revision": seq}
    work.tx.update("fund", (fund.code,), totals, {"revision": fund.revision})
    work.tx.insert(
        "fund_entry",
        {
            "id": entry,
            "fund": fund.code,
            "seq": seq,
            "kind": kind,
            "amount": amount,
            "balance": balance,
            "state": "final",
            "reason": "",
            "actor": work.actor.id,
            "at": work.now,
            **columns,
        },
    )
    return after, entry


def reserve(work: Work, case: str, given: Mapping[str, Any]) -> Answer:
    """Set an amount aside. `ok` is false, and nothing is booked, when the fund has less."""
    amount = fen(given.get("amount"))
    try:
        fund = read_fund(work, str(given.get("fund")))
    except NotFound:
        # A town without a fund of its own must not hold up an urgent payment: somebody else pays.
        return {"ok": False, "entry": None, "balance": yuan(0), "low": True}
    if amount > fund.balance:
        return {"ok": False, "entry": None, **_standing(fund, given.get("low_below"))}
    fund, entry = book(
        work,
        fund,
        "reserve",
        amount,
        balance=fund.balance - amount,
        reserved=fund.reserved + amount,
        case_id=case,
        state="open",
        reason=str(given.get("reason") or ""),
    )
    return {"ok": True, "entry": entry, **_standing(fund, given.get("low_below"))}


def settle(work: Work, case: str, given: Mapping[str, Any]) -> Answer:
    """The amount set aside was paid out."""
    return _end_reserve(work, case, given, "settle", "settled")


def release(work: Work, case: str, given: Mapping[str, Any]) -> Answer:
    """The amount set aside is not needed and goes back into the fund.

    Without an entry everything that the case still has set aside goes back; the answer then says how much (`released`)
    and how much of the case's was paid out before (`settled`).
    """
    if given.get("entry") is not None:
        return _end_reserve(work, case, given, "release", "released")
    released = 0
    for entry, amount in _reserves_of(work, case, "open"):
        answer = _end_reserve(work, case, {**given, "entry": entry}, "release", "released")
        released += 0 if isinstance(answer, Refused) else amount
    settled = sum(amount for _, amount in _reserves_of(work, case, "settled"))
    return {"ok": True, "released": yuan(released), "settled": yuan(settled)}


def balance(work: Work, case: str, given: Mapping[str, Any]) -> Answer:  # noqa: ARG001 - one form for all operations
    """What the fund can still spend."""
    return _standing(read_fund(work, str(given.get("fund"))))


def statement(work: Work, case: str, given: Mapping[str, Any]) -> Answer:  # noqa: ARG001 - one form for all operations
    """What went in and out of the fund between two days, both included: {fund, opening, closing, debit, credit, rows}.

    A payment is booked when it is settled; money set aside and not yet paid is told apart as `reserved`. A row has the
    day, the case, the purpose, the fund's holdings before, debit or credit, and its holdings after.
    """
    fund = read_fund(work, str(given.get("fund")))
    first, last = given.get("from"), given.get("to")
    if not isinstance(first, date) or not isinstance(last, date):
        raise CommandInvalid(reason="fund-period")
    zone = work.world.zone
    lines = work.tx.rows(
        "SELECT l.at, l.kind, l.amount, l.case_id, l.reason, r.reason FROM fund_entry l"
        " LEFT JOIN fund_entry r ON r.id = l.reserve"
        " WHERE l.fund = ? AND l.kind IN ('opening', 'replenish', 'settle') ORDER BY l.seq",
        fund.code,
    )
    opening = held = 0
    rows: list[dict[str, Any]] = []
    for at, kind, amount, of, why, reserved_for in lines:
        on = at.astimezone(zone).date()
        if on > last:
            break
        before, held = held, held + (-amount if kind == "settle" else amount)
        if on < first:
            opening = held
            continue
        way = "debit" if kind == "settle" else "credit"
        row = {
            "on": on,
            "case": of or "",
            "purpose": why or reserved_for or "",
            "debit": None,
            "credit": None,
        }
        rows.append({**row, way: yuan(amount), "opening": yuan(before), "balance": yuan(held)})
    sums = {way: sum((row[way] or Decimal(0) for row in rows), yuan(0)) for way in ("debit", "credit")}
    told = {"fund": fund.code, "opening": yuan(opening), "closing": yuan(held), **sums}
    return {**told, "reserved": yuan(fund.reserved), "rows": rows}


def _end_reserve(work: Work, case: str, given: Mapping[str, Any], kind: str, state: str) -> Answer:
    entry = str(given.get("entry"))
    line = _reserve_line(work, entry)
    if line is None or line.case_id != case or line.state != "open":
        return Refused("fund-entry", {"entry": entry, "state": line.state if line else None})
    fund = read_fund(work, line.fund)
    back = line.amount if kind == "release" else 0
    work.tx.update("fund_entry", (entry,), {"state": state}, {"state": "open"})
    fund, number = book(
        work,
        fund,
        kind,
        line.amount,
        balance=fund.balance + back,
        reserved=fund.reserved - line.amount,
        case_id=case,
        reserve=entry,
        reason=str(given.get("reason") or ""),
    )
    return {"ok": True, "entry": number, **_standing(fund)}


def _reserve_line(work: Work, entry: str) -> FundEntryRow | None:
    pending = work.tx.pending("fund_entry", (entry,))
    if pending is not None and pending.verb == "insert":
        return FundEntryRow._make(pending.values.get(name) for name in FundEntryRow._fields)
    line = work.tx.one(FundEntryRow, "fund_entry", "id = ? AND kind = 'reserve'", entry, lock=True)
    return line._replace(**pending.values) if line and pending else line


def _reserves_of(work: Work, case: str, state: str) -> list[tuple[str, int]]:
    """The case's reserve lines in that state, those of the running command included: (entry, fen)."""
    stored = work.tx.rows(
        "SELECT id, amount, state FROM fund_entry WHERE case_id = ? AND kind = 'reserve'", case
    )
    lines = {entry: (amount, found) for entry, amount, found in stored}
    for (entry,), change in work.tx.writes.get("fund_entry", {}).items():
        values = change.values
        if change.verb == "insert" and values.get("kind") == "reserve" and values.get("case_id") == case:
            lines[entry] = (values["amount"], values["state"])
        elif entry in lines and "state" in values:
            lines[entry] = (lines[entry][0], values["state"])
    return [(entry, amount) for entry, (amount, found) in lines.items() if found == state]


def _standing(fund: FundRow, low_below: object = None) -> dict[str, Any]:
    """What is left, and whether that is low: below the given sum (yuan), else below a share of the yearly amount."""
    limit = Decimal(str(low_below)) if low_below is not None else _LOW_SHARE * yuan(fund.annual)
    return {"balance": yuan(fund.balance), "low": yuan(fund.balance) < limit}


#: What a model may call; everything else goes through the outbox.
OPERATIONS: dict[str, Callable[[Work, str, Mapping[str, Any]], Answer]] = {
    "fund.reserve": reserve,
    "fund.settle": settle,
    "fund.release": release,
    "fund.balance": balance,
    "fund.statement": statement,
}
