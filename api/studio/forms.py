"""The editor of forms: the list of all forms, one form as an ordered list with its properties, every change saved at once.

Each change is a post that carries the hash of what it was made on; what somebody else saved meanwhile is never
overwritten unasked (api/studio/conflict). Undo and redo are earlier contents of the file, carried by their hashes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Response

from api.frame import Asked
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from api.studio import form_import, form_preview, form_rights
from api.studio.attachment import attachment
from api.studio.conflict import save_or_tell
from api.studio.form_posts import applied, done
from api.studio.form_view import FOLDER, WORDS, State, editor_values, listing
from api.studio.frame import earlier, opened, studio_page, words_of
from engine.drafts import sha_of
from engine.errors import NotFound
from engine.forms.edit import WHOLE, NoSuchPlace, place_of, taken_apart, written

if TYPE_CHECKING:
    from api.studio.frame import Opened
    from engine.forms.edit import Place

#: How far one can go back; more hashes would make the page heavy.
_MOST_STEPS = 60


@get("/studio/{process:str}/forms", include_in_schema=False)
def all_forms(asked: Asked, process: str) -> Response[str]:
    """Every form of the process and every step that lacks one."""
    shown = opened(asked, process)
    return studio_page(
        asked,
        shown,
        "studio/forms.html",
        tab="forms",
        forms=listing(asked, shown),
        refusal="",
        typed=dict.fromkeys(form_import.TYPED, ""),
    )


@get("/studio/{process:str}/forms/{rest:path}", include_in_schema=False)
def edit_form(asked: Asked, process: str, rest: str, at: str = "") -> Response[str]:
    """One form in the editor; `at` is the part looked at (`2.3`: third field of the second section)."""
    shown = opened(asked, process)
    rest = rest.strip("/")
    content, seen = content_of(shown, rest)
    return editor(asked, shown, rest, State(content, seen), place_of(at))


def content_of(shown: Opened, rest: str) -> tuple[bytes, str]:
    """The form's file and the hash of its content; NotFound if the package has none of that name."""
    path = FOLDER + rest
    if path not in shown.files or not path.endswith(".json"):
        raise NotFound(kind="file", id=path)
    return shown.package.files[path], shown.files[path]


def editor(
    asked: Asked, shown: Opened, rest: str, state: State, place: Place, *, said: str = "", more: str = ""
) -> Response[str]:
    """The page of the editor."""
    return studio_page(
        asked,
        shown,
        "studio/form.html",
        tab="forms",
        forms=listing(asked, shown),
        script_words={
            k: v for k, v in words_of(asked, "studio-forms").items() if k.startswith("forms.script-")
        },
        said=said,
        chosen_kind=more,
        **WORDS,
        **editor_values(asked, shown, rest, state, place),
        **form_preview.samples(asked, shown, rest),
    )


@form("/studio/{process:str}/forms/{rest:path}")
def change_form(asked: Asked, process: str, rest: str, given: Given) -> Response[Any]:
    """Do what a button or a changed property asks for, save it, and show the editor again."""
    rest = rest.strip("/")
    do = posts.first(given, "do")
    path = FOLDER + rest
    mine = posts.first(given, "mine").replace("\r\n", "\n")
    seen = posts.first(given, "seen")
    shown = opened(asked, process)
    if do == "download":
        return attachment(mine.encode(), rest.rpartition("/")[2])
    if do == "overwrite":
        return _saved(asked, process, rest, State(b"", seen), mine.encode(), WHOLE)
    base = _base(asked, shown, path, seen)
    state = State(base, seen, _hashes(given, "undo"), _hashes(given, "redo"))
    place = place_of(posts.first(given, "at"))
    if do in ("undo", "redo"):
        return _back(asked, process, rest, state, do, place)
    if do == "text":
        return _saved(asked, process, rest, state, mine.encode(), place)
    return _edited(asked, shown, rest, state, place, do, given)


def _base(asked: Asked, shown: Opened, path: str, seen: str) -> bytes:
    """What the page was made of: the content now, or an earlier one."""
    if shown.files.get(path) == seen:
        return shown.package.files[path]
    return earlier(asked, shown.process, path, seen)


def _edited(
    asked: Asked, shown: Opened, rest: str, state: State, place: Place, do: str, given: Given
) -> Response[Any]:
    tree = taken_apart(state.content)
    if tree is None:
        return editor(asked, shown, rest, state, WHOLE)
    try:
        # Whatever button was pressed, what was typed beside it counts as well.
        new = applied(tree, place, given) if given.get("shown") else tree
        if do and do != "apply":
            new, place = done(asked, new, place, do, given)
    except NoSuchPlace:
        return editor(asked, shown, rest, state, WHOLE, said="forms.gone")
    content = state.content if new == tree else written(new)
    return _saved(asked, shown.process, rest, state, content, place)


def _saved(
    asked: Asked, process: str, rest: str, state: State, content: bytes, place: Place, *, undo: bool = True
) -> Response[Any]:
    """Save, and show what is now; refused, everything typed stays on the page of the conflict."""
    path = FOLDER + rest
    if content == state.content and state.content:
        return editor(asked, opened(asked, process), rest, state, place)
    back = f"/studio/{process}/forms/{rest}"
    if told := save_or_tell(asked, process, path, content, state.seen, tab="forms", back=back):
        return told
    kept = state
    if undo:
        steps = (*state.undo, state.seen)[-_MOST_STEPS:] if state.seen else state.undo
        kept = state._replace(undo=steps, redo=())
    return editor(
        asked,
        opened(asked, process),
        rest,
        kept._replace(content=content, seen=sha_of(content)),
        place,
        said="forms.saved",
    )


def _back(asked: Asked, process: str, rest: str, state: State, do: str, place: Place) -> Response[Any]:
    """One step back or forth."""
    steps = state.undo if do == "undo" else state.redo
    if not steps:
        return editor(asked, opened(asked, process), rest, state, place)
    content = earlier(asked, process, FOLDER + rest, steps[-1])
    if do == "undo":
        moved = state._replace(undo=steps[:-1], redo=(*state.redo, state.seen))
    else:
        moved = state._replace(redo=steps[:-1], undo=(*state.undo, state.seen))
    return _saved(asked, process, rest, moved, content, place, undo=False)


def _hashes(given: Given, name: str) -> tuple[str, ...]:
    words = posts.first(given, name).split()
    return tuple(one for one in words if len(one) == 64 and one.isalnum() and one.isascii())[-_MOST_STEPS:]


routes = (all_forms, edit_form, change_form, *form_preview.routes, *form_rights.routes, *form_import.routes)
