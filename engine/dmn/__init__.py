"""Decision models (DMN 1.1 to 1.5): read once, decided often, explained always.

`read` parses and compiles; `Model.decide` evaluates with exact numbers and gives the rules that hit and the articles
they stand on; `analyse` finds gaps, overlaps and dead rules. Expressions are FEEL (`engine.feel`); nothing else of the
engine is imported here.
"""

from engine.dmn.analyse import analyse
from engine.dmn.errors import DmnError, Remark
from engine.dmn.examine import Examined, examine
from engine.dmn.finding import Finding
from engine.dmn.graph import Decision
from engine.dmn.model import Decided, Model
from engine.dmn.read import read
from engine.dmn.suppose import Asked, asked

__all__ = [
    "Asked",
    "Decided",
    "Decision",
    "DmnError",
    "Examined",
    "Finding",
    "Model",
    "Remark",
    "analyse",
    "asked",
    "examine",
    "read",
]
