"""BPMN XML read without trusting it: no DOCTYPE, no entities, no network, bounded size and depth, known encodings.

Also the few words in which the other parts speak about BPMN elements.
"""

from __future__ import annotations

import codecs
import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

from lxml import etree

from engine.core.reading.findings import Finding, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMN = f"{{{MODEL}}}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

MAX_BYTES = 5_000_000
#: Elements inside elements; hand-made models stay below 30, libxml2 itself stops at 256.
MAX_DEPTH = 100
#: A model of a thousand nodes with its diagram has about 12,000 elements.
MAX_ELEMENTS = 60_000

#: Encodings that editors here write; the Chinese ones are subsets of GB 18030.
ENCODINGS = {
    "utf-8": "utf-8",
    "us-ascii": "ascii",
    "iso-8859-1": "latin-1",
    "windows-1252": "cp1252",
    "utf-16": "utf-16",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
}
_DECLARATION = re.compile(r"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._\-]+)["'][^>]*?\?>""")


def parse(source: bytes, file: str) -> Any:
    """Return the `definitions` element; ModelError for anything hostile, broken, or not BPMN 2.0."""
    if len(source) > MAX_BYTES:
        raise _error("xml-too-large", file, bytes=len(source), limit=MAX_BYTES)
    text = text_of(source, file)
    if _has_doctype(text):
        raise _error("xml-doctype", file)
    root = _tree(text, file)
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace != MODEL:
        raise _error("xml-not-bpmn", file, tag=name.localname, namespace=name.namespace)
    return root


def readable(source: bytes) -> Iterator[Any]:
    """The elements of BPMN that can still be made out in a model, also in one that `parse` refuses as broken."""
    try:
        text = text_of(source, "")
    except ModelError:
        return
    if len(source) > MAX_BYTES or _has_doctype(text):
        return
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(_undeclared(text), parser)
    except etree.XMLSyntaxError:
        return  # nothing at all
    if root is not None:
        yield from root.iter(f"{BPMN}*")


def _undeclared(text: str) -> bytes:
    """Without the declaration, because its encoding no longer holds; line numbers stay."""
    return re.sub(r"\A\s*<\?xml\s.*?\?>", _lines_only, text, count=1, flags=re.DOTALL).encode()


def _tree(text: str, file: str) -> Any:
    body = _undeclared(text)
    reading = etree.iterparse(
        BytesIO(body),
        events=("start", "end"),
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    depth = count = 0
    try:
        for event, element in reading:
            depth += 1 if event == "start" else -1
            count += event == "start"
            if count > MAX_ELEMENTS:
                raise _error("xml-too-large", file, elements=count, limit=MAX_ELEMENTS)
            if depth > MAX_DEPTH:
                raise _error("xml-too-deep", file, line=element.sourceline, limit=MAX_DEPTH)
    except etree.XMLSyntaxError as error:
        raise _error("xml-broken", file, line=error.lineno, reason=error.msg) from None
    return reading.root


def _lines_only(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def text_of(source: bytes, file: str) -> str:
    """Return the text of a model, ModelError if it cannot be read; the encoding is that of the byte order mark, else of the declaration, else UTF-8."""
    if source.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    elif source.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        encoding = "utf-16"
    else:
        declared = _DECLARATION.match(source[:200].decode("latin-1").lstrip())
        name = declared[1].lower() if declared else "utf-8"
        if name not in ENCODINGS:
            raise _error("xml-encoding", file, encoding=name)
        encoding = ENCODINGS[name]
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        raise _error("xml-encoding", file, encoding=encoding, position=error.start) from None


def _has_doctype(text: str) -> bool:
    """Tell whether a document type declaration stands before the root element, where alone it may stand."""
    at = 0
    while True:
        while at < len(text) and text[at] in " \t\r\n\ufeff":
            at += 1
        if text.startswith("<?", at):
            end = text.find("?>", at) + 2
        elif text.startswith("<!--", at):
            end = text.find("-->", at) + 3
        else:
            return text[at : at + 9].upper() == "<!DOCTYPE"
        if end <= at:
            return False  # unclosed: the parser will say so
        at = end


def _error(code: str, file: str, **values: Any) -> ModelError:
    return ModelError([Finding(code, None, {"file": file, **values})])


def tag(element: Any) -> str:
    """Return the BPMN tag without namespace, or "" for an element of another namespace."""
    name = str(element.tag)
    return name[len(BPMN) :] if name.startswith(BPMN) else ""


def children(element: Any, *tags: str) -> Iterator[Any]:
    """Return the direct BPMN children with one of these tags (all, when none is given), in document order."""
    for child in element:
        name = tag(child)
        if name and (not tags or name in tags):
            yield child


def child(element: Any, name: str) -> Any | None:
    """Return the first direct BPMN child with this tag."""
    return next(children(element, name), None)


def words(element: Any | None) -> str:
    """Return the stripped text of an element with all that is inside it; "" for None."""
    return "".join(element.itertext()).strip() if element is not None else ""


def local(name: str | None) -> str | None:
    """Return the local part of a qualified name; None for an empty one."""
    return (name or "").strip().rpartition(":")[2] or None


def flag(element: Any, attribute: str, *, default: bool) -> bool:
    """Return a boolean attribute in either spelling of XML Schema."""
    value = element.get(attribute)
    return default if value is None else value.strip() in {"true", "1"}


def link_name(definition: Any) -> str | None:
    """Return the name that pairs a link event definition: that of its `target`, where it names one, else its own.

    A definition without name goes by the name of its event.
    """
    target = local(words(child(definition, "target")))
    if target is not None:
        root = definition.getroottree().getroot()
        found = (one for one in root.iter(f"{BPMN}linkEventDefinition") if one.get("id") == target)
        definition = next(found, definition)
    return definition.get("name") or definition.getparent().get("name") or None
