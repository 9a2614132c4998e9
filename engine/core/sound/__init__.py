"""Soundness: whether every case of a model can end, whatever people, departments and conditions decide.

The real mover walks every state it can reach, with stand-ins for everything that depends on data. Start at `examine`.
"""

from engine.core.sound.examine import Bounds, Defect, Soundness, examine
from engine.core.sound.moves import Move

__all__ = ["Bounds", "Defect", "Move", "Soundness", "examine"]
