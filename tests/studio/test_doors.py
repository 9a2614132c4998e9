"""No page or answer of the studio is there for people without account, or for clerks who make no processes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from api import studio
from tests.studio.conftest import SHORT

if TYPE_CHECKING:
    from tests.api.conftest import Caller, People

#: What routes ask for in their addresses, so that nobody is refused for leaving it out.
_QUERY = f"path=forms/{SHORT}/start.json&before=x&after=x&sha=0&element=x&decision=x&key=x&id=x&name=x"


#: And in bodies of JSON; one that does not fit is refused with 400 before anybody is asked who it is.
_BODY = {
    "text": "1",
    "content": "1",
    "kind": "expression",
    "path": f"workflows/bpmn/{SHORT}.bpmn",
    "names": [],
}


def doors() -> list[tuple[str, str, bool]]:
    """(method, path, whether it takes JSON) of every route of one process."""
    found = set()
    for handler in studio.routes:
        body = "data" in handler.fn.__annotations__
        for path in handler.paths:
            if path.startswith("/studio/{"):
                found |= {(method, path, body) for method in handler.http_methods - {"HEAD", "OPTIONS"}}
    return sorted(found)


def knock(caller: Caller, method: str, path: str, *, body: bool) -> Any:
    """Ask for it with some value for every part."""
    filled = re.sub(r"\{(\w+):\w+\}", lambda one: SHORT if one[1] == "process" else "1", path)
    headers = {**caller.headers, "accept": "text/html"}
    if body:
        return caller.client.post(f"{filled}?{_QUERY}", json=_BODY, headers=headers)
    if method == "POST":
        return caller.client.post(f"{filled}?{_QUERY}", data={"x": "1"}, headers=headers)
    return caller.client.request(method, f"{filled}?{_QUERY}", headers={**headers, "if-match": '"0"'})


def test_there_are_many_doors() -> None:
    assert len(doors()) > 40


@pytest.mark.parametrize("account", [None, "beiguan.window", "zhang.san", "yuci.leader"])
def test_no_door_opens(staff: People, account: str | None) -> None:
    caller = staff(account)
    open_ = []
    for method, path, body in doors():
        told = knock(caller, method, path, body=body)
        to_sign_in = told.status_code == 303 and told.headers["location"].startswith("/sign-in")
        shut = told.status_code in {401, 403, 404} or (body and told.status_code == 400)
        if not (shut or (account is None and to_sign_in)):
            open_.append((method, path, told.status_code))
    assert open_ == [], open_


@pytest.mark.parametrize("path", [f"forms/{SHORT}/start.json", f"letters/{SHORT}/decision.html"])
@pytest.mark.parametrize("account", [None, "beiguan.window"])
def test_what_was_typed_is_handed_back_only_to_who_may_type(
    staff: People, account: str | None, path: str
) -> None:
    caller = staff(account)
    told = caller.client.post(
        f"/studio/{SHORT}/{path}", data={"do": "download", "mine": "x"}, headers=caller.headers
    )
    assert told.status_code == (401 if account is None else 404)


def test_a_stranger_is_asked_who_it_is_before_a_file_is_looked_at(staff: People) -> None:
    told = staff(None).client.post("/studio/import", files={"file": ("x.zip", b"PK\x03\x04 no archive")})
    assert told.status_code == 401
