"""Every code that a check can give has a sentence and a way to mend it, in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from api.studio.findings import mend_kind
from api.words import catalogue, knows
from engine.core.reading.messages import SENTENCES as MODEL_SENTENCES
from tests.conftest import ROOT
from tests.studio.conftest import CALLING, SHORT, put

if TYPE_CHECKING:
    from tests.api.conftest import Caller

#: Codes that reach the studio from the checks of other parts, each with sentences of its own.
_PARTS = {"dmn-"}


def lint_codes() -> set[str]:
    """The codes that stand in the code of the checks, and the defects of soundness."""
    found: set[str] = set()
    for path in (ROOT / "engine" / "lint").glob("*.py"):
        found |= set(re.findall(r'Finding\(\s*[^,()]+,\s*"([a-z]+(?:-[a-z]+)*)"', path.read_text()))
    for path in (ROOT / "engine" / "core" / "sound").glob("*.py"):
        found |= set(re.findall(r'Defect\("([a-z-]+)"', path.read_text()))
    return found


def test_checks_have_sentences_and_ways_to_mend() -> None:
    codes = lint_codes()
    assert {"scenario-missing", "article-outdated", "deadlock", "lane-without-policy"} <= codes
    assert not {code for code in codes if not knows(f"lint.{code}")}
    assert not {code for code in codes if not knows(f"mend.{code}")}


def test_refusals_of_the_loader_have_ways_to_mend() -> None:
    missing = {code for code in MODEL_SENTENCES if not knows(f"mend.{mend_kind(code)}")}
    assert not missing
    # Few are about expressions in general; everything else has a way of its own.
    general = {code for code in MODEL_SENTENCES if mend_kind(code) == "feel" and not knows(f"mend.{code}")}
    assert len(general) <= 3, general


def test_no_way_to_mend_is_left_over() -> None:
    kinds = {mend_kind(code) for code in MODEL_SENTENCES} | {"table", "campaign", "feel"}
    known = {key.removeprefix("mend.") for key in catalogue("zh") if key.startswith("mend.model-")}
    assert known <= kinds


def test_findings_of_a_process_that_is_in_order(analyst: Caller) -> None:
    told = analyst.get(f"/studio/{SHORT}/findings").json()
    assert [one for one in told["findings"] if one["severity"] == "error"] == []
    walked = analyst.get(f"/studio/{CALLING}/findings?walk=1").json()
    assert isinstance(walked["bounded"], bool)


def test_findings_of_a_broken_draft_are_told_in_words(analyst: Caller, draft: str) -> None:
    path = f"/studio/{draft}/file?path=workflows/bpmn/{SHORT}.bpmn"
    model = analyst.get(path)
    broken = model.content.replace(b'targetRef="call_back"', b'targetRef="nowhere"')
    saved = put(analyst, path, broken, **{"if-match": model.headers["etag"]})
    told = analyst.get(f"/studio/{draft}/findings", headers={"accept-language": "en"}).json()
    assert told["revision"] == saved.json()["revision"]
    wrong = [one for one in told["findings"] if one["severity"] == "error"]
    assert any(one["path"].endswith(f"{SHORT}.bpmn") and "nowhere" in one["sentence"] for one in wrong)
    assert all(one["sentence"] and one["mend"] and not one["mend"].startswith("mend.") for one in wrong)
    chinese = analyst.get(f"/studio/{draft}/findings", headers={"accept-language": "zh"}).json()
    assert any("顺序流" in one["sentence"] or "不存在" in one["sentence"] for one in chinese["findings"])
    assert put(analyst, path, b"<x", **{"if-match": saved.headers["etag"]}).status_code == 200
    again = analyst.get(f"/studio/{draft}/findings").json()["findings"]
    assert any("BPMN 2.0 XML" in one["mend"] for one in again)
