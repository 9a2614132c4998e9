"""Printing: what comes out of the press, seen by independent readers, and what the press survives."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from engine.documents.press import Press, close_houses, house
from engine.documents.refusal import DocumentRefused
from engine.settings import Settings
from tests.documents.conftest import NOTICE, ROOT, TOKEN, make_job

if TYPE_CHECKING:
    from engine.documents.jobs import Sealing

RARE = "张䶮𠅤𬎆"


def fonts_of(pdf: bytes) -> list[Any]:
    """Every font object of a PDF, composite ones resolved to what is embedded."""
    found = []
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for reference in page["/Resources"].get("/Font", {}).values():
            font = reference.get_object()
            assert font["/Subtype"] == "/Type0", "only composite fonts carry Chinese"
            assert "/ToUnicode" in font
            found.append(font["/DescendantFonts"][0].get_object())
    return found


def test_a_paper_is_an_archivable_tagged_chinese_pdf(press: Press) -> None:
    pdf = press.work(make_job()).content
    reader = PdfReader(io.BytesIO(pdf))
    catalog = reader.trailer["/Root"].get_object()
    assert pdf.startswith(b"%PDF-1.7")
    assert catalog["/Lang"] == "zh-CN"
    assert catalog["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalog
    assert catalog["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    metadata = catalog["/Metadata"].get_object().get_data().decode()
    assert re.search(r'pdfaid:part="2"', metadata)
    assert re.search(r'pdfaid:conformance="B"', metadata)
    assert "2026-11-23" in metadata
    assert reader.trailer["/ID"][0] in (TOKEN, TOKEN.encode())
    assert not reader.attachments
    assert b"/JavaScript" not in pdf
    for font in fonts_of(pdf):
        assert font["/BaseFont"][7] == "+", "a subset"
        assert "/FontFile3" in font["/FontDescriptor"] or "/FontFile2" in font["/FontDescriptor"]
    text = "".join("".join(page.extract_text().split()) for page in reader.pages)
    for needed in (
        "临时救助决定书",
        "榆民救字〔2026〕8号",
        "张三丰",
        "人民币壹仟肆佰零玖元伍角",
        "2026年11月23日",
    ):
        assert needed in text


@pytest.mark.parametrize("layout", ["notice", "approval", "ledger", "certificate"])
def test_every_layout_prints_on_its_sheet(press: Press, layout: str) -> None:
    template = f'{{% extends "_shared/{layout}.html" %}}{{% block body %}}<p>正文</p>{{% endblock %}}'
    pdf = press.work(make_job(template, document={"layout": layout})).content
    box = PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    wide = layout in ("ledger", "certificate")
    assert (round(box.width), round(box.height)) == ((842, 595) if wide else (595, 842))


def test_the_notice_keeps_the_grid_of_the_standard(press: Press, tmp_path: Path) -> None:
    """22 lines of 28 characters on a full page: GB/T 9704-2012."""
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler is not installed")
    template = NOTICE.replace("决定给予", "字" * 3000 + "决定给予")
    path = tmp_path / "grid.pdf"
    path.write_bytes(press.work(make_job(template)).content)
    told = subprocess.run(
        ["pdftotext", "-f", "2", "-l", "2", "-layout", path, "-"], capture_output=True, text=True, check=True
    ).stdout
    lines = [line.strip() for line in told.splitlines() if set(line.strip()) == {"字"}]
    assert [len(line) for line in lines] == [28] * 22


def test_rare_characters_are_drawn_and_can_be_copied(press: Press) -> None:
    try:
        pdf = press.work(make_job(applicant={"name": RARE})).content
    except DocumentRefused as refused:
        pytest.skip(f"no face here holds {refused.values}")
    assert RARE in "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_a_character_that_no_face_has_is_refused_by_name(press: Press) -> None:
    with pytest.raises(DocumentRefused) as caught:
        press.work(make_job(applicant={"name": "张\U00032000"}))
    assert caught.value.code == "glyph-missing"
    assert caught.value.values == {"character": "\U00032000", "codepoint": "U+32000"}
    assert caught.value.final


def test_the_same_input_gives_the_same_bytes_in_another_process(
    press: Press, tmp_path: Path, sealing: Sealing
) -> None:
    job = make_job(sealing=sealing, applicant={"name": "张䶮"})
    first = press.work(job).content
    assert press.work(job).content == first
    with Press(tmp_path / "other") as other:
        assert hashlib.sha256(other.work(job).content).digest() == hashlib.sha256(first).digest()
    assert press.work(make_job(sealing=sealing, applicant={"name": "张三"})).content != first


def test_long_texts_run_over_pages_and_no_page_holds_the_seal_alone(press: Press) -> None:
    for count in range(300, 480, 12):
        template = NOTICE.replace("决定给予", "急难事由" * (count // 4) + "决定给予")
        pages = PdfReader(io.BytesIO(press.work(make_job(template)).content)).pages
        signed = next(page for page in pages if "2026年11月23日" in page.extract_text())
        assert "元" in signed.extract_text(), f"{count} characters: the seal's page has no text of the body"


def test_nothing_is_loaded_from_outside(press: Press, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"x")
    for source in (
        f'<img src="{secret.as_uri()}">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<link rel="stylesheet" href="file:///etc/passwd">',
        '<p style="background:url(file:///etc/passwd)">x</p>',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<style>@import "file:///etc/passwd";</style>',
    ):
        with pytest.raises(DocumentRefused) as caught:
            press.work(make_job(NOTICE.replace("<p>决定", f"{source}<p>决定")))
        assert caught.value.code == "template-outside", source


def test_a_wrong_value_leaves_the_press_working(press: Press) -> None:
    for _ in range(3):
        with pytest.raises(DocumentRefused, match="value-wrong"):
            press.work(make_job(amount=Decimal("1.005")))
    assert press.work(make_job()).content.startswith(b"%PDF")


def test_a_page_that_never_ends_is_stopped(tmp_path: Path) -> None:
    with Press(tmp_path, timeout=60) as press:
        press.work(make_job())
        with pytest.raises(DocumentRefused) as caught:
            press.work(
                make_job(
                    "{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}"
                ),
                timeout=1,
            )
        assert caught.value.code == "render-timeout"
        assert not caught.value.final
        assert press.work(make_job()).content.startswith(b"%PDF")


def test_a_killed_process_is_replaced_and_the_job_done(tmp_path: Path) -> None:
    with Press(tmp_path) as press:
        expected = press.work(make_job()).content
        (worker,) = press._workers
        os.kill(worker.process.pid, signal.SIGKILL)
        assert press.work(make_job()).content == expected
        (second,) = press._workers
        assert second.process.pid != worker.process.pid
        timer = threading.Timer(0.05, os.kill, (second.process.pid, signal.SIGKILL))
        timer.start()
        assert press.work(make_job()).content == expected
        timer.join()


def test_many_threads_share_one_process(press: Press) -> None:
    jobs = [make_job(amount=Decimal(number)) for number in range(1, 9)]
    found: dict[int, bytes] = {}
    threads = [
        threading.Thread(target=lambda n=number, j=job: found.update({n: press.work(j).content}))
        for number, job in enumerate(jobs)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(press._workers) == 1
    for number, job in enumerate(jobs):
        assert found[number] == press.work(job).content


def test_a_text_is_filled_and_not_printed(press: Press) -> None:
    job = make_job(
        files={
            "templates/t/notice-paid.txt": "{{ data.applicant.name | mask_name }}：已发放 {{ data.amount | money }} 元。\n"
        }
    )
    page = replace(job.page, template="t/notice-paid.txt")
    assert press.work(replace(job, page=page)).content.decode() == "张**：已发放 1,409.50 元。"


def test_checking_finds_faults_without_printing(press: Press) -> None:
    assert press.work(replace(make_job(), checked_only=True)).content == b""
    with pytest.raises(DocumentRefused, match="glyph-missing"):
        press.work(replace(make_job(applicant={"name": "\ue123"}), checked_only=True))


def test_a_closed_press_refuses(tmp_path: Path) -> None:
    press = Press(tmp_path)
    press.close()
    with pytest.raises(DocumentRefused, match="render-crashed"):
        press.work(make_job())


def test_printing_ends_with_the_process_that_owns_it(tmp_path: Path) -> None:
    """Whoever is killed without a chance to say goodbye leaves no printing process behind."""
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from engine.documents.press import Press\n"
        "from tests.documents.conftest import make_job\n"
        "press = Press(Path(sys.argv[1]))\n"
        "press.work(make_job())\n"
        "print(*(worker.process.pid for worker in press._workers), flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as owner:
        assert owner.stdout is not None
        (printing,) = (int(word) for word in owner.stdout.readline().split())
        os.kill(printing, 0)
        owner.kill()
    deadline = time.monotonic() + 20
    while (
        Path(f"/proc/{printing}").exists()
        and "\nState:\tZ" not in Path(f"/proc/{printing}/status").read_text()
    ):
        assert time.monotonic() < deadline, "still there"
        time.sleep(0.05)


def test_an_installation_has_one_house_and_few_are_kept(tmp_path: Path) -> None:
    homes = [Settings(data=tmp_path / str(number)) for number in range(5)]
    first = house(homes[0])
    assert house(replace(homes[0], port=1)) is first
    first.work(make_job())
    (worker,) = first._workers
    for home in homes[1:]:
        house(home)
    assert worker.process.poll() is not None, "the house that was left longest is closed"
    assert house(homes[0]) is not first
    close_houses()
