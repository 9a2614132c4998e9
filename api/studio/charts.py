"""Small bar charts as SVG, drawn by the server; each says in words what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH, _NAME, _VALUE = 560, 150, 80
_BAR, _GAP = 14, 12


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of the chart: before and after."""

    name: str
    before: Decimal
    after: Decimal


def pairs_chart(pairs: Sequence[Pair], words: str) -> str:
    """Two bars for each line, the earlier above the later one, with their numbers; `words` is the text for those who do not see it."""
    most = max((max(one.before, one.after) for one in pairs), default=Decimal(0)) or Decimal(1)
    room = _WIDTH - _NAME - _VALUE
    height = len(pairs) * (2 * _BAR + _GAP) + _GAP
    parts = [f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(words)}">']
    for place, one in enumerate(pairs):
        top = _GAP + place * (2 * _BAR + _GAP)
        parts.append(
            f'<text x="{_NAME - 8}" y="{top + _BAR + 4}" text-anchor="end">{escape(_short(one.name))}</text>'
        )
        for number, (value, kind) in enumerate(((one.before, "b"), (one.after, "a"))):
            long = max(float(value / most) * room, 1 if value > 0 else 0)
            y = top + number * _BAR
            parts.append(
                f'<rect class="{kind}" x="{_NAME}" y="{y + 1}" width="{long:.1f}" height="{_BAR - 2}"/>'
            )
            parts.append(
                f'<text class="v" x="{_NAME + long + 5:.1f}" y="{y + _BAR - 3}">{_plain(value):,}</text>'
            )
    parts.append(f'<path class="axis" d="M{_NAME} {_GAP / 2}V{height - _GAP / 2}"/></svg>')
    return "".join(parts)


def _plain(value: Decimal) -> Decimal:
    """Without zeros that say nothing: 4840.0 is written as 4840 is."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def _short(name: str) -> str:
    return name if len(name) <= 11 else f"{name[:10]}…"
