"""Papers keep to the clauses of PDF/A-2b that a program can check, also after seal, stamp and long-term proofs."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from engine.documents.offline import Coding
from tests.documents.authority import stamping
from tests.documents.conftest import NOTICE, make_job
from tests.documents.pdfa import faults
from tests.documents.test_offline import CARRIED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.documents.jobs import Job, Sealing
    from engine.documents.press import Press

LAYOUTS = ("notice", "approval", "ledger", "certificate", "official", "letter", "receipt", "register")


def whole(layout: str, keys: Path, sealing: Sealing | None = None, **changes: object) -> Job:
    """A paper with all that papers may carry: seal, both codes, a table."""
    body = '<p>正文</p><table class="form">{{ parts.row([["姓名", data.applicant.name]]) }}</table>'
    template = f'{{% extends "_shared/{layout}.html" %}}{{% block body %}}{body}{{% endblock %}}'
    job = make_job(template, document={"layout": layout}, sealing=sealing, **changes)
    return replace(
        job, coding=Coding(str(keys / "codes"), datetime(2026, 11, 23, 1, 30, tzinfo=UTC), CARRIED)
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_keeps_to_the_standard(press: Press, keys: Path, sealing: Sealing, layout: str) -> None:
    assert faults(press.work(whole(layout, keys, sealing)).content) == []


def test_so_do_rare_names_long_papers_and_translations(press: Press, keys: Path) -> None:
    english = '{% extends "_shared/notice.html" %}{% block body %}<p>Decision.</p>{% endblock %}'
    job = make_job(
        NOTICE.replace("决定给予", "急难事由" * 400 + "决定给予"),
        files={"templates/t/t.en.html": english},
        document={"title_en": "Decision"},
        applicant={"name": "张䶮𠅤"},
    )
    assert faults(press.work(job).content) == []


def test_what_is_added_for_the_long_term_changes_nothing(press: Press, keys: Path, sealing: Sealing) -> None:
    with stamping(keys / "trust") as stamps:
        pdf = press.work(whole("notice", keys, replace(sealing, stamps=stamps))).content
    assert b"/DSS" in pdf
    assert faults(pdf) == []


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_another_reader_finds_no_error(press: Press, keys: Path, sealing: Sealing, tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(press.work(whole("certificate", keys, sealing)).content)
    told = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "No syntax or stream encoding errors found" in told.stdout


@pytest.fixture(scope="module")
def plain(press: Press, keys: Path, sealing: Sealing) -> bytes:
    return press.work(whole("notice", keys, sealing)).content


def written(writer: PdfWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    # The tool writes a mark of four bytes of its own; the rest is as it was.
    return target.getvalue()


def named(**facts: object) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in facts.items()})


def _fonts(writer: PdfWriter) -> DictionaryObject:
    fonts = writer.pages[0]["/Resources"]["/Font"]
    return next(iter(fonts.values())).get_object()


def _no_intent(writer: PdfWriter) -> None:
    del writer.root_object["/OutputIntents"]


def _script(writer: PdfWriter) -> None:
    action = named(S=NameObject("/JavaScript"), JS=TextStringObject("app.alert(1)"))
    writer.root_object[NameObject("/OpenAction")] = action


def _attached(writer: PdfWriter) -> None:
    writer.add_attachment("a.txt", b"x")


def _not_embedded(writer: PdfWriter) -> None:
    del _fonts(writer)["/DescendantFonts"][0].get_object()["/FontDescriptor"]["/FontFile3"]


def _no_unicode(writer: PdfWriter) -> None:
    del _fonts(writer)["/ToUnicode"]


def _narrow(writer: PdfWriter) -> None:
    below = _fonts(writer)["/DescendantFonts"][0].get_object()
    below[NameObject("/W")] = ArrayObject([NumberObject(1), NumberObject(9000), NumberObject(321)])


def _no_metadata(writer: PdfWriter) -> None:
    del writer.root_object["/Metadata"]


def _other_title(writer: PdfWriter) -> None:
    writer.add_metadata({"/Title": "另一份文书"})


def _not_archive(writer: PdfWriter) -> None:
    stream = writer.root_object["/Metadata"].get_object()
    stream.set_data(stream.get_data().replace(b'pdfaid:part="2"', b'pdfaid:part="9"'))


def _no_tags(writer: PdfWriter) -> None:
    del writer.root_object["/MarkInfo"]


def _no_language(writer: PdfWriter) -> None:
    del writer.root_object["/Lang"]


def _mute_pictures(writer: PdfWriter) -> None:
    for number in range(1, len(writer._objects) + 1):
        one = writer.get_object(number)
        if isinstance(one, DictionaryObject) and one.get("/S") == "/Figure":
            del one["/Alt"]


def _smooth(writer: PdfWriter) -> None:
    for one in writer.pages[0]["/Resources"]["/XObject"].values():
        one.get_object()[NameObject("/Interpolate")] = BooleanObject(True)


def _blended(writer: PdfWriter) -> None:
    states = writer.pages[0]["/Resources"]["/ExtGState"]
    states[NameObject("/a1")] = named(BM=NameObject("/Strange"))


def _transfer(writer: PdfWriter) -> None:
    writer.pages[0]["/Resources"]["/ExtGState"][NameObject("/a1")] = named(TR=NameObject("/Identity"))


def _cmyk(writer: PdfWriter) -> None:
    _draw(writer, b"0 0 0 1 k 0 0 9 9 re f")


def _strange(writer: PdfWriter) -> None:
    _draw(writer, b"12 zz")


def _deep(writer: PdfWriter) -> None:
    _draw(writer, b"q " * 40 + b"Q " * 40)


def _unnamed(writer: PdfWriter) -> None:
    _draw(writer, b"/nowhere gs")


def _draw(writer: PdfWriter, content: bytes) -> None:
    stream = DecodedStreamObject()
    stream.set_data(content)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)


def _note(writer: PdfWriter) -> None:
    box = ArrayObject([FloatObject(number) for number in (0, 0, 90, 90)])
    note = named(Type=NameObject("/Annot"), Subtype=NameObject("/Stamp"), Rect=box, F=NumberObject(2))
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])


def _film(writer: PdfWriter) -> None:
    box = ArrayObject([FloatObject(0)] * 4)
    note = named(Type=NameObject("/Annot"), Subtype=NameObject("/Movie"), Rect=box, F=NumberObject(4))
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])


def _drawing_form(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/AcroForm")] = named(NeedAppearances=BooleanObject(True))


def _launch(writer: PdfWriter) -> None:
    action = named(Type=NameObject("/Action"), S=NameObject("/Launch"), F=TextStringObject("a"))
    writer.root_object[NameObject("/OpenAction")] = action


def _layers(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/OCProperties")] = named()


def _huge(writer: PdfWriter) -> None:
    writer.pages[0].mediabox.upper_right = (20000, 20000)


SPOILT: list[tuple[Callable[[PdfWriter], None], str]] = [
    (_no_intent, "6.2.3"),
    (_script, "6.5.1"),
    (_attached, "6.8"),
    (_not_embedded, "6.2.11.4.1"),
    (_no_unicode, "6.2.11.7"),
    (_narrow, "6.2.11.5"),
    (_no_metadata, "6.6.2.1"),
    (_other_title, "6.6.3"),
    (_not_archive, "6.6.4"),
    (_no_tags, "6.7 no tags"),
    (_no_language, "6.7.4"),
    (_mute_pictures, "6.7 a picture"),
    (_smooth, "6.2.8"),
    (_blended, "6.2.10"),
    (_transfer, "6.2.5"),
    (_cmyk, "6.2.4.3"),
    (_strange, "6.2.2 operator zz"),
    (_deep, "6.1.13"),
    (_unnamed, "6.2.2 a state"),
    (_note, "6.3.2"),
    (_note, "6.3.3"),
    (_film, "6.3.1"),
    (_drawing_form, "6.4.1"),
    (_launch, "6.5.1"),
    (_layers, "6.5, 6.9"),
    (_huge, "6.1.13"),
]


@pytest.mark.parametrize(("spoil", "clause"), SPOILT, ids=lambda one: getattr(one, "__name__", str(one)))
def test_each_check_finds_its_fault(plain: bytes, spoil: Callable[[PdfWriter], None], clause: str) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(plain)))
    spoil(writer)
    found = faults(written(writer))
    assert any(one.startswith(clause) for one in found), found


def test_the_tool_that_spoils_adds_no_such_fault_itself(plain: bytes) -> None:
    found = faults(written(PdfWriter(clone_from=PdfReader(io.BytesIO(plain)))))
    assert not {one.split()[0] for one in found} - {"6.1.2", "6.6.3"}, found


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        (lambda pdf: pdf.replace(b"%PDF-1.7", b"%PDF-2.0", 1), "6.1.2"),
        (lambda pdf: pdf + b"more", "6.1.3 something behind"),
        (lambda pdf: re.sub(rb"/Length \d+", b"/Length 7", pdf, count=1), "6.1.7.1"),
    ],
    ids=["header", "behind", "length"],
)
def test_so_do_the_checks_of_bytes(plain: bytes, change: Callable[[bytes], bytes], clause: str) -> None:
    from tests.documents.pdfa import _structure

    reader = PdfReader(io.BytesIO(plain))
    assert any(one.startswith(clause) for one in _structure(change(plain), reader, []))


def test_glyphs_stand_under_their_own_number(plain: bytes) -> None:
    """Readers that keep to the standard find a glyph by its identifier, others by its place: both must be the same."""
    from fontTools.ttLib import TTFont

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(plain)))
    file = _fonts(writer)["/DescendantFonts"][0].get_object()["/FontDescriptor"]["/FontFile3"].get_object()
    font = TTFont(io.BytesIO(file.get_data()))
    top = font["CFF "].cff.topDictIndex[0]
    names = [".notdef", *(f"cid{place + 7:05}" for place in range(1, len(top.charset)))]
    strings = top.CharStrings.charStrings
    top.CharStrings.charStrings = {new: strings[old] for old, new in zip(top.charset, names, strict=True)}
    top.charset = names
    target = io.BytesIO()
    font.save(target)
    file.set_data(target.getvalue())
    assert any(one.startswith("6.2.11.3.2") for one in faults(written(writer)))
