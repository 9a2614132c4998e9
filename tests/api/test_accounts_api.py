"""The account's JSON routes: codes, sessions, inbox."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.api.conftest import Caller, application, wait_for
from tests.api.test_sign_in import received

if TYPE_CHECKING:
    from engine.office import Office
    from tests.api.conftest import People

NUMBER = "13500000001"


def test_a_program_signs_in_by_code_and_out_everywhere(people: People, office: Office) -> None:
    stranger = people()
    assert stranger.post("/api/codes", {"phone": "12"}).json()["code"] == "phone-wrong"
    told = stranger.post("/api/codes", {"phone": NUMBER})
    assert told.status_code == 201, told.text
    text = wait_for(lambda: received(office, NUMBER))[0]
    digits = re.search(r"\d{6}", text).group()  # type: ignore[union-attr]
    wrong = stranger.post("/api/sessions/code", {"code": told.json()["code"], "digits": "12"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "code-wrong")
    begun = stranger.post("/api/sessions/code", {"code": told.json()["code"], "digits": digits})
    assert begun.status_code == 201, begun.text
    again = stranger.post("/api/sessions/code", {"code": told.json()["code"], "digits": digits})
    assert again.json()["code"] == "code-over"
    caller = Caller(stranger.client)
    caller.headers["authorization"] = f"Bearer {begun.json()['token']}"
    case = caller.post("/api/applications", application()).json()["case"]
    [letter] = wait_for(lambda: caller.get("/api/inbox").json())
    assert (letter["case"], letter["event"]) == (case, "received")
    sent = wait_for(
        lambda: [one for one in caller.get("/api/inbox").json()[0]["sent"] if one["state"] == "done"]
    )
    assert sent[0]["line"] == "sms"
    [session] = caller.get("/api/sessions").json()
    assert session["here"]
    assert caller.client.delete("/api/sessions/no-such", headers=caller.headers).status_code == 204
    assert caller.get("/api/me").json()["account"] is not None
    assert caller.client.delete("/api/sessions/all", headers=caller.headers).status_code == 204
    assert caller.get("/api/me").json()["account"] is None
    assert caller.get("/api/sessions").status_code == 401
    assert caller.get("/api/inbox").status_code == 401
    assert caller.client.delete("/api/sessions/all", headers=caller.headers).status_code == 401
