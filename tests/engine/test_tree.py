"""One broken process in the tree does not close the office."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from engine.errors import PackageBroken
from engine.office import open_office
from engine.settings import read_settings
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def test_a_broken_process_is_told_and_the_others_are_published(tmp_path: Path) -> None:
    for folder in ("workflows", "forms", "templates", "policies"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for path in (tmp_path / "workflows" / "bpmn").glob("*.bpmn"):
        if path.stem != "reserve-fund":
            path.unlink()
    (tmp_path / "workflows" / "bpmn" / "broken.bpmn").write_text("<definitions/>")
    office = open_office(replace(read_settings({}), root=tmp_path, data=tmp_path / "data"))
    told: list[PackageBroken] = []
    try:
        now = datetime.now(office.settings.zone)
        published = office.publish_tree(now, told.append)
        with pytest.raises(PackageBroken):
            office.publish_tree(now)
    finally:
        office.close()
    assert [one["process"] for one in published] == ["reserve-fund"]
    assert [one.values["process"] for one in told] == ["broken"]
