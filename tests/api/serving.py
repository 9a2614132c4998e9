"""An application answered by a real server in a thread, so that many browsers share one running application."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn

from tests.late import before

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The address of the server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < end, "the server did not start in time"
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{before(server.servers[0].sockets[0].getsockname()[1])}"
    finally:
        server.should_exit = True
        thread.join(10)


def browser_at(address: str) -> httpx.Client:
    """A browser with cookies, without scripts, that does not follow where it is sent."""
    return httpx.Client(base_url=address, timeout=30, trust_env=False, headers={"accept": "text/html"})
