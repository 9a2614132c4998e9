"""Prints: one original, marked duplicates, batches with a cover, serial numbers; and the list of all that was issued."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from engine import queries
from engine.commands import PrintDocument, RecordSerial, RevokeDocument
from engine.documents import duplicates
from engine.documents.duplicates import print_batch, print_duplicate
from engine.documents.gather import Gathering
from engine.documents.pades import read_trust
from engine.documents.press import close_houses
from engine.documents.seals import check_seal
from engine.documents.verify import by_file
from engine.errors import CommandInvalid, Conflict, Forbidden, NotFound
from tests.documents.issuing import open_issuing
from tests.engine.small import person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.documents.issuing import Issuing

EVERYTHING = queries.IssuedFilters()
DAY = date(2026, 8, 3)


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Issuing]:
    issuing = open_issuing(sqlite_url, tmp_path)
    yield issuing
    issuing.small.close()
    close_houses()


def text_of(pdf: bytes) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def test_a_duplicate_is_marked_sealed_kept_and_known(office: Issuing) -> None:
    document = office.issue("张三丰")
    small = office.small
    told = small.do(PrintDocument("p1", document, "原件遗失", serial=" no 000123 "), office.clerk).values
    assert (told["kind"], told["n"], told["serial"]) == ("duplicate", 1, "NO000123")
    content = print_duplicate(office, told, small.now)  # type: ignore[arg-type]
    again = duplicates._press(office, Gathering((duplicates._part(office, told),)), told, sealed=True)  # type: ignore[arg-type]
    assert again == content, "made anew, the same bytes"
    assert print_duplicate(office, told, small.now) == content  # type: ignore[arg-type]
    (page,) = text_of(content)
    for needed in (
        "副本",
        "第1次打印",
        "2026年8月3日",
        "NO000123",
        "张三丰",
        str(office.facts(document)["number"]),
    ):
        assert needed in page
    assert check_seal(content, read_trust(office.settings.data / "keys")).good
    verdict = by_file(content, office.register, on=DAY)
    assert (verdict.outcome, verdict.duplicate) == ("genuine", 1)
    assert (
        by_file(office.vault.get(office.facts(document)["sha256"]), office.register, on=DAY).duplicate is None
    )
    (made,) = queries.impressions(small.bus.store, small.bus.access, office.clerk, document)
    assert (made.serial, made.reason, made.made_name) == ("NO000123", "原件遗失", "CORA")
    kinds = [
        row[0] for row in small.rows("SELECT kind FROM journal WHERE chain = ? ORDER BY seq", told["case"])
    ]
    assert kinds[-2:] == ["printed-document", "kept-duplicate"]


def test_the_original_is_printed_once(office: Issuing) -> None:
    document = office.issue("李秀英")
    do = office.small.do
    assert do(PrintDocument("a", document, "发证", original=True), office.clerk)["kind"] == "original"
    assert do(PrintDocument("a", document, "发证", original=True), office.clerk).again
    with pytest.raises(Conflict, match="document-printed"):
        do(PrintDocument("b", document, "发证", original=True), office.clerk)
    assert do(PrintDocument("c", document, "补办"), office.clerk)["n"] == 2
    do(RecordSerial("d", f"{document}.p1", "77", spoiled=True), office.clerk)
    do(RecordSerial("e", f"{document}.p2", "78", spoiled=True), office.clerk)
    assert do(PrintDocument("f", document, "废页重打", original=True), office.clerk)["n"] == 3


def test_serial_numbers_are_taken_once(office: Issuing) -> None:
    first, second = office.issue("甲"), office.issue("乙")
    do = office.small.do
    do(PrintDocument("a", first, "发证", original=True, serial="A1"), office.clerk)
    with pytest.raises(Conflict, match="serial-used"):
        do(PrintDocument("b", second, "发证", original=True, serial="a 1"), office.clerk)
    do(PrintDocument("c", second, "发证", original=True), office.clerk)
    with pytest.raises(Conflict, match="serial-used"):
        do(RecordSerial("d", f"{second}.p1", "A1"), office.clerk)
    do(RecordSerial("e", f"{second}.p1", "A2"), office.clerk)
    found = queries.issued(office.store, office.bus.access, office.clerk, queries.IssuedFilters(serial="a2"))
    assert [item.id for item in found.items] == [second]


def test_who_may_print(office: Issuing) -> None:
    document = office.issue("丙")
    do = office.small.do
    for actor in (office.leader, person("far", area="140725")):
        with pytest.raises(Forbidden):
            do(PrintDocument(f"x{actor.id}", document, "看看"), actor)
    with pytest.raises(CommandInvalid):
        do(PrintDocument("y", document, "  "), office.clerk)
    with pytest.raises(NotFound):
        do(PrintDocument("z", "nothing", "看看"), office.clerk)
    do(RevokeDocument("r", document, "发证有误"), office.leader)
    with pytest.raises(Conflict, match="document-revoked"):
        do(PrintDocument("w", document, "补办"), office.clerk)


def test_a_batch_is_one_file_with_a_cover(office: Issuing) -> None:
    documents = [office.issue(name) for name in ("赵一", "钱二", "孙三", "李四")]
    office.small.do(PrintDocument("early", documents[2], "先发"), office.clerk)
    told = [
        office.small.do(
            PrintDocument(f"b:{place}", key, "集中发放", original=place != 2, batch="2026-08-03/1"),
            office.clerk,
        ).values
        for place, key in enumerate(documents)
    ]
    content = print_batch(office, "2026-08-03/1", "王窗口", told)  # type: ignore[arg-type]
    assert print_batch(office, "2026-08-03/1", "王窗口", told) == content  # type: ignore[arg-type]
    pages = text_of(content)
    assert len(pages) == 5
    assert "批量打印清单" in pages[0]
    for place, (name, key) in enumerate(zip(("赵一", "钱二", "孙三", "李四"), documents, strict=True), 1):
        assert name in pages[place]
        assert str(office.facts(key)["number"]) in pages[0]
        assert ("副本" in pages[place]) == (place == 3)
    sizes = {tuple(float(side) for side in page.mediabox) for page in PdfReader(io.BytesIO(content)).pages}
    assert len(sizes) == 2, "an upright cover, certificates across"
    with pytest.raises(CommandInvalid):
        print_batch(office, "x", "y", [])  # type: ignore[arg-type]


def test_the_list_shows_what_grants_reach(office: Issuing) -> None:
    documents = [office.issue(name) for name in ("周五", "吴六", "郑七")]
    office.small.later(days=1)
    office.small.do(RevokeDocument("r", documents[1], "发证有误"), office.leader)
    documents.append(office.issue("王八"))
    ask, access = queries.issued, office.bus.access

    def found(wanted: queries.IssuedFilters = EVERYTHING, **more: object) -> list[str]:
        return [item.id for item in ask(office.store, access, office.clerk, wanted, **more).items]  # type: ignore[arg-type]

    assert found() == sorted(documents, key=lambda key: (key == documents[3], key), reverse=True)
    assert found(queries.IssuedFilters(search=documents[1].partition(".")[0])) == [documents[1]]
    assert found(queries.IssuedFilters(search="allow")) == found(), "part of a case's title"
    number = str(office.facts(documents[2])["number"])
    assert found(queries.IssuedFilters(search=number.replace("〔", "[").replace("〕", "]"))) == [documents[2]]
    assert found(queries.IssuedFilters(state="revoked")) == [documents[1]]
    assert found(queries.IssuedFilters(since=DAY, until=DAY, code="card")) == found()[1:]
    assert found(queries.IssuedFilters(process="other")) == []
    first = ask(office.store, access, office.clerk, limit=3)
    rest = ask(office.store, access, office.clerk, limit=3, cursor=first.cursor)
    assert [item.id for item in (*first.items, *rest.items)] == found()
    assert rest.cursor is None
    for stranger in (person("far", area="140725"), person("none", "nobody")):
        assert ask(office.store, access, stranger).items == []
    with pytest.raises(NotFound):
        queries.impressions(office.store, access, person("far", area="140725"), documents[0])
    with pytest.raises(CommandInvalid):
        ask(office.store, access, office.clerk, cursor="nonsense")
    assert ask(office.store, access, office.clerk, queries.IssuedFilters(search="%")).items == []
