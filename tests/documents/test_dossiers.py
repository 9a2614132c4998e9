"""Archived dossiers, checked by the script that travels with them under a bare Python: no packages, no Banjian."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from engine.chores import Chore
from engine.clock import ClockError
from engine.commands import ArchiveCase
from engine.documents import verify_dossier
from engine.documents.dossiers import archive
from engine.documents.press import close_houses
from engine.documents.retention import Rule, archive_due, due, retention_for, rule_for
from engine.documents.ring import read_ring, rotate
from engine.errors import CommandInvalid, Conflict, Forbidden, NotFound
from engine.office import open_office, read_jurisdiction
from engine.settings import ROOT, Settings
from tests.documents.issuing import open_issuing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.documents.issuing import Issuing

SEED = 20261126
SCRIPT = Path(verify_dossier.__file__)


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Issuing]:
    issuing = open_issuing(sqlite_url, tmp_path / "data")
    yield issuing
    issuing.small.close()
    close_houses()


def judge(place: Path, *keys: str, script: Path = SCRIPT) -> tuple[int, str]:
    """Run the script with a bare Python from elsewhere: -I and -S leave out every package and the current folder."""
    command = [
        sys.executable,
        "-I",
        "-S",
        str(script),
        str(place),
        *(word for key in keys for word in ("--key", key)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def unpacked(content: bytes, place: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        packed.extractall(place)
    return place


def test_a_dossier_holds_without_banjian(office: Issuing, tmp_path: Path) -> None:
    document = office.issue("张䶮", until="2027-08-02")
    case = document.partition(".")[0]
    content = archive(office, office.leader, "a1", case, office.small.now)  # type: ignore[arg-type]
    again = archive(office, office.leader, "a1", case, office.small.now)  # type: ignore[arg-type]
    assert again == content
    key = read_ring(office.settings.data / "keys" / "codes").entries[0].key
    packed = tmp_path / "dossier.zip"
    packed.write_bytes(content)
    code, told = judge(packed, key)
    assert code == 0, told
    assert "everything holds" in told
    folder = unpacked(content, tmp_path / "open")
    assert judge(folder, key) == (0, told)
    assert judge(folder, key, script=folder / "verify.py") == (0, told), "also by the copy that travels along"
    assert "not confirmed" in judge(folder)[1]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["files"][0]["kind"] == "document"
    assert manifest["retention"] == "30"
    papers = [entry for entry in manifest["files"] if entry["kind"] == "document"]
    assert [entry["pages"] for entry in papers] == [1]
    assert "张䶮" in PdfReader(folder / papers[0]["path"]).pages[0].extract_text().replace(" ", "")
    assert json.loads((folder / "data/application.json").read_text()) == {"name": "张䶮"}
    assert json.loads((folder / "data/tasks.json").read_text())[0]["filed"]["amount"] == "605.00"
    kinds = [json.loads(line)["kind"] for line in (folder / "journal.jsonl").read_text().splitlines()]
    assert kinds[-1] == "archived"
    last = office.small.rows(
        "SELECT kind, body FROM journal WHERE chain = ? ORDER BY seq DESC LIMIT 1", case
    )[0]
    assert last[0] == "kept-dossier"
    assert office.vault.get(json.loads(last[1])["sha256"]) == content


def test_whatever_is_changed_is_found(office: Issuing, tmp_path: Path) -> None:
    case = office.issue("李四").partition(".")[0]
    content = archive(office, office.leader, "a", case, office.small.now)  # type: ignore[arg-type]
    key = read_ring(office.settings.data / "keys" / "codes").entries[0].key
    folder = unpacked(content, tmp_path / "open")
    chance = random.Random(SEED)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        kept = path.read_bytes()
        changed = bytearray(kept)
        place = chance.randrange(len(kept))
        changed[place] ^= 1 << chance.randrange(7)
        path.write_bytes(changed)
        assert judge(folder, key)[0] != 0, f"{path.name}, byte {place} (seed {SEED})"
        path.unlink()
        assert judge(folder, key)[0] != 0, f"without {path.name}"
        path.write_bytes(kept)
    assert judge(folder, key)[0] == 0
    (folder / "more.txt").write_text("x")
    assert "not in the manifest" in judge(folder, key)[1]
    (folder / "more.txt").unlink()
    assert "do not trust" in judge(folder, "0123456789abcdef")[1]
    for wrong in (b"", b"PK\x03\x04", b"{}"):
        (tmp_path / "wrong.zip").write_bytes(wrong)
        assert judge(tmp_path / "wrong.zip")[0] == 2
    assert judge(tmp_path / "nowhere")[0] == 2


def test_a_rewritten_journal_is_found(office: Issuing, tmp_path: Path) -> None:
    """Whoever rewrites entries and manifest, hashes and all, still lacks the key."""
    case = office.issue("王五").partition(".")[0]
    content = archive(office, office.leader, "a", case, office.small.now)  # type: ignore[arg-type]
    folder = unpacked(content, tmp_path / "open")
    lines = (folder / "journal.jsonl").read_text().splitlines()
    (folder / "journal.jsonl").write_text("\n".join(lines[:-1]) + "\n")
    manifest = (folder / "manifest.json").read_text()
    told = json.loads(manifest)
    entry = next(entry for entry in told["files"] if entry["path"] == "journal.jsonl")
    data = (folder / "journal.jsonl").read_bytes()
    entry |= {"size": len(data), "sha256": verify_dossier.hashlib.sha256(data).hexdigest()}
    told["journal"] = {"entries": len(lines) - 1, "head": json.loads(lines[-2])["hash"]}
    (folder / "manifest.json").write_text(json.dumps(told))
    code, words = judge(folder)
    assert code == 1
    assert words.count("FAULT") == 1
    assert "signature" in words
    (folder / "manifest.json").write_text(manifest)
    assert "journal does not end" in judge(folder)[1]


def test_a_dossier_signed_with_ed25519(office: Issuing, tmp_path: Path) -> None:
    case = office.issue("赵六").partition(".")[0]
    ring = rotate(office.settings.data / "keys" / "codes", office.small.now, "EdDSA")
    content = archive(office, office.leader, "a", case, office.small.now)  # type: ignore[arg-type]
    folder = unpacked(content, tmp_path / "open")
    assert json.loads((folder / "manifest.sig.json").read_text())["algorithm"] == "EdDSA"
    assert judge(folder, ring.entries[-1].key)[0] == 0
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"30"', '"10"'))
    assert judge(folder, ring.entries[-1].key)[0] == 1


def test_who_may_archive_what(office: Issuing) -> None:
    case = office.issue("孙七").partition(".")[0]
    with pytest.raises(Forbidden):
        office.small.do(ArchiveCase("x", case), office.clerk)
    with pytest.raises(CommandInvalid):
        office.small.do(ArchiveCase("y", case, "for ever"), office.leader)
    waiting = office.ask("周八")
    with pytest.raises(Conflict, match="case-open"):
        office.small.do(ArchiveCase("z", waiting), office.leader)


LAW, CALENDAR = read_jurisdiction(ROOT, "jinzhong")


def test_the_law_says_when_and_for_how_long() -> None:
    closed = date(2026, 8, 3)
    rule = rule_for(LAW, CALENDAR, "temporary-assistance", "140702", closed)
    assert rule == Rule(date(2026, 9, 14), "30"), "thirty working days after a Monday in August"
    assert retention_for(LAW, "so-change", "1407", closed) == "permanent"
    assert retention_for(LAW, "adoption-registration", "140702", closed) == "100"
    assert retention_for(LAW, "service-rating", "140702", closed) == "10"
    with pytest.raises(ClockError, match="no working-day calendar"):
        rule_for(LAW, CALENDAR, "x", "1407", date(2030, 12, 1))


def test_the_rule_finds_closed_cases_once(office: Issuing) -> None:
    office.law, office.calendar = LAW, CALENDAR
    first, second = (office.issue(name).partition(".")[0] for name in ("吴", "郑"))
    office.ask("开")
    assert list(due(office, office.small.now)) == []  # type: ignore[arg-type]
    office.small.later(days=42)  # the last day is still good
    assert list(due(office, office.small.now)) == []  # type: ignore[arg-type]
    office.small.later(days=1)
    found = list(due(office, office.small.now))  # type: ignore[arg-type]
    assert [(one.case, one.rule.retention) for one in found] == [(first, "30"), (second, "30")]
    assert archive_due(office, office.small.now, 1) == [first]  # type: ignore[arg-type]
    assert archive_due(office, office.small.now, 9) == [second]  # type: ignore[arg-type]
    assert archive_due(office, office.small.now, 9) == []  # type: ignore[arg-type]
    (kept,) = office.small.rows("SELECT body FROM journal WHERE chain = ? AND kind = 'kept-dossier'", first)
    content = office.vault.get(json.loads(kept[0])["sha256"])
    assert json.loads(zipfile.ZipFile(io.BytesIO(content)).read("manifest.json"))["retention"] == "30"


def test_a_chore_is_looked_at_now_and_then() -> None:
    moments: list[datetime] = []
    left = [2, 1, 0, 0, 0]

    def work(now: datetime) -> int:
        moments.append(now)
        return left[len(moments) - 1]

    begin = datetime(2026, 11, 24, tzinfo=UTC)
    chore = Chore("x", timedelta(hours=1), work)
    told = [chore.look(begin + timedelta(seconds=second)) for second in range(7400)]
    assert sum(told) == 3
    assert [int((moment - begin).total_seconds()) for moment in moments] == [60, 65, 70, 3670, 7270]


def test_a_chore_that_fails_is_tried_again_later(caplog: pytest.LogCaptureFixture) -> None:
    def work(now: datetime) -> int:
        raise NotFound(kind="law")

    begin = datetime(2026, 11, 24, tzinfo=UTC)
    chore = Chore("filing", timedelta(hours=1), work)
    assert [chore.look(begin + timedelta(minutes=minute)) for minute in range(130)] == [0] * 130
    assert caplog.text.count("filing failed") == 3


def test_an_office_files_by_itself(tmp_path: Path) -> None:
    office = open_office(Settings(root=ROOT, data=tmp_path), handlers={})
    try:
        assert [chore._name for chore in office.relay.carrier.chores] == ["archive", "sweep", "jobs"]
        begin = datetime(2026, 11, 24, tzinfo=UTC)
        assert office.relay.carrier.chores[0].look(begin) == 0
        assert office.relay.carrier.chores[0].look(begin + timedelta(hours=1)) == 0, "nothing to file"
        left = tmp_path / "vault" / "ab" / "cd" / ".abcd.part"
        left.parent.mkdir(parents=True)
        left.write_bytes(b"half")
        os.utime(left, (begin.timestamp(), begin.timestamp()))
        sweep = office.relay.carrier.chores[1].look
        assert [sweep(begin + timedelta(hours=hour)) for hour in (0, 1, 26)] == [0, 0, 1]
        assert not left.exists()
    finally:
        office.close()


def test_the_command_line_archives_and_pins(office: Issuing, sqlite_url: str, tmp_path: Path) -> None:
    case = office.issue("冯八").partition(".")[0]
    tell = [sys.executable, "-m", "engine"]
    environment = {
        "BANJIAN_DATA": str(office.settings.data),
        "BANJIAN_DATABASE": sqlite_url,
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(office.settings.root),
    }

    def run(*words: str) -> str:
        done = subprocess.run([*tell, *words], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("archive", case, "--out", str(tmp_path / "out"))
    keys = json.loads(run("keys", "--follow", "codes", "--json"))
    assert [key["for"] for key in keys] == ["codes", "codes", "晋中市榆次区民政局"]
    code, told = judge(tmp_path / "out" / f"{case}.zip", keys[0]["key"])
    assert code == 0, told
    struck = json.loads(run("keys", "--strike", keys[0]["key"], "--reason", "lost", "--json"))
    assert struck[0]["reason"] == "lost"
    run("offline-page", str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text()
    assert keys[1]["key"] in page
    assert "晋中市" in page
