"""Scenarios in the studio: listed with what they came to, run beside the server, kept with a nod, changed as text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html

from api.drafts import Drafts
from api.words import knows
from engine.jobs.carry import carry
from engine.office import SYSTEM
from engine.queries.jobs import job, job_result
from engine.queries.processes import process_view, trial
from engine.scenarios import read_scenarios
from engine.scenarios.difference import CODES
from engine.scenarios.faults import fault_of
from engine.store.jobs import claim
from tests.studio.conftest import SHORT
from tests.studio.pages import posted

if TYPE_CHECKING:
    from engine.office import Office
    from tests.api.conftest import Caller, People

ADDRESS = f"/studio/{SHORT}/scenarios"
PATH = f"workflows/scenarios/{SHORT}.yaml"


def seen(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.text)


def words(page: Any, path: str) -> list[str]:
    return [" ".join(one.text_content().split()) for one in page.xpath(path)]


def file_of(office: Office) -> str:
    with office.store.reading() as reader:
        view = process_view(reader, SHORT)
    assert view.working is not None
    with office.store.reading() as reader:
        return (Drafts(office.versions).draft(reader, view.working).scenarios or b"").decode()


def test_listed_run_and_drawn(bureau: Office, analyst: Caller, draft: str) -> None:
    del draft
    page = seen(analyst.get(ADDRESS))
    ids = words(page, "//table//tbody/tr/td[1]")
    assert len(ids) >= 3
    seen(posted(analyst, f"{ADDRESS}/run", command="run-1"))
    waiting = seen(analyst.get(ADDRESS))
    assert words(waiting, "//section[@data-poll]//label") == ["试跑场景：等待开始"]
    # The same wish again is the same work.
    seen(posted(analyst, f"{ADDRESS}/run", command="run-2"))
    mine = claim(bureau.store, datetime.now(UTC), datetime.now(UTC).replace(year=2090))
    assert mine is not None
    carry(bureau, mine, lambda: datetime.now(UTC))
    row = job(bureau.store, bureau.bus.access, SYSTEM, SHORT, mine.job)
    assert (row.state, row.done, row.total) == ("done", len(ids), len(ids))
    assert claim(bureau.store, datetime.now(UTC), datetime.now(UTC)) is None
    page = seen(analyst.get(ADDRESS))
    assert [one[:1] for one in words(page, "//table//tbody/tr/td[4]")] == ["✓"] * len(ids)
    figures = words(page, "//div[@class='figures']/div/strong")
    assert len(figures) == 2  # the process has no decision table: nothing is told of rules
    assert page.xpath("//*[name()='g'][contains(@class, 'covered')]")
    told = job_result(bureau.store, row)
    with bureau.store.reading() as reader:
        noted = trial(reader, told["sides"]["draft"])
    assert noted is not None
    assert set(told["sides"]) == {"draft"}  # the draft is what is published: there is no other side


def test_what_was_expected_is_not_read_off_what_came(bureau: Office, analyst: Caller, draft: str) -> None:
    """Where a scenario comes otherwise, the differences say both; people stand there by name or role, never by alias."""
    del draft
    text = file_of(bureau)
    (first, *_), address = re.findall(r"- id: (\S+)", text), f"{ADDRESS}/one"
    fine = seen(analyst.get(f"{address}?case={first}"))
    assert "预期的结果" in words(fine, "//h3")
    assert "resident" not in words(fine, "//ol[contains(@class, 'scenario-steps')]//span[@class='quiet']")
    broken = text.replace("ended: true", "ended: false", 1)
    posted(analyst, f"{ADDRESS}/text", text=broken, seen=_seen(analyst), do="save")
    other = seen(analyst.get(f"{address}?case={first}"))
    assert "预期的结果" not in words(other, "//h3")
    assert words(other, "//div[contains(@class, 'error')]//li")


def test_both_sides_tell_what_came(bureau: Office, analyst: Caller, draft: str) -> None:
    """A scenario that expects otherwise fails, in words, on both sides."""
    del draft
    text = file_of(bureau)
    broken = text.replace("ended: true", "ended: false", 1)
    assert broken != text
    kept = posted(analyst, f"{ADDRESS}/text", text=broken, seen=_seen(analyst), do="save")
    assert kept.status_code == 200, kept.text
    seen(posted(analyst, f"{ADDRESS}/run", command="run-3"))
    mine = claim(bureau.store, datetime.now(UTC), datetime.now(UTC).replace(year=2090))
    assert mine is not None
    carry(bureau, mine, lambda: datetime.now(UTC))
    page = seen(analyst.get(ADDRESS))
    failed = page.xpath("//tr[.//span[contains(@class, 'late')]]")
    assert len(failed) == 1
    assert "办件已办结，本应未结" in failed[0].text_content()
    assert len(failed[0].xpath(".//span[contains(@class, 'late')]")) == 2


def _seen(analyst: Caller) -> str:
    (value,) = seen(analyst.get(f"{ADDRESS}/text")).xpath("//input[@name='seen']/@value")
    return str(value)


def test_one_scenario_is_copied_changed_by_a_play_and_removed(
    bureau: Office, analyst: Caller, draft: str
) -> None:
    del draft
    before = file_of(bureau)
    first = read_scenarios(before.encode()).cases[0]
    page = seen(analyst.get(f"{ADDRESS}/one?case={first.id}"))
    assert "全部符合预期" in page.text_content()
    (play,) = page.xpath("//input[@name='play']/@value")
    nodding = seen(posted(analyst, f"{ADDRESS}/keep", play=play))
    nods = nodding.xpath("//input[@name='nod'][@checked]/@value")
    assert "state" in nods
    # Kept as it is, with the nods that it had: the file does not change by a byte.
    again = posted(
        analyst, f"{ADDRESS}/keep", play=play, do="save", id=first.id, title=first.title, nod=["state"]
    )
    assert again.status_code == 200
    cases = read_scenarios(file_of(bureau).encode()).cases
    assert cases[0].expect.state == first.expect.state
    assert cases[0].expect.documents == []
    assert cases[1:] == read_scenarios(before.encode()).cases[1:]
    taken = posted(analyst, f"{ADDRESS}/keep", play=play, do="save", id=cases[1].id, title="x", nod=["state"])
    assert taken.status_code == 422
    assert "已有场景" in taken.text
    # Under another id it is a scenario of its own, and the one that was followed stays.
    seen(posted(analyst, f"{ADDRESS}/keep", play=play, do="save", id="other", title="x", nod=["state"]))
    assert [case.id for case in read_scenarios(file_of(bureau).encode()).cases] == [
        *(case.id for case in cases),
        "other",
    ]
    seen(posted(analyst, f"{ADDRESS}/remove", case="other"))
    seen(posted(analyst, f"{ADDRESS}/copy", case=cases[1].id))
    names = [case.id for case in read_scenarios(file_of(bureau).encode()).cases]
    assert names == [*(case.id for case in cases), f"{cases[1].id}-2"]
    seen(posted(analyst, f"{ADDRESS}/remove", case=f"{cases[1].id}-2"))
    assert [case.id for case in read_scenarios(file_of(bureau).encode()).cases] == [case.id for case in cases]


def test_text_with_faults_is_told_at_its_line(bureau: Office, analyst: Caller, draft: str) -> None:
    del draft
    stamp = _seen(analyst)
    text = file_of(bureau).replace("- id:", "- idd:", 1)
    refused = posted(analyst, f"{ADDRESS}/text", text=text, seen=stamp, do="save")
    assert refused.status_code == 422
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "idd:" in one)
    assert f"第 {line} 行有错" in refused.text
    assert "idd:" in refused.text  # what was typed is still there
    kept = posted(analyst, f"{ADDRESS}/text", text=text, seen=stamp, do="nevertheless")
    assert kept.status_code == 200
    assert "有错" in seen(analyst.get(ADDRESS)).text_content()
    stale = posted(analyst, f"{ADDRESS}/text", text="process: x\ncases: []\n", seen=stamp, do="save")
    assert stale.status_code == 409


def test_faults_name_lines() -> None:
    text = "process: p\ncases:\n- id: a\n  start: {at: '2026-01-01'}\n  steps:\n  - {task: x}\n  - {}\n"
    fault = fault_of(text)
    assert fault is not None
    assert fault.line == 3
    fault = fault_of(text.replace("- {}", "- {task: [1]}"))
    assert fault is not None
    assert fault.line == 7
    fault = fault_of(text.replace("start:", "start"))
    assert fault is not None
    assert fault.line >= 4
    assert fault_of("process: p\ncases: []\n") is None


def test_strangers_see_nothing(staff: People, bureau: Office) -> None:
    del bureau
    assert staff("beiguan.window").get(ADDRESS).status_code == 404
    assert posted(staff("beiguan.window"), f"{ADDRESS}/run", command="no").status_code == 404


def test_every_difference_has_its_words() -> None:
    assert [code for code in CODES if not knows(f"scenarios.wrong-{code}")] == []


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("cases:", "\tcases:", "缩进用空格，不用制表符"),
        ("- id:", "- idd:", "不认识“idd”，多半是写错了"),
        ("cases:", "cases: 5\nother:", "这里应是列表"),
        ("title: ", "title: a: ", "冒号的位置不对"),
        ("cases:", "rest: [1, 2\ncases:", "括号没有配对"),
        ("cases:", "rest: *gone\ncases:", "没有定义的锚点"),
    ],
)
def test_faults_are_told_in_the_asker_s_language(
    analyst: Caller, draft: str, was: str, becomes: str, told: str
) -> None:
    file = analyst.get(f"/studio/{draft}/file?path={PATH}").text
    assert was in file
    typed = file.replace(was, becomes, 1)
    refused = posted(analyst, f"{ADDRESS}/text", text=typed, seen=_seen(analyst), do="save")
    assert refused.status_code == 422
    (fault,) = html.fromstring(refused.text).xpath("//*[@role='alert']/p[2]")
    assert told in fault.text_content()
    headers = {**analyst.headers, "accept-language": "en"}
    values = {"text": typed, "seen": _seen(analyst), "do": "save"}
    english = analyst.client.post(f"{ADDRESS}/text", data=values, headers=headers)
    (fault,) = html.fromstring(english.text).xpath("//*[@role='alert']/p[2]")
    assert not re.search(r"[\u4e00-\u9fff]", fault.text_content())
