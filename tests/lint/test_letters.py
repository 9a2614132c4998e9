"""Letters and forms against the package around them: what is missing, what is unsafe, what nobody gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.lint.fit import fit
from engine.lint.letters import letters
from engine.package import Package, process_names, read_package
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "child-allowance-stop"
PAPER = f"templates/{NAME}/CB01.html"


@pytest.fixture(scope="module")
def with_file() -> Callable[[str, str], Package]:
    package = read_package(ROOT, NAME)
    return lambda path, text: Package(NAME, {**package.files, path: text.encode()})


def told(package: Package) -> list[tuple[str, str | None]]:
    return [(one.code, one.values.get("line")) for one in letters(package)]


def test_the_letters_of_the_house_are_in_order() -> None:
    for name in process_names(ROOT):
        package = read_package(ROOT, name)
        wrong = [
            one
            for one in (*letters(package), *fit(package, (), (), {}))
            if one.file.startswith(("templates/", "forms/"))
        ]
        assert [one for one in wrong if one.severity != "info"] == []


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('{% extends "_shared/nothing.html" %}', "template-file-missing", 1),
        ('\n{% import "x/words.html" as words %}', "template-file-missing", 2),
        ('\n\n{% include "x.html" %}', "template-file-missing", 3),
        ("\n{{ data.x | unheard }}", "template-broken", 2),
        ("\n<script>x</script>", "template-unsafe", 2),
        ("{{ data.x | safe }}", "template-unsafe", 1),
        ("{% if %}", "template-broken", 1),
    ],
)
def test_each_fault_is_told_at_its_line(
    with_file: Callable[[str, str], Package], text: str, code: str, line: int
) -> None:
    assert told(with_file(PAPER, text)) == [(code, line)]


@pytest.mark.parametrize("setting", ['name="document" value="XX99"', "value='XX99'\n  name='document'"])
def test_a_named_document_without_a_template_is_told(
    with_file: Callable[[str, str], Package], setting: str
) -> None:
    """However the tool that drew the model writes attributes."""
    path = f"workflows/bpmn/{NAME}.bpmn"
    model = read_package(ROOT, NAME).files[path].decode()
    named = 'name="document" value="CB01"'
    assert named in model
    missing = [
        one for one in letters(with_file(path, model.replace(named, setting))) if "missing" in one.code
    ]
    assert {(one.file, one.element) for one in missing} == {(path, "XX99")}


def test_fields_that_no_step_gives_are_told(with_file: Callable[[str, str], Package]) -> None:
    text = "{{ data.child.name }}\n{{ data.unheard }}{{ data.perhaps | default('') }}"
    found = [one for one in fit(with_file(PAPER, text), (), (), {}) if one.file == PAPER]
    assert [(one.code, one.element, one.values["line"]) for one in found] == [
        ("template-field-not-given", "unheard", 2)
    ]


def test_names_that_nothing_answers_are_told_in_forms(with_file: Callable[[str, str], Package]) -> None:
    path = f"forms/{NAME}/stop_payment.json"
    package = with_file(
        path,
        read_package(ROOT, NAME).text(path).replace('"required": true', '"visible_when": "unheard = 1"', 1),
    )
    found = [one for one in fit(package, (), (), {}) if one.file == path]
    assert [(one.code, one.element, one.values["name"]) for one in found] == [
        ("name-unknown", "stopped", "unheard")
    ]
