"""Playing a case: the page shows what the engine does, takes steps back, is refused as people are, and becomes a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from lxml import html

from engine.queries.processes import process_view
from engine.scenarios import play, read_scenarios
from engine.scenarios.around import surroundings_of
from tests.studio.conftest import SHORT, put
from tests.studio.pages import posted

if TYPE_CHECKING:
    from engine.office import Office
    from tests.api.conftest import Caller, People

ADDRESS = f"/studio/{SHORT}/play"


class Player:
    """Somebody who presses the buttons of the page."""

    def __init__(self, caller: Caller, query: str = "") -> None:
        self.caller = caller
        self.status = 0
        self.see(caller.get(f"{ADDRESS}{query}"))

    def see(self, answer: Any) -> None:
        self.status = answer.status_code
        self.page = html.fromstring(answer.text)

    def press(self, do: str, **typed: str) -> Player:
        """Press a button, with what the page's form holds and what is typed over it."""
        (form,) = self.page.xpath("//form[@id='answers']")
        values = [(name, value) for name, value in form.form_values() if name not in typed]
        body = urlencode([*values, *typed.items(), ("do", do)])
        headers = {**self.caller.headers, "content-type": "application/x-www-form-urlencoded"}
        self.see(self.caller.client.post(ADDRESS, content=body, headers=headers))
        return self

    def text(self, path: str) -> list[str]:
        return [" ".join(one.text_content().split()) for one in self.page.xpath(path)]

    @property
    def work(self) -> list[str]:
        return self.text("//section[contains(@class, 'work')]/h3")

    @property
    def refused(self) -> list[str]:
        return self.text("//div[contains(@class, 'error')]")

    @property
    def tokens(self) -> set[str]:
        found = self.page.xpath("//*[local-name()='circle' and @class='d-t']/../@data-element-id")
        return set(found)


def rows(office: Office) -> dict[str, int]:
    with office.store.reading() as reader:
        return {
            name: reader.rows(f"SELECT count(*) FROM {name}")[0][0]
            for name in ("cases", "task", "journal", "outbox", "command", "timer")
        }


@pytest.mark.parametrize("case", ["put-right", "excluded", "review-declined"])
def test_following_a_scenario_comes_to_what_it_comes_to(analyst: Caller, bureau: Office, case: str) -> None:
    package = bureau.versions.at(_digest(bureau))
    file = read_scenarios(package.scenarios or b"")
    wanted = next(one for one in file.cases if one.id == case)
    before = rows(bureau)
    player = Player(analyst, f"?scenario={case}")
    steps = 0
    while player.page.xpath("//button[@value='follow']"):
        player.press("follow")
        assert player.status == 200, player.refused
        steps += 1
    assert steps == len(wanted.steps)
    outcome = play(package, wanted, file.actors, surroundings_of(bureau))
    assert outcome.ended
    assert player.text("//span[contains(@class, 'chip') and contains(@class, 'stopped')]")
    marked = set(player.page.xpath("//*[local-name()='g' and @class='done']/@data-element-id"))
    drawn = set(player.page.xpath("//*[@data-element-id]/@data-element-id"))
    assert marked == set(outcome.path) & drawn
    assert rows(bureau) == before


def test_a_case_is_played_step_by_step_and_back(analyst: Caller) -> None:
    player = Player(analyst)
    assert player.press("start").status == 200, player.refused
    assert (player.work, player.tokens) == (["回访核实"], {"call_back"})
    player.press("done", **{"f.outcome": "justified"})
    assert (player.status, player.tokens) == (200, {"fix"}), player.refused
    player.press("back")
    assert player.tokens == {"call_back"}
    player.press("again")
    assert player.page.xpath("//button[@value='start']")


def test_time_passes_to_what_is_due_and_by_hand(analyst: Caller) -> None:
    player = Player(analyst).press("start")
    first = player.page.xpath("string(//*[@id='play-now'])")
    player.press("time:due")
    due = player.page.xpath("string(//*[@id='play-now'])")
    assert due > first
    assert player.press("time:on", until="2020-01-01 09:00").status == 400
    assert player.refused
    assert player.press("time:on", until="2900-01-01 09:00").status == 400
    assert player.press("time:on", until="bald").status == 400
    player.press("time:on", until="2026-12-01 09:00")
    assert player.page.xpath("string(//*[@id='play-now'])") == "2026-12-01 09:00"


def test_what_the_engine_refuses_changes_nothing(analyst: Caller) -> None:
    player = Player(analyst).press("start")
    player.press("done", **{"f.findings": "", "f.outcome": "justified"})
    assert player.status == 422
    assert player.refused
    assert player.tokens == {"call_back"}
    assert player.page.xpath("//*[@id='f.outcome' or @name='f.outcome'][@checked][@value='justified']")


def test_a_play_can_be_kept_while_the_draft_is_worked_on(analyst: Caller, draft: str) -> None:
    player = Player(analyst).press("start")
    target = player.page.xpath("//button[@value='keep']/@formaction")
    assert target == [f"/studio/{draft}/scenarios/keep"]
    body = urlencode({"play": player.page.xpath("string(//input[@name='play']/@value)"), "do": "keep"})
    headers = {**analyst.headers, "content-type": "application/x-www-form-urlencoded"}
    assert analyst.client.post(target[0], content=body, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("path", "content", "plays"),
    [
        (f"workflows/bpmn/{SHORT}.bpmn", b"<broken", False),
        (f"forms/{SHORT}/start.json", b"{", False),
        (f"policies/{SHORT}.csv", b"p, nobody\nx", True),
        (f"policies/{SHORT}.csv", b"", True),
        (f"workflows/scenarios/{SHORT}.yaml", b"cases: [", True),
        (f"templates/{SHORT}/notice-overdue-remind.txt", b"{% if %}", True),
    ],
)
def test_a_broken_draft_says_why_or_plays_on(
    analyst: Caller, draft: str, path: str, content: bytes, plays: bool
) -> None:
    address = f"/studio/{draft}/file?path={path}"
    found = analyst.get(address)
    assert put(analyst, address, content, **{"if-match": found.headers["etag"]}).status_code == 200
    told = analyst.get(ADDRESS)
    assert told.status_code == 200
    if plays:
        assert Player(analyst).press("start").status in {200, 403, 422}
    else:
        assert "现在还不能运行" in told.text or "cannot run" in told.text


@pytest.mark.parametrize(
    "play", ["{", "[]", '{"case": 1}', '{"case": {"id": "x", "start": {"at": "morgen"}}}']
)
def test_damaged_plays_are_refused(analyst: Caller, play: str) -> None:
    body = urlencode({"play": play, "do": "back"})
    headers = {**analyst.headers, "content-type": "application/x-www-form-urlencoded"}
    assert analyst.client.post(ADDRESS, content=body, headers=headers).status_code == 400


def test_only_those_who_work_on_the_process_play_it(staff: People) -> None:
    assert staff("beiguan.window").get(ADDRESS).status_code == 404
    assert staff().get(ADDRESS).status_code in {303, 401}


def _digest(office: Office) -> str:
    with office.store.reading() as reader:
        latest = process_view(reader, SHORT).latest
    assert latest is not None
    return latest.digest


def test_four_eyes_can_be_tried_with_the_rights_of_the_draft(analyst: Caller, draft: str) -> None:
    """A town leader who called back may not review it, whatever the rights say; another one may."""
    address = f"/studio/{draft}/file?path=policies/{SHORT}.csv"
    rights = analyst.get(address)
    line = f"{SHORT}/rating_reviewer, work"
    changed = rights.text.replace(f"p, county_leader, {line}", f"p, town_leader, {line}")
    assert changed != rights.text
    assert put(analyst, address, changed.encode(), **{"if-match": rights.headers["etag"]}).status_code == 200
    player = Player(analyst).press("start")
    player.press("done", person="town_leader:1", **{"f.outcome": "not_justified"})
    assert player.tokens == {"review_exclusion"}, player.refused
    assert player.page.xpath("//input[@name='person'][@checked]/@value") == ["town_leader:2"]
    player.press("done", person="town_leader:1")
    assert (player.status, player.tokens) == (403, {"review_exclusion"})
    assert player.refused
    player.press("done", person="town_leader:2")
    assert (player.status, player.tokens & {"review_exclusion"}) == (200, set()), player.refused


def test_what_clerks_do_beside_completing(analyst: Caller, bureau: Office, draft: str) -> None:
    """Handed on, asked about, sent back, taken back: offered as the engine allows, carried out, and kept as a scenario."""
    del draft
    before = rows(bureau)
    player = Player(analyst, "?scenario=put-right")
    offered = "//details[contains(@class, 'verb')]//button/@value"
    assert set(player.page.xpath(offered)) == {
        f"verb:{one}" for one in ("transfer", "delegate", "copy", "urge")
    }
    # Nobody was chosen: told, and nothing was done.
    player.press("verb:transfer")
    assert (player.status, player.work) == (400, ["回访核实"])
    assert player.refused
    choices = player.page.xpath("//select[@name='v.transfer.account']/option/@value")
    player.press("verb:transfer", **{"v.transfer.account": choices[-1], "v.transfer.text": "休假"})
    assert player.status == 200, player.refused
    assert len(player.page.xpath("//input[@name='person']")) == 0, "whoever holds it does it"
    reader = player.page.xpath("//select[@name='v.delegate.account']/option/@value")[-1]
    player.press("verb:delegate", **{"v.delegate.account": reader, "v.delegate.text": "怎么看"})
    assert set(player.page.xpath(offered)) == {"verb:copy", "verb:urge", "verb:return_delegated"}
    player.press("verb:return_delegated", **{"v.return_delegated.text": "属实"})
    assert player.status == 200, player.refused
    player.press("done")
    assert player.work == ["整改并答复"], player.refused
    (back,) = player.page.xpath("//section[contains(@class, 'returns')]//button/@value")
    player.press(back)
    assert player.work == ["回访核实"], player.refused
    player.press("done")
    player.press(
        "verb:send_back",
        **{
            "v.send_back.target": "call_back",
            "v.send_back.item.0.reason": "没有写时间",
            "v.send_back.text": "请补",
        },
    )
    assert player.work == ["回访核实"], player.refused
    player.press("done").press("done")
    assert player.text("//span[contains(@class, 'chip') and contains(@class, 'stopped')]"), player.refused
    assert rows(bureau) == before
    (state,) = player.page.xpath("//input[@name='play']/@value")
    typed = {"play": state, "id": "with-verbs", "title": "交接过", "do": "save", "nod": "state"}
    kept = posted(analyst, f"/studio/{SHORT}/scenarios/keep", **typed)
    assert kept.status_code == 200, kept.text
    content = analyst.get(f"/studio/{SHORT}/file?path=workflows/scenarios/{SHORT}.yaml").content
    file = read_scenarios(content)
    case = next(one for one in file.cases if one.id == "with-verbs")
    assert [one.verb for one in case.steps if one.verb] == [
        "transfer", "delegate", "return_delegated", "take_back", "send_back",
    ]  # fmt: skip
    outcome = play(bureau.versions.at(_digest(bureau)), case, file.actors, surroundings_of(bureau))
    assert (outcome.faults, outcome.ended) == ([], True)
    shown = analyst.get(f"/studio/{SHORT}/scenarios/one?case=with-verbs").text
    assert "退回、补正：整改并答复" in shown
