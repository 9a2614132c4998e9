"""Hostile and broken files: each is refused with its own code, quickly, and nothing is fetched or expanded."""

from __future__ import annotations

import pytest

from engine.core.load import ModelError, load
from engine.core.xml import MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, readable
from tests.core.models import between, frame

GOOD = between('<task id="x" name="核实"/>')
TEXT = GOOD.decode()
BODY = TEXT.partition("?>")[2]


def doctype(inner: str) -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE definitions [{inner}]>{BODY}'.encode()


LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))

HOSTILE = {
    "doctype": ("xml-doctype", f'<!DOCTYPE definitions SYSTEM "http://example.test/x.dtd">{BODY}'.encode()),
    "doctype after comment": (
        "xml-doctype",
        f"<!-- hello --><?hi there?> <!DOCTYPE definitions>{BODY}".encode(),
    ),
    "doctype in other case": ("xml-doctype", f"<!doctype definitions>{BODY}".encode()),
    "doctype in utf-16": ("xml-doctype", f"<!DOCTYPE definitions>{BODY}".encode("utf-16")),
    "external entity": ("xml-doctype", doctype('<!ENTITY x SYSTEM "file:///etc/passwd">')),
    "parameter entity": ("xml-doctype", doctype('<!ENTITY % x SYSTEM "http://example.test/x"> %x;')),
    "billion laughs": ("xml-doctype", doctype(LAUGHS)),
    "entity never declared": ("xml-broken", TEXT.replace("核实", "&undeclared;").encode()),
    "50 MB": ("xml-too-large", TEXT.replace("核实", "x" * 50_000_000).encode()),
    "one byte too much": ("xml-too-large", GOOD + b" " * (MAX_BYTES + 1 - len(GOOD))),
    "too many elements": ("xml-too-large", frame("<task id='t'/>" + "<documentation/>" * (MAX_ELEMENTS + 1))),
    "too deep": ("xml-too-deep", frame("<subProcess>" * MAX_DEPTH + "</subProcess>" * MAX_DEPTH)),
    "far too deep": ("xml-too-deep", frame("<subProcess>" * 5_000 + "</subProcess>" * 5_000)),
    "unknown encoding": ("xml-encoding", TEXT.replace("UTF-8", "EBCDIC-CP-US").encode()),
    "not the encoding it says": ("xml-encoding", TEXT.encode("gb18030")),
    "utf-16 without mark": ("xml-encoding", TEXT.encode("utf-16-le")),
    "hidden by utf-16 without mark": ("xml-broken", f"<!DOCTYPE a>{frame('').decode()}".encode("utf-16-be")),
    "cut off": ("xml-broken", GOOD[:-20]),
    "empty": ("xml-broken", b""),
    "not XML": ("xml-broken", b"hello"),
    "a zip file": ("xml-encoding", b"PK\x03\x04\xff\xfe\x00\x80"),
    "zero bytes": ("xml-broken", b"\x00" * 100),
    "two roots": ("xml-broken", GOOD + b"<more/>"),
    "another vocabulary": ("xml-not-bpmn", b"<html xmlns='http://www.w3.org/1999/xhtml'/>"),
    "BPMN without namespace": ("xml-not-bpmn", b"<definitions/>"),
    "a BPMN root that is not definitions": ("xml-not-bpmn", BODY.replace("definitions", "process").encode()),
}


# A hostile file that kept the loader busy would run into this bound, far above what any of them takes.
@pytest.mark.timeout(60)
@pytest.mark.parametrize(("code", "source"), HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("strict", [True, False], ids=["publish", "draft"])
def test_refused(code: str, source: bytes, strict: bool) -> None:
    with pytest.raises(ModelError) as caught:
        load({"hostile.bpmn": source}, strict=strict)
    assert caught.value.code == code
    assert caught.value.values["file"] == "hostile.bpmn"


def test_broken_names_the_line() -> None:
    with pytest.raises(ModelError) as caught:
        load({"a.bpmn": b'<?xml version="1.0"\n?>\n\n<a>\n</b>'})
    assert caught.value.code == "xml-broken"
    assert caught.value.values["line"] == 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb2312", "gbk", "gb18030"])
def test_encodings_of_editors_here(encoding: str) -> None:
    said = "UTF-8" if encoding == "utf-8-sig" else encoding
    definition = load({"a.bpmn": TEXT.replace("UTF-8", said).encode(encoding)})
    assert definition.nodes["x"].name == "核实"


def test_the_word_doctype_in_a_text_is_harmless() -> None:
    source = TEXT.replace("核实", "&lt;!DOCTYPE x>").replace(
        "<startEvent", "<!-- <!DOCTYPE y> --><startEvent"
    )
    assert load({"a.bpmn": source.encode()}).nodes["x"].name == "<!DOCTYPE x>"


def test_a_thousand_tasks_in_a_row() -> None:
    """Stock SpiffWorkflow recurses along the flow and dies of it."""
    tasks = "".join(f'<task id="t{i}"/>' for i in range(1000))
    flows = "".join(f'<sequenceFlow id="f{i}" sourceRef="t{i}" targetRef="t{i + 1}"/>' for i in range(999))
    assert len(load({"a.bpmn": frame(tasks + flows)}, strict=False).nodes) == 1000


@pytest.mark.parametrize("case", HOSTILE)
def test_what_can_still_be_made_out_of_it_is_bounded_too(case: str) -> None:
    _, source = HOSTILE[case]
    assert len(list(readable(source))) <= MAX_ELEMENTS * 2


@pytest.mark.parametrize("source", [b"", b"<", b"\xff\xfe\x00", b"text", GOOD[:20]])
def test_of_nothing_nothing_can_be_made_out(source: bytes) -> None:
    assert list(readable(source)) == []


def test_names_are_read_up_to_the_fault() -> None:
    cut = GOOD[: GOOD.index("核实".encode()) + 6] + b'"><broken'
    assert [one.get("name") for one in readable(cut) if one.get("id") == "x"] == ["核实"]
