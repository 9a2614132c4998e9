"""What ISO 19005-2 (PDF/A-2, level B) asks of a file and a program can see, read by pypdf, fontTools and lxml.

No validator of the standard is to be had from the registries that a developer's machine reaches, so this is a list of our
own, clause by clause, made with other libraries than those that make the files. `faults` tells what is wrong, each with
its clause. An empty answer is no certificate, but every line of it is tried on a spoilt file in `test_pdfa`.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from fontTools.ttLib import TTFont
from lxml import etree
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

if TYPE_CHECKING:
    from collections.abc import Iterator

ANNOTATIONS = {"/Text", "/Link", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Stamp", "/Caret", "/Ink", "/Popup", "/Widget", "/PrinterMark", "/TrapNet", "/Watermark", "/Redact"}  # fmt: skip
ACTIONS = {"/GoTo", "/GoToR", "/GoToE", "/Thread", "/URI", "/Named", "/SubmitForm"}
BLENDS = {"/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/ColorDodge", "/ColorBurn", "/HardLight", "/SoftLight", "/Difference", "/Exclusion", "/Hue", "/Saturation", "/Color", "/Luminosity"}  # fmt: skip
FILTERS = {"/ASCIIHexDecode", "/ASCII85Decode", "/FlateDecode", "/RunLengthDecode", "/CCITTFaxDecode", "/JBIG2Decode", "/DCTDecode", "/JPXDecode"}  # fmt: skip
OPERATORS = {"b", "B", "b*", "B*", "BDC", "BMC", "BT", "BX", "c", "cm", "CS", "cs", "d", "d0", "d1", "Do", "DP", "EMC", "ET", "EX", "f", "F", "f*", "G", "g", "gs", "h", "i", "ID", "j", "J", "K", "k", "l", "m", "M", "MP", "n", "q", "Q", "re", "RG", "rg", "ri", "s", "S", "SC", "sc", "SCN", "scn", "sh", "T*", "Tc", "Td", "TD", "Tf", "Tj", "TJ", "TL", "Tm", "Tr", "Ts", "Tw", "Tz", "v", "w", "W", "W*", "y", "'", '"', "true", "false", "null"}  # fmt: skip
SCHEMAS = {"http://www.aiim.org/pdfa/ns/id/": "pdfaid", "http://purl.org/dc/elements/1.1/": "dc", "http://ns.adobe.com/xap/1.0/": "xmp", "http://ns.adobe.com/pdf/1.3/": "pdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf", "adobe:ns:meta/": "x"}  # fmt: skip
PRINT, HIDDEN_ONES = 4, 1 | 2 | 32 | 256  # flags of annotations: invisible, hidden, no view, toggle no view


def faults(pdf: bytes) -> list[str]:
    """Everything that breaks a clause, in the order of the standard."""
    reader = PdfReader(io.BytesIO(pdf), strict=True)
    objects = list(_objects(reader))
    return [
        *_structure(pdf, reader, objects),
        *_colours(reader, objects),
        *_pages(reader),
        *_fonts(reader, objects),
        *_annotations(reader),
        *_actions(reader, objects),
        *_metadata(reader),
        *_tags(reader, objects),
    ]


def _objects(reader: PdfReader) -> Iterator[Any]:
    """Every object that can be reached from the trailer, once."""
    seen: set[tuple[int, int]] = set()
    todo: list[Any] = [reader.trailer]
    while todo:
        one = todo.pop()
        if isinstance(one, IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            one = one.get_object()
        yield one
        if isinstance(one, DictionaryObject):
            todo += [one.raw_get(key) for key in one]
        elif isinstance(one, ArrayObject):
            todo += list(one)


def _true(value: object) -> bool:
    return str(value) == "True"


def _structure(pdf: bytes, reader: PdfReader, objects: list[Any]) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[0-7][\r\n]+%[\x80-\xff]{4}", pdf):
        yield "6.1.2 header without version or mark of a binary file"
    if "/ID" not in reader.trailer:
        yield "6.1.3 no identifier in the trailer"
    if "/Encrypt" in reader.trailer:
        yield "6.1.3 encrypted"
    if not re.search(rb"%%EOF[\r\n]{0,2}\Z", pdf):
        yield "6.1.3 something behind the end"
    yield from _lengths(pdf)
    for one in objects:
        if isinstance(one, StreamObject):
            if one.keys() & {"/F", "/FFilter", "/FDecodeParms"}:
                yield "6.1.7.1 a stream in another file"
            used = one.get("/Filter", ArrayObject())
            if set(used if isinstance(used, ArrayObject) else [used]) - FILTERS:
                yield f"6.1.7.2 filter {used}"
        elif isinstance(one, NameObject) and len(one.encode()) > 128:
            yield "6.1.13 a name too long"
        elif isinstance(one, str | bytes) and not isinstance(one, NameObject) and len(one) > 32767:
            yield "6.1.13 a string too long"
        elif isinstance(one, int) and not isinstance(one, bool) and abs(int(one)) > 2**31 - 1:
            yield "6.1.13 a number too large"
    permissions = reader.trailer["/Root"].get("/Perms", {})
    if permissions.keys() - {"/DocMDP", "/UR3"}:
        yield "6.1.12 permissions"
    for key in ("/OCProperties", "/AA", "/AlternatePresentations", "/Requirements"):
        if key in reader.trailer["/Root"]:
            yield f"6.5, 6.9-6.11 {key} in the catalog"
    if any(
        isinstance(one, DictionaryObject) and ("/EF" in one or "/EmbeddedFiles" in one) for one in objects
    ):
        yield "6.8 files inside the file"


def _lengths(pdf: bytes) -> Iterator[str]:
    """The keywords around streams and objects, in the bytes themselves."""
    at = 0
    for head in re.finditer(rb"(?<![0-9])([0-9]+) ([0-9]+) obj(.)", pdf, re.DOTALL):
        if head.start() < at:
            continue  # bytes of a stream that look like one
        if head[3] not in b"\r\n":
            yield "6.1.9 no line end behind obj"
        body = re.compile(rb"stream(\r\n|\n)|endobj", re.DOTALL).search(pdf, head.end())
        if body is None:
            yield "6.1.9 an object without end"
            return
        at = body.end()
        if body[1] is not None:
            told = re.search(rb"/Length ([0-9]+)(?! [0-9]+ R)", pdf[head.end() : body.start()])
            if told is None:
                continue
            at += int(told[1])
            if not re.match(rb"(\r\n|\n|\r)endstream[\r\n]", pdf[at : at + 14]):
                yield f"6.1.7.1 the length of a stream ({head[1].decode()})"


def _colours(reader: PdfReader, objects: list[Any]) -> Iterator[str]:
    intents = reader.trailer["/Root"].get("/OutputIntents", [])
    archive = [one.get_object() for one in intents if one.get_object().get("/S") == "/GTS_PDFA1"]
    if len(archive) != 1:
        yield "6.2.3 no output intent"
        return
    profile = archive[0]["/DestOutputProfile"].get_object()
    data = profile.get_data()
    if data[36:40] != b"acsp" or data[12:16] not in (b"mntr", b"prtr") or data[8] > 4:
        yield "6.2.3 the profile is none"
    if data[16:20] != b"RGB " or profile["/N"] != 3:
        yield "6.2.4 the profile is not of RGB"
    for one in objects:
        if isinstance(one, NameObject) and one == "/DeviceCMYK":
            yield "6.2.4.3 CMYK without a profile for it"
        if not isinstance(one, DictionaryObject):
            continue
        if one.keys() & {"/TR", "/HTP"} or one.get("/TR2", "/Default") != "/Default":
            yield "6.2.5 a transfer function"
        if "/BM" in one and one["/BM"] not in BLENDS:
            yield "6.2.10 blend mode"
        if one.get("/Subtype") == "/Image":
            if _true(one.get("/Interpolate")):
                yield "6.2.8 an image that is to be smoothed"
            if one.keys() & {"/Alternates", "/OPI"}:
                yield "6.2.8 alternates of an image"
        if one.get("/Subtype") == "/PS" or (
            one.get("/Subtype") == "/Form" and one.keys() & {"/OPI", "/PS", "/Ref"}
        ):
            yield "6.2.9 PostScript or references in a form"


def _pages(reader: PdfReader) -> Iterator[str]:
    for page in reader.pages:
        if not all(3 <= float(side) <= 14400 for side in (page.mediabox.width, page.mediabox.height)):
            yield "6.1.13 size of a page"
        if "/PresSteps" in page or "/AA" in page:
            yield "6.5, 6.10 steps or actions of a page"
        contents = [page.get_contents()]
        drawn = page["/Resources"].get("/XObject", {})
        contents += [one.get_object() for one in drawn.values() if one.get_object()["/Subtype"] == "/Form"]
        for content in contents:
            if content is not None:
                yield from _content(content.get_data(), page["/Resources"])


def _content(data: bytes, resources: Any) -> Iterator[str]:
    depth = 0
    plain = re.sub(rb"<[0-9A-Fa-f\s]*>|\((?:\\.|[^\\()])*\)", b" () ", data, flags=re.DOTALL)
    if re.search(rb"(?<=\s)BI\s", plain):
        yield "6.1.10 a picture inside the page's text"
        return
    before = b""
    for word in plain.split():
        if word == b"q":
            depth += 1
            if depth > 28:
                yield "6.1.13 states nested too deep"
        elif word == b"Q":
            depth -= 1
        elif word in (b"k", b"K"):
            yield "6.2.4.3 CMYK without a profile for it"
        elif word == b"gs" and before.decode() not in resources.get("/ExtGState", {}):
            yield "6.2.2 a state that the resources do not name"
        elif word == b"Do" and before.decode() not in resources.get("/XObject", {}):
            yield "6.2.2 a picture that the resources do not name"
        elif re.fullmatch(rb"[A-Za-z'\"][A-Za-z'\"*01]*", word) and word.decode() not in OPERATORS:
            yield f"6.2.2 operator {word.decode()}"
        before = word


def _fonts(reader: PdfReader, objects: list[Any]) -> Iterator[str]:
    fonts = [one for one in objects if isinstance(one, DictionaryObject) and one.get("/Type") == "/Font"]
    for font in fonts:
        if font["/Subtype"] == "/Type0":
            yield from _composite(font)
        elif font["/Subtype"] not in ("/CIDFontType0", "/CIDFontType2"):
            yield f"6.2.11 a font of the kind {font['/Subtype']}, which papers never have"


def _composite(font: Any) -> Iterator[str]:
    name = font["/BaseFont"]
    below = font["/DescendantFonts"][0].get_object()
    descriptor = below["/FontDescriptor"].get_object()
    if font["/Encoding"] != "/Identity-H":
        yield f"6.2.11.3.3 {name} has another encoding than the identity"
    file = descriptor.get("/FontFile3", descriptor.get("/FontFile2"))
    if file is None:
        yield f"6.2.11.4.1 {name} is not embedded"
        return
    if not re.match(r"/[A-Z]{6}\+", name):
        yield f"6.2.11.4.2 {name} is a part without the mark of one"
    if "/ToUnicode" not in font:
        yield f"6.2.11.7 {name} cannot be read as text"
        return
    points = _to_unicode(font["/ToUnicode"].get_object().get_data())
    if any({0, 0xFEFF, 0xFFFE} & set(map(ord, text)) for text in points.values()):
        yield f"6.2.11.7 {name} maps to no character"
    yield from _program(name, below, file.get_object().get_data(), points)


def _to_unicode(data: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>", data.partition(b"endcodespacerange")[2])
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def _program(name: str, below: Any, data: bytes, points: dict[int, str]) -> Iterator[str]:
    """The font program itself: each glyph that is used is there, under its own number, as wide as the file says."""
    font = TTFont(io.BytesIO(data))
    order, widths, scale = font.getGlyphOrder(), font["hmtx"], 1000 / font["head"].unitsPerEm
    said = _widths(below["/W"])
    identifiers = order
    if "CFF " in font:
        top = font["CFF "].cff.topDictIndex[0]
        if hasattr(top, "ROS"):
            identifiers = [f"cid{place:05}" for place in range(len(order))]
    elif below.get("/CIDToGIDMap") != "/Identity":
        yield f"6.2.11.3.2 {name} maps its glyphs in a way that papers never do"
    for code in points:
        if code == 0:
            yield f"6.2.11.8 {name} shows the box of a missing character"
        elif code >= len(order):
            yield f"6.2.11.4.1 {name} lacks the glyph {code}"
        elif order[code] != identifiers[code]:
            yield f"6.2.11.3.2 {name} draws {order[code]} for {code} in readers that keep to the standard"
        elif abs(widths[order[code]][0] * scale - said.get(code, 1000)) > 1.01:
            yield f"6.2.11.5 {name} has another width of glyph {code}"


def _widths(array: Any) -> dict[int, float]:
    found: dict[int, float] = {}
    items = list(array)
    while items:
        first, told = int(items.pop(0)), items.pop(0)
        if isinstance(told, ArrayObject):
            found |= {first + place: float(width) for place, width in enumerate(told)}
        else:
            found |= dict.fromkeys(range(first, int(told) + 1), float(items.pop(0)))
    return found


def _annotations(reader: PdfReader) -> Iterator[str]:
    for page in reader.pages:
        for reference in page.get("/Annots", []):
            note = reference.get_object()
            if note["/Subtype"] not in ANNOTATIONS:
                yield f"6.3.1 annotation {note['/Subtype']}"
            flags = int(note.get("/F", 0))
            if note["/Subtype"] != "/Popup" and (not flags & PRINT or flags & HIDDEN_ONES):
                yield "6.3.2 an annotation that is not printed"
            left, low, right, high = (float(side) for side in note["/Rect"])
            seen = right > left and high > low
            if seen and note["/Subtype"] not in ("/Link", "/Popup") and "/AP" not in note:
                yield "6.3.3 an annotation without its picture"
    form = reader.trailer["/Root"].get("/AcroForm", {})
    if _true(form.get("/NeedAppearances")) or "/XFA" in form:
        yield "6.4.1, 6.4.2 a form that draws itself"


def _actions(reader: PdfReader, objects: list[Any]) -> Iterator[str]:
    for one in objects:
        if not isinstance(one, DictionaryObject):
            continue
        if (
            one.get("/Type") == "/Action"
            or ("/S" in one and one["/S"] in ("/JavaScript", "/Launch", "/Sound", "/Movie"))
        ) and one["/S"] not in ACTIONS:
            yield f"6.5.1 action {one['/S']}"
        if "/JS" in one or "/JavaScript" in one:
            yield "6.5.1 a script"
        if one.get("/FT") == "/Sig" and "/V" in one:
            yield from _signature(one["/V"].get_object())


def _signature(value: Any) -> Iterator[str]:
    begin, length, rest, more = (int(number) for number in value["/ByteRange"])
    if begin != 0 or rest <= length or more <= 0:
        yield "6.4.3 a signature that does not cover the file around itself"
    if value["/SubFilter"] not in ("/ETSI.CAdES.detached", "/ETSI.RFC3161", "/adbe.pkcs7.detached"):
        yield "6.4.3 a signature of another kind"
    content = bytes(
        value["/Contents"].original_bytes
        if hasattr(value["/Contents"], "original_bytes")
        else value["/Contents"]
    )
    if not content.startswith(b"\x30\x82"):
        yield "6.4.3 a signature that is not in DER"


def _metadata(reader: PdfReader) -> Iterator[str]:
    stream = reader.trailer["/Root"].get("/Metadata")
    if stream is None:
        yield "6.6.2.1 no metadata"
        return
    text = stream.get_object().get_data().decode()
    if not text.startswith("<?xpacket begin=") or re.search(r"<\?xpacket[^>]*(bytes|encoding)=", text):
        yield "6.6.2.1 the packet's head"
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    facts: dict[str, str] = {}
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for tag in (element.tag, *element.attrib):
            space = tag[1:].partition("}")[0] if tag.startswith("{") else ""
            if space and space not in SCHEMAS and not space.startswith("http://www.w3.org/XML"):
                yield f"6.6.2.3 properties of {space}"
        facts |= {str(key): str(value) for key, value in element.attrib.items()}
        if element.text and element.text.strip():
            parents = [parent.tag for parent in element.iterancestors()]
            own = element.tag if "}li" not in element.tag else parents[1]
            facts.setdefault(own, element.text.strip())
    place = "{http://www.aiim.org/pdfa/ns/id/}"
    if facts.get(f"{place}part") != "2" or facts.get(f"{place}conformance") not in ("A", "B", "U"):
        yield "6.6.4 it does not say that it is PDF/A-2"
    info = reader.trailer.get("/Info", {})
    info = info.get_object() if isinstance(info, IndirectObject) else info
    pairs = {"/Title": "{http://purl.org/dc/elements/1.1/}title", "/Author": "{http://purl.org/dc/elements/1.1/}creator", "/Subject": "{http://purl.org/dc/elements/1.1/}description", "/Creator": "{http://ns.adobe.com/xap/1.0/}CreatorTool", "/Producer": "{http://ns.adobe.com/pdf/1.3/}Producer"}  # fmt: skip
    for key, tag in pairs.items():
        if key in info and str(info[key]) != facts.get(tag):
            yield f"6.6.3 {key} is another one in the metadata"
    for key, name in (("/CreationDate", "CreateDate"), ("/ModDate", "ModifyDate")):
        told = re.sub(r"\D", "", facts.get(f"{{http://ns.adobe.com/xap/1.0/}}{name}", ""))[:8]
        if key in info and str(info[key])[2:10] != told:
            yield f"6.6.3 {key} is another one in the metadata"


def _tags(reader: PdfReader, objects: list[Any]) -> Iterator[str]:
    """Not asked for by level B; papers promise it all the same."""
    catalog = reader.trailer["/Root"]
    if not _true(catalog.get("/MarkInfo", {}).get("/Marked")) or "/StructTreeRoot" not in catalog:
        yield "6.7 no tags"
    if not catalog.get("/Lang"):
        yield "6.7.4 no language"
    for one in objects:
        if isinstance(one, DictionaryObject) and one.get("/S") == "/Figure" and not one.get("/Alt"):
            yield "6.7 a picture that says nothing to those who cannot see it"
