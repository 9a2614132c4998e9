"""The rights of fields over steps as a table: what each step asks, only shows, or does not have; changed cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Response

from api.frame import Asked
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from api.studio.conflict import save_or_tell
from api.studio.form_view import FOLDER, listing
from api.studio.frame import earlier, opened, studio_page
from engine.forms.edit import taken_apart, told, written
from engine.forms.steps import Refused, rows, with_level

if TYPE_CHECKING:
    from api.studio.frame import Opened
    from engine.forms.edit import Tree

LEVELS = ("write", "read", "hidden")


@get("/studio/{process:str}/form-rights", include_in_schema=False)
def field_rights(asked: Asked, process: str) -> Response[str]:
    """Fields down, steps across."""
    return _page(asked, opened(asked, process))


def _page(
    asked: Asked, shown: Opened, *, refusal: str = "", said: str = "", status: int = 200
) -> Response[str]:
    trees = _trees(shown)
    steps = [one for one in listing(asked, shown) if one["rest"] in trees]
    names = {one["rest"]: trees[one["rest"]] for one in steps}
    lines = [
        {
            "key": row.key,
            "label": asked.pick(row.label) or row.key,
            "cells": [
                {
                    "rest": one["rest"],
                    "level": row.levels.get(one["rest"], "hidden"),
                    "at": told(row.places[one["rest"]]) if one["rest"] in row.places else "",
                }
                for one in steps
            ],
        }
        for row in rows(names)
    ]
    hashes = {one["rest"]: shown.files[FOLDER + one["rest"]] for one in steps}
    return studio_page(
        asked,
        shown,
        "studio/form_rights.html",
        tab="forms",
        status=status,
        steps=steps,
        lines=lines,
        hashes=hashes,
        levels=LEVELS,
        refusal=refusal,
        said=said,
    )


def _trees(shown: Opened) -> dict[str, Tree]:
    """The process's own forms and those of its parts that can be taken apart."""
    return {
        path.removeprefix(FOLDER): tree
        for path in sorted(shown.files)
        if path.startswith(FOLDER)
        and path.endswith(".json")
        and (tree := taken_apart(shown.package.files[path])) is not None
    }


@form("/studio/{process:str}/form-rights")
def change_right(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Give one field another level in one step: `cell` is level, form and key; `seen:<form>` its hash."""
    shown = opened(asked, process)
    level, rest, key = [*posts.first(given, "cell").split(" ", 2), "", "", ""][:3]
    seen = posts.first(given, f"seen:{rest}")
    trees = _trees(shown)
    path = FOLDER + rest
    if rest not in trees or level not in LEVELS:
        return _page(asked, shown, refusal=asked.say("forms.gone"), status=409)
    if shown.files[path] != seen:
        mine = taken_apart(earlier(asked, process, path, seen))
        trees = {**trees, rest: mine} if mine is not None else trees
    try:
        content = written(with_level(trees, rest, key, level))  # type: ignore[arg-type]  # one of LEVELS
    except Refused as refused:
        sentence = asked.say(f"forms.right-{refused.code}", **refused.values)
        return _page(asked, shown, refusal=sentence, status=422)
    if content == written(trees[rest]):
        return _page(asked, shown)
    back = f"/studio/{process}/forms/{rest}"
    if conflict := save_or_tell(asked, process, path, content, seen, tab="forms", back=back):
        return conflict
    return _page(asked, opened(asked, process), said="forms.saved")


routes = (field_rights, change_right)
