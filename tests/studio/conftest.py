"""A small office whose tree holds two short processes, and people who call it: quick to open, free to be changed."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from api.app import create_app
from api.auth import hash_password
from engine.access import Actor, Grant
from engine.commands import BeginDraft, DropDraft
from engine.demonstration import PASSWORD, furnish
from engine.office import SYSTEM, Office, open_office
from engine.queries.processes import process_view
from engine.settings import Settings
from tests.api.conftest import Caller, People
from tests.api.serving import served
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Two processes of the tree with few files; the second calls shared parts.
SHORT, CALLING = "service-rating", "child-allowance-stop"
ANNE = Actor("analyst", "路遥", (Grant("analyst"),))


def small_tree(folder: Path) -> Path:
    """A tree with the policies, the shared files and the two processes."""
    for place in ("workflows/bpmn/_shared", "forms/_shared", "templates/_shared", "policies"):
        shutil.copytree(ROOT / place, folder / place)
    for path in (folder / "policies").glob("*.csv"):
        if path.stem not in {"base", SHORT, CALLING}:
            path.unlink()
    for name in (SHORT, CALLING):
        for place in ("forms", "templates", "workflows/dmn"):
            if (ROOT / place / name).is_dir():
                shutil.copytree(ROOT / place / name, folder / place / name)
        for file in (f"workflows/bpmn/{name}.bpmn", f"workflows/scenarios/{name}.yaml"):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, folder / file)
    return folder


@pytest.fixture(scope="session")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office; its relay rests."""
    folder = tmp_path_factory.mktemp("bureau")
    opened = open_office(Settings(root=small_tree(folder / "tree"), data=folder / "data"))
    now = datetime.now(UTC)
    opened.publish_tree(now)
    furnish(opened, SYSTEM, hash_password(PASSWORD), now)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def bureau_address(bureau: Office) -> Iterator[str]:
    """A real server over the office."""
    with served(create_app(bureau)) as url:
        yield url


@pytest.fixture(scope="session")
def staff(bureau_address: str) -> Iterator[People]:
    """Callers by account."""
    with httpx.Client(base_url=bureau_address, timeout=60) as client:
        client.event_hooks["response"].append(lambda _: client.cookies.clear())
        yield People(client)


@pytest.fixture
def analyst(staff: People) -> Caller:
    """Who draws processes."""
    return staff("analyst")


@pytest.fixture
def other(staff: People) -> Caller:
    """Another who does."""
    return staff("analyst2")


@pytest.fixture
def publisher(staff: People) -> Caller:
    """Who publishes them."""
    return staff("process_admin")


@contextmanager
def draft_of(bureau: Office, process: str, name: str) -> Iterator[str]:
    """A fresh draft of the process, given up afterwards, unless the test did; `name` tells the commands of tests apart."""
    _dropped(bureau, process, f"drop-first:{name}")  # what another test left
    with bureau.store.reading() as reader:
        latest = process_view(reader, process).latest
    assert latest is not None
    bureau.bus.execute(BeginDraft(f"begin:{name}", process, latest.digest), ANNE, datetime.now(UTC))
    yield process
    _dropped(bureau, process, f"drop:{name}")


def _dropped(bureau: Office, process: str, command: str) -> None:
    with bureau.store.reading() as reader:
        working = process_view(reader, process).working
    if working is not None:
        bureau.bus.execute(DropDraft(command, process, working.revision), ANNE, datetime.now(UTC))


@pytest.fixture
def draft(bureau: Office, request: pytest.FixtureRequest) -> Iterator[str]:
    """A draft of the short process."""
    with draft_of(bureau, SHORT, request.node.name) as process:
        yield process


@pytest.fixture
def calling(bureau: Office, request: pytest.FixtureRequest) -> Iterator[str]:
    """A draft of the process that has papers and calls a part."""
    with draft_of(bureau, CALLING, f"calling:{request.node.name}") as process:
        yield process


def put(caller: Caller, path: str, content: bytes, **headers: str) -> Any:
    """PUT with the caller's session."""
    return caller.client.put(path, content=content, headers={**caller.headers, **headers})


def drop(caller: Caller, path: str, **headers: str) -> Any:
    """DELETE with the caller's session."""
    return caller.client.delete(path, headers={**caller.headers, **headers})
