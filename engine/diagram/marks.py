"""What a drawing says about its elements beyond the model: how far a case is, what differs, what was tried, what is wrong.

Every kind has a colour, a sign and words, so that nobody needs to see the colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from engine.diagram.text import text

if TYPE_CHECKING:
    from engine.diagram.layout import Box

#: Kind -> the sign in its badge.
SIGNS: Final = {
    "done": "✓",
    "now": "●",
    "late": "!",
    "added": "+",
    "removed": "−",
    "changed": "≠",
    "moved": "↔",
    "covered": "✓",
    "missed": "○",
    "error": "✕",
    "warning": "!",
}
_RADIUS: Final = 9


@dataclass(frozen=True, slots=True)
class Mark:
    """What is drawn on one element."""

    #: One of SIGNS, which becomes the class of the element; "" leaves it as it is.
    kind: str = ""
    #: What stands in the badge instead of the kind's sign (a count of runs); "" is the kind's sign.
    sign: str = ""
    #: Said after the element's name, to pointers and to screen readers.
    words: str = ""
    #: Where a click or Enter on the element leads.
    href: str = ""
    #: Tokens that rest here.
    tokens: int = 0
    #: Open remarks of people about it.
    remarks: int = 0


def badges(mark: Mark, box: Box) -> str:
    """The badge of the kind at the upper right, tokens at the lower left, remarks at the lower right."""
    parts = []
    right, left = box.x + box.width - 4, box.x + 4
    # Where tokens rest they say by themselves that something happens now.
    usual = "" if mark.tokens and mark.kind == "now" else SIGNS.get(mark.kind, "")
    if sign := mark.sign or usual:
        parts.append(_disc("d-b", "d-bt", sign, right, box.y + 4))
    if mark.tokens:
        sign = str(mark.tokens) if mark.tokens > 1 else ""
        parts.append(_disc("d-t", "d-bt", sign, left, box.y + box.height - 4))
    if mark.remarks:
        x, y = right - 8, box.y + box.height - 12
        parts.append(f'<path class="d-r" d="M{x:g} {y:g}h20v14h-11l-5 5v-5h-4Z"/>')
        parts.append(text([str(mark.remarks)], x + 10, y + 7, kind="d-bt"))
    return "".join(parts)


def linked(mark: Mark, group: str, name: str) -> str:
    """The group, as a link where the mark leads somewhere."""
    if not mark.href:
        return group
    title = escape(said(name, mark))
    return f'<a href="{escape(mark.href)}" aria-label="{title}">{group}</a>'


def said(name: str, mark: Mark | None) -> str:
    """An element's name with what the mark says."""
    return f"{name} · {mark.words}" if mark is not None and mark.words else name


def _disc(kind: str, inner: str, sign: str, x: float, y: float) -> str:
    radius = _RADIUS if len(sign) < 3 else _RADIUS + 3 * (len(sign) - 2)
    words = text([sign], x, y, kind=inner) if sign else ""
    return f'<circle class="{kind}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>{words}'
