"""One HTTP line to another system: JSON both ways, an idempotency key on every request, and clear outcomes.

Outcomes: an answer; a refusal by the other side (`SaidNo`); `LaterError`, which the relay repeats with the same key.
A request whose fate is unknown (time-out, broken connection) is repeated, never given up as failed.
"""

from __future__ import annotations

import json
import weakref
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import orjson

from engine.effects import Answered, LaterError, Refused
from engine.store.exact import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.effects import Effects, Handler, Message

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
#: Answers larger than this are not read.
LIMIT = 1024 * 1024
#: The other side understood and says no, for a reason in the subject matter.
NO = (409, 422)


class SaidNo(Exception):
    """The other side refused for good; `code` and `values` are its words."""

    def __init__(self, code: str, values: Mapping[str, Any]) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class Line:
    """A line to one address. Safe to use from several threads."""

    def __init__(self, address: str, timeout: httpx.Timeout = TIMEOUT) -> None:
        self.address = address.rstrip("/")
        # Addresses come from the settings of the installation; the machine's proxy variables must not redirect money.
        # One connection for each request: a server that answers twice would otherwise answer the next request too.
        self._client = httpx.Client(
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        weakref.finalize(self, self._client.close)

    def ask(self, key: str, body: Mapping[str, Any], path: str = "") -> dict[str, Any]:
        """POST `body` under an idempotency key; the answer's JSON object, with exact decimals."""
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        answer = self._request("POST", path, content=plain(body).encode(), headers=headers)
        return self._read(answer)

    def look(self, path: str) -> dict[str, Any] | None:
        """GET; None if the other side knows nothing there."""
        answer = self._request("GET", path)
        return None if answer.status_code == httpx.codes.NOT_FOUND else self._read(answer)

    def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return self._client.request(method, self.address + path, **more)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise LaterError("line-misconfigured", final=True, address=self.address) from error
        except httpx.TransportError as error:
            raise LaterError("line-down", reason=type(error).__name__) from error

    def _read(self, answer: httpx.Response) -> dict[str, Any]:
        status = answer.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS or status >= 500:
            raise LaterError("line-down", status=status)
        body = _json(answer.content)
        if status in NO:
            raise SaidNo(str(body.pop("code", "refused")), body)
        if status == httpx.codes.ACCEPTED:
            raise LaterError("line-pending", status=status)
        if not answer.is_success:
            raise LaterError("line-misconfigured", final=True, status=status)
        return body


def _json(content: bytes) -> dict[str, Any]:
    """The object in an answer; numbers with a fraction become Decimal, so that no amount passes through a float."""
    if len(content) > LIMIT:
        raise LaterError("line-unreadable", reason="too-large", size=len(content))
    try:
        found = _exact(content)
    except ValueError as error:
        raise LaterError("line-unreadable", reason="no-json") from error
    if not isinstance(found, dict):
        raise LaterError("line-unreadable", reason="no-object")
    return found


def _exact(content: bytes) -> Any:
    orjson.loads(content)  # strict: refuses NaN, bad UTF-8 and what follows the value
    # orjson reads fractions as floats; the slower parser keeps them exact.
    return json.loads(content, parse_float=Decimal, parse_int=Decimal)


def asking(line: Line) -> Handler:
    """The handler of a plain operation: input out, answer back; a refusal is the BPMN error `<operation>-refused`."""

    def handle(message: Message, _effects: Effects, /) -> Answered | Refused:
        body = {"case": message.case["number"], "element": message.element, "input": message.input}
        try:
            return Answered(line.ask(message.id, body))
        except SaidNo as no:
            return Refused(f"{message.kind}-refused", {"reason": no.code, **no.values})

    return handle
