"""From draft to version in the small office: merging by file, second persons, going back, retiring; races while cases run."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from engine import errors
from engine.access import Access, Actor, Grant
from engine.commands import (
    AddDraftFiles,
    AskReview,
    BeginDraft,
    CompleteTask,
    DropDraft,
    NoteTrial,
    Publish,
    PublishAgain,
    Reinstate,
    RemoveDraftFile,
    RestoreDraft,
    Retire,
    ReturnDraft,
    SaveDraftFile,
    SubmitApplication,
    TakeBackDraft,
)
from engine.drafts import allowed_path, sha_of
from engine.package import Package, pack
from engine.queries.processes import draft_steps, earlier_content, hands_on, process_view
from engine.verify import verify
from tests.conftest import ROOT
from tests.engine.small import AREA, ENGINE, Small, open_small, person, relief

if TYPE_CHECKING:
    from collections.abc import Iterator

ANNE = Actor("anne", "安", (Grant("analyst"),))
BERT = Actor("bert", "白", (Grant("analyst"),))
CARL = Actor("carl", "陈", (Grant("process_admin"),))
BOTH = Actor("both", "都", (Grant("analyst"), Grant("process_admin")))
FORM = "forms/relief/start.json"


@pytest.fixture
def small(store_url: str) -> Iterator[Small]:
    opened = open_small(store_url, relief())
    yield opened
    opened.close()


def begin(small: Small, actor: Actor = ANNE) -> int:
    small.do(BeginDraft(small.id(), "relief", relief().digest), actor)
    return revision(small)


def revision(small: Small) -> int:
    return int(small.rows("SELECT revision FROM draft WHERE process = 'relief'")[0][0])


def save(small: Small, path: str, content: bytes, seen: str | None = None, actor: Actor = ANNE) -> Any:
    known = relief().files.get(path)
    before = seen if seen is not None else (sha_of(known) if known is not None else "")
    return small.do(SaveDraftFile(small.id(), "relief", path, before, content), actor)


def form(note: str) -> bytes:
    return relief().files[FORM].replace(b'"zh": "start"', f'"zh": "{note}"'.encode())


def green(small: Small) -> str:
    """Have the scenarios of the draft noted as played and passed."""
    package = current_draft(small)
    small.do(NoteTrial(small.id(), "relief", package.digest, 1, 0, "{}"), ENGINE)
    return package.digest


def current_draft(small: Small) -> Package:
    from engine.drafts import draft_package

    with small.bus.store.reading() as reader:
        draft = process_view(reader, "relief").draft
        assert draft is not None
        return draft_package(reader, small.bus.office.packages, draft)


def publish(small: Small, note: str = "上限调整", actor: Actor = ANNE) -> Any:
    small.do(AskReview(small.id(), "relief", revision(small), note), actor)
    green(small)
    return small.do(Publish(small.id(), "relief", revision(small)), CARL)


def test_two_people_save_different_files_and_one_is_told_about_the_same(small: Small) -> None:
    begin(small)
    save(small, FORM, form("甲"))
    save(small, "policies/relief.csv", b"p, clerk, relief, see\n", actor=BERT)
    with pytest.raises(errors.Stale) as told:
        save(small, FORM, form("乙"), actor=BERT)
    assert told.value.values["by"] == "安"
    assert told.value.values["sha"] == sha_of(form("甲"))
    save(small, FORM, form("乙"), seen=sha_of(form("甲")), actor=BERT)
    files = current_draft(small).files
    assert files[FORM] == form("乙")
    assert files["policies/relief.csv"] == b"p, clerk, relief, see\n"
    with small.bus.store.reading() as reader:
        office = small.bus.office
        assert earlier_content(reader, office.packages, "relief", FORM, sha_of(form("甲"))) == form("甲")
        original = relief().files[FORM]
        assert earlier_content(reader, office.packages, "relief", FORM, sha_of(original)) == original
        with pytest.raises(errors.NotFound):
            earlier_content(reader, office.packages, "relief", "forms/relief/x.json", sha_of(form("甲")))


def test_saving_at_the_same_moment_loses_nothing(small: Small) -> None:
    """Ten files by ten threads: every one is there, and every save is a step."""
    first = begin(small)
    faults: list[Exception] = []

    def work(number: int) -> None:
        path, text = f"templates/relief/notice-n{number}.txt", f"{number}".encode()
        try:
            small.bus.execute(SaveDraftFile(f"t{number}", "relief", path, "", text), ANNE, small.now)
        except errors.EngineError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(10)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not faults
    files = current_draft(small).files
    assert {files[f"templates/relief/notice-n{number}.txt"] for number in range(10)} == {
        str(number).encode() for number in range(10)
    }
    assert revision(small) == first + 10


def test_the_same_content_twice_is_one_save(small: Small) -> None:
    begin(small)
    save(small, FORM, form("甲"))
    before = revision(small)
    save(small, FORM, form("甲"), seen=sha_of(form("甲")))
    # The answer was lost on the way, and the same is sent again: nobody is told that somebody was faster.
    save(small, FORM, form("甲"))
    assert revision(small) == before


def test_dropped_drafts_come_back(small: Small) -> None:
    begin(small)
    save(small, FORM, form("甲"))
    small.do(
        RemoveDraftFile(
            small.id(),
            "relief",
            "forms/relief/register.json",
            sha_of(relief().files["forms/relief/register.json"]),
        ),
        BERT,
    )
    kept = current_draft(small).files
    with pytest.raises(errors.Stale):
        small.do(DropDraft(small.id(), "relief", revision(small) - 1), ANNE)
    small.do(DropDraft(small.id(), "relief", revision(small)), ANNE)
    with pytest.raises(errors.DraftGone):
        save(small, FORM, form("乙"), seen=sha_of(form("甲")))
    small.do(RestoreDraft(small.id(), "relief"), BERT)
    assert current_draft(small).files == kept
    with small.bus.store.reading() as reader:
        draft = process_view(reader, "relief").draft
        assert draft is not None
        assert set(hands_on(reader, draft)) == {"anne", "bert"}
    # Another draft begun meanwhile does not bury the first: its states are revisions of the same row.
    states = {one.revision: one.kind for one in steps(small)}
    small.do(DropDraft(small.id(), "relief", revision(small)), ANNE)
    begin(small)
    assert current_draft(small).files == relief().files
    removed = next(number for number, kind in states.items() if kind == "removed")
    small.do(RestoreDraft(small.id(), "relief", removed), ANNE)
    assert current_draft(small).files == kept


def steps(small: Small) -> list[Any]:
    with small.bus.store.reading() as reader:
        return draft_steps(reader, "relief")


def test_called_parts_come_in_once(small: Small) -> None:
    begin(small)
    part = {"workflows/bpmn/_shared/hearing.bpmn": b"<a/>", FORM: b"never"}
    small.do(AddDraftFiles(small.id(), "relief", part), ANNE)
    files = current_draft(small).files
    assert files["workflows/bpmn/_shared/hearing.bpmn"] == b"<a/>"
    assert files[FORM] == relief().files[FORM]
    before = revision(small)
    small.do(AddDraftFiles(small.id(), "relief", part), ANNE)
    assert revision(small) == before


def test_publishing_takes_a_review_a_second_person_and_green_scenarios(small: Small) -> None:
    begin(small)
    with pytest.raises(errors.NothingChanged):
        small.do(AskReview(small.id(), "relief", revision(small), "x"), ANNE)
    save(small, FORM, form("甲"))
    save(small, "templates/relief/notice-x.txt", b"x", seen="", actor=BOTH)
    with pytest.raises(errors.NotInReview):
        small.do(Publish(small.id(), "relief", revision(small)), CARL)
    with pytest.raises(errors.CommandInvalid):
        small.do(AskReview(small.id(), "relief", revision(small), "  "), ANNE)
    with pytest.raises(errors.Stale):
        small.do(AskReview(small.id(), "relief", revision(small) - 1, "x"), ANNE)
    small.do(AskReview(small.id(), "relief", revision(small), "上限调整"), ANNE)
    with pytest.raises(errors.DraftInReview):
        save(small, FORM, form("乙"), seen=sha_of(form("甲")))
    # Both who worked on it are out, also the one who may publish.
    with pytest.raises(errors.FourEyes):
        small.do(Publish(small.id(), "relief", revision(small)), BOTH)
    with pytest.raises(errors.Forbidden):
        small.do(Publish(small.id(), "relief", revision(small)), ANNE)
    with pytest.raises(errors.ScenariosNotGreen):
        small.do(Publish(small.id(), "relief", revision(small)), CARL)
    small.do(NoteTrial(small.id(), "relief", current_draft(small).digest, 3, 1, "{}"), ENGINE)
    with pytest.raises(errors.ScenariosNotGreen):
        small.do(Publish(small.id(), "relief", revision(small)), CARL)
    with pytest.raises(errors.Forbidden):
        small.do(NoteTrial(small.id(), "relief", current_draft(small).digest, 3, 0, "{}"), ANNE)
    green(small)
    told = small.do(Publish(small.id(), "relief", revision(small), "同意"), CARL)
    assert told["number"] == 2
    with small.bus.store.reading() as reader:
        view = process_view(reader, "relief")
    assert view.state == "published"
    latest = view.latest
    assert latest is not None
    assert (latest.published_name, latest.approved_name, latest.origin) == ("都", "陈", "studio")
    assert latest.note == "上限调整\n同意"
    kinds = [one.kind for one in steps(small)]
    assert kinds == ["begun", "saved", "saved", "asked", "published"]
    journal = [
        row[0] for row in small.rows("SELECT kind FROM journal WHERE chain = 'process:relief' ORDER BY seq")
    ]
    assert journal == ["published", "draft-begun", "draft-saved", "draft-saved", "review-asked", "published"]


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("UPDATE blob SET content = (SELECT archive FROM package LIMIT 1)", "content-differs"),
        ("DELETE FROM blob", "content-missing"),
        ("DELETE FROM package WHERE digest NOT IN (SELECT package FROM cases)", "package-missing"),
    ],
)
def test_what_processes_are_made_of_is_verified(small: Small, damage: str, code: str) -> None:
    begin(small)
    save(small, FORM, form("甲"))
    publish(small)
    small.do(BeginDraft(small.id(), "relief", current_draft(small).digest), ANNE)
    save(small, FORM, form("乙"), seen=sha_of(form("甲")))
    store = small.bus.store
    assert list(verify(store)) == []
    store.run(damage)
    assert code in {one.code for one in verify(store)}


def test_returned_and_taken_back(small: Small) -> None:
    begin(small)
    save(small, FORM, form("甲"))
    small.do(AskReview(small.id(), "relief", revision(small), "x"), ANNE)
    with pytest.raises(errors.Forbidden):
        small.do(ReturnDraft(small.id(), "relief", "不行"), ANNE)
    small.do(ReturnDraft(small.id(), "relief", "缺依据"), CARL)
    with small.bus.store.reading() as reader:
        draft = process_view(reader, "relief").draft
    assert draft is not None
    assert (draft.state, draft.returned, draft.returned_name) == ("draft", "缺依据", "陈")
    save(small, FORM, form("乙"), seen=sha_of(form("甲")))
    small.do(AskReview(small.id(), "relief", revision(small), "x"), ANNE)
    small.do(TakeBackDraft(small.id(), "relief"), BERT)
    save(small, FORM, form("丙"), seen=sha_of(form("乙")))


def test_a_broken_draft_is_kept_and_never_published(small: Small) -> None:
    begin(small)
    save(small, "workflows/bpmn/relief.bpmn", b"<broken")
    small.do(AskReview(small.id(), "relief", revision(small), "x"), ANNE)
    green(small)
    with pytest.raises(Exception, match="not well-formed"):
        small.do(Publish(small.id(), "relief", revision(small)), CARL)
    assert small.rows("SELECT max(number) FROM version") == [(1,)]
    assert current_draft(small).files["workflows/bpmn/relief.bpmn"] == b"<broken"


def test_going_back_is_a_new_number_for_the_old_package(small: Small) -> None:
    begin(small)
    save(small, FORM, form("甲"))
    publish(small)
    case = small.submit()["case"]
    with pytest.raises(errors.NothingChanged):
        small.do(PublishAgain(small.id(), "relief", 2, "x"), CARL)
    told = small.do(PublishAgain(small.id(), "relief", 1, "新版有误"), CARL)
    assert (told["number"], told["digest"]) == (3, relief().digest)
    assert small.rows("SELECT count(*) FROM package WHERE process = 'relief'") == [(2,)]
    again = small.submit()["case"]
    pinned = dict(small.rows("SELECT id, package FROM cases"))
    assert pinned[again] == relief().digest
    assert pinned[case] != relief().digest
    # And forth again.
    assert small.do(PublishAgain(small.id(), "relief", 2, "已改正"), CARL)["number"] == 4
    # Its maker does not go back to it alone.
    maker = Actor("anne", "安", (Grant("process_admin"),))
    small.do(PublishAgain(small.id(), "relief", 1, "x"), CARL)
    with pytest.raises(errors.FourEyes):
        small.do(PublishAgain(small.id(), "relief", 2, "x"), maker)


def test_a_retired_process_takes_no_cases_and_finishes_those_it_has(small: Small) -> None:
    case = small.submit()["case"]
    with pytest.raises(errors.Forbidden):
        small.do(Retire(small.id(), "relief", "x"), ANNE)
    small.do(Retire(small.id(), "relief", "并入新办法"), CARL)
    with pytest.raises(errors.ProcessRetired) as told:
        small.submit()
    assert told.value.values["why"] == "并入新办法"
    assert small.bus.office.packages.published(small.bus.store.reading().__enter__()) == ()  # type: ignore[attr-defined]
    task = small.rows("SELECT id FROM task WHERE case_id = ? AND state = 'open'", case)[0][0]
    small.work(task, person("ann"), {"amount": "1"})
    small.do(Reinstate(small.id(), "relief", "继续"), CARL)
    assert small.submit()["case"]


def test_a_new_process_is_begun_by_right_and_known_as_a_draft_only(small: Small) -> None:
    bpmn = relief().files["workflows/bpmn/relief.bpmn"].replace(b'"relief"', b'"seed"')
    fresh = Package(
        "seed", {"workflows/bpmn/seed.bpmn": bpmn, "policies/seed.csv": b"p, clerk, seed, publish\n"}
    )
    with pytest.raises(errors.Forbidden):
        small.do(BeginDraft(small.id(), "seed", archive=pack(fresh)), person("ann"))
    small.do(BeginDraft(small.id(), "seed", archive=pack(fresh)), ANNE)
    base = (ROOT / "policies" / "base.csv").read_text()
    model = (ROOT / "policies" / "model.conf").read_text()
    access = Access(model, base, {"relief": relief().policies}, ["seed"])
    assert access.may(ANNE, "draft", "seed", None)
    assert access.may(CARL, "publish", "seed", None)
    # What a draft says about rights gives none, and nobody works or sees what was never published.
    assert not access.may(person("ann"), "publish", "seed", None)
    assert not any(
        reach.object == "seed" for reach in access.reaches(Actor("x", "x", (Grant("administrator"),)), "see")
    )
    small.bus.access = access
    with pytest.raises(errors.DraftOpen):
        small.do(BeginDraft(small.id(), "seed", archive=pack(fresh)), BERT)


def test_a_new_process_takes_no_name_that_is_known(small: Small) -> None:
    with pytest.raises(errors.NameTaken):
        small.do(BeginDraft(small.id(), "relief", archive=pack(relief()), new=True), ANNE)


@pytest.mark.parametrize("name", ["Seed", "new", "a_b", "-a", "a--b", "x" * 61, "", "import", "../x"])
def test_names_of_processes(small: Small, name: str) -> None:
    with pytest.raises(errors.EngineError) as told:
        small.do(BeginDraft(small.id(), name, archive=pack(relief())), ANNE)
    assert told.value.code == "command-invalid"


def test_publishing_while_cases_are_completed(small: Small) -> None:
    """Clerks go on while versions change: no case is lost or wrong, each stays on the version that it began with."""
    begin(small)
    save(small, FORM, form("甲"))
    small.do(AskReview(small.id(), "relief", revision(small), "x"), ANNE)
    green(small)
    cases = [small.submit()["case"] for _ in range(12)]
    tasks = dict(small.rows("SELECT case_id, id FROM task WHERE state = 'open'"))
    claimed = {case: small.do(claim(small, tasks[case]), person("ann"))["revision"] for case in cases}
    faults: list[Exception] = []
    begun: list[str] = []

    def complete(some: list[str]) -> None:
        for case in some:
            command = CompleteTask(f"done-{case}", tasks[case], claimed[case], {"amount": "1"})
            attempt(lambda command=command: small.bus.execute(command, person("ann"), small.now))

    def submit() -> None:
        for number in range(12):
            wish = SubmitApplication(f"more-{number}", "relief", AREA, {"reason": "fire"})
            attempt(lambda wish=wish: begun.append(small.bus.execute(wish, person("ann"), small.now)["case"]))

    def turn() -> None:
        attempt(lambda: small.bus.execute(Publish("p2", "relief", revision(small)), CARL, small.now))
        attempt(lambda: small.bus.execute(PublishAgain("p3", "relief", 1, "x"), CARL, small.now))
        attempt(lambda: small.bus.execute(PublishAgain("p4", "relief", 2, "x"), CARL, small.now))

    def attempt(work: Any) -> None:
        try:
            work()
        except errors.EngineError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=complete, args=(cases[part::2],)) for part in range(2)]
    threads += [threading.Thread(target=submit), threading.Thread(target=turn)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not faults
    assert small.rows("SELECT max(number) FROM version WHERE process = 'relief'") == [(4,)]
    pinned = dict(small.rows("SELECT id, package FROM cases"))
    assert all(pinned[case] == relief().digest for case in cases)
    assert len(begun) == 12
    assert {pinned[case] for case in begun} <= {relief().digest, current_draft(small).digest}
    done = small.rows("SELECT count(*) FROM task WHERE element = 'register' AND state <> 'open'")
    assert done == [(12,)]


def claim(small: Small, key: str) -> Any:
    from engine.commands import ClaimTask

    return ClaimTask(small.id(), key)


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("workflows/bpmn/relief.bpmn", True),
        ("workflows/bpmn/_shared/hearing.bpmn", True),
        ("workflows/dmn/relief/limits.dmn", True),
        ("workflows/dmn/relief/limits.tests.json", True),
        ("workflows/scenarios/relief.yaml", True),
        ("policies/relief.csv", True),
        ("forms/relief/start.json", True),
        ("forms/_shared/hearing/hear.json", True),
        ("templates/relief/D1.en.html", True),
        ("templates/_shared/print.css", True),
        ("workflows/bpmn/other.bpmn", False),
        ("policies/base.csv", False),
        ("policies/law/jinzhong/articles.csv", False),
        ("forms/other/start.json", False),
        ("forms/relief/../other/start.json", False),
        ("templates/relief/.hidden", False),
        ("engine/x.py", False),
        ("", False),
    ],
)
def test_where_files_of_a_process_may_lie(path: str, fits: bool) -> None:
    assert allowed_path("relief", path) is fits
