"""The simulator's page: asked for, followed, told in sums and pictures, taken along as files; cases by right only."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree, html

from api.studio.charts import Pair, pairs_chart
from api.studio.sheets import csv_of, xlsx_of
from engine.jobs.carry import carry
from engine.office import SYSTEM
from engine.package import read_package
from engine.queries.jobs import job, job_result
from engine.replay.archive import archive_path
from engine.scenarios.archive import make_archive
from engine.scenarios.around import surroundings_of
from engine.store.jobs import claim
from tests.studio.conftest import SHORT
from tests.studio.test_scenarios import posted, seen, words

if TYPE_CHECKING:
    from engine.office import Office
    from tests.api.conftest import Caller, People

ADDRESS = f"/studio/{SHORT}/simulator"
CASES = 12


@pytest.fixture
def archive(bureau: Office) -> int:
    """A small demonstration archive."""
    path = archive_path(bureau.settings.data, SHORT)
    if not path.is_file():
        package = read_package(bureau.settings.root, SHORT)
        make_archive(package, surroundings_of(bureau), path, CASES, seed=7)
    return CASES


def carried(office: Office) -> str:
    mine = claim(office.store, datetime.now(UTC), datetime.now(UTC).replace(year=2090))
    assert mine is not None
    carry(office, mine, lambda: datetime.now(UTC))
    return mine.job


def counts(office: Office) -> list[Any]:
    tables = ("cases", "task", "journal", "document", "outbox", "fund")
    with office.store.reading() as reader:
        return [reader.rows(f"SELECT count(*) FROM {name}")[0][0] for name in tables]


def test_an_archive_is_replayed_and_told(bureau: Office, analyst: Caller, draft: str, archive: int) -> None:
    del draft
    page = seen(analyst.get(ADDRESS))
    assert f"演示档案（{archive} 件" in page.text_content()
    wish = {"source": "archive", "since": "2026-01-01", "until": "2027-12-31", "command": "sim-1"}
    measure = {"measure": "count(ends)"}
    seen(posted(analyst, ADDRESS, **wish, **measure))
    before = counts(bureau)
    key = carried(bureau)
    assert counts(bureau) == before
    row = job(bureau.store, bureau.bus.access, SYSTEM, SHORT, key)
    assert row.state == "done"
    told = job_result(bureau.store, row)
    assert told["of"] == len(told["rows"]) == archive
    assert told["summary"]["verdicts"] == {"same": archive}
    page = seen(analyst.get(ADDRESS))
    assert words(page, "//div[contains(@class, 'verdicts')]/div[contains(@class, 'same')]/strong") == [
        str(archive)
    ]
    charts = page.xpath("//figure//*[name()='svg']")
    assert charts
    assert all(one.get("aria-label") for one in charts)
    table = list(
        csv.reader(io.StringIO(analyst.get(f"{ADDRESS}/{key}/cases.csv").content.decode("utf-8-sig")))
    )
    assert sum(row[:1] != [] and row[0].startswith("140") for row in table) == archive
    book = zipfile.ZipFile(io.BytesIO(analyst.get(f"{ADDRESS}/{key}/cases.xlsx").content))
    assert book.testzip() is None
    last = max(name for name in book.namelist() if "worksheets/" in name)
    assert len(etree.fromstring(book.read(last)).findall(".//{*}row")) == archive + 1
    assert analyst.get(f"{ADDRESS}/{key}/cases.exe").status_code == 404


def test_what_cannot_be_used_is_told(bureau: Office, analyst: Caller, draft: str) -> None:
    del draft, bureau
    wrong = posted(analyst, ADDRESS, since="2026-09-01", until="2026-08-01", measure="1 +", command="no")
    assert wrong.status_code == 422
    page = html.fromstring(wrong.text)
    told = words(page, "//div[@role='alert']//li")
    assert len(told) == 2
    assert not [one for one in told if re.search("[a-z]{3}", one)], "an English sentence on a Chinese page"
    assert page.xpath("//input[@id='measure']/@value") == ["1 +"]


def test_strangers_get_nothing(staff: People, bureau: Office) -> None:
    del bureau
    assert staff("beiguan.window").get(ADDRESS).status_code == 404
    assert posted(staff("beiguan.window"), ADDRESS, command="no").status_code == 404


def test_files_for_spreadsheets() -> None:
    tables: list[tuple[str, list[list[Any]]]] = [
        ("甲", [["名", "数"], ["=1+1", 2], ["乙", None]]),
        ("丙<>", [["x"]]),
    ]
    assert csv_of(tables).decode("utf-8-sig") == "甲\r\n名,数\r\n'=1+1,2\r\n乙,\r\n\r\n丙<>\r\nx\r\n"
    book = zipfile.ZipFile(io.BytesIO(xlsx_of(tables)))
    names = etree.fromstring(book.read("xl/workbook.xml")).xpath("//@name")
    assert names == ["甲", "丙<>"]
    texts = etree.fromstring(book.read("xl/sharedStrings.xml")).xpath("//*[local-name()='t']/text()")
    assert texts == ["名", "数", "=1+1", "乙", "x"]
    sheet = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not sheet.findall(".//{*}f")  # no text became a formula
    cells = {one.get("r"): (one.get("t"), one.findtext("{*}v")) for one in sheet.findall(".//{*}c")}
    assert cells == {
        "A1": ("s", "0"),
        "B1": ("s", "1"),
        "A2": ("s", "2"),
        "B2": (None, "2"),
        "A3": ("s", "3"),
    }
    assert xlsx_of(tables) == xlsx_of(tables)


def test_charts_are_wellformed() -> None:
    drawn = etree.fromstring(pairs_chart([Pair("<甲>", Decimal(5), Decimal(0))], 'say "so"'))
    assert drawn.get("aria-label") == 'say "so"'
    assert len(drawn.findall("rect")) == 2
