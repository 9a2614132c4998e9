"""Previews for whoever writes templates: what is missing is marked and named, other faults are told with their line."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from engine.documents.refusal import DocumentRefused
from tests.documents.conftest import ROOT, make_job

if TYPE_CHECKING:
    from pathlib import Path

    from engine.documents.press import Press

TEMPLATE = """{% extends "_shared/notice.html" %}
{% block addressee %}<p class="to">{{ data.person.name }}：</p>{% endblock %}
{% block body %}<p>{{ data.sum | amount_zh }}，{{ data.day | date_zh }}。</p>
{% for row in data.rows %}<p>{{ row.what }}</p>{% endfor %}
{% if data.note is defined and data.note %}<p>{{ data.note }}</p>{% endif %}
<p>{{ data.empty }}</p>{% endblock %}"""


def text_of(pdf: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def test_every_missing_field_is_marked_and_named(press: Press) -> None:
    job = make_job(TEMPLATE, empty=None)
    with pytest.raises(DocumentRefused, match="field-missing"):
        press.work(job)
    done = press.work(replace(job, marked=True))
    assert done.missing == ("data.person", "data.sum", "data.day", "data.rows", "data.empty")
    told = text_of(done.content)
    for mark in (
        "【缺：data.person.name】",
        "【缺：data.sum】",
        "【缺：data.day】",
        "【缺：data.rows[1].what】",
        "【缺：data.empty】",
    ):
        assert mark in told
    with pytest.raises(DocumentRefused, match="field-missing"):
        press.work(job)  # marking ends with the preview


def test_a_whole_preview_marks_nothing(press: Press) -> None:
    facts = {
        "person": {"name": "张三"},
        "sum": 5,
        "day": "2026-11-24",
        "rows": [{"what": "病历"}],
        "empty": "无",
    }
    done = press.work(replace(make_job(TEMPLATE, **facts), marked=True))
    assert done.missing == ()
    assert "缺：" not in text_of(done.content)


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{{ nobody }}", "field-missing"),
        ("{% if %}", "template-broken"),
        ("{{ data.amount | date_zh }}", "value-wrong"),
        ("{{ ().__class__ }}", "template-broken"),
        ('<img src="file:///etc/passwd">', "template-outside"),
    ],
)
def test_other_faults_are_told_in_previews_too(press: Press, template: str, code: str) -> None:
    with pytest.raises(DocumentRefused) as caught:
        press.work(replace(make_job(f"<p>{template}</p>"), marked=True))
    assert caught.value.code == code


def test_the_command_prints_with_scenario_and_file(tmp_path: Path) -> None:
    environment = {"BANJIAN_DATA": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}

    def run(*words: str) -> dict[str, object]:
        command = [sys.executable, "-m", "engine", "preview", "reserve-fund", "D19", "--json", *words]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return dict(json.loads(done.stdout))

    assert run("--out", "sample.pdf")["missing"] == [], "the scenarios have all that the template asks for"
    assert "台账月报" in text_of((tmp_path / "sample.pdf").read_bytes())
    (tmp_path / "data.json").write_text("{}")
    told = run("--data", "data.json", "--out", "empty.pdf")
    assert told["missing"]
    assert "【缺：data." in text_of((tmp_path / "empty.pdf").read_bytes())
