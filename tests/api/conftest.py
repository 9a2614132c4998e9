"""One open office with the real process and the demonstration accounts, and people who call its API."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from api.app import create_app
from api.auth import hash_password
from api.brakes import Brakes
from engine.demonstration import PASSWORD, furnish
from engine.office import SYSTEM, Office, open_office
from engine.settings import Settings
from tests.api.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

VILLAGE = "140702001001"
PROCESS = "temporary-assistance"
CARD = "6222021234567890128"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_numbers = count(100)


def identity() -> str:
    """A valid identity number that no case of this run had before."""
    body = f"14240119900307{next(_numbers):03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office; its relay carries out documents and payments as they come."""
    data = tmp_path_factory.mktemp("office")
    opened = open_office(Settings(data=data), relay=True)
    now = datetime.now(UTC)
    opened.publish_tree(now)
    furnish(opened, SYSTEM, hash_password(PASSWORD), now)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def app(office: Office) -> Any:
    """The application over the office."""
    return create_app(office)


@pytest.fixture(autouse=True)
def fresh_brakes(app: Any) -> None:
    """Tests come from one address, and faster than people; each begins with full allowances."""
    app.state.edge.brakes = Brakes()


class Caller:
    """One person or program at the API; answers are checked by the tests, never raised."""

    def __init__(self, client: httpx.Client, account: str | None = None) -> None:
        self.client = client
        self.account = account
        self.headers: dict[str, str] = {}
        if account is not None:
            told = client.post("/api/sessions", json={"account": account, "password": PASSWORD})
            assert told.status_code == 201, told.text
            self.headers["authorization"] = f"Bearer {told.json()['token']}"

    def get(self, path: str, **options: Any) -> Any:
        """Ask."""
        return self.client.get(
            path, headers={**self.headers, **options.pop("headers", {})}, follow_redirects=False, **options
        )

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """Do."""
        headers = {**self.headers, **options.pop("headers", {})}
        if body is not None:
            options["json"] = body
        return self.client.post(path, headers=headers, follow_redirects=False, **options)

    def task_of(self, case: str, element: str) -> dict[str, Any]:
        """The open task `element` of the case from this person's worklist."""
        found = self.get(f"/api/tasks?search={case}").json()["tasks"]
        return next(one for one in found if one["element"] == element)

    def work(self, case: str, element: str, data: dict[str, Any]) -> Any:
        """Claim and complete a step."""
        task = self.task_of(case, element)
        claimed = self.post(f"/api/tasks/{task['id']}/claim")
        assert claimed.status_code == 200, claimed.text
        return self.post(
            f"/api/tasks/{task['id']}/complete", {"revision": claimed.json()["revision"], "data": data}
        )


class People:
    """Callers by account, each signed in once, and again when a test has ended all sessions of the account."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self._known: dict[str | None, Caller] = {}

    def __call__(self, account: str | None = None) -> Caller:
        """The caller of an account; None is somebody without one."""
        known = self._known.get(account)
        if known is None or (account is not None and known.get("/api/me").json()["account"] is None):
            known = self._known[account] = Caller(self.client, account)
        return known


@pytest.fixture(scope="session")
def address(app: Any) -> Iterator[str]:
    """A real server over the application."""
    with served(app) as url:
        yield url


@pytest.fixture(scope="session")
def people(address: str) -> Iterator[People]:
    """Everybody, over one client that keeps no cookies: the callers send their tokens themselves."""
    with httpx.Client(base_url=address, timeout=30) as client:
        client.event_hooks["response"].append(lambda _: client.cookies.clear())
        yield People(client)


@pytest.fixture
def browser(address: str) -> Iterator[httpx.Client]:
    """A browser with cookies, without scripts."""
    with httpx.Client(
        base_url=address, timeout=30, headers={"accept": "text/html"}, follow_redirects=True
    ) as client:
        yield client


def application(**changes: Any) -> dict[str, Any]:
    """A report that is in order."""
    data = {
        "for_whom": "self",
        "reporter": {"name": "张三丰", "phone": "13812345678"},
        "emergency_type": "robbery",
        "emergency_at": "2026-08-03T09:00",
        "place_detail": "汽车站",
        "persons": 1,
        "description": "钱包被偷",
        **changes,
    }
    return {"process": PROCESS, "area": VILLAGE, "data": data}


REGISTERED = {
    "applicant": {"name": "张三丰", "id_type": "resident_id"},
    "persons": 1,
    "emergency_type": "robbery",
    "emergency_at": "2026-08-03T09:00",
    "place_detail": "汽车站",
    "description": "钱包被偷",
}
CONFIRMED = {
    "visit_way": "visit",
    "event_real": True,
    "living_hit": True,
    "urgent": True,
    "immediate": True,
    "findings": "情况属实",
    "persons": 1,
    "home": "intact",
    "need_kind": "cash",
    "pay_method": "account",
    "payee": {"name": "张三丰", "bank": "晋中农商行", "account": CARD},
}


def registered() -> dict[str, Any]:
    """Answers of the window, for a person that no case had before."""
    return {**REGISTERED, "applicant": {**REGISTERED["applicant"], "id_no": identity()}}


@pytest.fixture
def case(people: People) -> dict[str, str]:
    """A fresh case: {"case", "query_code"}."""
    told = people().post("/api/applications", application())
    assert told.status_code == 201, told.text
    return told.json()


def confirmed(people: People, case: str) -> None:
    """Bring a case to its approval."""
    for account, element, data in (
        ("beiguan.window", "register", registered()),
        ("beiguan.investigator", "confirm_report", CONFIRMED),
    ):
        told = people(account).work(case, element, data)
        assert told.status_code == 200, told.text


def wait_for(ready: Any, seconds: float = 30) -> Any:
    """What `ready` gives once it gives something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := ready():
            return found
        threading.Event().wait(0.05)
    raise AssertionError("it never came to pass")
