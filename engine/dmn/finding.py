"""What analysis says about a model: a code, the place, and values for the sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation about a decision (or knowledge model), by its id.

    `rules` counts rules from 1; `cells` are (rule, column), columns counted from 1 over inputs and then outputs, rule 0
    being the column's head. error: the table will fail or cannot mean what it says; warning: look at it; info: known
    and harmless, or beyond what analysis can know.
    """

    decision: str
    code: str
    severity: Severity
    rules: tuple[int, ...] = ()
    cells: tuple[tuple[int, int], ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
