"""What FEEL editors are told: faults with their place in a browser's text, names, functions with help in both languages."""

from __future__ import annotations

import pytest

from api.studio.feel_help import faults
from api.words import catalogue
from engine.feel import builtin_functions, signatures
from engine.names import names
from engine.package import Package, read_package
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def package() -> Package:
    """A process with forms, parts and decisions."""
    return read_package(ROOT, "so-establish")


@pytest.mark.parametrize(
    ("text", "kind", "code", "span"),
    [
        ("amount >", "expression", "unexpected-token", (7, 8)),
        ("𠮷 = ，", "expression", "full-width-character", (5, 6)),
        ('case.number = "x" and nobody_sets(3)', "expression", "unknown-name", (22, 33)),
        ("=1 +", "template", "unexpected-token", (3, 4)),
        ("[1..", "unary", "unexpected-token", (3, 4)),
    ],
)
def test_a_fault_has_its_place(
    package: Package, text: str, kind: str, code: str, span: tuple[int, int]
) -> None:
    found = faults(text, kind, names(package), "zh")
    assert [(one["code"], (one["from"], one["to"])) for one in found] == [(code, span)]
    assert "expression" not in found[0]["sentence"]
    assert "end" not in found[0]["sentence"]


def test_what_is_right_has_no_fault(package: Package) -> None:
    known = names(package)
    assert faults("add working days(date(case.submitted_at), 3)", "expression", known, "zh") == []
    assert faults("=", "template", known, "zh") == []
    assert faults("check.household", "template", known, "zh") == []
    assert faults("", "unary", known, "zh") == []
    assert faults('"a", not(? = "b")', "unary", known, "zh") == []


def test_names_are_those_that_the_files_set(package: Package) -> None:
    known = {one.name: one for one in names(package)}
    assert known["case.submitted_at"].origin == "standard"
    assert known["archive.pages"].about["zh"]
    assert known["archive.by_name"].origin == "task"
    # Every name that the model's own expressions use is one of them: nothing right is doubted.
    spoken = {name.partition(".")[0] for name in known}
    for node in package.definition.nodes.values():
        deadline = node.settings.deadline
        if deadline is not None:
            assert deadline.names <= spoken | set(builtin_functions()), node.id


def test_a_broken_draft_still_has_names(package: Package) -> None:
    main = f"workflows/bpmn/{package.name}.bpmn"
    broken = Package(package.name, {**package.files, main: package.files[main][:-40]})
    known = {one.name for one in names(broken)}
    assert {"case.number", "archive.pages"} - known == {"archive.pages"}
    assert "apply_for" in known


def test_every_function_has_a_signature_and_help() -> None:
    for name in builtin_functions():
        assert signatures(name), name
        for language in ("zh", "en"):
            assert catalogue(language)[f"feel.help.{name}"], name
