"""What the FEEL editors ask while somebody types: what is wrong with the text, and what may be written.

The engine's own reader judges; offsets are those of a browser's texts (UTF-16).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from litestar import Response

from api.frame import Asked
from api.routes import post
from api.studio.frame import opened
from engine.feel import FeelError, builtin_functions, compile_expression, compile_unary, signatures
from engine.feel.messages import chinese, english
from engine.feel.naming import name_parts
from engine.names import Known, names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from engine.feel import Expression, UnaryTests
    from engine.package import Package

#: Names that a text may use without any file setting them: of loops, and of the cell under test.
_PROVIDED = frozenset(
    {"loopCounter", "activationCount", "waitingForStart", "numberOfInstances", "numberOfActiveInstances"}
    | {"numberOfCompletedInstances", "numberOfTerminatedInstances", "?"}
)
#: Names by digest of the package, those not asked for longest first; a race only makes them twice.
_KEPT: dict[str, tuple[Known, ...]] = {}
_MOST_KEPT = 16


@dataclass(frozen=True, slots=True)
class Typed:
    """A text as it stands in an editor."""

    text: str
    #: expression | unary (a cell of a decision table) | template (plain text unless it begins with "=")
    kind: str = "expression"
    #: File and element that the text belongs to; both for those who read the journal of requests, not needed to judge.
    path: str = ""
    element: str = ""
    #: Leave out names and functions: the editor knows them already.
    brief: bool = False
    #: Names that the place itself gives, beside those of the process (a form's own answers).
    names: list[str] = field(default_factory=list)


@post("/studio/{process:str}/feel", keyed=False, status_code=200, include_in_schema=False)
def feel(asked: Asked, process: str, data: Typed) -> Response[dict[str, Any]]:
    """Faults of a text; unless `brief`, also the names of the process and the functions of FEEL."""
    known = _names(opened(asked, process).package)
    here = [Known(name, "answer", {}) for name in data.names]
    answer: dict[str, Any] = {"faults": faults(data.text, data.kind, [*known, *here], asked.language)}
    if not data.brief:
        answer["names"] = [{"name": one.name, "about": _about(asked, one)} for one in known]
        answer["functions"] = [
            {"name": name, "signature": signature, "help": asked.say(f"feel.help.{name}")}
            for name in sorted(builtin_functions())
            for signature in signatures(name)[:1]
        ]
    return Response(answer, headers={"cache-control": "no-store"})


def _names(package: Package) -> tuple[Known, ...]:
    """The names of a package's content, kept for the next key that somebody presses."""
    known = _KEPT.pop(package.digest, None) or names(package)
    _KEPT[package.digest] = known
    while len(_KEPT) > _MOST_KEPT:
        _KEPT.pop(next(iter(_KEPT)), None)
    return known


def _about(asked: Asked, known: Known) -> str:
    """The file's own words, else what kind of thing it is."""
    own = asked.pick(known.about) if known.origin != "standard" else asked.say(f"feel.name.{known.name}")
    return own or asked.say(f"feel.origin.{known.origin}")


def faults(text: str, kind: str, known: Collection[Known], language: str) -> list[dict[str, Any]]:
    """What is wrong with a text: {from, to, severity, code, sentence}; a name that nothing sets is only doubted."""
    if kind == "template" and not text.lstrip().startswith("="):
        return []
    if not text.strip() or (kind != "unary" and text.strip() == "="):
        return []
    spoken = {one.name.partition(".")[0] for one in known}
    try:
        compiled: Expression | UnaryTests = (compile_unary if kind == "unary" else compile_expression)(
            text, spoken
        )
    except FeelError as error:
        at = len(text) if error.position is None else min(error.position, len(text))
        return [_fault(text, at, "error", error.code, error.values, language)]
    found = [
        _fault(text, doubt.position or 0, "warning", doubt.code, doubt.values, language)
        for doubt in compiled.doubts
    ]
    unknown = compiled.names - {*spoken, *_PROVIDED, *builtin_functions()}
    found += [
        _fault(text, at, "warning", "unknown-name", {"name": name}, language)
        for name, at in _places(text, unknown)
    ]
    return sorted(found, key=lambda one: int(one["from"]))


def _places(text: str, unknown: Collection[str]) -> Iterator[tuple[str, int]]:
    """Where unknown names stand first."""
    for name in sorted(unknown):
        yield name, max(text.find(name), 0)


def _fault(
    text: str, at: int, severity: str, code: str, values: dict[str, Any], language: str
) -> dict[str, Any]:
    sentence = (chinese if language == "zh" else english)(code, values)
    end = min(at + _length(text, at, values), len(text))
    start = at if at < len(text) else max(len(text.rstrip()) - 1, 0)
    return {
        "from": _units(text[:start]),
        "to": _units(text[:end]),
        "severity": severity,
        "code": code,
        "sentence": sentence,
    }


def _length(text: str, at: int, values: dict[str, Any]) -> int:
    """How many characters the fault marks: the name or the word that it is about, else one."""
    name = values.get("name") or values.get("found")
    if isinstance(name, str) and name_parts(name) and text.startswith(name, at):
        return len(name)
    word = 1
    while at + word < len(text) and (text[at : at + word + 1]).isidentifier():
        word += 1
    return word


def _units(text: str) -> int:
    """The length in UTF-16 units: rare Chinese characters count twice in a browser."""
    return len(text.encode("utf-16-le")) // 2


routes: tuple[Any, ...] = (feel,)
