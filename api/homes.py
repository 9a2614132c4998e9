"""To which page an address belongs: what answers a post has no address of its own that could be opened once more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from litestar.routes import HTTPRoute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litestar import Request
    from litestar.routes import BaseRoute

_PART = re.compile(r"\{(\w+)(?::\w+)?\}")


def homes_of(routes: Iterable[BaseRoute]) -> dict[str, str]:
    """The address (with its parts in braces) of the page that each address belongs to which only takes posts.

    It is what the route itself says (`home`), else the nearest address above that can be opened.
    """
    known = [route for route in routes if isinstance(route, HTTPRoute)]
    pages = {route.path_format for route in known if "GET" in route.methods}
    homes: dict[str, str] = {}
    for route in known:
        said = next((one.opt["home"] for one in route.route_handlers if "home" in one.opt), None)
        if said is not None or "GET" not in route.methods:
            homes[route.path_format] = said or _above(route.path_format, pages)
    return homes


def _above(path: str, pages: set[str]) -> str:
    while path not in pages and path != "/":
        path = path.rpartition("/")[0] or "/"
    return path


def home_of(request: Request[Any, Any, Any]) -> str:
    """The path (as addresses are written) that opens the page of this request; its own where it only reads."""
    if request.method not in {"POST", "PUT", "DELETE"}:
        return quote(request.url.path)
    # Where no route fits, the address is nobody's.
    home: str | None = request.app.state.homes.get(request.scope.get("path_template", ""))
    if home is None:
        return quote(request.url.path)
    return _PART.sub(lambda part: quote(str(request.path_params[part[1]]), safe=""), home)
