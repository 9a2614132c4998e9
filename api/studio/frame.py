"""What all studio pages share: the process that is looked at, its files, its tabs, and how one of them is saved."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from api.frame import page
from api.titles import process_title
from api.words import LANGUAGES, LOCALE
from engine.core.load import ModelError
from engine.dmn import DmnError
from engine.errors import FormBroken, NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from litestar import Response

    from api.frame import Asked
    from engine.package import Package

#: The tabs of a process in the order in which work usually goes: name of the tab, last part of its address.
TABS = (
    ("overview", ""),
    ("diagram", "/diagram"),
    ("tables", "/tables"),
    ("forms", "/forms"),
    ("letters", "/letters"),
    ("rights", "/rights"),
    ("scenarios", "/scenarios"),
    ("simulator", "/simulator"),
    ("compare", "/compare"),
    ("publish", "/publish"),
    ("migrate", "/migrate"),
)


@dataclass(frozen=True)
class Opened:
    """The process that a page is about, as it is shown: the draft where there is one, else a version."""

    process: str
    package: Package
    #: Path -> SHA-256 of the content, in hex: what `seen` means when a file is saved.
    files: dict[str, str]
    #: Of the draft; 0 where there is none.
    revision: int
    #: draft | review | published | retired | new
    state: str
    #: Whether the asker may save files now.
    editable: bool
    digest: str
    title: str
    #: The number of the version shown, or that the draft started from; None for what was never published.
    number: int | None = None


@dataclass(frozen=True)
class Saved:
    """A file was saved."""

    sha: str
    revision: int
    at: datetime


def sha_of(content: bytes) -> str:
    """What names a file's content."""
    return hashlib.sha256(content).hexdigest()


def opened(asked: Asked, process: str) -> Opened:
    """The process as the asker may see it; NotFound for who may neither draft nor publish it.

    `?version=<digest>` in the address shows that version, read-only.
    """
    access = asked.office.bus.access
    asked.require_account()
    if not any(access.may(asked.actor, action, process, None) for action in ("draft", "publish")):
        raise NotFound(kind="process", id=process)
    with asked.office.store.reading() as reader:
        package = asked.office.versions.current(reader, process)
    wished = asked.request.query_params.get("version")
    if wished:
        package = asked.office.versions.at(wished)
    files = {path: sha_of(content) for path, content in package.files.items()}
    return Opened(process, package, files, 0, "published", False, package.digest, title_of(asked, package))


def save_file(asked: Asked, process: str, path: str, content: bytes, seen: str) -> Saved:
    """Save one file of the draft; `seen` is the SHA-256 of the content edited ("": a new file).

    Stale if somebody else saved it meanwhile (`by`, `at`, `sha`); NotFound of kind draft if the draft was dropped.
    """
    del content, seen, path
    asked.require_account()
    raise NotFound(kind="draft", id=process)


def title_of(asked: Asked, package: Package) -> str:
    """The title of a process that may be too broken to have one."""
    try:
        return process_title(asked, package)
    except (ModelError, DmnError, FormBroken):
        return package.name


def words_of(asked: Asked, area: str) -> dict[str, str]:
    """All sentences of one area file in the asker's language, for the page's scripts."""
    content = (LOCALE / LANGUAGES[asked.language] / f"{area}.json").read_bytes()
    return msgspec.json.decode(content, type=dict[str, str])


def studio_page(asked: Asked, opened: Opened, template: str, *, tab: str, **values: Any) -> Response[str]:
    """A page of the studio about one process; `tab` is the one that it stands on."""
    version = asked.request.query_params.get("version")
    kept = f"?version={version}" if version else ""
    tabs = [
        {
            "href": f"/studio/{opened.process}{end}{kept}",
            "name": asked.say(f"studio.tab-{name}"),
            "current": name == tab,
        }
        for name, end in TABS
    ]
    return page(asked, template, opened=opened, tabs=tabs, tab=tab, **values)


routes: tuple[Any, ...] = ()
