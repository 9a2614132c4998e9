"""Files of a draft over HTTP: read, saved under the hash that was seen, refused with who was faster, never lost."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.commands import DropDraft, RestoreDraft
from tests.studio.conftest import ANNE, SHORT, drop, put

if TYPE_CHECKING:
    from engine.office import Office
    from tests.api.conftest import Caller, People

FORM = f"forms/{SHORT}/start.json"
FILE = f"/studio/{SHORT}/file?path={FORM}"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_file_is_saved_under_what_was_seen(analyst: Caller, draft: str) -> None:
    listed = analyst.get(f"/studio/{draft}/files").json()
    assert listed["state"] == "draft"
    assert listed["editable"]
    kinds = {one["path"]: one["kind"] for one in listed["files"]}
    assert kinds[FORM] == "form"
    assert kinds[f"workflows/bpmn/{SHORT}.bpmn"] == "diagram"
    assert any(one["shared"] for one in listed["files"])
    assert not all(one["shared"] for one in listed["files"])
    told = analyst.get(FILE)
    seen = told.headers["etag"]
    assert seen == f'"{sha(told.content)}"'
    saved = put(analyst, FILE, told.content + b"\n", **{"if-match": seen})
    assert saved.status_code == 200, saved.text
    assert saved.json()["sha"] == sha(told.content + b"\n")
    assert saved.json()["revision"] == listed["revision"] + 1
    assert analyst.get(FILE).content == told.content + b"\n"


def test_two_analysts_lose_nothing(analyst: Caller, other: Caller, draft: str) -> None:
    first = analyst.get(FILE)
    seen = first.headers["etag"]
    assert put(other, FILE, b"{broken", **{"if-match": seen}).status_code == 200
    refused = put(analyst, FILE, first.content + b" ", **{"if-match": seen})
    assert refused.status_code == 409
    told = refused.json()
    assert told["code"] == "stale"
    assert told["by"] == "冯雅琴"
    assert told["sha"] == sha(b"{broken")
    assert told["at"]
    assert "冯雅琴" in told["sentence"]
    # Files beside it are not touched by that: both go on.
    rights = f"/studio/{draft}/file?path=policies/{SHORT}.csv"
    other_file = analyst.get(rights)
    assert (
        put(
            analyst, rights, other_file.content + b"# \n", **{"if-match": other_file.headers["etag"]}
        ).status_code
        == 200
    )
    # Overwriting knowingly: the new hash as seen.
    mine = put(analyst, FILE, first.content + b" ", **{"if-match": f'"{told["sha"]}"'})
    assert mine.status_code == 200


def test_a_new_file_and_its_removal(analyst: Caller, draft: str) -> None:
    path = f"/studio/{draft}/file?path=templates/{SHORT}/notice-new.txt"
    assert put(analyst, path, b"text").status_code == 400
    made = put(analyst, path, b"text", **{"if-none-match": "*"})
    assert made.status_code == 200
    assert put(analyst, path, b"text 2", **{"if-none-match": "*"}).json()["code"] == "stale"
    assert drop(analyst, path, **{"if-match": '"0"'}).json()["code"] == "stale"
    assert drop(analyst, path, **{"if-match": made.headers["etag"]}).status_code == 200
    assert analyst.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "/etc/passwd",
        "forms/other/start.json",
        "policies/base.csv",
        "workflows/bpmn/other.bpmn",
        "x.py",
        "templates/service-rating/../a.html",
    ],
)
def test_paths_stay_inside_the_process(analyst: Caller, draft: str, path: str) -> None:
    refused = put(analyst, f"/studio/{draft}/file?path={path}", b"x", **{"if-none-match": "*"})
    assert refused.status_code == 400
    assert refused.json()["code"] == "command-invalid"


def test_too_large_a_file(analyst: Caller, draft: str) -> None:
    seen = analyst.get(FILE).headers["etag"]
    refused = put(analyst, FILE, b"x" * (5 * 1024 * 1024 + 1), **{"if-match": seen})
    assert refused.status_code == 413
    assert "5" in refused.json()["sentence"]


def test_a_draft_deleted_under_the_editor(bureau: Office, analyst: Caller, draft: str) -> None:
    told = analyst.get(FILE)
    mine = put(analyst, FILE, told.content + b"\n\n", **{"if-match": told.headers["etag"]})
    now = datetime.now(UTC)
    bureau.bus.execute(DropDraft("drop-under", SHORT, mine.json()["revision"]), ANNE, now)
    refused = put(analyst, FILE, b"more", **{"if-match": mine.headers["etag"]})
    assert refused.status_code == 404
    assert refused.json()["code"] == "draft-gone"
    bureau.bus.execute(RestoreDraft("restore-under", SHORT), ANNE, now)
    assert analyst.get(FILE).content == told.content + b"\n\n"
    assert put(analyst, FILE, b"more", **{"if-match": mine.headers["etag"]}).status_code == 200


def test_strangers_and_clerks_see_nothing(staff: People, draft: str) -> None:
    assert staff(None).get(f"/studio/{draft}/files").status_code == 401
    assert staff("beiguan.window").get(f"/studio/{draft}/files").status_code == 404
    assert put(staff("beiguan.window"), FILE, b"", **{"if-match": '"1"'}).status_code == 404
    # Whoever publishes reads, and writes nothing.
    assert staff("process_admin").get(FILE).status_code == 200
    assert not staff("process_admin").get(f"/studio/{draft}/files").json()["editable"]
    seen = staff("process_admin").get(FILE).headers["etag"]
    assert put(staff("process_admin"), FILE, b"", **{"if-match": seen}).status_code == 403


def test_contents_never_run_as_a_page(analyst: Caller, draft: str) -> None:
    path = f"/studio/{draft}/file?path=templates/{SHORT}/evil.html"
    assert put(analyst, path, b"<script>1</script>", **{"if-none-match": "*"}).status_code == 200
    headers = analyst.get(path).headers
    assert "sandbox" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
