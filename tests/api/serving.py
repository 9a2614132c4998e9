"""An application answered by a real server in a thread."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn

from tests.api.conftest import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The address of the server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def browser_at(address: str) -> httpx.Client:
    """A browser with cookies, without scripts, that does not follow where it is sent."""
    return httpx.Client(base_url=address, timeout=30, trust_env=False, headers={"accept": "text/html"})
