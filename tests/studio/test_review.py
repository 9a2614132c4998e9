"""From nothing to a running case over HTTP: begun, checked, reviewed, published by a second person; back again; retired."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lxml import html

from api.studio import checks, review
from engine.cli.publish import take_tree
from engine.commands import AskJob
from engine.jobs.carry import carry
from engine.package import read_package
from engine.store import jobs
from tests.conftest import ROOT
from tests.studio.conftest import ANNE, SHORT, put
from tests.studio.test_exchange import begin

if TYPE_CHECKING:
    import pytest

    from engine.office import Office
    from tests.api.conftest import Caller, People

HTML = {"accept": "text/html", "accept-language": "en"}


def page(caller: Caller, path: str) -> Any:
    """A page in English."""
    return caller.get(path, headers=HTML)


def send(caller: Caller, path: str, **fields: Any) -> Any:
    """Post a form of the process's pages."""
    return caller.client.post(path, data=fields, headers={**caller.headers, **HTML})


def revision(caller: Caller, process: str) -> int:
    """The draft's revision."""
    return int(caller.get(f"/studio/{process}/files").json()["revision"])


def edit(caller: Caller, process: str, path: str, change: tuple[bytes, bytes]) -> None:
    """Change a file of the draft."""
    address = f"/studio/{process}/file?path={path}"
    known = caller.get(address)
    saved = put(caller, address, known.content.replace(*change), **{"if-match": known.headers["etag"]})
    assert saved.status_code == 200, saved.text


def ask(caller: Caller, process: str, note: str = "The limit rises") -> Any:
    """Ask for the review."""
    return send(caller, f"/studio/{process}/publish/ask", revision=revision(caller, process), note=note)


def carry_out(bureau: Office) -> int:
    """Do the long work that waits, as the processes beside a server would; how much it was."""
    done = 0
    while (mine := jobs.claim(bureau.store, now(), now() + timedelta(minutes=1))) is not None:
        carry(bureau, mine, now)
        done += 1
    return done


def play(caller: Caller, process: str, bureau: Office) -> None:
    """Have all scenarios of the draft played."""
    assert send(caller, f"/studio/{process}/publish/try").status_code == 303
    assert carry_out(bureau) == 1


def test_from_nothing_to_a_running_case(
    analyst: Caller, publisher: Caller, staff: People, bureau: Office
) -> None:
    assert begin(analyst, name="tree-felling", title="采伐登记", title_en="Felling").status_code == 303
    assert "Draft" in page(analyst, "/studio/tree-felling").text
    assert ask(analyst, "tree-felling", " ").status_code == 400
    assert ask(analyst, "tree-felling").status_code == 303
    waiting = page(publisher, "/studio/tree-felling/publish").text
    assert "The limit rises" in waiting
    assert "not played with these very files" in waiting
    play(publisher, "tree-felling", bureau)
    # An analyst cannot publish, and whoever worked on it could not either.
    number = revision(analyst, "tree-felling")
    assert send(analyst, "/studio/tree-felling/publish", revision=number).status_code == 403
    told = send(publisher, "/studio/tree-felling/publish", revision=number, note="In order")
    assert told.status_code == 303, told.text
    assert "Published: new cases get the new version" in page(publisher, told.headers["location"]).text
    body = {
        "process": "tree-felling",
        "area": "140702001001",
        "data": {"applicant_name": "张三", "request": "三棵"},
    }
    case = staff(None).post("/api/applications", body)
    assert case.status_code == 201, case.text
    done = staff("beiguan.window").work(case.json()["case"], "handle", {"outcome": "granted"})
    assert done.status_code == 200, done.text


def test_errors_and_failing_scenarios_forbid_publishing(
    analyst: Caller, publisher: Caller, draft: str, bureau: Office
) -> None:
    base = f"/studio/{draft}"
    scenarios = f"workflows/scenarios/{draft}.yaml"
    edit(analyst, draft, scenarios, (b"due: '2026-09-28'", b"due: '2026-09-29'"))
    assert ask(analyst, draft).status_code == 303
    play(analyst, draft, bureau)
    refused = send(publisher, f"{base}/publish", revision=revision(analyst, draft), note="")
    assert refused.status_code == 409
    assert "Not all scenarios come out" in refused.text
    shown = page(publisher, f"{base}/publish").text
    assert "1 of " in shown
    assert not re.search(rf'action="{base}/publish"', shown), "there is no button for what is impossible"
    assert send(publisher, f"{base}/publish/return", note="The day is wrong").status_code == 303
    assert "The day is wrong" in page(analyst, base).text
    edit(analyst, draft, scenarios, (b"due: '2026-09-29'", b"due: '2026-09-28'"))
    edit(analyst, draft, f"workflows/bpmn/{draft}.bpmn", (b'targetRef="call_back"', b'targetRef="nowhere"'))
    assert ask(analyst, draft).status_code == 303
    refused = send(publisher, f"{base}/publish", revision=revision(analyst, draft), note="")
    assert refused.status_code == 422
    shown = page(publisher, f"{base}/publish").text
    assert "it cannot be published" in shown
    assert "nowhere" in shown
    assert send(analyst, f"{base}/publish/take-back").status_code == 303


def test_scenarios_are_played_beside_the_server(
    analyst: Caller, publisher: Caller, draft: str, bureau: Office
) -> None:
    """Both who draw and who publish may have them played; the page tells how far it is, and reads what came of it."""
    base = f"/studio/{draft}/publish"
    edit(analyst, draft, f"policies/{draft}.csv", (b"# Bad", b"# The bad"))
    assert ask(analyst, draft).status_code == 303
    number = revision(analyst, draft)
    unplayed = page(publisher, base).text
    assert "once all scenarios were played" in unplayed
    assert not re.search(rf'action="{base}"', unplayed), "there is no button for what is impossible"
    assert send(publisher, base, revision=number, note="").status_code == 409
    # The work over some of the cases, or over other files, is none for publishing.
    archive = analyst.get(f"/studio/{draft}/archive").content
    some = AskJob("some", draft, "scenarios", {"cases": ["put-right"]}, archive)
    bureau.bus.execute(some, ANNE, now())
    assert 'id="job"' not in page(publisher, base).text
    told = send(publisher, f"{base}/try", command="play-now")
    assert (told.status_code, told.headers["location"]) == (303, f"{base}#scenarios")
    assert send(analyst, f"{base}/try").status_code == 303
    assert carry_out(bureau) == 2, "the same work is not done twice"
    shown = page(publisher, base).text
    assert " scenarios come out as written" in shown
    assert re.search(rf'action="{base}"', shown)


def test_the_page_follows_the_work_and_tells_when_it_was_stopped(
    analyst: Caller, draft: str, bureau: Office
) -> None:
    base = f"/studio/{draft}/publish"
    edit(analyst, draft, f"policies/{draft}.csv", (b"# Bad", b"# Very bad"))
    assert send(analyst, f"{base}/try").status_code == 303
    waiting = html.fromstring(page(analyst, base).text)
    (box,) = waiting.xpath("//section[@data-poll]")
    assert box.xpath(f".//a[@href='{base}']"), "without scripts the page is asked for again"
    assert not waiting.xpath(f"//form[@action='{base}/try']//button")
    assert page(analyst, box.get("data-poll")).status_code == 200
    (stop,) = box.xpath(".//form")
    told = send(analyst, stop.get("action"), **{one.name: one.value for one in stop.xpath(".//input")})
    assert (told.status_code, told.headers["location"]) == (303, base)
    stopped = page(analyst, base).text
    assert "It was stopped" in stopped
    assert "not played with these very files" in stopped
    # What is changed while they are played is another draft, and has not been played.
    assert send(analyst, f"{base}/try").status_code == 303
    edit(analyst, draft, f"policies/{draft}.csv", (b"# Very bad", b"# Worse"))
    assert carry_out(bureau) == 1
    assert "not played with these very files" in page(analyst, base).text


def test_an_old_trial_does_not_count(
    analyst: Caller, publisher: Caller, draft: str, bureau: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law, calendar and other processes may have changed since the scenarios were played."""
    base = f"/studio/{draft}/publish"
    edit(analyst, draft, f"policies/{draft}.csv", (b"# Bad", b"# Aged"))
    assert ask(analyst, draft).status_code == 303
    play(analyst, draft, bureau)
    for module in (checks, review):
        monkeypatch.setattr(module, "FRESH", timedelta(0))
    refused = send(publisher, base, revision=revision(analyst, draft), note="Kept as it was typed")
    assert refused.status_code == 409
    assert "more than a day ago" in refused.text
    assert "Play them again" in refused.text
    assert not re.search(rf'action="{base}"', page(publisher, base).text)
    monkeypatch.undo()
    assert re.search(rf'action="{base}"', page(publisher, base).text)


def now() -> datetime:
    return datetime.now(UTC)


def test_a_change_published_and_taken_back_by_number(
    analyst: Caller, publisher: Caller, draft: str, bureau: Office
) -> None:
    base = f"/studio/{draft}"
    edit(analyst, draft, f"forms/{draft}/start.json", (b"Rated case", b"The case that was rated"))
    assert ask(analyst, draft, "Clearer words").status_code == 303
    shown = page(publisher, f"{base}/publish").text
    assert f"forms/{draft}/start.json" in shown
    play(analyst, draft, bureau)
    told = send(publisher, f"{base}/publish", revision=revision(analyst, draft), note="")
    assert told.status_code == 303, told.text
    # A start of the server keeps what the studio published.
    kept = {one["process"]: one["number"] for one in bureau.publish_tree(datetime.now(UTC))}
    assert kept[draft] == 2
    lines = page(analyst, "/studio?q=rating").text
    assert "version 2" in lines
    assert "Clearer words" in lines
    assert send(publisher, f"{base}/publish/again", number=1, note="").status_code == 400
    assert send(publisher, f"{base}/publish/again", number=1, note="Too early").status_code == 303
    versions = page(publisher, f"{base}/publish").text
    assert "version 3" in versions
    assert "went back" in versions
    with bureau.store.reading() as reader:
        current = bureau.versions.current(reader, draft)
    assert current.digest == read_package(ROOT, SHORT).digest
    assert {one["process"]: one["number"] for one in bureau.publish_tree(datetime.now(UTC))}[draft] == 3

    # The command line takes the tree's files whatever came before, also when they were a version once.
    tree = read_package(bureau.settings.root, draft)
    assert take_tree(bureau, tree, now())["number"] == 3
    assert send(publisher, f"{base}/publish/again", number=2, note="Right after all").status_code == 303
    assert take_tree(bureau, tree, now())["number"] == 5


def test_retired_for_applicants_too(
    analyst: Caller, publisher: Caller, staff: People, bureau: Office
) -> None:
    assert begin(analyst, name="old-permit", title="旧证", title_en="Old permit").status_code == 303
    assert ask(analyst, "old-permit").status_code == 303
    play(analyst, "old-permit", bureau)
    told = send(publisher, "/studio/old-permit/publish", revision=revision(analyst, "old-permit"), note="")
    assert told.status_code == 303
    body = {
        "process": "old-permit",
        "area": "140702001001",
        "data": {"applicant_name": "张三", "request": "一"},
    }
    case = staff(None).post("/api/applications", body).json()["case"]
    assert send(analyst, "/studio/old-permit/publish/retire", note="x").status_code == 403
    assert send(publisher, "/studio/old-permit/publish/retire", note="Joined with another").status_code == 303
    refused = staff(None).post("/api/applications", body)
    assert refused.status_code == 409
    assert refused.json()["code"] == "process-retired"
    stranger = staff(None)
    guide = page(stranger, "/services/old-permit")
    assert "Joined with another" in guide.text
    assert "/apply/old-permit" not in guide.text
    assert page(stranger, "/apply/old-permit").status_code == 409
    assert "old-permit" not in {one["process"] for one in stranger.get("/api/processes").json()}
    done = staff("beiguan.window").work(case, "handle", {"outcome": "granted"})
    assert done.status_code == 200, done.text
    assert send(publisher, "/studio/old-permit/publish/reinstate", note="Needed again").status_code == 303
    assert staff(None).post("/api/applications", body).status_code == 201


def test_pages_of_the_studio_are_for_those_who_make_processes(staff: People) -> None:
    for path in ("/studio", f"/studio/{SHORT}", f"/studio/{SHORT}/publish", "/studio/new"):
        stranger = page(staff(None), path)
        assert stranger.status_code == 303, path
        assert stranger.headers["location"].startswith("/sign-in")
    clerk = staff("beiguan.window")
    assert page(clerk, f"/studio/{SHORT}").status_code == 404
    assert page(clerk, "/studio/new").status_code == 403
    assert SHORT not in page(clerk, "/studio").text
    assert "/studio" not in page(clerk, "/").text
    assert page(staff("process_admin"), "/studio/no-such-process").status_code == 404


def test_a_version_is_looked_at_and_begun_from(analyst: Caller) -> None:
    listed = page(analyst, f"/studio/{SHORT}").text
    digest = re.findall(r"\?version=([0-9a-f]{64})", listed)[-1]
    old = page(analyst, f"/studio/{SHORT}?version={digest}")
    assert old.status_code == 200
    assert "can only be read" in old.text
    assert page(analyst, f"/studio/{SHORT}?version={'0' * 64}").status_code == 404
    begun = send(analyst, f"/studio/{SHORT}/begin", version=digest)
    assert begun.status_code == 303
    now = revision(analyst, SHORT)
    assert now > 0
    again = send(analyst, f"/studio/{SHORT}/begin", version=digest)
    assert again.status_code == 409
    dropped = send(analyst, f"/studio/{SHORT}/drop", revision=now)
    assert dropped.status_code == 303
    assert send(analyst, f"/studio/{SHORT}/restore").status_code == 303
    assert send(analyst, f"/studio/{SHORT}/drop", revision=revision(analyst, SHORT)).status_code == 303
