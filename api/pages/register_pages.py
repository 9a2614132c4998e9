"""The public register: search, and one item with what happened to it. No account is needed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Response

from api.frame import Asked, page
from api.registers import look, read, told
from api.routes import get

_FIRST = ("type", "legal_rep", "registered_on")


@get("/registers/{register:str}", include_in_schema=False)
def register_list(
    asked: Asked, register: str, q: str = "", status: str = "", kind: str = "", after: str = ""
) -> Response[str]:
    """A page of items, by name."""
    public, found = look(asked, register, text=q, status=status, kind=kind, after=after)
    narrow = next((one for one in public.fields if one.key == public.narrow), None)
    items = [_line(told(asked, public, item)) for item in found.items]
    heads = {one.key: asked.pick(one.label) for one in public.fields}
    kept = {"q": q, "status": status, "kind": kind}
    return page(
        asked,
        "register.html",
        register=register,
        public=public,
        items=items,
        columns=[(key, heads[key]) for key in _FIRST if key in heads],
        statuses=[(key, asked.pick(words)) for key, words in public.statuses.items()],
        kinds=[(key, asked.pick(words)) for key, words in (narrow.words if narrow else {}).items()],
        narrow=asked.pick(narrow.label) if narrow else "",
        more=f"?{urlencode({**kept, 'after': found.after})}" if found.after else "",
        begun=bool(after),
        q=q,
        standing=status,
        kind=kind,
    )


@get("/registers/{register:str}/{key:str}", include_in_schema=False)
def register_one(asked: Asked, register: str, key: str) -> Response[str]:
    """One item as it stands."""
    public, item = read(asked, register, key)
    return page(asked, "register_item.html", register=register, public=public, item=item)


def _line(item: Any) -> dict[str, Any]:
    values = {one.key: one.value for one in item.fields}
    return {"key": item.key, "name": item.name, "status": item.status, "values": values}


routes = (register_list, register_one)
