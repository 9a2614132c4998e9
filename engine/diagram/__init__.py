"""A BPMN diagram as SVG, drawn from the file's own layout: for case pages, printed sheets and the README.

No script, no inline style: classes say what an element is and how far the case is with it (done, now, late), so that
page and print decide about colours. Every shape has a title, so that a pointer and a screen reader can name it.
"""

from engine.diagram.draw import draw, draw_over
from engine.diagram.found import drawn_elements
from engine.diagram.marks import Mark
from engine.diagram.style import SHEET, STYLE

__all__ = ["SHEET", "STYLE", "Mark", "draw", "draw_over", "drawn_elements"]
