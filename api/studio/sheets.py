"""Tables as files for a spreadsheet: CSV, and workbooks."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from xlsxwriter import Workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Table = list[list[Any]]
#: When a workbook says that it was made: the same tables give the same bytes.
_STILL: Final = datetime(1980, 1, 1)  # noqa: DTZ001 - the library wants it without a zone
#: Text stays text, whatever it looks like.
_AS_TEXT: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
#: What a sheet's name may not hold, and how long it may be.
_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME: Final = 31


def csv_of(tables: Sequence[tuple[str, Iterable[Sequence[Any]]]]) -> bytes:
    """All tables below one another, in UTF-8 with the mark by which spreadsheets know it; one without title is bare."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    for number, (title, rows) in enumerate(tables):
        if number:
            writer.writerow([])
        if title:
            writer.writerow([title])
        writer.writerows([_plain(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def xlsx_of(tables: Sequence[tuple[str, Table]]) -> bytes:
    """A workbook with one sheet per table, the first row of each as its head; numbers are numbers, text is never a formula."""
    target = io.BytesIO()
    with Workbook(target, {"in_memory": True, **_AS_TEXT}) as book:
        book.set_properties({"created": _STILL})
        head = book.add_format({"bold": True})
        for title, rows in tables:
            sheet = book.add_worksheet(_NOT_IN_NAMES.sub(" ", title)[:_LONGEST_NAME])
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if len(rows) > 1:
                sheet.set_row(0, None, head)
                sheet.freeze_panes(1, 0)
    return target.getvalue()


def _plain(value: Any) -> str:
    """A cell as text that no spreadsheet takes for a formula."""
    text = "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in {"=", "+", "@", "-", "\t", "\r"} else text
