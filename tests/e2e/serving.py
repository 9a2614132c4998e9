"""A real `python -m engine serve` process on a free port over a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx

from tests.conftest import ROOT
from tests.late import before
from tests.servers import free_port

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "banjian"


class Serving:
    """The process and its address; `stop` ends it and waits."""

    def __init__(self, data: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{before(port)}"
        self.log = data / "serve.log"
        data.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BANJIAN_")}
        self._environment = {**kept, "PORT": str(port), "BANJIAN_DATA": str(data)}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "engine", "serve", "--quiet"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def _wait(self) -> None:
        # Twenty processes are published first; a busy machine takes its time.
        for _ in range(1800):
            if self.process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/health", timeout=1).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")

    def engine(self, *arguments: str) -> str:
        """What the command line prints about this office; it must end well."""
        command = [sys.executable, "-m", "engine", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self._environment, check=True, capture_output=True, text=True
        ).stdout

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
