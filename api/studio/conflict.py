"""When somebody else saved the same file meanwhile: what was typed stays, with the ways out of it on one page."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, NamedTuple

from litestar import Response

from api.errors import problem_of
from api.studio.frame import opened, save_file, studio_page
from engine.drafts import LARGEST_FILE, sha_of
from engine.errors import DraftGone, DraftInReview, EngineError, Stale

if TYPE_CHECKING:
    from api.frame import Asked
    from api.studio.frame import Opened

_MOST_LINES = 400
#: Why a file is not saved although it is as it should be: others were faster, or the draft is no draft any more.
REFUSED = (Stale, DraftGone, DraftInReview)


class Line(NamedTuple):
    """A line of a difference: `same`, `mine`, `theirs`, or `gap` for lines left out."""

    kind: str
    text: str


def differing(theirs: str, mine: str) -> list[Line]:
    """The lines that differ, with two around each."""
    lines: list[Line] = []
    kinds = {"+": "mine", "-": "theirs", " ": "same", "@": "gap"}
    for line in list(difflib.unified_diff(theirs.splitlines(), mine.splitlines(), n=2, lineterm=""))[2:]:
        kind = kinds.get(line[:1])
        if kind is not None:
            lines.append(Line(kind, "" if kind == "gap" else line[1:]))
    return lines[:_MOST_LINES]


def save_or_tell(
    asked: Asked, process: str, path: str, content: bytes, seen: str, *, tab: str, back: str
) -> Response[Any] | None:
    """Save a file of the draft; where that is refused, the page that keeps what was typed. None: it is saved.

    What is there already as it was typed counts as saved: the same form may come twice. `back` is the address of the
    editor; it is posted `do` (overwrite, download), `mine`, `seen` and `path` from the page.
    """
    try:
        save_file(asked, process, path, content, seen)
    except REFUSED as refusal:
        shown = opened(asked, process)
        if shown.files.get(path) != sha_of(content):
            return conflict_page(asked, shown, refusal, tab=tab, path=path, mine=content, back=back)
    return None


def conflict_page(
    asked: Asked,
    shown: Opened,
    refusal: EngineError,
    *,
    tab: str,
    path: str,
    mine: bytes,
    back: str,
) -> Response[Any]:
    """The page of a save that was refused: who was faster and when, the difference, and what can be done."""
    problem = problem_of(refusal, asked.language, LARGEST_FILE)
    stale = isinstance(refusal, Stale)
    theirs = shown.package.files.get(path, b"")
    text, other = (one.decode("utf-8", "replace") for one in (mine, theirs))
    return studio_page(
        asked,
        shown,
        "studio/conflict.html",
        tab=tab,
        status=problem.status,
        stale=stale,
        sentence=problem.sentence,
        path=path,
        name=path.rpartition("/")[2],
        mine=text,
        seen=shown.files.get(path, ""),
        lines=differing(other, text) if stale else [],
        back=back,
    )
