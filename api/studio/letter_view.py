"""The letters of a process: which template belongs to which step, its settings, and what it may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_type_hints

import msgspec

from api.studio.form_view import definition_of
from engine.documents.masks import MASKS
from engine.documents.sandbox import FILTERS, PLACES
from engine.documents.sidecar import Sidecar

if TYPE_CHECKING:
    from api.frame import Asked
    from api.studio.frame import Opened

FOLDER = "templates/"
SHARED = "_shared"
_NOTICE = re.compile(r"notice-(?P<name>.+?)(\.en)?\.txt")
_LONGEST_VALUE, _MOST_FIELDS = 60, 400


class Letter(NamedTuple):
    """One letter: `notice` or `document`, its name in the model, and the folder below templates/ it lies in."""

    kind: str
    name: str
    folder: str

    @property
    def rest(self) -> str:
        """How addresses name it."""
        return f"{self.folder}/{'notice-' if self.kind == 'notice' else ''}{self.name}"

    def path(self, part: str) -> str:
        """The file of a part: zh, en, or `sidecar`."""
        if part == "sidecar":
            return f"{FOLDER}{self.rest}.json"
        end = "txt" if self.kind == "notice" else "html"
        return f"{FOLDER}{self.rest}{'.en' if part == 'en' else ''}.{end}"


def letter_of(rest: str) -> Letter:
    """The letter that an address names."""
    folder, _, name = rest.strip("/").rpartition("/")
    if name.startswith("notice-"):
        return Letter("notice", name.removeprefix("notice-"), folder)
    return Letter("document", name, folder)


def choices(name: str) -> tuple[str, ...]:
    """What a setting of the sidecar may be, as the engine says it."""
    hint = get_type_hints(Sidecar)[name]
    found = [word for one in get_args(hint) for word in (get_args(one) or (one,)) if isinstance(word, str)]
    return tuple(found)


def letters(asked: Asked, shown: Opened) -> list[dict[str, Any]]:
    """Every letter of the package and every one that a step names but nobody wrote, own ones first."""
    makers = _makers(shown)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path in sorted(shown.files):
        letter = _in_file(path)
        if letter is not None and letter.folder in (shown.process, SHARED):
            steps = makers.get((letter.kind, letter.name), [])
            if letter.folder == SHARED and (
                (letter.kind, letter.name) in found or not (steps or _by_engine(letter))
            ):
                continue
            found[letter.kind, letter.name] = _line(asked, shown, letter, steps)
    for (kind, name), steps in makers.items():
        if (kind, name) not in found:
            line = _line(asked, shown, Letter(kind, name, shown.process), steps)
            found[kind, name] = {**line, "missing": True}
    return sorted(found.values(), key=lambda one: (one["kind"] != "document", one["shared"], one["name"]))


def _in_file(path: str) -> Letter | None:
    """The letter whose main file this is; None for layouts, sidecars, translations."""
    if not path.startswith(FOLDER) or path.count("/") != 2:
        return None
    _, folder, name = path.split("/")
    if (notice := _NOTICE.fullmatch(name)) is not None:
        return None if name.endswith(".en.txt") else Letter("notice", notice["name"], folder)
    if name.endswith(".json"):
        return Letter("document", name.removesuffix(".json"), folder)
    return None


def _by_engine(letter: Letter) -> bool:
    """Notices that no step names because the engine sends them: deadlines and pushes."""
    return letter.kind == "notice" and letter.name.startswith(("overdue-", "urged"))


def _makers(shown: Opened) -> dict[tuple[str, str], list[dict[str, str]]]:
    definition = definition_of(shown.package)
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    for node in definition.nodes.values() if definition else ():
        for kind, name in (("document", node.settings.document), ("notice", node.settings.notice)):
            if name and not name.startswith("="):
                found.setdefault((kind, name), []).append({"id": node.id, "name": node.name or node.id})
    return found


def _line(asked: Asked, shown: Opened, letter: Letter, steps: list[dict[str, str]]) -> dict[str, Any]:
    settings = sidecar_tree(shown, letter)
    title = settings.get("title") if settings else None
    default = asked.say(f"letters.notice-{letter.name}") if _by_engine(letter) else letter.name
    if default.startswith("letters."):
        default = letter.name
    return {
        "kind": letter.kind,
        "name": letter.name,
        "rest": letter.rest,
        "title": asked.pick(title) if isinstance(title, dict) else default,
        "layout": settings.get("layout", "notice") if settings else "",
        "shared": letter.folder == SHARED,
        "steps": steps,
        "by_engine": _by_engine(letter),
        "english": letter.path("en") in shown.files,
        "missing": False,
    }


def sidecar_tree(shown: Opened, letter: Letter) -> dict[str, Any] | None:
    """The settings beside the template as the file says them; None where there is none or it is no object."""
    content = shown.package.files.get(letter.path("sidecar")) if letter.kind == "document" else None
    if content is None:
        return None
    try:
        found = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return None
    return found if isinstance(found, dict) else None


def fields_of(known: Mapping[str, Any]) -> list[dict[str, str]]:
    """Every field that a template may name, with the sample's value and how it is best written."""
    found: list[dict[str, str]] = []

    def walk(path: str, value: Any, depth: int) -> None:
        if len(found) >= _MOST_FIELDS or depth > 6:
            return
        if isinstance(value, Mapping):
            for key in value:
                walk(f"{path}.{key}", value[key], depth + 1)
        elif isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
            item = re.sub(r"\W", "_", path.rpartition(".")[2])[:20] or "row"
            loop = f"{{% for one in {path} %}}{{{{ one.{next(iter(value[0]), 'name')} }}}}{{% endfor %}}"
            found.append({"name": f"{path}[]", "value": f"{len(value)} × {item}", "insert": loop})
            for key, inner in value[0].items():
                found.append(
                    {
                        "name": f"{path}[].{key}",
                        "value": _short(inner),
                        "insert": f"{{{{ one.{key}{_filter(inner)} }}}}",
                    }
                )
        else:
            found.append(
                {"name": path, "value": _short(value), "insert": f"{{{{ {path}{_filter(value)} }}}}"}
            )

    for root in ("data", "case", "document"):
        if root in known:
            walk(root, known[root], 0)
    return found


def _filter(value: Any) -> str:
    match value:
        case datetime():
            return " | datetime_zh"
        case date():
            return " | date_zh"
        case bool():
            return ""
        case Decimal() if value == value.quantize(Decimal("0.01")):
            return " | money"
        case list() | tuple():
            return ' | join("、")'
    return ""


def _short(value: Any) -> str:
    text = "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


WORDS = {
    "filters": sorted((*FILTERS, *PLACES)),
    "masks": ("none", *MASKS),
    "layouts": choices("layout"),
    "issuers": choices("issuer"),
    "effects": choices("effect"),
}
