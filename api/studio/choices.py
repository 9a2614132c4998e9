"""What may be chosen in the settings of a diagram's elements: articles, forms, papers, decisions, roles, operations, parts."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from api.words import catalogue
from engine.dmn import DmnError, read
from engine.errors import FormBroken
from engine.feel import FeelError
from engine.fitting import element_ids, shared_parts, verbs
from engine.forms import read_form
from engine.openings import CASE_START
from engine.operations import OPERATIONS
from engine.secrecy import rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.frame import Asked
    from engine.package import Package

_ROLE = "role."


def choices(asked: Asked, package: Package) -> dict[str, Any]:
    """Everything by kind, with words in the asker's language; files that cannot be read offer nothing."""
    return {
        "articles": _articles(asked),
        "parameters": sorted({one.id for one in asked.office.law.parameters}),
        "roles": list(_roles(asked)),
        "rights": _rights(package),
        "forms": list(_forms(asked, package)),
        "papers": list(_papers(asked, package)),
        "notices": _notices(package),
        "decisions": list(_decisions(package)),
        "parts": [asdict(one) for one in shared_parts(asked.office.settings.root, package)],
        "operations": sorted({*OPERATIONS, *asked.office.handlers, CASE_START} - {"document", "notice"}),
        "messages": sorted(_messages(package)),
        "verbs": verbs(),
        "ids": element_ids(package),
    }


def _articles(asked: Asked) -> list[dict[str, Any]]:
    """Each article once, as it reads today; `now` tells whether it is in force at all."""
    law, today = asked.office.law, asked.today
    found: dict[str, dict[str, Any]] = {}
    for one in law.articles:
        known = law.article(one.id, today)
        shown = known or one
        found[one.id] = {"id": one.id, "title": shown.title, "text": shown.text, "now": known is not None}
    return list(found.values())


def _roles(asked: Asked) -> Iterator[dict[str, str]]:
    known = catalogue(asked.language)
    for key in sorted(key for key in known if key.startswith(_ROLE)):
        yield {"id": key.removeprefix(_ROLE), "name": known[key]}


def _rights(package: Package) -> dict[str, list[str]]:
    """Who may work each lane, by lane id."""
    found: dict[str, list[str]] = {}
    for role, obj, action in rules_of(package.policies):
        if action == "work" and "/" in obj:
            found.setdefault(obj.partition("/")[2], []).append(role)
    return found


def _messages(package: Package) -> set[str]:
    """Messages that somebody may send."""
    actions = (action for _, _, action in rules_of(package.policies))
    return {one.removeprefix("message:") for one in actions if one.startswith("message:")}


def _forms(asked: Asked, package: Package) -> Iterator[dict[str, Any]]:
    for path in sorted(package.files):
        if path.startswith("forms/") and path.endswith(".json"):
            try:
                title = asked.pick(read_form(package.files[path], path).title)
            except FormBroken:
                title = ""
            yield {"id": PurePosixPath(path).stem, "path": path, "title": title}


def _papers(asked: Asked, package: Package) -> Iterator[dict[str, str]]:
    for path in sorted(package.files):
        inside = PurePosixPath(path)
        if path.startswith("templates/") and inside.suffix == ".html" and not inside.stem.endswith(".en"):
            try:
                about = json.loads(package.files.get(str(inside.with_suffix(".json")), b"{}"))
            except ValueError:
                about = {}
            title = about.get("title") if isinstance(about, dict) else None
            yield {
                "id": inside.stem,
                "title": asked.pick(title) if isinstance(title, dict) else str(title or ""),
            }


def _notices(package: Package) -> list[str]:
    stems = (PurePosixPath(path) for path in package.files if path.startswith("templates/"))
    found = {one.stem.removeprefix("notice-") for one in stems if one.name.startswith("notice-")}
    return sorted(one for one in found if not one.endswith(".en"))


def _decisions(package: Package) -> Iterator[dict[str, str]]:
    for path in sorted(package.files):
        if path.endswith(".dmn"):
            try:
                model = read(package.files[path])
            except (DmnError, FeelError):
                continue
            for name, decision in model.decisions.items():
                yield {"id": name, "title": getattr(decision, "name", "") or name, "path": path}
