"""Each kind of file is compared in its own way, and nothing that differs goes unsaid."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from engine.compare import What, compare
from engine.package import Package, process_names, read_package
from tests.conftest import ROOT

NAME = "temporary-assistance"
BPMN = f"workflows/bpmn/{NAME}.bpmn"
DMN = f"workflows/dmn/{NAME}/route.dmn"
FORM = f"forms/{NAME}/approve_small.json"


@pytest.fixture(scope="module")
def package() -> Package:
    return read_package(ROOT, NAME)


def with_file(package: Package, path: str, content: bytes | None) -> Package:
    files = {name: text for name, text in package.files.items() if name != path}
    return Package(package.name, files if content is None else {**files, path: content})


def changed(package: Package, path: str, before: str, after: str, times: int = 1) -> Package:
    text = package.text(path)
    assert before in text
    return with_file(package, path, text.replace(before, after, times).encode())


@pytest.mark.parametrize("name", process_names(ROOT))
def test_a_version_is_like_itself(name: str) -> None:
    package = read_package(ROOT, name)
    assert compare(package, replace(package)) == []


def test_a_setting_of_an_element_is_named(package: Package) -> None:
    text = package.text(BPMN)
    deadline = re.search(r'name="deadline" value=([^>]+?) ?/>', text)
    assert deadline is not None
    new = changed(package, BPMN, deadline[0], 'name="deadline" value="=date(now())"/>')
    (found,) = compare(package, new)
    assert (found.what, found.part, found.after) == (What.CHANGED, "deadline", "=date(now())")
    assert found.element in package.definition.nodes
    assert found.name == package.definition.nodes[found.element].name


def test_elements_that_come_and_go(package: Package) -> None:
    new = changed(
        package, BPMN, "</bpmn:process>", '<bpmn:userTask id="more" name="再看一次"/></bpmn:process>'
    )
    (found,) = compare(package, new)
    assert (found.what, found.element, found.name) == (What.ADDED, "more", "再看一次")
    (found,) = compare(new, package)
    assert (found.what, found.element) == (What.REMOVED, "more")


def test_a_moved_shape_is_only_moved(package: Package) -> None:
    bounds = re.search(r'<dc:Bounds x="(\d+)" y="(\d+)"', package.text(BPMN))
    assert bounds is not None
    new = changed(package, BPMN, bounds[0], f'<dc:Bounds x="{int(bounds[1]) + 7}" y="{bounds[2]}"')
    (found,) = compare(package, new)
    assert (found.what, found.part) == (What.MOVED, "layout")


def test_a_cell_of_a_table_is_named_by_rule_and_column(package: Package) -> None:
    path, model = next(iter(package.models.items()))
    decision = next(one for one in model.decisions.values() if one.table is not None)
    assert decision.table is not None
    rule = next(
        one for one in decision.table.rules if one.output_cells[0].isdigit() or '"' in one.output_cells[0]
    )
    cell = rule.output_cells[0]
    entry = rule.entries[len(decision.table.inputs)]
    text = package.text(path)
    start = text.index(f'id="{entry}"')
    other = '"another"' if '"' in cell else "42"
    content = text[:start] + re.sub(r"<text>[^<]*</text>", f"<text>{other}</text>", text[start:], count=1)
    (found,) = compare(package, with_file(package, path, content.encode()))
    assert (found.what, found.element) == (What.CHANGED, decision.id)
    assert found.part == f"rule {rule.index}: {decision.table.outputs[0].name}"
    assert (found.before, found.after) == (cell, other)


def test_fields_of_a_form(package: Package) -> None:
    form = json.loads(package.text(FORM))
    fields = form["sections"][-1]["fields"]
    fields[0]["required"] = not fields[0].get("required", False)
    fields.reverse()
    fields.append({"key": "remark", "type": "text", "label": {"zh": "备注", "en": "Remark"}})
    found = compare(package, with_file(package, FORM, json.dumps(form).encode()))
    kinds = {(one.what, one.part) for one in found}
    assert (What.CHANGED, "required") in kinds
    assert (What.MOVED, "order") in kinds
    assert [one.element for one in found if one.what is What.ADDED] == ["remark"]


def test_rights_letters_scenarios_and_whole_files(package: Package) -> None:
    rights = f"policies/{NAME}.csv"
    new = with_file(package, rights, f"# a remark\n{package.text(rights)}p, visitor, {NAME}, see\n".encode())
    (found,) = compare(package, new)
    assert (found.what, found.element) == (What.ADDED, f"p, visitor, {NAME}, see")
    letter = next(
        path for path in package.files if path.startswith(f"templates/{NAME}/") and path.endswith(".html")
    )
    lines = package.text(letter).splitlines(keepends=True)
    (found,) = compare(package, with_file(package, letter, "".join(["新的一行\n", *lines]).encode()))
    assert (found.before, found.after) == ([], ["新的一行"])
    scenario = f"workflows/scenarios/{NAME}.yaml"
    (found,) = compare(package, changed(package, scenario, "title:", "title: 改了", 1))
    assert (found.what, found.part) == (What.CHANGED, "title")
    (found,) = compare(package, with_file(package, letter, None))
    assert (found.what, found.file) == (What.REMOVED, letter)


def test_broken_drafts_are_compared_as_text(package: Package) -> None:
    for path in (BPMN, FORM, next(iter(package.models))):
        found = compare(package, with_file(package, path, b"<broken"))
        assert found
        assert all(one.file == path for one in found)
        assert compare(package, with_file(package, path, b"\xff\xfe\x00"))
