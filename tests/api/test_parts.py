"""Small parts of the edge on their own: brakes, uploads, sentences of other parts' refusals, posted forms."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest

from api.brakes import Allowance, Brakes, TooOften
from api.errors import problem_of
from api.uploads import media_type, plain_name
from engine.clock import ClockError
from engine.core.faults import CoreError
from engine.core.reading.findings import Finding, ModelError
from engine.dmn import DmnError, read
from engine.feel import FeelError, compile_expression

if TYPE_CHECKING:
    from tests.api.conftest import People


def test_brakes_let_go_again() -> None:
    brakes = Brakes({"x": Allowance(3, 2.0)})
    for _ in range(3):
        brakes.use("x", "a", clock=100.0)
    with pytest.raises(TooOften) as refused:
        brakes.use("x", "a", clock=100.5)
    assert refused.value.values == {"seconds": 2}
    brakes.use("x", "b", clock=100.5)  # another address is not held
    brakes.use("x", "a", clock=102.1)
    with pytest.raises(TooOften):
        brakes.use("x", "a", clock=102.2)
    for _ in range(3):
        brakes.use("x", "a", clock=200.0)  # full again, and no fuller
    with pytest.raises(TooOften):
        brakes.use("x", "a", clock=200.0)


def test_brakes_remember_a_bounded_number_of_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.brakes._MOST", 10)
    brakes = Brakes({"x": Allowance(1, 60.0)})
    for number in range(100):
        brakes.use("x", str(number), clock=1.0)
    assert len(brakes._left) == 10
    with pytest.raises(TooOften):
        brakes.use("x", "99", clock=1.0)


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\0" * 20 + b"IEND1234"


def jpeg(width: int, height: int) -> bytes:
    frame = struct.pack(">BBHBHHB", 0xFF, 0xC0, 11, 8, height, width, 1)
    return b"\xff\xd8" + struct.pack(">BBH", 0xFF, 0xE0, 4) + b"ab" + frame + b"\0" * 10


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(100, 100), "image/png"),
        (png(60_000, 60_000), None),
        (png(0, 5), None),
        (jpeg(4000, 3000), "image/jpeg"),
        (jpeg(65_000, 65_000), None),
        (b"\xff\xd8\xff\xe0\xff\xff", None),
        (b"%PDF-1.4\nx\n%%EOF\n", "application/pdf"),
        (b"%PDF-1.4\n" + b"x" * 5000, None),
        (b"GIF89a", None),
        (b"<svg xmlns='x'/>", None),
    ],
)
def test_media_types_by_content(content: bytes, kind: str | None) -> None:
    assert media_type(content) == kind


def test_names_of_uploads_are_plain() -> None:
    assert plain_name("../../etc/passwd") == "passwd"
    assert plain_name("C:\\Users\\a\\照片\u202e.png") == "照片.png"
    assert plain_name("") == plain_name("///") == "file"
    assert len(plain_name("x" * 999)) == 120


def _feel_fault() -> FeelError:
    with pytest.raises(FeelError) as fault:
        compile_expression("1 +")
    return fault.value


def _dmn_fault() -> DmnError:
    with pytest.raises(DmnError) as fault:
        read(b"<!DOCTYPE x><x/>")
    return fault.value


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (_feel_fault(), 422),
        (_dmn_fault(), 422),
        (ModelError([Finding("setting-unknown", "a", {"setting": "on_overdue", "value": "x"})]), 422),
        (CoreError("nobody-waits"), 409),
        (ClockError("calendar-missing", year=2027), 503),
    ],
)
def test_refusals_of_the_pure_parts_are_sentences(error: Exception, status: int) -> None:
    chinese, english = problem_of(error, "zh"), problem_of(error, "en")
    assert chinese.status == english.status == status
    assert chinese.code == getattr(error, "code", None)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese.sentence), chinese.sentence
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in english.sentence), english.sentence
    assert "…" not in chinese.sentence + english.sentence
    assert chinese.code not in chinese.sentence


def test_answers_about_people_are_not_kept_on_the_way(people: People, case: dict[str, str]) -> None:
    answers: list[Any] = [
        people("beiguan.window").get("/api/tasks"),
        people("beiguan.window").get("/tasks", headers={"accept": "text/html"}),
        people().get(f"/api/cases/{case['case']}?code={case['query_code']}"),
        people().get("/api/tasks"),
    ]
    for answer in answers:
        assert "no-store" in answer.headers["cache-control"]
    style = people().get("/static/banjian.css")
    assert "max-age" in style.headers["cache-control"]


def test_large_bodies_are_refused_early(people: People) -> None:
    body = b'{"process": "' + b"x" * (2 * 1024 * 1024) + b'"}'
    answer = people().post("/api/applications", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["code"] == "too-large"
