"""What the checks say about a process, in plain words, with the way to mend it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from litestar import Response

from api.frame import Asked
from api.routes import get
from api.studio.files import EDITORS, kind_of
from api.studio.frame import opened
from api.words import knows
from engine.core.reading.messages import SENTENCES as MODEL_SENTENCES
from engine.core.reading.messages import sentence as model_sentence
from engine.dmn.messages import SENTENCES as TABLE_SENTENCES
from engine.dmn.messages import sentence as table_sentence
from engine.lint import Severity
from engine.package import BROKEN

if TYPE_CHECKING:
    from engine.lint import Finding
    from engine.package import Package

#: Which of the ways to mend is meant for a code of the loader: the first beginning that fits.
_MENDS: Final = (
    ("model-file", ("xml-", "schema", "no-process", "which-process", "unknown-process", "id-")),
    ("model-reference", ("reference-", "lane", "flow-dangling", "boundary-dangling", "link-partner", "message-flow")),
    ("model-language", ("python-", "script-", "expression-", "text-")),
    (
        "model-unsupported",
        ("ad-hoc", "choreography", "parallel-multiple", "data-association", "complex-", "element-", "extension-",
         "token-", "transaction-", "spiff-", "attribute-", "event-unknown"),
    ),
    ("model-condition", ("default-", "condition-")),
    ("model-called", ("call-", "decision-")),
    ("model-loop", ("loop", "instance", "behaviour-")),
    ("model-setting", ("setting",)),
    ("model-data", ("message-data", "data-", "correlation-", "multiplicity")),
    (
        "model-event",
        ("trigger-", "must-", "boundary-", "cancel-", "compensation-", "timer-", "conditional-", "instantiate-", "code-",
         "event-gateway"),
    ),
    ("model-flow", ("flow-", "start-", "end-", "node-", "incoming-", "outgoing-", "gateway-")),
)  # fmt: skip


@get("/studio/{process:str}/findings", include_in_schema=False)
def findings(asked: Asked, process: str, walk: int = 0) -> Response[Any]:
    """All findings on what is shown; with `walk` also what walking the model's situations finds, which takes longer."""
    shown = opened(asked, process)
    told = findings_of(asked, shown.package, walk=bool(walk))
    bounded = any(one["code"] == "soundness-bounded" for one in told)
    values = {"revision": shown.revision, "findings": told, "bounded": bounded}
    return Response(values, headers={"cache-control": "no-store"})


def findings_of(asked: Asked, package: Package, *, walk: bool = False) -> list[dict[str, Any]]:
    """The findings on a package, errors first, each with a sentence and the way to mend it in the asker's language."""
    found = asked.office.checker.findings(package, walk=walk)
    names = element_names(package)
    return [told(asked, one, names) for one in found]


def told(asked: Asked, finding: Finding, names: dict[str, str]) -> dict[str, Any]:
    """One finding in words."""
    label = label_of(finding.element, names)
    values = {key: _plain(value, names) for key, value in finding.values.items()}
    spoken = {**values, "element": label or PurePosixPath(finding.file).name}
    return {
        "path": finding.file,
        "tab": EDITORS.get(kind_of(finding.file), ""),
        "element": finding.element,
        "name": names.get(finding.element or "", ""),
        "severity": finding.severity.value,
        "code": finding.code,
        "sentence": sentence_of(asked, finding, label, spoken),
        "mend": mend_of(asked, finding, spoken),
        "rules": list(finding.values.get("rules", ())),
        "cells": [list(cell) for cell in finding.values.get("cells", ())],
        "way": finding.values.get("way", []),
        "elements": finding.values.get("elements", []),
    }


def sentence_of(asked: Asked, finding: Finding, label: str, spoken: dict[str, Any]) -> str:
    """What is wrong: a sentence of the studio, else the one that the loader or the tables have for it."""
    if knows(f"lint.{finding.code}"):
        return asked.say(f"lint.{finding.code}", **spoken)
    place = 1 if asked.language == "en" else 0
    table = finding.code.removeprefix("dmn-")
    if finding.file.endswith(".dmn") or (table != finding.code and table in TABLE_SENTENCES):
        facts = {key: value for key, value in finding.values.items() if key != "element"}
        return table_sentence(table, facts, asked.language, element=label)
    if finding.code in MODEL_SENTENCES:
        return model_sentence(finding.code, label or None, finding.values, place)
    return table_sentence(finding.code, finding.values, asked.language, element=label)


def mend_of(asked: Asked, finding: Finding, spoken: dict[str, Any]) -> str:
    """What to do about it."""
    if knows(f"mend.{finding.code}"):
        return asked.say(f"mend.{finding.code}", **spoken)
    if finding.file.endswith(".dmn") or finding.code.startswith("dmn-"):
        return asked.say("mend.table")
    return asked.say(f"mend.{mend_kind(finding.code)}")


def mend_kind(code: str) -> str:
    """The way to mend that a code of the loader has; `feel` for what an expression is refused for."""
    return next((kind for kind, starts in _MENDS if code.startswith(starts)), "feel")


def worst(found: list[dict[str, Any]]) -> dict[str, int]:
    """How many findings of each severity there are."""
    return {level.value: sum(one["severity"] == level.value for one in found) for level in Severity}


def element_names(package: Package) -> dict[str, str]:
    """What people call the elements, lanes, forms and decisions of a package; empty where it cannot be read."""
    names: dict[str, str] = {}
    try:
        for model in package.models.values():
            names |= {key: one.name for key, one in model.decisions.items()}
        definition = package.definition
    except BROKEN:
        return {**names, **package.labels}
    return {**package.labels, **names, **{key: one.name for key, one in definition.nodes.items() if one.name}}


def label_of(element: str | None, names: dict[str, str]) -> str:
    """An element as a sentence names it: by its name, and by its id where that says more."""
    if not element:
        return ""
    name = names.get(element, "")
    return f"{name} ({element})" if name and name != element else element


def _plain(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list | tuple):
        return ", ".join(names.get(str(one), str(one)) for one in value)
    return names.get(value, value) if isinstance(value, str) else value


routes = (findings,)
