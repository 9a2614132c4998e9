"""The matrix of rights: who may do what in a process, changed by ticking; what a person could do, who could do a thing."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.response import Redirect

from api.frame import Asked
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from api.studio.frame import opened, save_file, studio_page
from api.studio.rights_told import findings, what_could, who_could
from api.studio.rights_view import Sight, matrix, roles_of, rows_of
from engine.errors import Conflict, DraftGone, Forbidden, Stale
from engine.rights import amended
from engine.secrecy import rules_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from api.studio.frame import Opened
    from engine.secrecy import Rule

_SEPARATOR = "|"


def path_of(process: str) -> str:
    """Where the rights of a process are written."""
    return f"policies/{process}.csv"


@get("/studio/{process:str}/rights", include_in_schema=False)
def rights(asked: Asked, process: str) -> Response[str]:
    """The page; questions stand in its address."""
    found = opened(asked, process)
    return _page(asked, found, found.package.policies)


@form("/studio/{process:str}/rights")
def change(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Add a column, show what the ticks make of the file, or save it; a file changed meanwhile keeps the ticks."""
    found = opened(asked, process)
    columns = [one for one in given.get("role", ()) if one]
    ticked = {(role, obj, action) for role, obj, action in _parts(given.get("on", ()))}
    policies = found.package.policies
    if (wished := posts.first(given, "more").strip()) and posts.first(given, "do") == "role":
        columns.append(wished)
        return _page(asked, found, policies, ticked=ticked, more=columns)
    shown = _shown(asked, found, policies, columns)
    text = amended(policies, ticked, shown)
    if posts.first(given, "do") != "save":
        return _page(asked, found, policies, ticked=ticked, more=columns, preview=text)
    try:
        save_file(asked, process, path_of(process), text.encode(), posts.first(given, "seen"))
    except Stale as fault:
        # What others wrote is in `policies` already: the ticks are shown over it, to be looked at once more.
        told = {"by": fault.values.get("by", ""), "at": fault.values.get("at", "")}
        return _page(asked, found, policies, ticked=ticked, more=columns, preview=text, stale=told)
    except (Conflict, Forbidden, DraftGone) as fault:
        said = asked.say(f"error.{fault.code}", **fault.values)
        return _page(asked, found, policies, ticked=ticked, more=columns, preview=text, refused=said)
    return Redirect(f"/studio/{process}/rights?said=saved", status_code=303)


def _parts(values: Iterable[str]) -> Iterator[list[str]]:
    return (parts for one in values if len(parts := str(one).split(_SEPARATOR)) == 3)


def _shown(asked: Asked, found: Opened, policies: str, columns: list[str]) -> set[Rule]:
    """The rules that the page shows a box for: only these may go."""
    sight = Sight(asked, found, policies)
    rows = [row for _, rows in rows_of(sight) for row in rows]
    return {(role, obj, action) for role in roles_of(sight, columns) for obj, action in rows}


def _page(
    asked: Asked,
    found: Opened,
    policies: str,
    *,
    ticked: Collection[Rule] | None = None,
    more: Collection[str] = (),
    preview: str = "",
    stale: dict[str, str] | None = None,
    refused: str = "",
) -> Response[str]:
    sight = Sight(asked, found, policies)
    query = asked.request.query_params
    area, account = query.get("area") or None, query.get("account") or ""
    roles = roles_of(sight, more)
    own = {line.rule for line in sight.lines if not line.inherited}
    path = path_of(found.process)
    row, _, department = (query.get("doing") or "").partition("~")
    obj, _, action = row.partition(_SEPARATOR)
    where = query.get("where") or None
    return studio_page(
        asked,
        found,
        "studio/rights.html",
        tab="rights",
        **matrix(sight, roles, own if ticked is None else ticked, area),
        sight=sight,
        area=area or "",
        findings=findings(sight),
        others=[(role, sight.role_name(role)) for role in sight.held if role not in roles],
        policies=policies,
        path=path,
        seen=found.files.get(path, ""),
        preview=preview,
        difference=_difference(policies, preview) if preview else [],
        stale=stale,
        refused=refused,
        saved=query.get("said") == "saved",
        secret=any(rule[2] == "know" for rule in rules_of(policies)),
        account=account,
        person=what_could(sight, account) if account and sight.names else None,
        doing=query.get("doing") or "",
        where=where or "",
        department=query.get("department") or department,
        holders=who_could(sight, obj, action, where, query.get("department") or None)
        if obj and action
        else None,
        choices=_choices(sight),
    )


def _choices(sight: Sight) -> list[tuple[str, str]]:
    """The things that can be asked about: value and words."""
    return [
        (f"{obj}{_SEPARATOR}{action}", sight.doing(obj, action))
        for _, rows in rows_of(sight)
        for obj, action in rows
    ]


def _difference(before: str, after: str) -> list[tuple[str, str]]:
    """The lines of both files that differ, with their signs, and those around them."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return [(line[0], line[1:]) for line in lines if not line.startswith(("---", "+++", "@@"))]


routes = (rights, change)
