"""What an editor of models has to know beside the model: which diagrams and parts there are, and what comes with a part."""

from engine.fitting.models import Diagram, Part, diagrams, element_ids, shared_parts, verbs
from engine.fitting.parts import fitted
from engine.fitting.picture import drawn
from engine.fitting.pieces import Piece, piece, pieces

__all__ = [
    "Diagram",
    "Part",
    "Piece",
    "diagrams",
    "drawn",
    "element_ids",
    "fitted",
    "piece",
    "pieces",
    "shared_parts",
    "verbs",
]
