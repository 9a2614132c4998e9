"""The two pictures that papers carry, the round seal and the QR code, as a template puts them into its page.

A picture stands in the page as an address of our own that holds all it shows; `pictures` draws it when the page is
printed. So a page stays small, and nothing needs to be kept between filling and printing.
"""

from __future__ import annotations

from urllib.parse import quote

from markupsafe import Markup, escape

SEAL, CODE = "banjian-seal:", "banjian-code:"


def draw_seal(name: str, bottom: str = "演示专用章") -> Markup:
    """A round seal of 42 mm: `name` along the upper arc, a star, `bottom` straight below it.

    Departments carry the star; the national emblem of governments is never drawn from software.
    """
    return _picture(f"{SEAL}{quote(name, safe='')}/{quote(bottom, safe='')}", f"{name}{bottom}")


def draw_qr(text: str, alt: str = "二维码") -> Markup:
    """A QR code that fills its box; level M, as papers are folded."""
    return _picture(f"{CODE}{quote(text, safe='')}", alt)


def _picture(address: str, alt: str) -> Markup:
    return Markup('<img src="{}" alt="{}">').format(escape(address), escape(alt))


def head_size(name: str, width_mm: float = 156.0, largest_pt: float = 34.0) -> str:
    """The size at which an agency's name fills the red head without a second line, as CSS points."""
    units = sum(1.0 if ord(letter) > 0x2E7F else 0.55 for letter in name) or 1.0
    fitting = (width_mm - 6) / units / 0.3528
    return f"{min(largest_pt, fitting):.1f}pt"
