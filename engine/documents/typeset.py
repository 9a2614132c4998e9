"""From HTML to PDF/A: the printing library, with whatever is the same in every paper made once.

A paper's sheet is read once and kept, its pictures are drawn by `pictures`, and each stream of the file is packed once
(the library would do it for the file's identifier and again for the file).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import pydyf
import weasyprint
from weasyprint.text.fonts import FontConfiguration

from engine.documents.pictures import Pictures
from engine.documents.refusal import DocumentRefused

if TYPE_CHECKING:
    from engine.documents.fonts import Fonts

#: The sheet in a page's head. One with @-rules that live in the document (faces, counters, imports) stays where it is.
_SHEET = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_BOUND = re.compile(r"@(?!page\b|media\b|top-|bottom-|left-|right-)", re.IGNORECASE)
_MOST_SHEETS = 40


class Closed(weasyprint.urls.URLFetcher):  # type: ignore[misc]  # the library carries no types
    """Reaches nothing: no file, no network, no data address."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ARG002
        """Note what was asked for; there is never an answer."""
        self.asked.append(url)
        raise ValueError("nothing is loaded from outside")


class Packed(pydyf.Stream):  # type: ignore[misc]
    """A stream of a file that is about to be written, packed already."""

    def __init__(self, stream: pydyf.Stream) -> None:
        super().__init__()
        self.number, self.generation = stream.number, stream.generation
        self._data = stream.data

    @property
    def data(self) -> bytes:
        """The stream with its head."""
        return bytes(self._data)


def _pack(_document: object, pdf: pydyf.PDF) -> None:
    pdf.objects[:] = [Packed(one) if isinstance(one, pydyf.Stream) else one for one in pdf.objects]


class Typesetter:
    """Prints pages with one font configuration; to be kept, for a new one for each paper leaks."""

    def __init__(self, fonts: Fonts) -> None:
        self._configuration = FontConfiguration()
        self._closed = Closed()
        self._pictures = Pictures(fonts)
        self._sheets: OrderedDict[str, weasyprint.CSS] = OrderedDict()

    def print(self, html: str, identifier: str) -> bytes:
        """PDF/A-2b with tags; the same html and identifier give the same bytes on the same fonts."""
        self._closed.asked.clear()
        html, sheets = self._lift(html)
        document = weasyprint.HTML(string=html, base_url=None, url_fetcher=self._closed)
        pdf: bytes = document.write_pdf(
            finisher=_pack,
            font_config=self._configuration,
            stylesheets=sheets,
            cache=self._pictures,
            pdf_variant="pdf/a-2b",
            pdf_tags=True,
            pdf_identifier=identifier.encode(),
        )
        if self._closed.asked:
            raise DocumentRefused("template-outside", url=self._closed.asked[0][:200])
        return pdf

    def _lift(self, html: str) -> tuple[str, list[weasyprint.CSS]]:
        """The page without the sheets of its head, and these as they were read before."""
        head, mark, rest = html.partition("</head>")
        texts = _SHEET.findall(head)
        if not mark or any(_BOUND.search(text) for text in texts):
            return html, []
        return _SHEET.sub("", head) + mark + rest, [self._sheet(text) for text in texts]

    def _sheet(self, text: str) -> weasyprint.CSS:
        known = self._sheets.pop(text, None)
        if known is None:
            known = weasyprint.CSS(string=text, url_fetcher=self._closed, font_config=self._configuration)
            while len(self._sheets) >= _MOST_SHEETS:
                self._sheets.popitem(last=False)
        self._sheets[text] = known
        return known
