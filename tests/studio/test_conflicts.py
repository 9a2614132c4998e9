"""Others were faster: whatever was typed in an editor of the studio is shown again, with a sentence and a way out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lxml import html

from engine.commands import AskReview
from engine.queries.processes import process_view
from tests.studio.conftest import ANNE, CALLING, SHORT, put
from tests.studio.pages import Editor, posted

if TYPE_CHECKING:
    from typing import Any

    from engine.office import Office
    from tests.api.conftest import Caller

SCENARIOS = f"/studio/{SHORT}/scenarios"
FILE = f"/studio/{SHORT}/file?path=workflows/scenarios/{SHORT}.yaml"


def hidden(answer: Any, name: str) -> str:
    """The value of a hidden control."""
    (value,) = html.fromstring(answer.text).xpath(f"//input[@name='{name}']/@value")
    return str(value)


def faster(other: Caller, was: str, becomes: str) -> None:
    """Somebody else saves the scenarios with one word changed."""
    now = other.get(FILE)
    content = now.content.replace(was.encode(), becomes.encode(), 1)
    assert content != now.content
    assert put(other, FILE, content, **{"if-match": now.headers["etag"]}).status_code == 200


def test_the_text_of_scenarios_is_kept_and_may_win(analyst: Caller, other: Caller, draft: str) -> None:
    del draft
    page = Editor(analyst, f"{SCENARIOS}/text", form="")
    typed = f"# mine\n{page.values['text'][0].lstrip()}"
    faster(other, "cases:", "cases:  # theirs")
    page.press("save", text=typed)
    assert page.answer.status_code == 409
    assert "冯雅琴" in page.html
    assert "# mine" in page.html
    assert "# theirs" in page.html
    kept = analyst.client.post(
        f"{SCENARIOS}/text", data={"do": "download", "mine": typed}, headers=analyst.headers
    )
    assert kept.text == typed
    page.press("overwrite", form="")
    assert page.answer.status_code == 200
    now = analyst.get(FILE).content.decode()
    assert "# mine" in now
    assert "# theirs" not in now


def test_a_play_is_not_kept_over_what_somebody_changed_meanwhile_unasked(
    analyst: Caller, other: Caller, draft: str
) -> None:
    del draft
    first = html.fromstring(analyst.get(SCENARIOS).text).xpath("//a[contains(@href, 'one?case=')]/@href")[0]
    play = hidden(analyst.get(first.split("#")[0]), "play")
    nodding = posted(analyst, f"{SCENARIOS}/keep", play=play)
    wish: dict[str, Any] = {
        "play": play,
        "do": "save",
        "id": hidden(nodding, "id"),
        "title": "我的名称",
        "nod": ["state"],
        "seen": hidden(nodding, "seen"),
    }
    faster(other, "title: ", "title: 别人改的 ")
    refused = analyst.client.post(f"{SCENARIOS}/keep", data=wish, headers=analyst.headers)
    assert refused.status_code == 409
    assert "被别人改过" in refused.text
    assert hidden(refused, "title") == "我的名称"
    assert html.fromstring(refused.text).xpath("//input[@name='nod'][@checked]/@value") == ["state"]
    wish["seen"] = hidden(refused, "seen")
    again = analyst.client.post(f"{SCENARIOS}/keep", data=wish, headers=analyst.headers)
    assert again.status_code == 303
    assert "我的名称" in analyst.get(FILE).content.decode()


def test_in_review_nothing_typed_is_lost(bureau: Office, analyst: Caller, calling: str) -> None:
    rights = f"/studio/{CALLING}/file?path=policies/{CALLING}.csv"
    known = analyst.get(rights)
    content = b"# looked over\n" + known.content
    assert put(analyst, rights, content, **{"if-match": known.headers["etag"]}).status_code == 200
    with bureau.store.reading() as reader:
        working = process_view(reader, CALLING).working
    assert working is not None
    wish = AskReview("ask:in-review", calling, working.revision, "please")
    bureau.bus.execute(wish, ANNE, datetime.now(UTC))
    tables = posted(analyst, f"/studio/{CALLING}/tables", title="新表名", name="fresh-table")
    letters = posted(
        analyst, f"/studio/{CALLING}/letters", kind="notice", name="fresh", title="新文书名", layout="notice"
    )
    forms = posted(analyst, f"/studio/{CALLING}/forms", id="fresh_form")
    scenarios = posted(
        analyst,
        f"/studio/{CALLING}/scenarios/text",
        text="# 新文本\ncases: []\n",
        seen="x",
        do="nevertheless",
    )
    for told, typed in (
        (tables, "新表名"),
        (letters, "新文书名"),
        (forms, "fresh_form"),
        (scenarios, "# 新文本"),
    ):
        assert told.status_code == 409, told.text
        assert "正在等待审核" in told.text
        assert typed in told.text
