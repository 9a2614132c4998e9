"""A new form for a step: empty, copied from another form, or taken over from JSON Schema, form-js or our own JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.response import Redirect

from api.frame import Asked
from api.pages import posts
from api.posted import Given
from api.routes import form
from api.studio.conflict import save_or_tell
from api.studio.form_view import FOLDER, listing
from api.studio.frame import opened, studio_page
from engine.forms.edit import taken_apart, written
from engine.forms.formjs import from_formjs, is_formjs
from engine.forms.schema_in import from_json_schema

if TYPE_CHECKING:
    from api.studio.frame import Opened
    from engine.forms.edit import Tree
    from engine.forms.taken import Left

#: A form's id is the id of a BPMN element, `start`, or `message-` and the message's name.
_ID = re.compile(r"(message-)?[A-Za-z_][\w.-]{0,79}")
_LARGEST = 2 * 1024 * 1024
#: What is typed or chosen for a new form.
TYPED = ("id", "copy", "text", "replace")


class NotTaken(Exception):
    """The file is no form that can be taken over; the code of the sentence says why."""


@form("/studio/{process:str}/forms")
def new_form(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Make the form of `id`: from `copy` (another form), from an uploaded `file` or `text`, else an empty one."""
    shown = opened(asked, process)
    name = posts.first(given, "id").strip()
    rest = f"{process}/{name}.json"
    if not _ID.fullmatch(name):
        return _again(asked, shown, given, "forms.new-wrong-id", name=name)
    if FOLDER + rest in shown.files and not posts.first(given, "replace"):
        return _again(asked, shown, given, "forms.new-there", name=name)
    left: list[Left] = []
    try:
        tree, left = _tree(asked, shown, name, given)
    except NotTaken as refused:
        return _again(asked, shown, given, str(refused), name=name)
    seen = shown.files.get(FOLDER + rest, "")
    back = f"/studio/{process}/forms/{rest}"
    if conflict := save_or_tell(asked, process, FOLDER + rest, written(tree), seen, tab="forms", back=back):
        return conflict
    if not left:
        return Redirect(back, status_code=303)
    return studio_page(
        asked, opened(asked, process), "studio/form_taken.html", tab="forms", rest=rest, name=name, left=left
    )


def _again(asked: Asked, shown: Opened, given: Given, key: str, **values: Any) -> Response[str]:
    """The list of forms with what is wrong and what was typed; a file must be chosen once more."""
    refusal = asked.say(key, **values)
    return studio_page(
        asked,
        shown,
        "studio/forms.html",
        tab="forms",
        status=422,
        forms=listing(asked, shown),
        refusal=refusal,
        typed={name: posts.first(given, name) for name in TYPED},
    )


def _tree(asked: Asked, shown: Opened, name: str, given: Given) -> tuple[Tree, list[Left]]:
    source = _source(given)
    if source.strip():
        return taken_over(source, name)
    copied = posts.first(given, "copy")
    if copied:
        tree = taken_apart(shown.package.files.get(FOLDER + copied, b""))
        if tree is None:
            raise NotTaken("forms.new-no-copy")
        return {**tree, "id": name}, []
    title = _step_name(asked, shown, name)
    section = {"title": {"zh": asked.say("forms.new-section")}, "fields": []}
    return {"id": name, "title": {"zh": title}, "variables": "all", "sections": [section]}, []


def _step_name(asked: Asked, shown: Opened, name: str) -> str:
    step = next((one["step"] for one in listing(asked, shown) if one["id"] == name), "")
    return step or name


def _source(given: Given) -> str:
    for one in given.get("file", ()):
        if isinstance(one, UploadFile) and one.filename:
            content = one.file.read(_LARGEST + 1)
            if len(content) > _LARGEST:
                raise NotTaken("forms.import-too-large")
            try:
                return content.decode("utf-8-sig")
            except UnicodeDecodeError:
                raise NotTaken("forms.import-not-text") from None
    return posts.first(given, "text")


def taken_over(source: str, name: str) -> tuple[Tree, list[Left]]:
    """The form in a text of any of the three kinds, and what stayed behind; NotTaken says why there is none."""
    try:
        found = json.loads(source)
    except (ValueError, RecursionError):
        raise NotTaken("forms.import-not-json") from None
    if not isinstance(found, dict):
        raise NotTaken("forms.import-unknown")
    own = taken_apart(source.encode()) if "sections" in found else None
    if own is not None:
        return {**own, "id": name}, []
    if is_formjs(found):
        taken = from_formjs(found, name)
    elif "properties" in found or "$schema" in found:
        taken = from_json_schema(found, name)
    else:
        raise NotTaken("forms.import-unknown")
    return taken.tree(), taken.left


routes = (new_form,)
