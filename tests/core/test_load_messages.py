"""Every finding has a sentence in both languages, and the sentences ask only for what the findings bring."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from engine.core.load import ModelError, load
from engine.core.reading.messages import SENTENCES, sentence
from tests.core.test_load_refusals import REFUSALS
from tests.core.test_load_rules import CASES
from tests.core.test_load_xml import HOSTILE

CORE = Path(__file__).resolve().parents[2] / "engine" / "core"
CODE = re.compile(r'(?:Finding\(|findings\.add\(|_error\()\s*"([a-z][a-z-]+)"')
SOURCES = (
    [source for _, _, source in REFUSALS.values()]
    + [case[3] for case in CASES]
    + [s for _, s in HOSTILE.values()]
)


def test_every_code_has_sentences() -> None:
    files = [CORE / "load.py", CORE / "xml.py", *CORE.glob("rules*.py"), *(CORE / "reading").glob("*.py")]
    used = {code for file in files for code in CODE.findall(file.read_text("utf-8"))}
    assert len(used) > 80
    assert used - set(SENTENCES) == set()


@pytest.mark.parametrize("code", SENTENCES)
def test_both_languages_say_the_same(code: str) -> None:
    chinese, english = SENTENCES[code]
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert english.isascii()
    fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (chinese, english)]
    assert fields[0] == fields[1]


def test_sentences_are_filled() -> None:
    """No sentence of any model of these tests lacks a fact, and each names the element."""
    seen = set()
    for source in SOURCES:
        for strict in (True, False):
            try:
                load({"a.bpmn": source}, strict=strict)
            except ModelError as error:
                findings = error.findings
            else:
                continue
            for finding in findings:
                seen.add(finding.code)
                for language in (0, 1):
                    text = sentence(*finding, language)
                    assert "?" not in text.replace("<?", ""), (finding, text)
                    assert finding.element is None or finding.element in text or finding.code == "schema"
    assert len(seen) > 75


def test_an_unknown_code_and_a_missing_fact_do_no_harm() -> None:
    assert sentence("never-heard-of", "x", {}) == "never-heard-of"
    assert sentence("call-unknown", "x", {}) == "x calls ?, which does not exist"
