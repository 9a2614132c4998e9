"""Language and print size chosen in an address are remembered also where the answer only sends on to another page."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from litestar.types import Message, Scope

#: What the address may choose, and for how many seconds the browser keeps it: a year. Nothing else is remembered.
CHOICES, REMEMBER = ("language", "size"), 365 * 24 * 3600


async def remember(message: Message, scope: Scope) -> None:
    """Put the choices of the address into cookies of a redirect (a hook before sending)."""
    query = scope.get("query_string") or b""
    if message["type"] != "http.response.start" or message["status"] not in (302, 303) or not query:
        return
    chosen = parse_qs(query.decode("latin-1"))
    for name in CHOICES:
        for value in chosen.get(name, ())[:1]:
            cookie: SimpleCookie = SimpleCookie({name: value[:10]})
            for attribute, text in {"max-age": str(REMEMBER), "path": "/", "samesite": "lax"}.items():
                cookie[name][attribute] = text
            cookie[name]["httponly"] = True
            line = cookie[name].OutputString().encode("latin-1", "replace")
            message["headers"] = [*message.get("headers", ()), (b"set-cookie", line)]
