"""Taking over forms of other makers: what an importer gives back, and what all importers share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from engine.feel import FeelError
from engine.forms.edit import Tree, free_key
from engine.forms.model import feel
from engine.forms.read import no_pattern

_NO_NAME = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Left:
    """Something that could not be taken over: where in the source, what it was, and why (a code for the sentence)."""

    where: str
    what: str
    code: str


@dataclass(slots=True)
class Taken:
    """A form made of a foreign one, section by section, and what stayed behind."""

    form_id: str
    title: str = ""
    sections: list[Tree] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def section(self, title: str = "") -> None:
        """Begin a section; one that stayed empty is used again."""
        if not self.sections or self.sections[-1]["fields"]:
            self.sections.append({"fields": []})
        if title:
            self.sections[-1] = {"title": words(title), "fields": self.sections[-1]["fields"]}

    def add(self, one: Tree) -> None:
        """A field more, under a key that no other has."""
        if not self.sections:
            self.section()
        one["key"] = free_key(self.tree(), self._beside(one["key"]))
        self.sections[-1]["fields"].append(one)

    def _beside(self, key: str) -> str:
        """The key, or a flat one where it would lie inside another answer, or another inside it."""
        known = [one["key"] for section in self.sections for one in section["fields"]]
        inside = any(
            f"{key}.".startswith(f"{one}.") or one.startswith(f"{key}.") for one in known if one != key
        )
        return f"{key.replace('.', '_')}_2" if inside else key

    def bound(self, one: Tree, name: str, value: Any, where: str) -> None:
        """Let the answer lie on one side of a number or of what FEEL gives, where that can be read."""
        if isinstance(value, bool) or not isinstance(value, int | float | str) or value == "":
            if value not in (None, ""):
                self.lacks(where, f"{name} {value}"[:80], "bound")
        elif isinstance(value, int):
            one[name] = value
        elif readable(text := str(value).removeprefix("=").strip()):
            one[name] = text
        else:
            self.lacks(where, f"{name} {text}"[:80], "feel")

    def pattern(self, one: Tree, pattern: str, where: str) -> None:
        """Let the answer fit a pattern, where the pattern is one that is read here."""
        if no_pattern(pattern):
            self.lacks(where, pattern[:80], "pattern")
        else:
            one["pattern"] = pattern

    def lacks(self, where: str, what: str, code: str) -> None:
        """Note that something stays behind."""
        self.left.append(Left(where, what, code))

    def tree(self) -> Tree:
        """The form file's content."""
        filled = [one for one in self.sections if one["fields"]] or [{"fields": []}]
        head = {"id": self.form_id, "title": words(self.title or self.form_id), "variables": "all"}
        return {**head, "sections": filled}


def whole(value: Any) -> int | None:
    """A count, where it is one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def readable(text: str) -> bool:
    """Whether FEEL can read it."""
    try:
        feel(text)
    except FeelError:
        return False
    return True


def at_least(one: Tree, least: Any) -> None:
    """Let a text have so many characters, which a form says as a condition."""
    count = whole(least)
    if count and count > 1:
        message = {"zh": f"至少{count}个字", "en": f"At least {count} characters"}
        one["valid_when"] = [{"test": f"string length({one['key']}) >= {count}", "message": message}]


def words(text: str) -> dict[str, str]:
    """A foreign label: it stands as Chinese until somebody translates it, and as English where it is plain Latin."""
    return {"zh": text, "en": text} if text.isascii() else {"zh": text}


def key_of(text: Any, prefix: str = "field") -> str:
    """A name that answers can have here: dots nest, whatever else is no letter or digit becomes `_`."""
    parts = [_NO_NAME.sub("_", part).strip("_") for part in str(text or "").split(".")]
    parts = [f"{prefix}_{part}" if part[:1].isdigit() else part for part in parts if part]
    return ".".join(parts) or prefix


def options_of(values: Any, where: str, taken: Taken) -> list[Tree]:
    """Options from (value, label) in the ways of JSON Schema and form-js; what is no text becomes one."""
    found: dict[str, Tree] = {}
    for number, one in enumerate(values if isinstance(values, list) else [], 1):
        value, label = (
            (one.get("value", one.get("const")), one.get("label", one.get("title")))
            if isinstance(one, dict)
            else (one, None)
        )
        if value is None or isinstance(value, dict | list):
            taken.lacks(f"{where}[{number}]", str(one)[:60], "option")
            continue
        text = str(value).lower() if isinstance(value, bool) else str(value)
        found.setdefault(text, {"value": text, "label": words(str(label or text))})
    return list(found.values())
