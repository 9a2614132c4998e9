"""Layouts by their numbers (GB/T 9704-2012, measured by poppler in millimetres), and translations behind documents."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.documents.offline import Coding
from engine.documents.pades import read_trust
from engine.documents.refusal import DocumentRefused
from engine.documents.sandbox import _balanced
from engine.documents.seals import check_seal
from tests.documents.conftest import NOTICE, make_job
from tests.documents.test_offline import CARRIED

if TYPE_CHECKING:
    from pathlib import Path

    from engine.documents.jobs import Sealing
    from engine.documents.press import Press

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
MM = 25.4 / 72
PARAGRAPHS = "{% for n in range(COUNT) %}<p>第{{ n + 1 }}条，各地应当按照规定的程序和时限办理，及时告知申请人办理结果。</p>{% endfor %}"


class Word(NamedTuple):
    """A word on a page, in millimetres from its upper left corner."""

    page: int
    text: str
    left: float
    top: float
    right: float
    bottom: float


def measured(pdf: bytes) -> tuple[list[tuple[float, float]], list[Word]]:
    """Sizes of the pages, and all words where they stand."""
    told = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    sizes, words = [], []
    for line in told.splitlines():
        numbers = [float(number) * MM for number in re.findall(r'="([\d.]+)"', line)]
        if "<page " in line:
            sizes.append((round(numbers[0]), round(numbers[1])))
        elif "<word " in line:
            words.append(Word(len(sizes), re.sub(r"<[^>]+>", "", line).strip(), *numbers))
    return sizes, words


def on_page(words: list[Word], page: int) -> str:
    return "".join(word.text for word in words if word.page == page)


def make(
    press: Press, layout: str, body: str, **document: object
) -> tuple[list[tuple[float, float]], list[Word]]:
    template = '{% extends "_shared/' + layout + '.html" %}' + body
    job = make_job(
        template, document={"layout": layout, "sealed": False, "issuer": "晋中市榆次区民政局", **document}
    )
    return measured(press.work(job).content)


def test_an_official_document_stands_on_the_grid(press: Press) -> None:
    body = (
        "{% block body %}"
        + PARAGRAPHS.replace("COUNT", "17")
        + "{% endblock %}{% block copies %}市财政局{% endblock %}"
    )
    sizes, words = make(press, "official", body)
    assert set(sizes) == {(210, 297)}
    assert len(sizes) == 3
    full = [word for word in words if word.page == 2 and word.top < 255]
    assert min(word.left for word in full) == pytest.approx(26, abs=0.6), (
        "binding edge on the right of a left page"
    )
    lines = sorted({round(word.top, 1) for word in full})
    assert len(lines) == 22
    assert lines[1] - lines[0] == pytest.approx(10.22, abs=0.1)
    numbers = {word.page: word for word in words if word.text in ("1", "2", "3") and word.top > 262}
    assert numbers[1].left > 150
    assert numbers[2].right < 60
    assert numbers[3].left > 150
    head = next(word for word in words if "榆次区民政局" in word.text and word.page == 1)
    assert head.top == pytest.approx(37 + 20, abs=4), "the head, below the marks"
    imprint = [word for word in words if "抄送" in word.text]
    assert [word.page for word in imprint] == [3]
    assert imprint[0].top > 240
    assert "印发" in on_page(words, 3)


def test_a_letter_has_its_name_high_and_no_number_on_the_first_page(press: Press) -> None:
    body = "{% block body %}" + PARAGRAPHS.replace("COUNT", "12") + "{% endblock %}"
    sizes, words = make(press, "letter", body)
    assert len(sizes) == 2
    name = next(word for word in words if "榆次区民政局" in word.text)
    assert name.top == pytest.approx(30, abs=3)
    assert not [word for word in words if word.page == 1 and word.text == "—"]
    assert [word for word in words if word.page == 2 and word.text == "—"]


def test_a_receipt_is_half_a_sheet(press: Press) -> None:
    body = '{% block body %}{{ parts.facts([["申请人", data.applicant.name]]) }}{% endblock %}'
    sizes, words = make(press, "receipt", body)
    assert sizes == [(210, 148)]
    assert "申请人：张三丰" in on_page(words, 1)


def test_an_extract_says_that_it_agrees_with_the_register(press: Press) -> None:
    body = '{% block body %}<table class="form">{{ parts.row([["姓名", data.applicant.name]]) }}</table>{% endblock %}'
    _, words = make(press, "register", body)
    assert "与登记簿记载一致" in on_page(words, 1)


def test_a_translation_stands_behind_without_seal_and_codes(
    press: Press, keys: Path, sealing: Sealing
) -> None:
    english = '{% extends "_shared/notice.html" %}{% block body %}<p>You receive {{ data.amount | money }} yuan.</p>{% endblock %}'
    job = make_job(
        NOTICE, files={"templates/t/t.en.html": english}, document={"title_en": "Decision"}, sealing=sealing
    )
    coding = Coding(str(keys / "codes"), datetime(2026, 11, 23, 1, 30, tzinfo=UTC), CARRIED)
    pdf = press.work(replace(job, coding=coding)).content
    assert check_seal(pdf, read_trust(keys)).good
    sizes, words = measured(pdf)
    assert len(sizes) == 2
    first, second = on_page(words, 1), on_page(words, 2)
    assert "右码离线核验" in first
    assert "Decision" not in first
    assert "Youreceive1,409.50yuan." in second
    assert "TheChinesetextprevails" in second
    assert "offline" not in second
    assert "withoutnetwork" not in second
    one = press.work(make_job(NOTICE, document={"title_en": "Decision"})).content
    assert len(measured(one)[0]) == 1, "no translation, no second part"


def test_a_broken_translation_stops_the_document(press: Press) -> None:
    english = '{% extends "_shared/notice.html" %}{% block body %}{{ data.nothing }}{% endblock %}'
    job = make_job(NOTICE, files={"templates/t/t.en.html": english}, document={"title_en": "Decision"})
    with pytest.raises(DocumentRefused, match="field-missing") as caught:
        press.work(replace(job, checked_only=True))
    assert caught.value.values["template"] == "t/t.en.html"


def test_a_certificate_with_much_text_gets_a_second_sheet(press: Press) -> None:
    """Its text never comes under codes and seal, and codes and seal are never alone."""
    for count in (1, 6, 8, 9, 14):
        body = "{% block body %}" + "<p>第一条，经本机关核实，情况属实。</p>" * count + "{% endblock %}"
        sizes, words = make(press, "certificate", body, sealed=True)
        assert len(sizes) == (1 if count <= 8 else 2)
        (codes,) = [word for word in words if "核验" in word.text and "访问" in word.text]
        above = [word for word in words if word.page == codes.page and "情况属实" in word.text]
        assert above, "some of the text stands with the seal"
        assert max(word.bottom for word in above) < codes.top - 20, "the codes are 21 mm high"


def test_long_titles_stand_in_lines_of_much_the_same_length(press: Press) -> None:
    title = "关于对社会组织未按照规定参加年度检查的情况进行核实并责令限期改正的决定书"
    _, words = make(press, "letter", "{% block body %}<p>正文</p>{% endblock %}", title=title)
    lines = [word.text for word in words if len(word.text) > 5 and word.text in title]
    assert lines == ["关于对社会组织未按照规定参加年度检查的", "情况进行核实并责令限期改正的决定书"]
    assert _balanced("临时救助决定书") == "临时救助决定书"
    assert _balanced("<b>" + "字" * 40) == "&lt;b&gt;" + "字" * 11 + "<br>" + "字" * 15 + "<br>" + "字" * 14
