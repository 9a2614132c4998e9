"""The diagram editor's page and data: what can be chosen, files that come with a step, and no setting of the engine missing."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.studio.conftest import CALLING, SHORT

if TYPE_CHECKING:
    from tests.api.conftest import People

PANEL = ROOT / "api" / "ui" / "studio" / "src" / "diagram" / "panel"
#: Names that the engine reads from an element's properties, by the code that reads them.
_READ = re.compile(r"""(?:\braw|properties\([^()]*\))\.get\(\s*["'](\w+)["']""")
_GIVEN = re.compile(r"""\bgiven\.get\(\s*["'](\w+)["']""")
#: Lists of names that are looked up one by one.
_LISTS = {"_OF_TASKS"}


def settings_read() -> set[str]:
    """Every property that the engine or its loader looks for."""
    found: set[str] = set()
    for path in sorted((ROOT / "engine").rglob("*.py")):
        text = path.read_text()
        if "forms" in path.parts:
            continue
        if "raw" in text or "properties(" in text:
            found |= set(_READ.findall(text))
            found |= set(_GIVEN.findall(text)) if "core" in path.parts else set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in _LISTS:
                found |= set(ast.literal_eval(node.value))
    return found | {"promised", "statutory", "item", "output_item"}


def test_no_setting_that_the_engine_reads_is_missing_in_the_panel() -> None:
    read = settings_read()
    # The search itself must find what is known to be read.
    assert {"deadline", "law", "clock", "verbs", "irrevocable", "collection", "effect", "correlation"} <= read
    panel = "".join(path.read_text() for path in PANEL.glob("*.js"))
    offered = set(re.findall(r"""(?:own|feel|truth|named|item)\(\s*(?:element,\s*)?['"](\w+)['"]""", panel))
    offered |= set(re.findall(r"""setting:\s*['"](\w+)['"]""", panel))
    assert read - offered == set()


def test_every_label_of_the_panel_has_words() -> None:
    from api.words import catalogue

    panel = "".join(path.read_text() for path in PANEL.glob("*.js"))
    keys = {f"diagram.{key}" for key in re.findall(r"""\bsay\('([a-z][\w-]*)'""", panel)}
    keys |= {
        f"diagram.f-{key}"
        for key in re.findall(r"""(?:own|feel|truth|words|named|item)\(\s*(?:element,\s*)?'(\w+)'""", panel)
    }
    for language in ("zh", "en"):
        assert keys - set(catalogue(language)) == set(), language


def test_strangers_and_clerks_see_nothing(staff: People) -> None:
    for path in ("diagram", "diagram/choices", "diagram/templates"):
        assert staff("beiguan.window").get(f"/studio/{SHORT}/{path}").status_code == 404
        assert staff().get(f"/studio/{SHORT}/{path}").status_code in {302, 303, 401}


def test_the_page_allows_styles_on_elements_and_no_foreign_script(staff: People) -> None:
    answer = staff("analyst").get(f"/studio/{SHORT}/diagram")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "style-src-attr 'unsafe-inline'" in policy
    assert "script-src" not in policy
    assert "unsafe-eval" not in policy
    other = staff("analyst").get("/studio").headers["content-security-policy"]
    assert "unsafe-inline" not in other


def test_what_can_be_chosen(staff: People) -> None:
    told = staff("analyst").get(f"/studio/{CALLING}/diagram/choices").json()
    article = next(one for one in told["articles"] if one["id"] == "SHJZF-48")
    assert article["title"].startswith("《中华人民共和国社会救助法》")
    assert article["now"] is True
    parts = {one["id"]: one for one in told["parts"]}
    assert parts["public-notice"]["inside"] is False
    assert told["rights"]["county_officer"] == ["county_officer"]
    assert {"case.start", "register.record"} <= set(told["operations"])
    assert "add_signer" in told["verbs"]


def test_files_come_with_a_step_and_never_over_others(staff: People) -> None:
    analyst = staff("analyst")
    analyst.post(f"/studio/{CALLING}/begin", data={"command": "begin-drawing"})
    made = analyst.post(f"/studio/{CALLING}/diagram/forms/look_again", json={"title": "再看一次"})
    assert made.status_code == 200, made.text
    form = analyst.get(f"/studio/{CALLING}/file", params={"path": made.json()["path"]}).json()
    assert form["id"] == "look_again"
    assert form["title"]["zh"] == "再看一次"
    again = analyst.post(f"/studio/{CALLING}/diagram/forms/look_again", json={"title": "另一个"})
    assert again.status_code == 409
    assert analyst.post(f"/studio/{CALLING}/diagram/forms/..%2Fx", json={}).status_code in {404, 422}
    assert analyst.post(f"/studio/{CALLING}/diagram/parts/no-such-part").status_code == 404
    added = analyst.post(f"/studio/{CALLING}/diagram/parts/acceptance")
    assert added.status_code == 200, added.text
    paths = {one["path"] for one in analyst.get(f"/studio/{CALLING}/files").json()["files"]}
    assert "workflows/bpmn/_shared/acceptance.bpmn" in paths
    rights = analyst.get(f"/studio/{CALLING}/file", params={"path": f"policies/{CALLING}.csv"}).text
    assert f"{CALLING}/town_window, work" in rights
    parts = analyst.get(f"/studio/{CALLING}/diagram/choices").json()["parts"]
    assert {one["id"] for one in parts if one["inside"]} >= {"acceptance"}


@pytest.mark.parametrize("account", ["analyst"])
def test_a_model_without_picture_is_drawn(staff: People, account: str) -> None:
    text = re.sub(
        r"<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>",
        "",
        (ROOT / f"workflows/bpmn/{SHORT}.bpmn").read_text(),
        flags=re.DOTALL,
    )
    answer = staff(account).post(f"/studio/{SHORT}/diagram/drawn", content=text.encode())
    assert answer.status_code == 200, answer.text
    assert "BPMNShape" in answer.text
    assert staff(account).post(f"/studio/{SHORT}/diagram/drawn", content=b"<x/>").status_code == 400
