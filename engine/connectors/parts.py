"""How many short messages a text makes (3GPP 23.038, 23.040): operators charge by the part."""

from __future__ import annotations

from typing import NamedTuple

#: The default alphabet of GSM 03.38, and the characters behind its escape, which count twice.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("\f^{}\\[~]|€")


class Parts(NamedTuple):
    """`units` characters as they travel in `sent` parts; `left` more fit into the last one. `wide`: 70 to a part, not 160."""

    sent: int
    units: int
    left: int
    wide: bool


def parts(text: str) -> Parts:
    """The parts of a text: one alone holds 160 (70 with Chinese) characters, each of several 153 (67)."""
    wide = not all(one in _BASIC or one in _ESCAPED for one in text)
    # A character beyond the basic plane travels as two; no part may end between them.
    sizes = [1 + (ord(one) > 0xFFFF) if wide else 1 + (one in _ESCAPED) for one in text]
    alone, each = (70, 67) if wide else (160, 153)
    units = sum(sizes)
    if units <= alone:
        return Parts(1 if text else 0, units, alone - units, wide)
    count, room = 1, each
    for size in sizes:
        if size > room:
            count, room = count + 1, each
        room -= size
    return Parts(count, units, room, wide)
