"""Ready pieces of processes: each comes with all that it needs, under free ids, and the checks find nothing amiss."""

from __future__ import annotations

import re

import pytest

from engine.fitting import Piece, element_ids, fitted, piece, pieces
from engine.lint import Severity, lint
from engine.office import read_jurisdiction
from engine.package import Package, read_package
from tests.conftest import ROOT

PIECES = pieces(ROOT)
#: What a process must bring itself, and a piece alone cannot.
OF_THE_PROCESS = {"scenario-missing", "form-missing:start"}


def alone(one: Piece) -> Package:
    """A process that is nothing but the piece, its people in one lane."""
    name = f"piece-{one.name}"
    tasks = re.findall(rb'<bpmn:userTask id="([^"]+)"', one.model)
    refs = b"".join(b"<bpmn:flowNodeRef>%s</bpmn:flowNodeRef>" % task for task in tasks)
    lanes = (
        b'<bpmn:laneSet id="lanes"><bpmn:lane id="clerk" name="clerk">'
        + refs
        + b"</bpmn:lane></bpmn:laneSet>"
    )
    model = one.model.replace(
        b'<bpmn:startEvent id="piece_start"', lanes + b'<bpmn:startEvent id="piece_start"', 1
    )
    main = f"workflows/bpmn/{name}.bpmn"
    forms = {f"forms/{name}/{task}.json": content for task, content in one.forms.items()}
    package = Package(name, {main: model, **forms})
    return Package(name, {**package.files, **fitted(ROOT, package, {main: model})})


@pytest.mark.parametrize("one", PIECES, ids=[one.name for one in PIECES])
def test_a_piece_brings_all_that_it_needs(one: Piece) -> None:
    package = alone(one)
    law, _ = read_jurisdiction(ROOT, "jinzhong")
    found = [
        f"{finding.code}:{finding.element}" if finding.element == "start" else finding.code
        for finding in lint(package, articles=frozenset(article.id for article in law.articles))
        if finding.severity is Severity.ERROR
    ]
    assert set(found) <= OF_THE_PROCESS, found


def test_there_are_pieces_for_what_repeats() -> None:
    assert {one.name for one in PIECES} == {
        "consultation",
        "public-notice",
        "correction-loop",
        "co-signing",
        "hearing-before-stop",
    }
    for one in PIECES:
        assert one.title["zh"] and one.title["en"] and one.about["zh"] and one.about["en"]  # noqa: PT018


def test_ids_that_are_taken_are_changed_everywhere() -> None:
    one = piece(ROOT, "co-signing")
    changed = one.renamed({"co_sign", "name_signers"})
    text = changed.model.decode()
    assert set(changed.forms) == {"co_sign_2", "name_signers_2"}
    assert b'"id": "co_sign_2"' in changed.forms["co_sign_2"]
    assert "name_signers_2.signers.account" in text
    assert "co_signatures.agrees" in text, "a longer name is another name"
    assert not re.search(r"(?<![\w.-])(co_sign|name_signers)(?![\w-])", text)


def test_rights_are_only_added() -> None:
    package = read_package(ROOT, "community-certificate")
    found = fitted(ROOT, package, {"x": b'<x calledElement="stop-aid"/>'})
    rights = found[f"policies/{package.name}.csv"].decode()
    assert rights.startswith(package.policies.rstrip("\n"))
    assert f"p, county_leader, {package.name}/county_leader, work" in rights
    assert f"templates/{package.name}/D14.html" in found
    again = Package(package.name, {**package.files, **found})
    assert fitted(ROOT, again, {"x": b'<x calledElement="stop-aid"/>'}) == {}


def test_every_id_is_known_by_its_file() -> None:
    ids = element_ids(read_package(ROOT, "so-establish"))
    assert "filed" in ids["workflows/bpmn/so-establish.bpmn"]
    assert "workflows/bpmn/_shared/consultation.bpmn" in ids
