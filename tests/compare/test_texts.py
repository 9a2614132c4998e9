"""Texts word by word, tables laid over one another, and what flows are called."""

from __future__ import annotations

import random

import pytest

from engine.compare import What, grid, labels, passages, words
from engine.dmn import read
from engine.package import process_names, read_package
from tests.conftest import ROOT

NAME = "temporary-assistance"


def side(pieces: object, other: What) -> str:
    return "".join(one.text for one in pieces if one.what is not other)  # type: ignore[attr-defined]


def test_single_characters_and_words_are_marked() -> None:
    found = words("救助金额 605 元，三日内支付。", "救助金额 705 元，五日内支付。")
    assert [(one.text, one.what) for one in found if one.what] == [
        ("605", What.REMOVED), ("705", What.ADDED), ("三", What.REMOVED), ("五", What.ADDED),
    ]  # fmt: skip


def test_marks_of_templates_stay_whole() -> None:
    found = words("<p>{{ case.number }}</p>", "<p>{{ case.title }}</p>")
    assert [(one.text, one.what) for one in found if one.what] == [
        ("{{ case.number }}", What.REMOVED), ("{{ case.title }}", What.ADDED),
    ]  # fmt: skip


def test_nothing_is_lost_and_nothing_made_up() -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(200):
        before = "".join(chance.choices("甲乙丙 ab<p>\n1", k=chance.randrange(40)))
        after = "".join(chance.choices("甲乙丙 ab<p>\n1", k=chance.randrange(40)))
        found = words(before, after)
        assert (side(found, What.ADDED), side(found, What.REMOVED)) == (before, after)
        assert all(one.text for one in found)


def test_long_texts_are_told_as_replaced() -> None:
    assert [one.what for one in words("甲" * 5000, "乙" * 5000)] == [What.REMOVED, What.ADDED]


def test_passages_show_where_and_what_is_around() -> None:
    before = "\n".join(f"line {number}" for number in range(1, 41))
    found = passages(before, before.replace("line 7", "line seven").replace("line 30\n", ""))
    assert [(one.before, one.after) for one in found] == [(5, 5), (28, 28)]
    assert "line 5" in side(found[0].pieces, What.ADDED)
    assert "line 3\n" not in side(found[0].pieces, What.ADDED)


def test_a_table_over_itself_says_nothing() -> None:
    package = read_package(ROOT, NAME)
    for model in package.models.values():
        for decision in model.decisions.values():
            if decision.table is not None:
                laid = grid(decision.table, decision.table)
                assert not any(row.what for row in laid.rows)
                assert not any(what for _, _, what in laid.columns)
                assert len(laid.rows) == len(decision.table.rules)


def test_cells_rules_and_columns_are_marked() -> None:
    package = read_package(ROOT, NAME)
    source = next(package.files[path] for path, model in package.models.items() if "route" in model.decisions)
    was = read(source, tuple(package.names)).decisions["route"].table
    assert was is not None
    changed = was.rules[1].output_cells[0]
    text = source.decode()
    rule = was.rules[1].id
    at = text.index(f'id="{rule}"')
    now = (
        read((text[:at] + text[at:].replace(changed, '"Z"', 1)).encode(), tuple(package.names))
        .decisions["route"]
        .table
    )
    laid = grid(was, now)
    assert [row.after for row in laid.rows if row.what is What.CHANGED] == [2]
    (cell,) = [cell for row in laid.rows for cell in row.cells if cell.what]
    assert (cell.before, cell.text) == (changed, '"Z"')
    assert {row.what for row in grid(None, was).rows} == {What.ADDED}
    assert {row.what for row in grid(was, None).rows} == {What.REMOVED}


@pytest.mark.parametrize("name", process_names(ROOT))
def test_every_flow_has_a_name(name: str) -> None:
    package = read_package(ROOT, name)
    known = labels(package.files[f"workflows/bpmn/{name}.bpmn"])
    flows = [flow for flow in package.definition.flows if flow in known]
    assert flows
    assert all(known[flow] for flow in flows)
