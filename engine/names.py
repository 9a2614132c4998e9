"""Every name that the files of a package give a value to, with the words that say what it is.

For editors: read leniently, because a draft is often half-written. Files that cannot be read give nothing; what the checks
say about them stands elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.core.reading.mend import properties
from engine.core.reading.texts import plain
from engine.core.xml import BPMN, child, tag, words
from engine.errors import FormBroken
from engine.feel import FeelError, compile_expression
from engine.feel.syntax import Context
from engine.forms import read_form
from engine.package import models_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.forms import Form
    from engine.package import Package

#: What every case has, and the words of the catalogue that say what it is.
STANDARD = (
    "case",
    "case.number",
    "case.process",
    "case.area",
    "case.channel",
    "case.submitted_at",
    "case.applicant",
    "clocks",
    "heard",
)
#: What everybody who completes a task leaves beside the answers.
_BESIDE = ("by", "by_name", "at")
_PEOPLE = frozenset({"userTask", "manualTask"})


@dataclass(frozen=True, slots=True)
class Known:
    """A dotted name; `about` are a file's own words by language, `origin` the kind of thing (`answer`, `task`, `result`, ...)."""

    name: str
    origin: str
    about: dict[str, str]


def names(package: Package) -> tuple[Known, ...]:
    """The names, each once, in alphabetical order."""
    found: dict[str, Known] = {}
    forms = _forms(package)
    for one in (
        *(Known(name, "standard", {}) for name in STANDARD),
        *_answers(forms),
        *_model(package, forms),
    ):
        found.setdefault(one.name, one)
    return tuple(found[name] for name in sorted(found))


def _forms(package: Package) -> dict[str, Form]:
    forms: dict[str, Form] = {}
    for path in sorted(package.files, key=lambda path: path.startswith("forms/_shared/"), reverse=True):
        if path.startswith("forms/") and path.endswith(".json"):
            try:
                form = read_form(package.files[path], path)
            except FormBroken:
                continue
            forms[form.id] = form
    return forms


def _answers(forms: dict[str, Form]) -> Iterator[Known]:
    """Answers of the application under their own names, and of tasks where the form says so."""
    for name, form in forms.items():
        for section in form.sections:
            for field in section.fields:
                if name == "start" or field.key in form.variables:
                    yield Known(field.key, "answer", field.label)


def _model(package: Package, forms: dict[str, Form]) -> Iterator[Known]:
    for _, root in models_of(package):
        for element in root.iter(f"{BPMN}*"):
            if element.get("id"):
                yield from _of_element(element, forms)


def _of_element(element: Any, forms: dict[str, Form]) -> Iterator[Known]:
    me, title = element.get("id"), {"zh": element.get("name") or ""}
    if tag(element) in _PEOPLE:
        yield Known(me, "task", title)
        for beside in _BESIDE:
            yield Known(f"{me}.{beside}", "task", title)
        for section in forms[me].sections if me in forms else ():
            for field in section.fields:
                yield Known(f"{me}.{field.key}", "answer", field.label)
    given = properties(element)
    for setting in ("result", "item", "output", "decision"):
        if given.get(setting):
            yield Known(given[setting], "result" if setting != "item" else "item", title)
    script = child(element, "script")
    for text in (
        words(script),
        given.get("input") if tag(element) == "callActivity" else None,
        given.get("payload"),
    ):
        for key in _entries(text):
            yield Known(key, "script", title)
    for decided in element.iterfind(f"{BPMN}extensionElements/{{*}}calledDecisionId"):
        if words(decided):
            yield Known(words(decided), "result", title)


def _entries(text: str | None) -> tuple[str, ...]:
    """The keys of a FEEL context; nothing for other texts, and for those that are not FEEL."""
    if not plain(text):
        return ()
    try:
        tree = compile_expression(plain(text)).tree
    except FeelError:
        return ()
    return tuple(tree.keys) if isinstance(tree, Context) else ()
