"""Test rows beside a table: read, tried, held by lint and by `engine try`."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine import table_rows
from engine.errors import PackageBroken
from engine.feel import World
from engine.lint import lint
from engine.package import Package, read_package
from engine.settings import read_settings
from engine.table_rows import TestFile, TestRow, read_tests, try_tables, write_tests

ROOT = read_settings().root
NAME = "temporary-assistance"
TABLE = f"workflows/dmn/{NAME}/emergency-aid.dmn"
WORLD = World(now=datetime(2026, 9, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai")), law=lambda *_: 3)


def with_rows(*rows: TestRow, path: str = TABLE) -> Package:
    """The process with test rows beside its table."""
    package = read_package(ROOT, NAME)
    return Package(NAME, {**package.files, table_rows.tests_of(path): write_tests(TestFile(list(rows)))})


SEVERE = TestRow("severity", {"severity_input_1": '"uninhabitable"'}, "不能居住", '"heavy"', [1])


def test_rows_pass_fail_and_break() -> None:
    rows = (
        SEVERE,
        TestRow("severity", {"住房": '"damaged"', "重症监护": "true"}, result='"light"'),
        TestRow("severity", {"重症监护": "true"}, rules=[1]),
        TestRow("severity", {"重症监护": "是"}),
        TestRow("severity", {"重症监护": "1 +"}),
        TestRow(
            "months", {"严重程度": '"heavy"', "t0": 'date and time("2026-09-01T09:00:00+08:00")'}, result="3"
        ),
        TestRow("nobody", {}),
        TestRow("severity", {}, on="gestern"),
    )
    found = [tried for _, _, tried in try_tables(with_rows(*rows), WORLD)]
    assert [one.state for one in found] == [
        "passed", "failed", "failed", "unjudged", "broken", "passed", "broken", "broken",
    ]  # fmt: skip
    assert (found[1].value, found[1].code) == ("heavy", "result")
    assert (found[2].code, found[2].values["found"]) == ("rules", (3,))
    assert [one.code for one in found if one.state == "broken"] == [
        "value-not-feel",
        "unknown-decision",
        "value-not-feel",
    ]


def test_the_file_comes_back_as_it_was() -> None:
    content = write_tests(TestFile([SEVERE]))
    assert content.endswith(b"\n")
    assert write_tests(read_tests(content, "x")) == content
    for wrong in (b"", b"[]", b'{"rows": [{}]}', b'{"rows": [], "more": 1}', b"\xff"):
        with pytest.raises(PackageBroken):
            read_tests(wrong, "x")


def test_lint_holds_the_rows() -> None:
    def codes(package: Package) -> set[tuple[str, str]]:
        return {(one.file, one.code) for one in lint(package, walk=False, world=WORLD) if "test" in one.code}

    path = table_rows.tests_of(TABLE)
    assert not codes(with_rows(SEVERE))
    assert codes(with_rows(TestRow("severity", {}, result='"heavy"'))) == {(path, "dmn-test-failed")}
    assert codes(with_rows(TestRow("severity", {"x": "("}))) == {(path, "dmn-test-broken")}
    lonely = with_rows(SEVERE, path=f"workflows/dmn/{NAME}/gone.dmn")
    assert codes(lonely) == {(table_rows.tests_of(f"workflows/dmn/{NAME}/gone.dmn"), "dmn-tests-broken")}
    assert not [
        one for one in lint(with_rows(TestRow("severity", {}, result="1")), walk=False) if "test" in one.code
    ]


def test_lint_names_every_broken_cell() -> None:
    package = read_package(ROOT, NAME)
    content = package.files[TABLE].replace(b'<text>"uninhabitable"</text>', b"<text>&gt;</text>")
    broken = Package(
        NAME, {**package.files, TABLE: content.replace(b'<text>"heavy"</text>', b"<text>(</text>")}
    )
    found = [one for one in lint(broken, walk=False) if one.code == "feel-syntax"]
    assert len(found) > 2
    assert found[0].element == "severity"
    assert found[0].values["cells"]
