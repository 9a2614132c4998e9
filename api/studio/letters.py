"""The editor of letters: papers and notices, with the picture of what they would be beside their text.

The text is typed as it stands in the file. A preview never saves; saving never needs the letter to be right: every fault
is told at its line, and a draft with faults cannot be published.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.response import Redirect

from api.errors import problem_of
from api.frame import Asked
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from api.studio import letter_api
from api.studio.attachment import attachment
from api.studio.conflict import REFUSED, save_or_tell
from api.studio.frame import earlier, opened, save_file, studio_page, words_of
from api.studio.letter_posts import (
    in_layout,
    layout_in,
    public_lines,
    settings_of,
    skeleton,
    text_of,
    written,
)
from api.studio.letter_preview import Looks, Wish, looks, printed
from api.studio.letter_view import FOLDER, SHARED, WORDS, Letter, letter_of, letters, sidecar_tree
from engine.drafts import LARGEST_FILE, sha_of
from engine.errors import NotFound
from engine.package import Package
from engine.scenarios.model import ScenarioBroken
from engine.scenarios.samples import issuing, scenarios_of

if TYPE_CHECKING:
    from api.studio.frame import Opened

PARTS = ("zh", "en")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")
_MOST_OFFERED = 40


@get("/studio/{process:str}/letters", include_in_schema=False)
def all_letters(asked: Asked, process: str, check: str = "") -> Response[str]:
    """Every letter of the process, with the steps that make it; with `check`, whether each one prints on sample data."""
    return _list(asked, opened(asked, process), check=bool(check))


def _list(
    asked: Asked,
    shown: Opened,
    refusal: str = "",
    status: int = 200,
    *,
    check: bool = False,
    typed: Given | None = None,
) -> Response[str]:
    found = letters(asked, shown)
    for one in found:
        tried = check and not one["missing"]
        one["printed"] = printed(asked, shown.package, letter_of(one["rest"])) if tried else None
    return studio_page(
        asked,
        shown,
        "studio/letters.html",
        tab="letters",
        status=status,
        letters=found,
        refusal=refusal,
        typed={name: posts.first(typed or {}, name) for name in ("kind", "name", "title", "layout")},
        checked=check,
        **WORDS,
    )


@get("/studio/{process:str}/letters/{rest:path}", include_in_schema=False)
def edit_letter(
    asked: Asked, process: str, rest: str, part: str = "zh", scenario: str = "", case: str = ""
) -> Response[Any]:
    """One letter in the editor; `part` is zh or en."""
    shown = opened(asked, process)
    letter = _letter(shown, rest)
    return _editor(asked, shown, letter, _part(part), Wish(scenario, case))


def _part(part: str) -> str:
    return part if part in PARTS else "zh"


def _letter(shown: Opened, rest: str) -> Letter:
    letter = letter_of(rest)
    parts = ("zh", "sidecar") if letter.kind == "document" else ("zh",)
    there = any(letter.path(one) in shown.files for one in parts)
    if letter.folder not in (shown.process, SHARED) or not there:
        raise NotFound(kind="file", id=f"{FOLDER}{rest}")
    return letter


def _editor(
    asked: Asked,
    shown: Opened,
    letter: Letter,
    part: str,
    wish: Wish,
    *,
    typed: dict[str, bytes] | None = None,
    said: str = "",
    seen: dict[str, str] | None = None,
) -> Response[Any]:
    """The page; `typed` are contents that are not saved (a preview)."""
    files = {**shown.package.files, **(typed or {})}
    package = Package(shown.package.name, files)
    refusal = ""
    try:
        told = looks(asked, package, letter, wish, part)
    except NotFound:
        refusal = asked.say("letters.case-unknown", number=wish.case)
        told = looks(asked, package, letter, replace(wish, case=""), part)
    view = replace(shown, package=package)
    return studio_page(
        asked,
        shown,
        "studio/letter.html",
        tab="letters",
        letter=letter,
        line=next((one for one in letters(asked, shown) if one["rest"] == letter.rest), None),
        part=part,
        path=letter.path(part),
        text=files.get(letter.path(part), b"").decode("utf-8", "replace"),
        settings=_settings(view, letter),
        seen=seen or {one: shown.files.get(letter.path(one), "") for one in (*PARTS, "sidecar")},
        base=f"/studio/{shown.process}/letters/{letter.rest}",
        told=told,
        wish=wish,
        refusal=refusal,
        said=said,
        unsaved=bool(typed),
        samples=_samples(shown, letter),
        script_words={
            k: v for k, v in words_of(asked, "studio-forms").items() if k.startswith("forms.script-")
        },
        **WORDS,
    )


def _settings(shown: Opened, letter: Letter) -> dict[str, Any] | None:
    """What the form of the settings shows; None for notices, `broken` text where the file cannot be read."""
    if letter.kind != "document":
        return None
    tree = sidecar_tree(shown, letter)
    if tree is None:
        return {"broken": shown.package.files.get(letter.path("sidecar"), b"").decode("utf-8", "replace")}
    title = tree.get("title") if isinstance(tree.get("title"), dict) else {}
    return {**tree, "title": title, "public_lines": public_lines(tree.get("public")), "broken": ""}


def _samples(shown: Opened, letter: Letter) -> list[dict[str, str]]:
    try:
        cases = scenarios_of(shown.package)[0]
    except ScenarioBroken:
        return []
    known = [one for one in cases if letter.name in issuing(one)] or list(cases)
    return [{"id": one.id, "title": one.title or one.id} for one in known[:_MOST_OFFERED]]


@form("/studio/{process:str}/letters/{rest:path}")
def change_letter(asked: Asked, process: str, rest: str, given: Given) -> Response[Any]:
    """Preview what is typed, save it, or hand it out as PDF."""
    do = posts.first(given, "do")
    shown = opened(asked, process)
    if do == "download":
        kept = posts.first(given, "mine") or text_of(given)
        return attachment(kept.encode(), rest.rpartition("/")[2])
    letter = _letter(shown, rest)
    part = _part(posts.first(given, "part"))
    wish = Wish(posts.first(given, "scenario"), posts.first(given, "case").strip())
    if do == "overwrite":
        path = posts.first(given, "path")
        if path not in {letter.path(one) for one in (*PARTS, "sidecar")}:
            raise NotFound(kind="file", id=path)
        mine = posts.first(given, "mine").replace("\r\n", "\n").encode()
        return _saved(asked, shown, letter, part, wish, {path: mine}, {path: posts.first(given, "seen")})
    typed = _typed(asked, shown, letter, part, given)
    seen = {one: posts.first(given, f"seen:{one}") for one in (*PARTS, "sidecar")}
    if do == "pdf":
        return _pdf(asked, shown, letter, part, wish, typed)
    if do == "save":
        return _saved(
            asked, shown, letter, part, wish, typed, {letter.path(one): sha for one, sha in seen.items()}
        )
    return _editor(asked, shown, letter, part, wish, typed=typed, seen=seen)


def _typed(asked: Asked, shown: Opened, letter: Letter, part: str, given: Given) -> dict[str, bytes]:
    """The contents that differ from what the page was made of, by path."""
    text = text_of(given)
    contents: dict[str, bytes] = {}
    if letter.kind == "document":
        sidecar = letter.path("sidecar")
        if "s.raw" in given:
            contents[sidecar] = posts.first(given, "s.raw").replace("\r\n", "\n").encode()
        elif given.get("s.shown"):
            before = (
                sidecar_tree(_as_seen(asked, shown, sidecar, posts.first(given, "seen:sidecar")), letter)
                or {}
            )
            after = settings_of(given, before)
            if after != before:
                contents[sidecar] = written(after)
            layout = str(after.get("layout", ""))
            if (
                layout
                and layout_in(text)
                and layout != before.get("layout", "notice")
                and layout_in(text) != layout
            ):
                text = in_layout(text, layout)
    path = letter.path(part)
    if text.encode() != _as_seen(asked, shown, path, posts.first(given, f"seen:{part}")).package.files.get(
        path, b""
    ):
        contents[path] = text.encode()
    return contents


def _as_seen(asked: Asked, shown: Opened, path: str, seen: str) -> Opened:
    """The process with one file as the page had seen it."""
    if not seen or shown.files.get(path, "") == seen:
        return shown
    files = {**shown.package.files, path: earlier(asked, shown.process, path, seen)}
    return replace(shown, package=Package(shown.package.name, files))


def _saved(
    asked: Asked,
    shown: Opened,
    letter: Letter,
    part: str,
    wish: Wish,
    typed: dict[str, bytes],
    seen: dict[str, str],
) -> Response[Any]:
    back = f"/studio/{shown.process}/letters/{letter.rest}"
    for path, content in typed.items():
        if shown.files.get(path) == sha_of(content):
            continue
        if not content.strip() and not seen.get(path):
            continue  # a translation that nobody wrote
        known = seen.get(path, "")
        if told := save_or_tell(asked, shown.process, path, content, known, tab="letters", back=back):
            return told
    return _editor(asked, opened(asked, shown.process), letter, part, wish, said="forms.saved")


def _pdf(
    asked: Asked, shown: Opened, letter: Letter, part: str, wish: Wish, typed: dict[str, bytes]
) -> Response[Any]:
    """The preview as a file; where there is none, the page that says why."""
    package = Package(shown.package.name, {**shown.package.files, **typed})
    told: Looks = looks(asked, package, letter, wish, part, pictures=False)
    if not told.pdf:
        return _editor(asked, shown, letter, part, wish, typed=typed)
    return letter_api.pdf(told.pdf, letter.name)


@form("/studio/{process:str}/letters")
def new_letter(asked: Asked, process: str, given: Given) -> Response[Any]:
    """A new paper on a layout, or a new notice."""
    shown = opened(asked, process)
    kind, name = posts.first(given, "kind"), posts.first(given, "name").strip()
    letter = Letter("notice" if kind == "notice" else "document", name, process)
    if not _NAME.fullmatch(name) or (letter.kind == "document" and name.startswith("notice-")):
        return _list(asked, shown, asked.say("letters.new-wrong", name=name), 422, typed=given)
    if letter.path("zh") in shown.files or letter.path("sidecar") in shown.files:
        return _list(asked, shown, asked.say("letters.new-there", name=name), 409, typed=given)
    layout = posts.first(given, "layout")
    layout = layout if layout in WORDS["layouts"] else "notice"
    title = posts.first(given, "title").strip() or name
    contents = {letter.path("zh"): f"{title}\n" if letter.kind == "notice" else skeleton(layout)}
    if letter.kind == "document":
        contents[letter.path("sidecar")] = written(
            {"title": {"zh": title}, "layout": layout, "sealed": True}
        ).decode()
    try:
        for path, content in contents.items():
            save_file(asked, process, path, content.encode(), "")
    except REFUSED as refusal:
        problem = problem_of(refusal, asked.language, LARGEST_FILE)
        return _list(asked, opened(asked, process), problem.sentence, problem.status, typed=given)
    return Redirect(f"/studio/{process}/letters/{letter.rest}", status_code=303)


routes = (all_letters, edit_letter, change_letter, new_letter, *letter_api.routes)
