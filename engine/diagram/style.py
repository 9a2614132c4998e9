"""How diagrams look: a sheet that is put into a picture that stands alone, and that pages with the picture in them link."""

from __future__ import annotations

from pathlib import Path
from typing import Final

#: The folder that pages are served from: no page of ours may carry a style of its own.
SHEET: Final = Path(__file__).parent / "sheet"
#: Put into the picture, so that it is right on its own (README, PDF).
STYLE: Final = "\n" + (SHEET / "diagram.css").read_text(encoding="utf-8")
