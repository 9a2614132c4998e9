"""No Python from a model is ever evaluated: eval, exec and compile are watched while every scenario plays."""

from __future__ import annotations

import builtins
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from engine.core.load import ModelError
from engine.package import Package, process_names, read_package
from engine.scenarios import play, read_scenarios
from tests.conftest import ROOT
from tests.scenarios.test_scenarios import around

if TYPE_CHECKING:
    from engine.scenarios import Surroundings

__all__ = ["around"]
#: Who may: the import system, generated dataclass methods, and casbin's own matcher (a file of the project, no model).
ALLOWED = (
    "importlib",
    "_frozen_importlib",
    "dataclasses",
    "collections",
    "enum",
    "typing",
    "simpleeval",
    "ast",
    "msgspec",
)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Every call of eval, exec and compile: (calling module, source)."""
    calls: list[tuple[str, str]] = []

    def watch(name: str) -> None:
        real = getattr(builtins, name)

        def call(source: Any, *args: Any, **kwargs: Any) -> Any:
            frame = sys._getframe(1)
            if name != "compile" and len(args) == 0:
                # Without namespaces the real function takes those of its caller, which would be this one.
                args = (frame.f_globals, frame.f_locals)
            calls.append(
                (
                    str(frame.f_globals.get("__name__")),
                    source if isinstance(source, str) else type(source).__name__,
                )
            )
            return real(source, *args, **kwargs)

        monkeypatch.setattr(builtins, name, call)

    for name in ("eval", "exec", "compile"):
        watch(name)
    return calls


@pytest.mark.parametrize("name", process_names(ROOT))
def test_scenarios_evaluate_no_python(
    name: str, watched: list[tuple[str, str]], around: Surroundings
) -> None:
    package = read_package(ROOT, name)
    file = read_scenarios((ROOT / "workflows" / "scenarios" / f"{name}.yaml").read_bytes())
    for case in file.cases:
        play(package, case, file.actors, around)
    texts = model_texts(package)
    assert len(texts) > len(package.definition.nodes), (
        "the texts of the model were not found; the test would prove nothing"
    )
    for module, source in watched:
        assert module.startswith(ALLOWED), f"{module} evaluates {source[:80]!r}"
        assert source.strip() not in texts, f"{module} evaluates {source[:80]!r}, a text of the model"


def test_the_watch_notices(watched: list[tuple[str, str]]) -> None:
    assert eval("1 + 1") == 2
    assert watched == [(__name__, "1 + 1")]


def model_texts(package: Package) -> set[str]:
    """Every text that stands in a BPMN or DMN file of the package."""
    found: set[str] = set()
    for path, content in package.files.items():
        if path.endswith((".bpmn", ".dmn")):
            for inner, value in re.findall(r">([^<>]+)<|value=(?:\"|')([^\"']+)", content.decode()):
                found.add((inner or value).strip().lstrip("="))
    return found - {""}


PYTHON = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">
<process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>
<scriptTask id="t" {language}><script>{script}</script></scriptTask>
<sequenceFlow id="g" sourceRef="t" targetRef="e"/><endEvent id="e"/></process></definitions>"""


@pytest.mark.parametrize(
    ("language", "script"),
    [
        ('scriptFormat="python"', "x = 1"),
        ("", "import os; os.system('true')"),
        ("", "x = __import__('os')"),
        ('scriptFormat="text/x-python"', "print(1)"),
    ],
)
def test_python_in_a_model_is_refused(language: str, script: str, watched: list[tuple[str, str]]) -> None:
    source = PYTHON.format(language=language, script=script)
    package = Package("p", {"workflows/bpmn/p.bpmn": source.encode()})
    with pytest.raises(ModelError) as refused:
        _ = package.definition
    assert any(element == "t" for _, element, _ in refused.value.findings)
    assert not [one for one in watched if script in one[1]]
