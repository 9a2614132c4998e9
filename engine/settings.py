"""The environment, read once into one frozen value; nothing else in the tree looks at environment variables."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The folder that holds workflows/, forms/, policies/ and templates/.
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """How this installation runs; every field has a working default for one machine."""

    root: Path = ROOT
    #: Everything that must be kept: database, vault, keys.
    data: Path = ROOT / "var"
    port: int = 8000
    host: str = "127.0.0.1"
    #: SQLAlchemy address; empty means SQLite below `data`.
    database: str = ""
    #: Celery broker; empty means the relay thread inside the serving process.
    broker: str = ""
    #: Address under which people reach the server (in QR codes and notices).
    public_url: str = ""
    jurisdiction: str = "jinzhong"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    #: Folder with the office's licensed fonts, if any.
    fonts: Path | None = None
    #: Issuer (or "*") -> address of the sealer that holds its key; the demonstration seals with keys of its own.
    seals: Mapping[str, str] = field(default_factory=dict)
    #: Address of a time stamping authority (RFC 3161), if the office has one.
    stamps: str | None = None
    #: Connector operation -> address; an operation without address uses the demonstration connector.
    connectors: Mapping[str, str] = field(default_factory=dict)
    #: Where e-mail is handed in (`smtps://user:password@host` or `smtp://...`, with STARTTLS), in whose name, and the
    #: certificates of that server's authority (a file; none: the machine's own list).
    mail: str = ""
    mail_from: str = ""
    mail_authority: str | None = None
    #: Name -> provider of OpenID Connect where people may sign in (`api.elsewhere`).
    providers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    demonstration: bool = True
    session_hours: int = 12
    upload_limit: int = 20 * 1024 * 1024

    @property
    def database_url(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database or f"sqlite:///{self.data / 'banjian.sqlite3'}"

    @property
    def base_url(self) -> str:
        """The address that people are told, without a trailing slash."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from BANJIAN_* variables (and PORT), defaults where absent."""
    env = os.environ if environment is None else environment
    default = Settings()
    fonts = env.get("BANJIAN_FONTS")
    return Settings(
        data=Path(env.get("BANJIAN_DATA") or default.data).expanduser().resolve(),
        port=int(env.get("PORT") or default.port),
        host=env.get("BANJIAN_HOST") or default.host,
        database=env.get("BANJIAN_DATABASE", ""),
        broker=env.get("BANJIAN_BROKER", ""),
        public_url=env.get("BANJIAN_URL", ""),
        jurisdiction=env.get("BANJIAN_JURISDICTION") or default.jurisdiction,
        fonts=Path(fonts) if fonts else None,
        seals=msgspec.json.decode(env.get("BANJIAN_SEALS") or "{}", type=dict[str, str]),
        stamps=env.get("BANJIAN_STAMPS") or None,
        connectors=msgspec.json.decode(env.get("BANJIAN_CONNECTORS") or "{}", type=dict[str, str]),
        mail=env.get("BANJIAN_MAIL", ""),
        mail_from=env.get("BANJIAN_MAIL_FROM", ""),
        mail_authority=env.get("BANJIAN_MAIL_AUTHORITY") or None,
        providers=msgspec.json.decode(env.get("BANJIAN_PROVIDERS") or "{}", type=dict[str, dict[str, Any]]),
        demonstration=env.get("BANJIAN_DEMONSTRATION", "1") != "0",
        session_hours=int(env.get("BANJIAN_SESSION_HOURS") or default.session_hours),
        upload_limit=int(env.get("BANJIAN_UPLOAD_LIMIT") or default.upload_limit),
    )
