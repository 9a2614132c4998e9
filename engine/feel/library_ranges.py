"""Built-in functions on ranges and points, after Allen's interval relations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from engine.feel.compile import Compiler
from engine.feel.equality import compare, order_key
from engine.feel.errors import FeelError
from engine.feel.library import builtin
from engine.feel.naming import NameBook
from engine.feel.operators import contains, make_range
from engine.feel.parser import Parser
from engine.feel.syntax import Call, Literal, Name, Negation, Node
from engine.feel.values import Range

if TYPE_CHECKING:
    from engine.feel.budget import Run

Relation = Callable[[Any, Any, "Run"], bool | None]


class _Unknown(ValueError):
    """Two points have no order."""


def _order(one: Any, other: Any, run: Run) -> int:
    """-1, 0 or 1; raises when there is no order."""
    sign = compare(one, other, run, lambda a, b: (a > b) - (a < b))
    if sign is None:
        raise _Unknown("not comparable")
    return int(sign)


def _declare(name: str, mirrored: str | None, relation: Relation, *shapes: str) -> None:
    """Declare a relation and, with its arguments turned round, its mirror image."""
    names = {"pp": "point1: any, point2: any", "pr": "point: any, range: range", "rp": "range: range, point: any",
             "rr": "range1: range, range2: range"}  # fmt: skip
    turned = {"pp": "pp", "pr": "rp", "rp": "pr", "rr": "rr"}

    def body(run: Run, one: Any, other: Any) -> bool | None:
        return relation(one, other, run)

    def mirror(run: Run, one: Any, other: Any) -> bool | None:
        return relation(other, one, run)

    builtin(name, *(names[shape] for shape in shapes))(body)
    if mirrored is not None:
        builtin(mirrored, *(names[turned[shape]] for shape in shapes))(mirror)


def _before(one: Any, other: Any, run: Run) -> bool:
    last, last_in = (one.end, one.end_included) if isinstance(one, Range) else (one, True)
    first, first_in = (other.start, other.start_included) if isinstance(other, Range) else (other, True)
    sign = _order(last, first, run)
    return sign < 0 or (sign == 0 and not (last_in and first_in))


def _meets(one: Range, other: Range, run: Run) -> bool:
    return one.end_included and other.start_included and _order(one.end, other.start, run) == 0


def _touches(one: Range, other: Range, run: Run) -> bool:
    """Whether `one` ends at or after the start of `other` with a common point."""
    sign = _order(one.end, other.start, run)
    return sign > 0 or (sign == 0 and one.end_included and other.start_included)


def _overlaps(one: Range, other: Range, run: Run) -> bool:
    return _touches(one, other, run) and _touches(other, one, run)


def _overlaps_before(one: Range, other: Range, run: Run) -> bool:
    begin = _order(one.start, other.start, run)
    if not (begin < 0 or (begin == 0 and one.start_included and not other.start_included)):
        return False
    end = _order(one.end, other.end, run)
    return _touches(one, other, run) and (
        end < 0 or (end == 0 and (not one.end_included or other.end_included))
    )


def _starts_later(one: Range, other: Range, run: Run) -> bool:
    sign = _order(one.start, other.start, run)
    return sign > 0 or (sign == 0 and (not one.start_included or other.start_included))


def _ends_earlier(one: Range, other: Range, run: Run) -> bool:
    sign = _order(one.end, other.end, run)
    return sign < 0 or (sign == 0 and (not one.end_included or other.end_included))


def _finishes(one: Any, other: Range, run: Run) -> bool:
    if not isinstance(one, Range):
        return other.end_included and _order(one, other.end, run) == 0
    same_end = one.end_included == other.end_included and _order(one.end, other.end, run) == 0
    return same_end and _starts_later(one, other, run)


def _starts(one: Any, other: Range, run: Run) -> bool:
    if not isinstance(one, Range):
        return other.start_included and _order(one, other.start, run) == 0
    same_start = one.start_included == other.start_included and _order(one.start, other.start, run) == 0
    return same_start and _ends_earlier(one, other, run)


def _during(one: Any, other: Range, run: Run) -> bool | None:
    if not isinstance(one, Range):
        return contains(other, one, run)
    return _starts_later(one, other, run) and _ends_earlier(one, other, run)


def _coincides(one: Any, other: Any, run: Run) -> bool:
    if not isinstance(one, Range) or not isinstance(other, Range):
        return _order(one, other, run) == 0
    bounds = (one.start_included, one.end_included) == (other.start_included, other.end_included)
    return bounds and _order(one.start, other.start, run) == 0 and _order(one.end, other.end, run) == 0


_declare("before", "after", _before, "rr", "rp", "pr", "pp")
_declare("meets", "met by", _meets, "rr")
_declare("overlaps", None, _overlaps, "rr")
_declare("overlaps before", "overlaps after", _overlaps_before, "rr")
_declare("finishes", "finished by", _finishes, "rr", "pr")
_declare("during", "includes", _during, "rr", "pr")
_declare("starts", "started by", _starts, "rr", "pr")
_declare("coincides", None, _coincides, "rr", "pp")


_NO_NAMES: Final = NameBook(["date and time", "years and months duration"])
_MAKERS: Final = frozenset(["date", "time", "date and time", "duration"])


@builtin("range", "from: string")
def range_of_text(run: Run, text: str) -> Range | None:
    """The range a text spells, e.g. `[18..21)` or `[18..)`; its bounds are literals, one of them may be missing."""
    plain = text.strip()
    if len(plain) < 4 or plain[0] not in "[(]" or plain[-1] not in "])[":
        raise ValueError("not a range")
    low_text, dots, high_text = plain[1:-1].partition("..")
    included = plain[0] == "[", plain[-1] == "]"
    if not dots or (not low_text.strip() and included[0]) or (not high_text.strip() and included[1]):
        raise ValueError("not a range")
    low, high = _bound(low_text, run), _bound(high_text, run)
    found = make_range(low, high, included, None, run)
    if found is not None and low is not None and high is not None and _order(low, high, run) > 0:
        raise ValueError("not a range")
    return found


def _bound(text: str, run: Run) -> Any:
    """The value of a literal bound; None when there is no text."""
    if not text.strip():
        return None
    try:
        parser = Parser(text, (), _NO_NAMES)
        node = parser.inner()
        parser.expect_end("end")
    except FeelError as error:
        raise ValueError(str(error)) from error
    if not _is_literal(node):
        raise ValueError("the bound is no literal")
    value = Compiler().compile(node)(({}, None), run)
    if value is None or order_key(value) is None:
        raise ValueError("the bound has no order")
    return value


def _is_literal(node: Node) -> bool:
    match node:
        case Literal():
            return True
        case Negation():
            return isinstance(node.operand, Literal)
        case Call(function=Name(name=name)):
            return name in _MAKERS and all(isinstance(argument, Literal) for argument in node.arguments)
        case _:
            return False
