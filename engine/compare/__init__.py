"""What differs between two versions of a process, each kind of file in its own way.

The diagram by element, tables by cell, forms by field, letters by line, rights by rule, scenarios by case. Broken drafts
can be compared too: what cannot be read is compared as text.
"""

from engine.compare.diagram import labels
from engine.compare.difference import Difference, What
from engine.compare.grid import Grid, grid
from engine.compare.packages import compare
from engine.compare.words import Passage, Piece, passages, words

__all__ = ["Difference", "Grid", "Passage", "Piece", "What", "compare", "grid", "labels", "passages", "words"]
