"""Tables as files for a spreadsheet: CSV, and the few parts that an .xlsx workbook needs."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

Table = list[list[Any]]
#: A moment that zip can write; the same table gives the same bytes.
_STILL: Final = (1980, 1, 1, 0, 0, 0)
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS: Final = "http://schemas.openxmlformats.org/package/2006"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def csv_of(tables: Sequence[tuple[str, Table]]) -> bytes:
    """All tables below one another, in UTF-8 with the mark by which spreadsheets know it."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    for number, (title, rows) in enumerate(tables):
        if number:
            writer.writerow([])
        writer.writerow([title])
        writer.writerows([_plain(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def xlsx_of(tables: Sequence[tuple[str, Table]]) -> bytes:
    """A workbook with one sheet per table; numbers are numbers."""
    target = io.BytesIO()
    names = [f"sheet{number}" for number in range(1, len(tables) + 1)]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:

        def put(path: str, text: str) -> None:
            book.writestr(zipfile.ZipInfo(path, _STILL), _HEAD + text, zipfile.ZIP_DEFLATED)

        kinds = "".join(
            f'<Override PartName="/xl/worksheets/{name}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
            for name in names
        )
        put(
            "[Content_Types].xml",
            f'<Types xmlns="{_PARTS}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
            f'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{kinds}</Types>',
        )
        put("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        put(
            "xl/_rels/workbook.xml.rels",
            _relations([("worksheet", f"worksheets/{name}.xml") for name in names]),
        )
        sheets = "".join(
            f'<sheet name="{escape(title[:31], _QUOTES)}" sheetId="{number}" r:id="rId{number}"/>'
            for number, (title, _) in enumerate(tables, 1)
        )
        put(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{sheets}</sheets></workbook>',
        )
        for name, (_, rows) in zip(names, tables, strict=True):
            put(f"xl/worksheets/{name}.xml", _sheet(rows))
    return target.getvalue()


_QUOTES: Final = {'"': "&quot;"}


def _relations(found: list[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{number}" Type="{_LINKS}/{kind}" Target="{path}"/>'
        for number, (kind, path) in enumerate(found, 1)
    )
    return f'<Relationships xmlns="{_PARTS}/relationships">{lines}</Relationships>'


def _sheet(rows: Table) -> str:
    lines = "".join(
        f'<row r="{number}">{"".join(map(_cell, row))}</row>' for number, row in enumerate(rows, 1)
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'


def _cell(value: Any) -> str:
    match value:
        case None | "":
            return "<c/>"
        case bool():
            return f'<c t="b"><v>{int(value)}</v></c>'
        case int() | Decimal():
            return f"<c><v>{format(value, 'f') if isinstance(value, Decimal) else value}</v></c>"
        case _:
            return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def _plain(value: Any) -> str:
    """A cell as text that no spreadsheet takes for a formula."""
    text = "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in {"=", "+", "@", "-"} else text
