r"""FEEL, the expression language of DMN 1.5: exact, bounded, explained. Depends on nothing else of the engine.

`compile_expression("amount > 500 and department = \\"x\\"").evaluate({"amount": 600, "department": "x"})` is true.
"""

from __future__ import annotations

from engine.feel.budget import Limits, Warning_
from engine.feel.errors import FeelError, FeelLimitError, FeelSyntaxError
from engine.feel.evaluate import (
    Expression,
    Outcome,
    UnaryTests,
    builtin_functions,
    compile_expression,
    compile_unary,
)
from engine.feel.library import signatures
from engine.feel.texts import text_of
from engine.feel.values import FeelFunction, Range, YearsMonths, kind
from engine.feel.world import WorkingDays, World

__all__ = [
    "Expression",
    "FeelError",
    "FeelFunction",
    "FeelLimitError",
    "FeelSyntaxError",
    "Limits",
    "Outcome",
    "Range",
    "UnaryTests",
    "Warning_",
    "WorkingDays",
    "World",
    "YearsMonths",
    "builtin_functions",
    "compile_expression",
    "compile_unary",
    "kind",
    "signatures",
    "text_of",
]
