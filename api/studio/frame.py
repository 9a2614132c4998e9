"""What all studio pages share: the process that is looked at, its files, its tabs, and how one of them is saved."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from api.frame import page
from api.words import LANGUAGES, LOCALE
from engine.commands import AddDraftFiles, RemoveDraftFile, SaveDraftFile
from engine.drafts import kept_files, sha_of
from engine.errors import NotFound
from engine.package import parts_of
from engine.queries.processes import counted, earlier_content, process_view, sees

if TYPE_CHECKING:
    from litestar import Response

    from api.drafts import Drafts
    from api.frame import Asked
    from engine.package import Package
    from engine.queries.processes import ProcessView
    from engine.store.session import Reader

#: The tabs of a process in the order in which work usually goes: name of the tab, last part of its address.
TABS = (
    ("overview", ""),
    ("diagram", "/diagram"),
    ("play", "/play"),
    ("tables", "/tables"),
    ("forms", "/forms"),
    ("letters", "/letters"),
    ("rights", "/rights"),
    ("scenarios", "/scenarios"),
    ("simulator", "/simulator"),
    ("compare", "/compare"),
    ("remarks", "/remarks"),
    ("publish", "/publish"),
    ("migrate", "/migrate"),
)


#: Only the pages of the drawing editors may carry styles on elements: they place the canvas and give columns their
#: widths by them. Scripts stay as strict.
EDITOR_STYLES = "; style-src 'self'; style-src-attr 'unsafe-inline'"


@dataclass(frozen=True)
class Opened:
    """The process that a page is about, as it is shown: the draft where there is one, else a version."""

    process: str
    package: Package
    #: Path -> SHA-256 of the content, in hex: what `seen` means when a file is saved.
    files: dict[str, str]
    #: Of the draft; 0 where there is none.
    revision: int
    #: draft | review | published | retired | dropped (never published, and given up)
    state: str
    #: Whether the asker may save files now.
    editable: bool
    digest: str
    title: str
    #: The number of the version shown, or that the draft started from; None for what was never published.
    number: int | None = None
    #: Whether there is a draft now, also where a version is shown.
    working: bool = False


@dataclass(frozen=True)
class Saved:
    """A file was saved."""

    sha: str
    revision: int
    at: datetime


def opened(asked: Asked, process: str) -> Opened:
    """The process as the asker may see it; NotFound for who may neither draft nor publish it.

    `?version=<digest>` in the address shows that version, read-only.
    """
    require_sight(asked, process)
    office = asked.office
    wished = asked.request.query_params.get("version")
    with office.store.reading() as reader:
        view = process_view(reader, process)
        if wished and view.of_version(wished) is None:
            raise NotFound(kind="version", id=wished)
        draft = None if wished else view.working or (view.draft if not view.versions else None)
        digest = wished or (view.latest.digest if view.latest else "")
        package = packages(asked).draft(reader, draft) if draft else office.versions.at(digest, reader)
    if draft is None:
        number = view.of_version(package.digest)
        files = {path: sha_of(content) for path, content in package.files.items()}
        state, revision = "retired" if view.retired else "published", 0
        shown = number.number if number else None
    else:
        files = {path: one.sha for path, one in kept_files(draft).items()}
        state, revision, shown = draft.state, draft.revision, draft.number
    may = office.bus.access.may(asked.actor, "draft", process, None)
    editable = may and draft is not None and draft.state == "draft"
    title = asked.pick(package.title)
    working = view.working is not None
    return Opened(process, package, files, revision, state, editable, package.digest, title, shown, working)


def knows_of_cases(asked: Asked, process: str) -> bool:
    """Whether the asker may know what cases there are: of a secret process only who knows of its cases everywhere."""
    return asked.office.bus.access.knows_all(asked.actor, process)


def known(asked: Asked, reader: Reader, view: ProcessView) -> ProcessView:
    """The process with as much of its cases as the asker may know: a count tells that there is one."""
    return counted(reader, asked.office.bus.access, asked.actor, view)


def require_sight(asked: Asked, process: str) -> None:
    """Let those pass who make, publish or migrate the process; NotFound for all others, SignInRequired for strangers."""
    asked.require_account()
    for attempt in range(2):
        if sees(asked.office.bus.access, asked.actor, process):
            return
        # Another process of this installation may have begun it a moment ago.
        if attempt or not asked.office.refresh():
            break
    raise NotFound(kind="process", id=process)


def save_file(asked: Asked, process: str, path: str, content: bytes, seen: str) -> Saved:
    """Save one file of the draft; `seen` is the SHA-256 of the content edited ("": a new file).

    Stale if somebody else saved it meanwhile (`by`, `at`, `sha`); DraftGone if the draft was dropped or published;
    DraftInReview while it waits for its reviewer. Parts that a model calls come into the draft with it.
    """
    require_sight(asked, process)
    command = SaveDraftFile(asked.command_id(secrets.token_hex(16)), process, path, seen, content)
    answer = asked.execute(command)
    if path.endswith(".bpmn") and (parts := parts_of(asked.office.settings.root, content)):
        added = asked.execute(AddDraftFiles(asked.command_id(secrets.token_hex(16)), process, parts))
        return Saved(answer["sha"], added["revision"], datetime.fromisoformat(answer["at"]))
    return Saved(answer["sha"], answer["revision"], datetime.fromisoformat(answer["at"]))


def remove_file(asked: Asked, process: str, path: str, seen: str) -> Saved:
    """Take a file out of the draft; refuses as `save_file` does."""
    require_sight(asked, process)
    command = RemoveDraftFile(asked.command_id(secrets.token_hex(16)), process, path, seen)
    answer = asked.execute(command)
    return Saved("", answer["revision"], datetime.fromisoformat(answer["at"]))


def earlier(asked: Asked, process: str, path: str, sha: str) -> bytes:
    """A content that the file had at some time; NotFound if it never had it."""
    require_sight(asked, process)
    with asked.office.store.reading() as reader:
        return earlier_content(reader, asked.office.versions, process, path, sha)


def packages(asked: Asked) -> Drafts:
    """The drafts' packages that this server keeps."""
    return asked.edge.drafts


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
    may = asked.office.bus.access.may
    return page(
        asked,
        template,
        opened=opened,
        tabs=tabs,
        tab=tab,
        shown_version=version or "",
        may_draft=may(asked.actor, "draft", opened.process, None),
        may_publish=may(asked.actor, "publish", opened.process, None),
        begin_command=secrets.token_hex(16),
        here=asked.request.url.path + (f"?{asked.request.url.query}" if asked.request.url.query else ""),
        **values,
    )


routes: tuple[Any, ...] = ()
