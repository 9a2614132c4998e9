"""The command line checks what the office checks before it publishes: the same findings, from the same files."""

from __future__ import annotations

import argparse
import csv
import io
import json
from typing import TYPE_CHECKING

from engine.checking import Checker
from engine.cli import lint as command
from engine.effects import Answered
from engine.office import open_office, read_jurisdiction
from engine.package import read_package
from engine.settings import Settings
from engine.store.exact import plain
from tests.conftest import ROOT
from tests.engine.small import NOON, RULES, ends, model, package, task
from tests.studio.conftest import CALLING, SHORT, small_tree

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from engine.effects import Register


def test_the_command_line_finds_what_the_office_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With an article that ended long ago, which only the office used to tell."""
    tree = small_tree(tmp_path / "tree")
    articles = tree / "policies" / "law" / "jinzhong" / "articles.csv"
    before = articles.read_text(encoding="utf-8")
    lines = [line for line in before.splitlines() if line.startswith("MF62-TF,")]
    assert len(lines) == 1
    head = before.splitlines()[0].split(",")
    assert head[5:7] == ["valid_from", "valid_to"]
    settings = Settings(root=tree, data=tmp_path / "data")
    articles.write_text(before.replace(lines[0], ended(lines[0])), encoding="utf-8")
    monkeypatch.setattr(command, "read_settings", lambda: settings)
    command.run(argparse.Namespace(process=[SHORT, CALLING], json=True, files=False))
    told = json.loads(capsys.readouterr().out)
    office = open_office(settings)
    try:
        for name in (SHORT, CALLING):
            found = office.checker.findings(read_package(tree, name))
            assert told[name] == json.loads(plain(found)), name
    finally:
        office.close()
    assert "article-outdated" in {one["code"] for name in told for one in told[name]}


def test_what_the_engine_sends_itself_is_no_operation_of_a_task() -> None:
    """An office has handlers for its papers and letters; a task that named one would never come through."""
    law, calendar = read_jurisdiction(ROOT, "jinzhong")
    kinds = ("document", "notice", "sms", "email", "pay")
    handlers: Register = dict.fromkeys(kinds, lambda *_: Answered({}))
    checker = Checker(law, calendar, handlers, lambda: NOON)
    for operation, unknown in (("pay", False), ("document", True), ("notice", True), ("sms", True)):
        elements = ends() + task("serviceTask", "send", operation=operation, result="sent")
        bpmn = model("sending", {}, elements, "begin>send send>done")
        found = checker.findings(package("sending", bpmn, RULES.format("sending")))
        codes = {one.code for one in found if one.element == "send"}
        assert ("operation-unknown" in codes) == unknown, (operation, codes)


def ended(line: str) -> str:
    """The line of an article, which was in force on one day of 2001 only."""
    (cells,) = csv.reader([line])
    cells[5:7] = ["2001-01-01", "2001-01-01"]
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()
