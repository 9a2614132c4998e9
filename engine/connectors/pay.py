"""The operation `pay`: money leaves once, whatever happens to messages, machines and answers.

The outbox id is the idempotency key at the bank. From the second try on the bank is first asked what became of the
payment; only one it does not know is sent again, under the same key.

Protocol: POST /payments {amount, currency, payee, fund, reference, purpose} -> 200/201 {receipt, paid_at, amount};
422 {code, message} refuses for good; GET /payments/<key> -> {state: "paid" | "refused" | "pending", ...} or 404.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard
from urllib.parse import quote
from zoneinfo import ZoneInfo

from engine.connectors.http import SaidNo
from engine.effects import Answered, LaterError, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from engine.effects import Effects, Handler, Message

REFUSED = "pay-refused"
MOST = Decimal(10) ** 10
FEN = Decimal("0.01")
ZONE = ZoneInfo("Asia/Shanghai")


class Bank(Protocol):
    """What paying needs of a line."""

    def ask(self, key: str, body: Mapping[str, Any], path: str = "") -> dict[str, Any]:
        """Send a payment; SaidNo or LaterError if it is not an answer."""
        ...

    def look(self, path: str) -> dict[str, Any] | None:
        """What became of an earlier one; None if it is unknown."""
        ...


def paying(bank: Bank, zone: tzinfo = ZONE) -> Handler:
    """The handler of `pay` over a bank; the moment of payment is told in `zone`, whichever offset the bank uses."""

    def handle(message: Message, _effects: Effects, /) -> Answered | Refused:
        order = payment_order(message)
        try:
            if (
                message.tries > 1
                and (known := bank.look(f"/payments/{quote(message.id, safe='')}")) is not None
            ):
                return _outcome(known, order, zone)
            return _outcome({"state": "paid", **bank.ask(message.id, order, "/payments")}, order, zone)
        except SaidNo as no:
            return Refused(REFUSED, {"reason": no.code, **no.values})

    return handle


def payment_order(message: Message) -> dict[str, Any]:
    """What is sent to the bank; `payment-invalid` (final) when the model hands over something that is no payment."""
    given = message.input
    amount, payee = given.get("amount"), given.get("payee")
    if not _payable(amount):
        raise LaterError("payment-invalid", final=True, field="amount", value=str(amount))
    if not hasattr(payee, "keys") or not payee:
        raise LaterError("payment-invalid", final=True, field="payee")
    return {
        "amount": amount.quantize(FEN),
        "currency": "CNY",
        "payee": payee,
        "fund": given.get("fund"),
        "reference": given.get("reference") or message.case["number"],
        "purpose": given.get("purpose") or "",
    }


def _payable(amount: object) -> TypeGuard[Decimal]:
    return (
        isinstance(amount, Decimal)
        and amount.is_finite()
        and 0 < amount < MOST
        and amount == amount.quantize(FEN)
    )


def _outcome(answer: Mapping[str, Any], order: Mapping[str, Any], zone: tzinfo) -> Answered | Refused:
    match answer.get("state"):
        case "paid":
            return _paid(answer, order, zone)
        case "refused":
            return Refused(REFUSED, {"reason": answer.get("code"), "message": answer.get("message")})
        case _:
            raise LaterError("payment-pending")


def _paid(answer: Mapping[str, Any], order: Mapping[str, Any], zone: tzinfo) -> Answered:
    """A receipt that fits the order; one that does not is a matter for people, never to be paid again."""
    try:
        amount = Decimal(str(answer["amount"]))
        paid_at = datetime.fromisoformat(str(answer["paid_at"]))
        receipt = str(answer["receipt"])
    except (KeyError, ValueError, InvalidOperation) as error:
        raise LaterError("payment-unreadable", final=True, reason=str(error)) from error
    if amount != order["amount"] or not receipt or paid_at.tzinfo is None:
        raise LaterError(
            "payment-differs", final=True, asked=str(order["amount"]), paid=str(amount), receipt=receipt
        )
    return Answered({"receipt": receipt, "paid_at": paid_at.astimezone(zone), "amount": amount})
