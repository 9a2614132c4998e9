"""The two pictures that papers carry, as inline SVG: the round seal and the QR code.

The seal's characters are placed one by one, because the printing library flattens text on a path. Styles stand inside
the SVG: it does not see the sheet of the page.
"""

from __future__ import annotations

import io
from math import cos, pi, sin

import segno
from markupsafe import Markup, escape

from engine.documents.offline import PREFIX

RED = "#d7000f"
SIZE = 42.0  # mm; at most 45 by the rules on seals
RING = 1.1
TEXT_RADIUS = 15.4
WIDEST_SPAN = 225.0  # degrees; wider, the ends would meet the bottom line
STAR_RADIUS = 6.4
LARGEST, SMALLEST = 5.2, 2.6  # height of a character in mm


def _star(radius: float) -> str:
    points = []
    for corner in range(10):
        angle = -pi / 2 + corner * pi / 5
        reach = radius if corner % 2 == 0 else radius * 0.382
        points.append(f"{reach * cos(angle):.3f},{reach * sin(angle):.3f}")
    return " ".join(points)


def draw_seal(name: str, bottom: str, family: str) -> Markup:
    """A round seal of 42 mm: `name` along the upper arc, a star, `bottom` straight below it. `family` is CSS font-family.

    Departments carry the star; the national emblem of governments is never drawn from software.
    """
    count = max(len(name), 1)
    span = min(WIDEST_SPAN, 24.0 * (count - 1))
    pitch = span / (count - 1) if count > 1 else 0.0
    room = 2 * pi * TEXT_RADIUS * pitch / 360 if pitch else LARGEST
    height = max(SMALLEST, min(LARGEST, room * 1.25))
    squeeze = min(1.0, room * 0.94 / height)
    letters = []
    for place, letter in enumerate(name):
        angle = -span / 2 + place * pitch
        letters.append(
            f'<text class="a" transform="rotate({angle:.3f}) translate(0 {-TEXT_RADIUS:.3f}) scale({squeeze:.4f} 1)" '
            f'x="0" y="{height * 0.36:.3f}" style="font-size:{height:.3f}px">{escape(letter)}</text>',
        )
    low = min(3.6, 22.0 / max(len(bottom), 1))
    half = SIZE / 2
    return Markup(  # every inserted text is escaped above and below  # noqa: S704
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}mm" height="{SIZE}mm" viewBox="{-half} {-half} {SIZE} {SIZE}" '
        f'role="img" aria-label="{escape(name)}{escape(bottom)}"><style>text{{font-family:{escape_style(family)};font-weight:bold;'
        f"text-anchor:middle;fill:{RED}}}</style>"
        f'<g opacity="0.86"><circle r="{half - RING / 2 - 0.2:.3f}" fill="none" stroke="{RED}" stroke-width="{RING}"/>'
        f'<polygon points="{_star(STAR_RADIUS)}" fill="{RED}"/>{"".join(letters)}'
        f'<text x="0" y="13.4" style="font-size:{low:.3f}px">{escape(bottom)}</text></g></svg>',
    )


def escape_style(text: str) -> str:
    """Text that may stand inside a <style> element: without what could end it."""
    return text.replace("<", "").replace(">", "")


def draw_qr(text: str, border: int = 2) -> Markup:
    """A QR code that scales to its box; level M, as papers are folded. Text in base45 takes the densest mode by itself."""
    target = io.BytesIO()
    # Signed content is as good as random: any mask balances it, and trying all eight costs more than the rest of the page.
    mask = 4 if text.startswith(PREFIX) else None
    code = segno.make(text, error="m", micro=False, mask=mask)
    code.save(
        target,
        kind="svg",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        border=border,
        lineclass=None,
        svgclass=None,
    )
    return Markup(target.getvalue().decode().strip())  # noqa: S704 -- segno draws paths only


def head_size(name: str, width_mm: float = 156.0, largest_pt: float = 34.0) -> str:
    """The size at which an agency's name fills the red head without a second line, as CSS points."""
    units = sum(1.0 if ord(letter) > 0x2E7F else 0.55 for letter in name) or 1.0
    fitting = (width_mm - 6) / units / 0.3528
    return f"{min(largest_pt, fitting):.1f}pt"
