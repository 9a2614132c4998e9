"""The sandbox that templates run in: strict, closed, and able to name the field that is missing.

Templates are data written by analysts: they see the case, the data and the filters below, no Python attribute, no file
and no network. A field that is absent, or null where it is printed, stops the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from jinja2 import FunctionLoader, StrictUndefined, pass_context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from engine.documents import issuers, masks, words
from engine.documents.drawing import draw_qr, draw_seal, head_size
from engine.documents.refusal import DocumentRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jinja2.runtime import Context

    from engine.clock import Law
    from engine.documents.fonts import Fonts

PREFIX = "templates/"
#: A title may be broken behind one of these.
_WORD_ENDS = "的和与及、，》）："


class Facts(dict[str, Any]):
    """A mapping that knows where it stands in the data, so that a missing field can be named in full."""

    __slots__ = ("path",)

    def __init__(self, path: str, content: Mapping[str, Any]) -> None:
        super().__init__({key: facts(f"{path}.{key}", value) for key, value in content.items()})
        self.path = path


def facts(path: str, value: Any) -> Any:
    """The value with every mapping in it turned into Facts."""
    if isinstance(value, Mapping):
        return Facts(path, value)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [facts(f"{path}[{place}]", item) for place, item in enumerate(value, 1)]
    return value


class Missing(StrictUndefined):
    """Jinja's strict undefined, whose message is the dotted name of the field."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        owner = self._undefined_obj
        if isinstance(owner, Facts):
            return f"{owner.path}.{self._undefined_name}"
        return str(self._undefined_name)


class Null(Missing):
    """A field that is there and null: false in conditions, `is none`, but never printed."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]  # the parent's refusal is what this class takes back
        return False

    def __eq__(self, other: object) -> bool:  # type: ignore[override]
        return other is None or isinstance(other, Null)

    def __ne__(self, other: object) -> bool:  # type: ignore[override]
        return not self == other

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(None)


class NullPrinted(Exception):
    """A null was to be printed."""


class Gap(str):
    """Stands for a field that a preview lacks: printed as its name, and whatever is asked of it is a gap as well."""

    __slots__ = ("path",)
    path: str

    def __new__(cls, path: str) -> Self:
        """A gap where the field of this dotted name should stand."""
        made = super().__new__(cls, f"【缺：{path}】")
        made.path = path
        return made

    def __iter__(self) -> Iterator[Self]:  # one row, so that lists and ledgers show what they would hold
        yield type(self)(f"{self.path}[1]")


class Sandbox(ImmutableSandboxedEnvironment):
    """Fields come before Python's own names: `data.items` is the field; methods of values stay reachable after them."""

    #: Dotted names of fields that are missing and marked as such (previews only).
    gaps: frozenset[str] = frozenset()

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The field of that name, else (for lists of fields) items, keys or values, else Missing."""
        if isinstance(obj, Gap):
            return Gap(f"{obj.path}.{attribute}")
        if isinstance(obj, Facts) and (attribute in obj or attribute not in ("items", "keys", "values")):
            return self._field(obj, attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """The field or element of that name or place, else Missing; never a method."""
        if isinstance(obj, Gap):
            return Gap(f"{obj.path}.{argument}")
        return self._field(obj, argument) if isinstance(obj, Facts) else super().getitem(obj, argument)

    def _field(self, obj: Facts, name: Any) -> Any:
        if self.gaps and f"{obj.path}.{name}" in self.gaps:
            return Gap(f"{obj.path}.{name}")
        if name not in obj:
            return self.undefined(obj=obj, name=name)
        return Null(obj=obj, name=name) if obj[name] is None else obj[name]


@pass_context
def _print(context: Context, value: Any) -> Any:
    """How a bare value is printed: never None or a Python form; dates and numbers as people write them."""
    if value is None:
        raise NullPrinted
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        moment = words.to_moment(value)
        return f"{_day(context, moment)} {moment:%H:%M}"
    if isinstance(value, date):
        return _day(context, value)
    if isinstance(value, (Mapping, list)):
        raise TypeError("a list or a group of fields cannot be printed as it is")
    return value


def _day(context: Context, day: date) -> str:
    """A day in figures, as tables want it; in a translation with the month's name, which no reader takes for the day."""
    document = context.get("document")
    english = isinstance(document, Mapping) and document.get("language") == "en"
    return words.date_en(day) if english else f"{day:%Y-%m-%d}"


def _lines(text: str) -> Markup:
    return Markup("").join(Markup("<p>{}</p>").format(line) for line in str(text).splitlines() or [""])


def _breakable(url: str) -> Markup:
    return Markup("<wbr>").join(re.split(r"(?<=[^/:][/?&=])(?!/)", str(url)))


def _balanced(title: str, room: int = 20) -> Markup:
    """A title in as few lines as it needs, of much the same length; none begins with what belongs to the line before."""
    words = str(title)
    if words.isascii() or len(words) <= room:
        return escape(words)
    count = -(-len(words) // room)
    lines, begin = [], 0
    for line in range(1, count):
        aim = round(len(words) * line / count)
        near = list(range(max(begin + 4, aim - 4), min(aim + 5, begin + room, len(words) - 3)))
        ends = [place for place in near if words[place - 1] in _WORD_ENDS]
        cut = min(ends or near, key=lambda place: abs(place - aim))
        lines.append(escape(words[begin:cut]))
        begin = cut
    return Markup("<br>").join([*lines, words[begin:]])


def _grouped(token: str) -> str:
    return " ".join(token[at : at + 4] for at in range(0, len(token), 4))


FILTERS: dict[str, Callable[..., Any]] = {
    "date_zh": words.date_zh,
    "date_en": words.date_en,
    "date_old": words.date_old,
    "date_voucher": words.date_voucher,
    "datetime_zh": words.datetime_zh,
    "amount_zh": words.amount_zh,
    "money": words.money,
    "mask_name": masks.mask_name,
    "mask_minor": masks.mask_minor,
    "mask_id": masks.mask_id,
    "mask_phone": masks.mask_phone,
    "mask_landline": masks.mask_landline,
    "mask_account": masks.mask_account,
    "id_tail": masks.id_tail,
    "lines": _lines,
    "breakable": _breakable,
    "grouped": _grouped,
    "balanced": _balanced,
}


def _strict(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that refuses null instead of writing something for it."""

    def filtered(value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, Gap):
            return value
        if isinstance(value, Missing):
            str(value)  # raises, naming the field
        if value is None:
            raise NullPrinted
        try:
            return function(value, *args, **kwargs)
        except (ValueError, AttributeError, TypeError) as error:
            raise DocumentRefused("value-wrong", filter=name, reason=str(error)) from error

    return filtered


#: Filters that look into the dated areas and articles, on the day the paper is issued.
PLACES: dict[str, Callable[..., str]] = {
    "area_name": issuers.place_name,
    "government": lambda law, code, on, level="county": issuers.government_name(law, code, on, level),
    "court": issuers.court_name,
    "article": issuers.article_title,
}


def _looking(name: str, lookup: Callable[..., str], law: Law | None) -> Callable[..., Any]:
    @pass_context
    def filtered(context: Context, value: Any, *args: Any) -> str:
        if law is None:
            raise DocumentRefused("value-wrong", filter=name, reason="no law is loaded")
        if isinstance(value, Gap):
            return value
        return lookup(law, str(value), words.to_date(context["document"]["issued_on"]), *args)

    return filtered


def _sources(files: Mapping[str, bytes]) -> dict[str, str]:
    return {
        path.removeprefix(PREFIX): content.decode()
        for path, content in files.items()
        if path.startswith(PREFIX) and path.endswith((".html", ".txt", ".css"))
    }


def environment(files: Mapping[str, bytes], fonts: Fonts, law: Law | None = None) -> Sandbox:
    """The sandbox over the templates among a package's files; `law` is for names of places, bodies and articles."""
    sources = _sources(files)

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        return (sources[name], name, lambda: True) if name in sources else None

    sandbox = Sandbox(
        loader=FunctionLoader(load),
        autoescape=lambda name: name is None or name.endswith(".html"),
        undefined=Missing,
        finalize=_print,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=100,
    )
    del sandbox.filters["safe"]  # what people typed is never markup
    for name, function in FILTERS.items():
        sandbox.filters[name] = _strict(name, function)
    for name, lookup in PLACES.items():
        sandbox.filters[name] = _looking(name, lookup, law)
    sandbox.tests["none"] = lambda value: value is None or isinstance(value, Null)
    sandbox.globals = {
        "range": sandbox.globals["range"],
        "seal": draw_seal,
        "qr": draw_qr,
        "head_size": head_size,
        "fonts": {role: fonts.css(role) for role in fonts.stacks}
        | {"biaosong_weight": "normal" if fonts.stack("biaosong")[:1] != fonts.stack("song")[:1] else "bold"},
    }
    return sandbox
