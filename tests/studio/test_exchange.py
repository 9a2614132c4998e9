"""Processes from nothing, from archives, from models of other tools; broken and hostile files; archives out and in again."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import PackageBroken
from engine.importing import cleaned, take_archive, take_model
from engine.lint import lint
from engine.lint.foreign import converted
from engine.package import Package, pack, read_package, unpack
from tests.conftest import ROOT
from tests.studio.conftest import SHORT
from tests.studio.foreign_models import CAMUNDA_7, CAMUNDA_8, FLOWABLE

if TYPE_CHECKING:
    from pathlib import Path

    from engine.office import Office
    from tests.api.conftest import Caller


def begin(caller: Caller, **fields: str) -> Any:
    """Post the form of a new process."""
    given = {"title": "良种补贴", "role": "town_window", "starter": "anyone", **fields}
    return caller.client.post("/studio/new", data=given, headers={**caller.headers, "accept": "text/html"})


def take(caller: Caller, content: bytes, name: str = "", file: str = "x.zip") -> Any:
    """Post the form of an import."""
    return caller.client.post(
        "/studio/import",
        data={"import_name": name},
        files={"file": (file, content)},
        headers={**caller.headers, "accept": "text/html", "accept-language": "en"},
    )


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return target.getvalue()


def test_a_process_from_nothing_is_in_order(analyst: Caller, bureau: Office) -> None:
    made = begin(analyst, name="seed-subsidy", title_en="Seed subsidy", owner="农业农村局 & 财政局")
    assert made.status_code == 303, made.text
    assert made.headers["location"] == "/studio/seed-subsidy"
    listed = analyst.get("/studio/seed-subsidy/files").json()
    assert listed["state"] == "draft"
    assert listed["editable"]
    own = {one["kind"] for one in listed["files"] if not one["shared"]}
    assert own == {"diagram", "form", "rights", "scenarios"}
    # What papers are built on is there from the start.
    assert "templates/_shared/notice.html" in {one["path"] for one in listed["files"]}
    told = analyst.get("/studio/seed-subsidy/findings?walk=1").json()["findings"]
    assert [one["code"] for one in told] == ["deadline-missing"]
    model = analyst.get("/studio/seed-subsidy/file?path=workflows/bpmn/seed-subsidy.bpmn").text
    assert "农业农村局 &amp; 财政局" in model
    again = begin(analyst, name="seed-subsidy")
    assert again.status_code == 409
    assert "seed-subsidy" in again.text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": "Seed Subsidy"}, 400),
        ({"name": "new"}, 400),
        ({"name": ""}, 422),
        ({"name": "x", "title": ""}, 422),
        ({"name": "x", "role": "nobody"}, 422),
        ({"name": SHORT}, 409),
    ],
)
def test_what_a_new_process_needs(analyst: Caller, fields: dict[str, str], status: int) -> None:
    refused = begin(analyst, **fields)
    assert refused.status_code == status
    assert 'class="alert error"' in refused.text


def test_only_analysts_begin(staff: Any) -> None:
    assert begin(staff("beiguan.window"), name="mine").status_code == 403
    assert begin(staff("process_admin"), name="mine").status_code == 403


def test_an_archive_goes_out_and_in_and_out_the_same(analyst: Caller, draft: str) -> None:
    first = analyst.get(f"/studio/{draft}/archive")
    assert first.headers["content-disposition"].startswith(f'attachment; filename="{SHORT}-draft-')
    package = take_archive(first.content)
    assert pack(package) == first.content
    assert pack(take_archive(pack(unpack(SHORT, first.content)))) == first.content
    assert package.digest == read_package(ROOT, SHORT).digest
    # In a folder, as archives of repositories are.
    wrapped = zipped({f"banjian-main/{path}": content for path, content in package.files.items()})
    assert pack(take_archive(wrapped)) == first.content


def test_an_archive_becomes_a_draft(analyst: Caller) -> None:
    made = take_model(CAMUNDA_7, "archived-invoice")
    assert take(analyst, pack(made)).headers["location"] == "/studio/archived-invoice#findings"
    assert analyst.get("/studio/archived-invoice/archive").content == pack(made)
    assert take(analyst, pack(made)).status_code == 409


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped({"workflows/bpmn/x.bpmn": b"<a/>", "../../etc/passwd": b"x"}), "leads elsewhere"),
        (zipped({"workflows/bpmn/x.bpmn": b"<a/>", "/abs": b"x"}), "leads elsewhere"),
        (zipped({"workflows/bpmn/x.bpmn": b"<a/>", "engine/bus.py": b"x"}), "does not belong"),
        (zipped({"workflows/bpmn/x.bpmn": b"<a/>", "policies/base.csv": b"x"}), "does not belong"),
        (zipped({"workflows/bpmn/x.bpmn": b"<a/>", "workflows/bpmn/y.bpmn": b"<a/>"}), "exactly one diagram"),
        pytest.param(zipped({}), "exactly one diagram", id="empty"),
        (
            zipped({"workflows/bpmn/x.bpmn": b"<a/>", "forms/x/a.json": b"\0" * 60_000_000}),
            "unfolds to too much",
        ),
    ],
)
def test_hostile_archives_begin_nothing(analyst: Caller, content: bytes, reason: str) -> None:
    refused = take(analyst, content)
    assert refused.status_code in {400, 413, 422}
    assert reason in refused.text
    assert analyst.get("/studio/x/files").status_code == 404


def test_damaged_and_locked_archives() -> None:
    good = zipped({"workflows/bpmn/x.bpmn": b"<a/>" * 100})
    for broken in (good[:-30], good[:40] + b"\xff" * 20 + good[60:]):
        with pytest.raises(PackageBroken):
            unpack("x", broken)
    bomb = bytearray(zipped({"workflows/bpmn/x.bpmn": b"x"}))
    flag = bomb.rindex(b"PK\x01\x02") + 8
    bomb[flag] |= 1
    with pytest.raises(PackageBroken, match="locked"):
        unpack("x", bytes(bomb))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<broken", "not well-formed"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", "DOCTYPE"),
        (b"<html/>", "not a BPMN"),
        (b"hello", "not well-formed"),
        (b"<a>" * 200, "not well-formed|too deeply"),
        (b"<?xml version='1.0' encoding='utf-7'?><x/>", "encoding"),
    ],
)
def test_files_that_are_no_model(analyst: Caller, content: bytes, told: str) -> None:
    import re

    refused = take(analyst, content, "no-model", "x.bpmn")
    assert refused.status_code == 422
    assert re.search(told, refused.text)
    assert analyst.get("/studio/no-model/files").status_code == 404


@pytest.mark.parametrize(
    ("model", "tool", "codes"),
    [
        (
            CAMUNDA_7,
            "Camunda 7",
            {
                "foreign-who",
                "foreign-form",
                "foreign-call",
                "foreign-deadline",
                "foreign-listener",
                "foreign-decision",
            },
        ),
        (
            CAMUNDA_8,
            "Camunda 8",
            {
                "foreign-who",
                "foreign-form",
                "foreign-call",
                "foreign-data",
                "foreign-decision",
                "foreign-called",
            },
        ),
        (FLOWABLE, "Flowable", {"foreign-who", "foreign-form", "foreign-call"}),
    ],
)
def test_what_other_tools_mean_is_told(model: bytes, tool: str, codes: set[str]) -> None:
    package = take_model(model, "invoice")
    found = [one for one in lint(package, walk=False) if one.code.startswith("foreign-")]
    assert codes <= {one.code for one in found}
    assert {one.values["tool"] for one in found if one.code != "foreign-expression"} == {tool}
    clean = Package(
        "invoice",
        {
            **package.files,
            "workflows/bpmn/invoice.bpmn": cleaned(package.files["workflows/bpmn/invoice.bpmn"]),
        },
    )
    assert not [one for one in lint(clean, walk=False) if one.code.startswith("foreign-")]


def test_forms_of_other_tools_become_forms() -> None:
    package = take_model(CAMUNDA_7, "invoice")
    form = package.form("Task_approve")
    assert form is not None
    assert [(field.key, field.type, field.required) for field in form.fields()] == [
        ("approved", "boolean", True),
        ("kind", "choice", False),
    ]


def test_a_model_keeps_every_byte_but_the_name(analyst: Caller) -> None:
    made = take(analyst, CAMUNDA_7, "invoice-approval", "invoice.bpmn")
    assert made.status_code == 303
    kept = analyst.get("/studio/invoice-approval/file?path=workflows/bpmn/invoice-approval.bpmn").content
    assert kept == CAMUNDA_7.replace(b'"Process_invoice"', b'"invoice-approval"')
    told = analyst.get("/studio/invoice-approval/findings").json()["findings"]
    assert any(one["code"] == "foreign-who" and "泳道" in one["mend"] for one in told)
    cleared = analyst.client.post(
        "/studio/invoice-approval/clean",
        data={"path": "workflows/bpmn/invoice-approval.bpmn"},
        headers=analyst.headers,
    )
    assert cleared.status_code == 303
    after = analyst.get("/studio/invoice-approval/findings").json()["findings"]
    assert not [one for one in after if one["code"].startswith("foreign-")]


@pytest.mark.parametrize(
    ("text", "feel"),
    [
        ("${approved == true}", "approved = true"),
        ("${amount > 100 && !urgent}", "amount > 100 and not(urgent)"),
        ("#{kind eq 'a' || kind != 'b'}", 'kind = "a" or kind != "b"'),
        ("${amount}", "amount"),
    ],
)
def test_conditions_of_other_tools_as_feel(text: str, feel: str) -> None:
    assert converted(text) == feel


def test_public_models_come_in_whole(corpora: Path) -> None:
    for path in sorted((corpora / "bpmn-miwg" / "reference").rglob("*.bpmn")):
        content = path.read_bytes()
        package = take_model(content, "public-model")
        for one in lint(package, walk=False):
            assert one.code, path.name
        kept = package.files["workflows/bpmn/public-model.bpmn"]
        assert kept.count(b"<") == content.count(b"<"), path.name


def test_two_thousand_elements(analyst: Caller) -> None:
    """A model far larger than anybody draws comes in, is checked, and says what is wrong."""
    made = take(analyst, large(2_000), "large-model", "large.bpmn")
    assert made.status_code == 303
    told = analyst.get("/studio/large-model/findings").json()["findings"]
    assert len(told) >= 2_000
    assert {"lane-missing", "form-missing"} <= {one["code"] for one in told}


def large(count: int) -> bytes:
    tasks = "".join(
        f'<bpmn:userTask id="t{n}" name="环节 {n}"><bpmn:incoming>f{n}</bpmn:incoming><bpmn:outgoing>f{n + 1}</bpmn:outgoing></bpmn:userTask>'
        for n in range(count)
    )
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{n}" sourceRef="{f"t{n - 1}" if n else "begin"}" targetRef="{f"t{n}" if n < count else "done"}"/>'
        for n in range(count + 1)
    )
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">'
        f'<bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="begin"><bpmn:outgoing>f0</bpmn:outgoing></bpmn:startEvent>{tasks}'
        f'<bpmn:endEvent id="done"><bpmn:incoming>f{count}</bpmn:incoming></bpmn:endEvent>{flows}</bpmn:process></bpmn:definitions>'
    ).encode()
