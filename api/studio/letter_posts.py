"""What the letter editor posts: the text of a part and the settings beside it, as the next content of their files."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from api.pages import posts
from api.studio.letter_view import WORDS

if TYPE_CHECKING:
    from api.posted import Given

_EXTENDS = re.compile(r'(\{%-?\s*extends\s+")_shared/(\w+)\.html(")')
#: Text settings of the sidecar that stand for themselves.
_TEXTS = ("number", "issuer_from", "valid_until", "purpose")


def text_of(given: Given) -> str:
    """The typed text with the line ends of the files."""
    return posts.first(given, "text").replace("\r\n", "\n").replace("\r", "\n")


def settings_of(given: Given, before: dict[str, Any]) -> dict[str, Any]:
    """The settings as typed, over those that the file had; the order of what stays is kept."""
    new = dict(before)

    def put(name: str, value: Any) -> None:
        if value in (None, "", [], {}):
            new.pop(name, None)
        else:
            new[name] = value

    title = {one: posts.first(given, f"s.title:{one}").strip() for one in ("zh", "en")}
    old = before.get("title") if isinstance(before.get("title"), dict) else {}
    kept = {key: text for key, text in (old or {}).items() if key not in title}
    put("title", {**{one: text for one, text in title.items() if text}, **kept})
    for name in _TEXTS:
        put(name, posts.first(given, f"s.{name}").strip())
    for name, known in (("layout", "layouts"), ("issuer", "issuers"), ("effect", "effects")):
        value = posts.first(given, f"s.{name}")
        put(name, value if value in WORDS[known] else None)
    new["sealed"] = bool(posts.first(given, "s.sealed"))
    put("public", _public(posts.first(given, "s.public"), before.get("public")))
    return new


def _public(text: str, before: Any) -> list[Any]:
    """One fact a line: a key, or `key = mask`."""
    old = {
        one if isinstance(one, str) else one.get("key"): one
        for one in before or []
        if isinstance(one, str | dict)
    }
    found: list[Any] = []
    for line in text.splitlines():
        key, _, mask = (part.strip() for part in line.partition("="))
        if key:
            same = old.get(key)
            was = same.get("mask") if isinstance(same, dict) else None
            found.append(
                same
                if same is not None and (was or "") == mask
                else {"key": key, "mask": mask}
                if mask
                else key
            )
    return found


def public_lines(public: Any) -> str:
    """The facts as lines to edit."""
    return "\n".join(
        one
        if isinstance(one, str)
        else f"{one.get('key', '')} = {one['mask']}"
        if one.get("mask")
        else str(one.get("key", ""))
        for one in (public if isinstance(public, list) else [])
        if isinstance(one, str | dict)
    )


def written(settings: dict[str, Any]) -> bytes:
    """The one way in which settings are written."""
    return (json.dumps(settings, ensure_ascii=False, indent=2) + "\n").encode()


def in_layout(text: str, layout: str) -> str:
    """The template on another layout; unchanged where it extends none."""
    return _EXTENDS.sub(lambda found: f"{found[1]}_shared/{layout}.html{found[3]}", text, count=1)


def layout_in(text: str) -> str:
    """The layout that a template is on; empty where it extends none."""
    found = _EXTENDS.search(text)
    return found[2] if found else ""


def skeleton(layout: str) -> str:
    """A new template of a layout."""
    return f'{{% extends "_shared/{layout}.html" %}}\n{{% block body %}}\n<p></p>\n{{% endblock %}}\n'
