"""Sentences by key and language: Chinese first, English second, Chinese where English has none."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

LOCALE = Path(__file__).parent / "ui" / "locale"
LANGUAGES = {"zh": "zh-CN", "en": "en"}


@lru_cache
def catalogue(language: str) -> dict[str, str]:
    """All sentences of a language by key: the files of its folder, each an area of the house, put together."""
    known: dict[str, str] = {}
    for path in sorted((LOCALE / LANGUAGES[language]).glob("*.json")):
        known |= msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    return known


class _Known(dict[str, Any]):
    """A value that the sentence wants but nobody gave shows as an ellipsis; a sentence never breaks a page."""

    def __missing__(self, key: str) -> str:
        return "…"


def say(language: str, key: str, **values: Any) -> str:
    """The sentence for the key with the values put in; the key itself if no language has it."""
    text = catalogue(language).get(key)
    if text is None:
        text = catalogue("zh").get(key, key)
    return text.format_map(_Known(values)) if "{" in text else text


def knows(key: str) -> bool:
    """Whether there is a sentence for the key."""
    return key in catalogue("zh")


def pick(words: dict[str, str] | None, language: str) -> str:
    """The text in the language from a package's own words (labels of forms, titles of documents)."""
    return (words.get(language) or words.get("zh") or "") if words else ""


def accepted(header: str | None) -> str:
    """The language of an Accept-Language header: English if it is preferred to Chinese, else Chinese."""
    best, language = 0.0, "zh"
    for part in (header or "").split(","):
        name, _, parameters = part.strip().partition(";")
        code = name.strip().lower()[:2]
        if code not in LANGUAGES:
            continue
        try:
            weight = float(parameters.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        if weight > best:
            best, language = weight, code
    return language
