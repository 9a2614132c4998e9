"""Which body issues a paper: its full name, from its level and the area of the case."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from engine.clock import Law, read_law
from engine.documents.refusal import DocumentRefused

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

#: Level -> digits of the area code that name it.
DIGITS = {"province": 2, "city": 4, "county": 6, "town": 9, "village": 12}


@lru_cache(maxsize=8)
def read_areas(root: Path, jurisdiction: str) -> Law:
    """The dated areas of a jurisdiction (its other law is left out)."""
    path = root / "policies" / "law" / jurisdiction / "areas.csv"
    return read_law({"areas.csv": path.read_text(encoding="utf-8")})


def issuer_name(areas: Law, level: str, code: str, on: date) -> str:
    """The body's name: 晋中市榆次区乌金山镇人民政府, 晋中市榆次区民政局, 介休市民政局, 晋中市民政局.

    A district or a town carries the names around it; a county or county-level city stands alone, as on its own seal.
    DocumentRefused `issuer-unknown` {level, area} when the area has no such level on that day.
    """
    digits = DIGITS.get(level, 0)
    names = {
        name: area.name
        for name, length in DIGITS.items()
        if length <= min(digits, len(code)) and (area := areas.area(code[:length], on)) is not None
    }
    if level not in names:
        raise DocumentRefused("issuer-unknown", level=level, area=code)
    county = names.get("county", "")
    around = (names.get("city", "") if not county or county.endswith("区") else "") + county
    match level:
        case "province":
            return f"{names['province']}民政厅"
        case "city":
            return f"{names['city']}民政局"
        case "county":
            return f"{around}民政局"
        case "town":
            kind = "办事处" if names["town"].endswith("街道") else "人民政府"
            return f"{around}{names['town']}{kind}"
        case _:
            kind = "居民委员会" if names["village"].endswith("社区") else "村民委员会"
            return f"{around}{names.get('town', '')}{names['village'].removesuffix('村') if kind[0] == '村' else names['village']}{kind}"
