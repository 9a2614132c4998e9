"""A scenario told of other people, in another place, some weeks earlier or later, with other numbers; all drawn by chance."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from engine.scenarios.model import Expectation, ScenarioCase

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

    from engine.clock import Law
    from engine.scenarios.model import Cast

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?")
_PERSON: Final = re.compile(r"\d{17}[\dX]")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_FAMILY, _GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚文华"
#: Weeks that a case may lie before or behind the scenario.
_EARLIEST, _LATEST = -22, 10


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn case with those who act in it."""

    case: ScenarioCase
    cast: Mapping[str, Cast]


class Towns:
    """Places in which a case may lie: villages and communities with the towns and counties above them."""

    def __init__(self, law: Law) -> None:
        self._villages = [one.code for one in law.areas if one.level == "village"]

    def moved(self, here: str, chance: random.Random) -> Callable[[str], str]:
        """A function that brings the codes of a place, its town and its county to another one of the same level."""
        there = chance.choice(self._villages or [here])
        codes = {here[:length]: there[:length] for length in (12, 9, 6) if len(here) >= length}
        return lambda code: codes.get(code, code)


def varied(base: ScenarioCase, cast: Mapping[str, Cast], towns: Towns, chance: random.Random) -> Drawn:
    """The case as drawn: the same steps with the same gaps of time between them."""
    place = towns.moved(base.start.area, chance)
    weeks = timedelta(weeks=chance.randint(_EARLIEST, _LATEST))
    people: dict[str, str] = {}
    more, share = (
        chance.choice((0, 0, 0, 1, 1, 2, 3)),
        Decimal(chance.choice((100, 100, 100, 90, 75, 60))) / 100,
    )

    def change(value: Any, key: str = "") -> Any:
        match value:
            case dict():
                return {name: change(one, name) for name, one in value.items()}
            case list():
                return [change(one, key) for one in value]
            case bool() | None:
                return value
            case int() if key == "persons":
                return value + more
            case int() | Decimal() if key == "amount":
                return max(Decimal(1), (Decimal(value) * share).quantize(Decimal(1)))
            case str() if _PERSON.fullmatch(value):
                return people.setdefault(value, _person(value, chance))
            case str() if key == "name" and 1 < len(value) <= 4:
                return people.setdefault(value, _name(chance))
            case str() if _DAY.fullmatch(value):
                return _later(value, weeks)
            case str():
                return place(value)
            case _:
                return value

    told = msgspec.structs.replace(base, expect=Expectation())
    plain = change(msgspec.to_builtins(told, builtin_types=(Decimal,)))
    moved = {name: msgspec.structs.replace(one, area=place(one.area)) for name, one in cast.items()}
    return Drawn(msgspec.convert(plain, ScenarioCase), moved)


def _later(text: str, by: timedelta) -> str:
    if "T" in text:
        return (datetime.fromisoformat(text) + by).isoformat(timespec="minutes")
    return (date.fromisoformat(text) + by).isoformat()


def _person(like: str, chance: random.Random) -> str:
    """Another identity number of the same place, with its check character."""
    born = date(1945, 1, 1) + timedelta(days=chance.randrange(20_000))
    first = f"{like[:6]}{born:%Y%m%d}{chance.randrange(1000):03}"
    return first + "10X98765432"[sum(int(digit) * by for digit, by in zip(first, _WEIGHTS, strict=True)) % 11]


def _name(chance: random.Random) -> str:
    return chance.choice(_FAMILY) + "".join(chance.choice(_GIVEN) for _ in range(chance.choice((1, 2))))
