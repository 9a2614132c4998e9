"""Expression texts of models: which of them are FEEL, and the two foreign forms that are FEEL in other clothes.

Tools write `${amount}` and `tags.contains("a")` where FEEL says `amount` and `contains(tags, "a")`. These two are
translated, being the same thing in every engine that reads them. Everything else must be FEEL or is refused.
"""

from __future__ import annotations

import re

#: What `language`, `expressionLanguage` and `scriptFormat` may say. A model's default language is not believed: tools
#: write the XPath URI of the schema's default without meaning it.
XPATH = "http://www.w3.org/1999/XPath"
_FEEL = re.compile(
    r"(?:application/|text/)?(?:x-)?feel|https?://www\.omg\.org/spec/(?:FEEL|DMN)/\d+/FEEL/?", re.IGNORECASE
)
_WRAPPED = re.compile(r"[$#]\{([^{}]*)\}")
_CONTAINS = re.compile(r'\b([A-Za-z_]\w*)\.contains\(\s*("[^"\\]*")\s*\)')
_ASSIGNS = re.compile(r"[\w.\[\]'\"]+\s*[-+*/]?=(?!=)")
_PYTHON_LINE = re.compile(
    r"^\s*(?:import|from|def|class|print|exec|eval|del|raise|try:|with|while|global)\b", re.MULTILINE
)

_DATE = r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
_PART = r"\d+(?:\.\d+)?"
_DURATION = rf"P(?=\d|T\d)(?:{_PART}Y)?(?:{_PART}M)?(?:{_PART}W)?(?:{_PART}D)?(?:T(?=\d)(?:{_PART}H)?(?:{_PART}M)?(?:{_PART}S)?)?"
ISO = {
    "timeDate": re.compile(_DATE),
    "timeDuration": re.compile(_DURATION),
    "timeCycle": re.compile(rf"R\d*/(?:{_DATE}/)?{_DURATION}(?:/{_DATE})?|{_DURATION}"),
}


def is_feel(language: str) -> bool:
    """Tell whether the name of a language means FEEL."""
    return _FEEL.fullmatch(language.strip()) is not None


def plain(text: str | None) -> str:
    """Return the FEEL of an expression text: leading `=` and `${...}` dropped, `x.contains("a")` turned round; "" for none."""
    text = (text or "").strip().removeprefix("=").strip()
    if (wrapped := _WRAPPED.fullmatch(text)) is not None:
        text = wrapped[1].strip()
    return _CONTAINS.sub(r"contains(\1, \2)", text)


def literal(text: str) -> str:
    """Return the FEEL string literal of a text."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def timer(kind: str, text: str) -> str | None:
    """Return the FEEL of a timer text: `=...` and `${...}` are FEEL, anything else must be ISO 8601; None if it is not."""
    text = text.strip()
    if text.startswith("=") or _WRAPPED.fullmatch(text):
        return plain(text)
    return literal(text) if ISO[kind].fullmatch(text) else None


def is_python(text: str) -> bool:
    """Tell whether a script text that names no language reads as statements rather than as a FEEL expression.

    FEEL would take `total = a + b` for a comparison and forget it, so an assignment is refused rather than misread.
    """
    text = text.strip()
    if text.startswith(("{", "=")):
        return False
    return _ASSIGNS.match(text) is not None or _PYTHON_LINE.search(text) is not None


def split(text: str | None) -> tuple[str, ...]:
    """Return the ids of a list setting; separators are white space and Western or Chinese commas and semicolons."""
    return tuple(re.findall(r"[^\s,，、;；]+", text or ""))
