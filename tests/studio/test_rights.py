"""The matrix of rights over HTTP: what is ticked becomes lines, whoever was faster is named, names are for few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.secrecy import rules_of
from tests.studio.conftest import SHORT, put

if TYPE_CHECKING:
    from tests.api.conftest import Caller, People

RIGHTS = f"/studio/{SHORT}/rights"
FILE = f"/studio/{SHORT}/file?path=policies/{SHORT}.csv"
ENGLISH = {"accept-language": "en", "accept": "text/html"}


def post(caller: Caller, **form: Any) -> Any:
    """Post the page's form."""
    return caller.client.post(RIGHTS, data=form, headers={**caller.headers, **ENGLISH})


def ticks(text: str) -> list[str]:
    """The own rules of a file, as the page's boxes say them."""
    return ["|".join(rule) for rule in rules_of(text)]


def test_a_tick_becomes_a_line_and_nothing_else_changes(analyst: Caller, draft: str) -> None:
    told = analyst.get(FILE)
    before, seen = told.text, told.headers["etag"].strip('"')
    new = f"auditor|{draft}|archive"
    shown = post(analyst, on=[*ticks(before), new], seen=seen, do="preview")
    assert shown.status_code == 200
    assert f"<ins>+ p, auditor, {draft}, archive" in shown.text
    assert analyst.get(FILE).text == before
    saved = post(analyst, on=[*ticks(before), new], seen=seen, do="save")
    assert saved.status_code == 303, saved.text
    after = analyst.get(FILE).text
    assert [line for line in after.splitlines() if line not in before.splitlines()] == [
        f"p, auditor, {draft}, archive"
    ]
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []


def test_whoever_was_faster_is_named_and_the_ticks_stay(analyst: Caller, other: Caller, draft: str) -> None:
    told = analyst.get(FILE)
    seen = told.headers["etag"]
    assert put(
        other, FILE, told.content + f"p, auditor, {draft}, looks\n".encode(), **{"if-match": seen}
    ).is_success
    new = f"auditor|{draft}|archive"
    refused = post(analyst, on=[*ticks(told.text), new], seen=seen.strip('"'), do="save")
    assert refused.status_code == 200
    assert "冯雅琴" in refused.text
    assert f'value="{new}"' in refused.text
    # What the other wrote would go, because it is not ticked here: the preview says so before anything is saved.
    assert f"<del>- p, auditor, {draft}, looks" in refused.text
    assert f"{draft}, archive" not in analyst.get(FILE).text


def test_inherited_rights_are_no_boxes(analyst: Caller, draft: str) -> None:
    page = analyst.get(RIGHTS, headers=ENGLISH).text
    assert f'value="applicant|{draft}|see"' not in page
    assert "inherited" in page
    # Posting one all the same makes no line: it stands already.
    told = analyst.get(FILE)
    shown = post(analyst, on=ticks(told.text), seen=told.headers["etag"].strip('"'), do="preview")
    assert "does not differ" in shown.text


def test_lanes_that_nobody_can_work_are_found(analyst: Caller, draft: str) -> None:
    told = analyst.get(FILE)
    kept = [one for one in ticks(told.text) if not one.endswith("|work")]
    assert len(kept) < len(ticks(told.text))
    saved = post(analyst, on=kept, seen=told.headers["etag"].strip('"'), do="save")
    assert saved.status_code == 303
    page = analyst.get(RIGHTS, headers=ENGLISH).text
    assert "No role may work the lane" in page
    nobody = [
        f"{one.split('|')[0]}x|{one.split('|', 1)[1]}" for one in ticks(told.text) if one.endswith("|work")
    ]
    roles = [one.split("|")[0] for one in nobody]
    seen = analyst.get(FILE).headers["etag"].strip('"')
    assert post(analyst, on=[*kept, *nobody], role=roles, seen=seen, do="save").status_code == 303
    assert "Nobody holds a role that works the lane" in analyst.get(RIGHTS, headers=ENGLISH).text


def test_names_are_for_those_who_may_see_rights(staff: People) -> None:
    asked = f"{RIGHTS}?account=beiguan.window&doing={SHORT}|see&where="
    drawn = staff("analyst").get(asked, headers=ENGLISH).text
    assert "beiguan.window</span>" not in drawn
    assert "Who could do “" in drawn
    told = staff("process_admin").get(asked, headers=ENGLISH).text
    assert "line " in told
    assert "may" in told
    nobody = staff("process_admin").get(f"{RIGHTS}?account=nobody", headers=ENGLISH).text
    assert "No account “nobody” holds a role." in nobody
    assert staff("beiguan.window").get(RIGHTS).status_code == 404
    assert post(staff("beiguan.window"), do="preview").status_code == 404


def test_pages_stay_whole_over_files_that_cannot_be_read(analyst: Caller, draft: str) -> None:
    for path, content in (
        (f"workflows/bpmn/{SHORT}.bpmn", b"<broken"),
        (f"policies/{SHORT}.csv", b'p, auditor, \xff\xfe, see\n"p, open quote\n'),
        (f"forms/{SHORT}/start.json", b"{"),
    ):
        address = f"/studio/{draft}/file?path={path}"
        seen = analyst.get(address).headers["etag"]
        assert put(analyst, address, content, **{"if-match": seen}).status_code == 200
        for page in ("rights", "tables"):
            shown = analyst.get(f"/studio/{draft}/{page}", headers=ENGLISH)
            assert shown.status_code == 200, (path, page)
    shown = post(analyst, on=[f"auditor|{draft}|archive"], role="auditor", seen="", do="preview")
    assert f"<ins>+ p, auditor, {draft}, archive" in shown.text
