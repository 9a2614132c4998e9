"""The simulator: shares in processes tell what one process tells, a supposed law holds where it should, forms judge again."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from bench.simulated import again_on_a_stage, changed, differing, surroundings
from engine.errors import EngineError
from engine.feel import World
from engine.forms.validate import get
from engine.package import START, pack, read_package, unpack
from engine.replay import decided, stories_of
from engine.replay import share as sharing
from engine.replay.measure import Summary, Trial
from engine.replay.share import Question, compare_all, numbers_of
from engine.replay.suppose import Supposed, supposing
from engine.scenarios.archive import make_archive
from engine.scenarios.model import ScenarioBroken
from engine.settings import Settings
from engine.store import open_store
from tests.conftest import ROOT, THOROUGH
from tests.engine.small import open_small, person, relief

if TYPE_CHECKING:
    from pathlib import Path

CASES = 200 if THOROUGH else 14
SAMPLE = 60 if THOROUGH else 4
PROCESS = "temporary-assistance"
AGES = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Question:
    """A small archive, and a draft that pays a tenth less under a law that allows less at once."""
    path = tmp_path_factory.mktemp("archive") / "archive.sqlite3"
    settings, package = Settings(), read_package(ROOT, PROCESS)
    made = make_archive(package, surroundings(settings), path, CASES, seed=5)
    assert made.decided == CASES
    return Question(
        f"sqlite:///{path}",
        PROCESS,
        *AGES,
        pack(changed(package)),
        ROOT,
        settings.jurisdiction,
        datetime(2026, 11, 24, tzinfo=UTC),
        supposed=(Supposed("fast_small_cap", Decimal("0.8")),),
    )


def test_processes_tell_what_one_tells(question: Question, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = numbers_of(question)
    alone = [one for _, share in compare_all(question, numbers, 0) for one in share]
    assert [one.case for one in alone] == numbers
    monkeypatch.setattr(sharing, "_FEW", 0)
    monkeypatch.setattr(sharing, "_SHARE", 5)
    shares = dict(compare_all(question, numbers, 2))
    assert [one for first in sorted(shares) for one in shares[first]] == alone
    assert {one.verdict for one in alone} >= {"same", "less"}


def test_what_cannot_run_is_told_from_another_process(
    question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "_FEW", 0)
    with pytest.raises(EngineError) as refused:
        list(compare_all(replace(question, measure="1 +"), numbers_of(question), 1))
    assert refused.value.code


def test_a_draft_that_cannot_run_is_told_from_another_process(
    question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "_FEW", 0)
    package = unpack(PROCESS, question.draft)
    main = f"workflows/bpmn/{PROCESS}.bpmn"
    broken = replace(package, files={**package.files, main: package.files[main][:-200]})
    with pytest.raises(EngineError) as refused:
        list(compare_all(replace(question, draft=pack(broken)), numbers_of(question), 1))
    assert refused.value.code not in {"share-died", "engine-error"}


def test_a_process_that_dies_is_told(question: Question, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_FEW", 0)
    monkeypatch.setattr(sharing, "_SHARE", 5)
    monkeypatch.setattr(sharing, "_work", _die)
    with pytest.raises(EngineError) as refused:
        list(compare_all(question, numbers_of(question), 2))
    assert refused.value.code == "share-died"


def _die(*_: object) -> None:
    os._exit(3)


def test_the_whole_engine_comes_to_the_same(question: Question) -> None:
    """A sample lived again on stages of its own: bus, forms, rights, timers. `bench.simulator` does it for more."""
    found = [one for _, share in compare_all(question, numbers_of(question), 0) for one in share]
    around, store = surroundings(Settings()), open_store(question.database)
    try:
        wrong = [
            line
            for one in found[:: max(1, CASES // SAMPLE)]
            for line in differing(one, again_on_a_stage(around, question, store, one.case))
        ]
    finally:
        store.close()
    assert wrong == []


def test_an_archive_is_the_same_with_the_same_seed(tmp_path: Path) -> None:
    package, around = read_package(ROOT, "service-rating"), surroundings(Settings())
    kept = []
    for name in ("one", "two"):
        make_archive(package, around, tmp_path / name, 3, seed=5)
        store = open_store(f"sqlite:///{tmp_path / name}")
        with store.reading() as reader:
            kept.append(
                [(one.facts, one.acts) for one in stories_of(reader, decided(reader, package.name, *AGES))]
            )
        store.close()
    assert len(kept[0]) == 3
    assert kept[0] == kept[1]
    with pytest.raises(ScenarioBroken):
        make_archive(relief(), around, tmp_path / "none", 1)


def test_a_supposed_law_holds_from_its_day_in_its_place() -> None:
    real = World(law=lambda parameter, on, area=None: Decimal(1))
    what = (Supposed("cap", Decimal(2), date(2026, 7, 1)), Supposed("cap", Decimal(3), area="1407"))
    law = supposing(real, what).law
    assert law is not None
    assert law("cap", date(2026, 6, 30), None) == 1
    assert law("cap", date(2026, 7, 1), None) == 2
    assert law("cap", date(2026, 6, 1), "140702") == 3
    assert law("other", date(2026, 7, 1), "140702") == 1
    assert supposing(real, ()) is real


LIMITED = b"""{"id": "register", "title": {"zh": "x", "en": "x"}, "variables": ["amount"], "sections": [{"fields": [
 {"key": "amount", "type": "money", "label": {"zh": "x", "en": "x"}, "required": true, "value": "%s", "max": "%s"}]}]}"""


def test_who_took_the_proposal_takes_the_new_one_and_what_is_refused_is_unknown(store_url: str) -> None:
    package = relief()
    path = next(
        one for one in package.files if one.startswith("forms/relief/") and b"amount" in package.files[one]
    )
    old = replace(
        package,
        files={
            **package.files,
            path: LIMITED.replace(b"register", path.rpartition("/")[2].removesuffix(".json").encode())
            % (b"600", b"1000"),
        },
    )
    new = replace(
        package,
        files={**old.files, path: old.files[path].replace(b'"600"', b'"500"').replace(b'"1000"', b'"700"')},
    )
    small = open_small(store_url, old)
    try:
        for amount in ("600", "650", "900"):
            first = small.submit()
            second = small.work(first["opened"][0], person("bob"), {"amount": amount})
            small.work(second["opened"][0], person("lea", "leader"))
            small.carrier.drain()
        with small.bus.store.reading() as reader:
            stories = list(stories_of(reader, decided(reader, "relief", *AGES)))
        trial = Trial(small.bus.office.packages.at, new, World())
        found = {str(one.before): one for one in map(trial.compared, stories)}
        assert (found["600"].verdict, found["600"].after) == ("less", 500)
        assert found["650"].verdict == "same"
        assert (found["900"].verdict, len(found["900"].unmet)) == ("unknown", 1)
        summary = Summary()
        for one in found.values():
            summary.count(one)
        assert (summary.before, summary.after) == (1250, 1150)
    finally:
        small.close()


def test_archives_of_any_process_vary_by_their_forms(tmp_path: Path) -> None:
    """Names, identity numbers, counts and sums: what they are called does not matter, only what their questions are."""
    package = read_package(ROOT, "so-establish")
    path = tmp_path / "archive"
    make_archive(package, surroundings(Settings()), path, 12, seed=4)
    store = open_store(f"sqlite:///{path}")
    try:
        with store.reading() as reader:
            stories = list(stories_of(reader, decided(reader, package.name, *AGES)))
    finally:
        store.close()
    assert len(stories) == 12
    told: dict[tuple[str, str], set[str]] = {}
    for story in stories:
        given = [(START, story.application), *((act.element, act.data) for act in story.acts)]
        for element, data in given:
            form = package.form(element)
            for one in form.fields() if form else ():
                if not one.readonly and (value := get(data, one.key)) is not None:
                    told.setdefault((one.type, one.key), set()).add(str(value))
    several = {kind for (kind, _), values in told.items() if len(values) > 3}
    assert several >= {"id_number", "money", "integer"}
