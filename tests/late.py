"""A slow line before a server: BANJIAN_LATE=2 makes whatever a browser test asks for arrive two seconds later.

Browser tests that pass with it wait for what they expect; one that looks too early at a page fails every time, not only on
the one slow machine. `BANJIAN_LATE=2 pytest tests/e2e/...` takes its time: choose a file.
"""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import suppress

from tests.servers import free_port

SECONDS = float(os.environ.get("BANJIAN_LATE", "0"))
#: What a page is made of besides itself comes at once: it is the answers that people wait for.
_AT_ONCE = (b"GET /static/", b"GET /favicon", b"GET /health")


def before(port: int) -> int:
    """The port at which the server of `port` is reached: its own, or that of the slow line before it."""
    if not SECONDS:
        return port
    line = free_port()
    ready = threading.Event()
    threading.Thread(target=lambda: asyncio.run(_serve(line, port, ready)), daemon=True).start()
    assert ready.wait(10)
    return line


async def _serve(line: int, port: int, ready: threading.Event) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_carry(reader, back, late=True), _carry(there, writer, late=False))

    async with await asyncio.start_server(answer, "127.0.0.1", line) as server:
        ready.set()
        await server.serve_forever()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, late: bool) -> None:
    """Carry bytes on as they come; `late` holds back whatever begins a request."""
    with suppress(OSError):
        while content := await reader.read(65536):
            if late and b" HTTP/1.1\r\n" in content and not content.startswith(_AT_ONCE):
                await asyncio.sleep(SECONDS)
            writer.write(content)
            await writer.drain()
    with suppress(OSError):
        writer.close()
