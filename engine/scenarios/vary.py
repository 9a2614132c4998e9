"""A scenario told of other people, in another place, some weeks earlier or later, with other numbers; all drawn by chance.

What may be told otherwise is known from the forms: counts and sums of money within their limits, identity numbers, names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import msgspec

from engine.feel.chinese import birth_of, id_number_valid, with_check
from engine.forms.validate import get, put
from engine.package import START
from engine.scenarios.model import Expectation, ScenarioCase

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Mapping

    from engine.clock import Law
    from engine.forms.model import Field
    from engine.package import Package
    from engine.scenarios.model import Cast

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?")
_NAME: Final = re.compile(r"[\u4e00-\u9fff]{2,4}")
_FAMILY, _GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚文华"
#: Weeks that a case may lie before or behind the scenario.
_EARLIEST, _LATEST = -22, 10
#: Days by which somebody may be older or younger; whether he is of age should not change often.
_OLDER: Final = 300
#: By how much counts grow, and the shares (percent) that sums of money shrink to.
_MORE, _SHARES = (0, 0, 0, 1, 1, 2, 3), (100, 100, 100, 90, 75, 60)


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


def varied(
    base: ScenarioCase, cast: Mapping[str, Cast], package: Package, towns: Towns, chance: random.Random
) -> Drawn:
    """The case as drawn: the same steps with the same gaps of time between them, without those that are refused."""
    place = towns.moved(base.start.area, chance)
    weeks = timedelta(weeks=chance.randint(_EARLIEST, _LATEST))
    steps = [step for step in base.steps if step.refused is None]
    told = msgspec.structs.replace(base, steps=steps, expect=Expectation())
    plain = msgspec.to_builtins(told, builtin_types=(Decimal,))
    people = _People(chance)
    more, share = chance.choice(_MORE), Decimal(chance.choice(_SHARES)) / 100
    for form, data in _filled_in(plain):
        asked = package.form(form)
        for question, answers, key in _answered(asked.fields() if asked else (), data):
            value = get(answers, key)
            people.meet(question, value)
            put(answers, key, _number(question, value, more, share))

    def change(value: Any) -> Any:
        match value:
            case dict():
                return {name: change(one) for name, one in value.items()}
            case list():
                return [change(one) for one in value]
            case str():
                return people.known(value) or (
                    _later(value, weeks) if _DAY.fullmatch(value) else place(value)
                )
            case _:
                return value

    moved = {name: msgspec.structs.replace(one, area=place(one.area)) for name, one in cast.items()}
    return Drawn(msgspec.convert(change(plain), ScenarioCase), moved)


@dataclass
class _People:
    """Who everybody of the scenario becomes: the same one wherever he is told of."""

    chance: random.Random
    becomes: dict[str, str] = field(default_factory=dict)

    def meet(self, question: Field, answer: Any) -> None:
        """Learn from an answer who there is."""
        if not isinstance(answer, str) or answer in self.becomes:
            return
        if question.type == "text" and _asks_name(question) and _NAME.fullmatch(answer):
            self.becomes[answer] = _name(self.chance)
        elif question.type == "id_number" and id_number_valid(answer):
            self._numbered(answer)

    def known(self, text: str) -> str | None:
        """What stands in the place of somebody's name, number or day of birth; None for any other text."""
        if text not in self.becomes and id_number_valid(text):
            self._numbered(text)
        return self.becomes.get(text)

    def _numbered(self, number: str) -> None:
        """Another identity number of the same place and sex, of somebody about as old; his day of birth goes with it."""
        born = birth_of(number)
        assert born is not None
        other = born + timedelta(days=self.chance.randint(-_OLDER, _OLDER))
        order = self.chance.randrange(500) * 2 + int(number[16]) % 2
        self.becomes[number] = with_check(f"{number[:6]}{other:%Y%m%d}{order:03}")
        self.becomes.setdefault(born.isoformat(), other.isoformat())


def _filled_in(plain: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The forms that the case fills in, with their answers."""
    yield START, plain["start"].get("data", {})
    for step in plain.get("steps", ()):
        if name := step.get("task") or (f"message-{step['message']}" if "message" in step else ""):
            yield name, step.get("data", {})


def _answered(questions: Any, answers: dict[str, Any]) -> Iterator[tuple[Field, dict[str, Any], str]]:
    """Every question that is answered, those of rows too, with where its answer stands."""
    for question in questions:
        answer = get(answers, question.key)
        if question.type == "list" and isinstance(answer, list):
            for row in answer:
                if isinstance(row, dict):
                    yield from _answered(question.fields, row)
        elif answer is not None and not question.readonly:
            yield question, answers, question.key


def _number(question: Field, value: Any, more: int, share: Decimal) -> Any:
    """A count or a sum as drawn, within the limits of its question; anything else as it is."""
    if isinstance(value, bool) or question.type not in {"integer", "money"}:
        return value
    try:
        was = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        return value
    low, high = _limit(question.min), _limit(question.max)
    now = was + more if question.type == "integer" else was * share
    if now == was or (low is not None and was < low) or (high is not None and was > high):
        return value  # (what its own form refuses says something by that)
    if question.type == "money":
        now = max(Decimal(1), now.quantize(Decimal(1))) if was >= 1 else was
    now = now if low is None else max(low, now)
    now = now if high is None else min(high, now)
    return (
        int(now)
        if isinstance(value, int) and now == int(now)
        else str(now)
        if isinstance(value, str)
        else now
    )


def _limit(text: str | int | None) -> Decimal | None:
    """A limit that is a number; one that hangs on other answers is left to the form."""
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None


def _asks_name(question: Field) -> bool:
    return question.mask == "name" or "姓名" in question.label.get("zh", "")


def _later(text: str, by: timedelta) -> str:
    if "T" in text:
        return (datetime.fromisoformat(text) + by).isoformat(timespec="minutes")
    return (date.fromisoformat(text) + by).isoformat()


def _name(chance: random.Random) -> str:
    return chance.choice(_FAMILY) + "".join(chance.choice(_GIVEN) for _ in range(chance.choice((1, 2))))
