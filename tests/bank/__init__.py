"""The bank that tests run beside the engine: start it, set its habits, read its ledger."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class RunningBank:
    """A started bank; its ledger file survives `kill` and the next start."""

    url: str
    process: subprocess.Popen[str]

    def habits(self, **values: Any) -> None:
        """Replace the habits for the answers to come (see server.py)."""
        httpx.post(f"{self.url}/control", json=values, trust_env=False).raise_for_status()

    def payments(self) -> list[dict[str, Any]]:
        """The ledger."""
        rows: list[dict[str, Any]] = httpx.get(f"{self.url}/payments", trust_env=False).json()["payments"]
        return rows

    def messages(self) -> list[dict[str, Any]]:
        """The short messages that came."""
        rows: list[dict[str, Any]] = httpx.get(f"{self.url}/messages", trust_env=False).json()["messages"]
        return rows

    def kill(self) -> None:
        """End it without warning."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


@contextmanager
def running_bank(ledger: Path, port: int = 0) -> Iterator[RunningBank]:
    """A bank in a process of its own, on a free port unless one is given."""
    command = [
        sys.executable,
        str(Path(__file__).with_name("server.py")),
        "--ledger",
        str(ledger),
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        bank = RunningBank(f"http://127.0.0.1:{int(line.split()[1])}", process)
        yield bank
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
