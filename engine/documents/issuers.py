"""Names of places and bodies on papers: who issues, who reviews, which court, from the area code of a case."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from engine.clock import Law, read_law
from engine.documents.refusal import DocumentRefused

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

#: Level -> digits of the area code that name it, from the widest.
DIGITS = {"province": 2, "city": 4, "county": 6, "town": 9, "village": 12}


@lru_cache(maxsize=8)
def read_areas(root: Path, jurisdiction: str) -> Law:
    """The dated areas and articles of a jurisdiction."""
    return read_places(root / "policies" / "law" / jurisdiction)


@lru_cache(maxsize=8)
def read_places(folder: Path) -> Law:
    """The same, by its folder; parameters are left out, papers get them from their case."""
    files = {name: folder / name for name in ("areas.csv", "articles.csv")}
    return read_law(
        {name: path.read_text(encoding="utf-8") for name, path in files.items() if path.is_file()}
    )


def place_name(areas: Law, code: str, on: date, level: str = "village") -> str:
    """The name of the place down to `level`: 晋中市榆次区乌金山镇, 平遥县古陶镇, 介休市, 晋中市.

    A district is named with its city; a county or county-level city stands alone, as on its own seal. A code that
    ends above `level` gives the place it names; DocumentRefused `issuer-unknown` {level, area} for a code not in use.
    """
    names = _names(areas, code, on, level)
    if not names:
        raise DocumentRefused("issuer-unknown", level=level, area=code)
    if "city" not in names:
        return names.get("province", "")
    county = names.get("county", "")
    city = names["city"] if not county or county.endswith("区") else ""
    return city + county + names.get("town", "") + names.get("village", "")


def _names(areas: Law, code: str, on: date, level: str) -> dict[str, str]:
    most = DIGITS.get(level, 0)
    return {
        name: area.name
        for name, length in DIGITS.items()
        if length <= min(most, len(code)) and (area := areas.area(code[:length], on)) is not None
    }


def issuer_name(areas: Law, level: str, code: str, on: date) -> str:
    """The body's name: 晋中市榆次区乌金山镇人民政府, 晋中市榆次区民政局, 介休市民政局, 晋中市民政局.

    DocumentRefused `issuer-unknown` {level, area} when the area has no such level on that day.
    """
    own = _names(areas, code, on, level).get(level)
    if own is None:
        raise DocumentRefused("issuer-unknown", level=level, area=code)
    place = place_name(areas, code, on, level)
    match level:
        case "province":
            return f"{place}民政厅"
        case "city" | "county":
            return f"{place}民政局"
        case "town":
            return f"{place}{'办事处' if own.endswith('街道') else '人民政府'}"
        case _:
            return f"{place}居民委员会" if own.endswith("社区") else f"{place.removesuffix('村')}村民委员会"


def government_name(areas: Law, code: str, on: date, level: str = "county") -> str:
    """The government of that level, to which a person may apply for review: 晋中市榆次区人民政府."""
    if level not in _names(areas, code, on, level):
        raise DocumentRefused("issuer-unknown", level=level, area=code)
    return f"{place_name(areas, code, on, level)}人民政府"


def court_name(areas: Law, code: str, on: date) -> str:
    """The people's court of the county: 晋中市榆次区人民法院, 介休市人民法院."""
    return government_name(areas, code, on).replace("人民政府", "人民法院")


def article_title(areas: Law, article: str, on: date) -> str:
    """How an article in force on that day is cited; DocumentRefused `article-unknown` {article, on}."""
    found = areas.article(article, on)
    if found is None:
        raise DocumentRefused("article-unknown", article=article, on=on.isoformat())
    return found.title
