"""A difference between what a scenario expects and what came: a code with values, and the English line made of them."""

from __future__ import annotations

from typing import Any, Final, Self

#: Other languages say the same from code and values (`api/studio/scenarios`).
_ENGLISH: Final = {
    "start-refused": "the application was refused: {why}",
    "step-refused": "step {step} was refused: {why}",
    "step-refused-otherwise": "step {step} was refused with {came}, expected {wanted}",
    "step-went-through": "step {step} went through, expected refusal {wanted}",
    "verified-otherwise": "step {step}: {came}, expected {wanted}",
    "earlier": "earlier {case}: {fault}",
    "incident": "incident at {came}",
    "no-incident": "no incident at {wanted}",
    "path-missing": "path: {wanted} was not passed (in this order); passed: {came}",
    "path-passed": "path: {came} was passed, and should not have been",
    "task-missing": "task {wanted} was never opened; opened: {came}",
    "task-place": "task {task}: role/area {came}, expected {wanted}",
    "task-due": "task {task}: due {came}, expected {wanted}",
    "decision-missing": "decision {wanted} was never made",
    "decision-rule": "decision {decision}: rule {came}, expected {wanted}",
    "decision-value": "decision {decision}: value {came}, expected {wanted}",
    "decision-article": "decision {decision}: article {wanted} is not cited ({came})",
    "value": "{name} is {came}, expected {wanted}",
    "payments": "payments {came}, expected {wanted}",
    "fund": "fund {fund} holds {came}, expected {wanted}",
    "document-missing": "document {wanted} was not issued; issued: {came}",
    "document-count": "document {document} was issued {came} times, expected {wanted}",
    "document-field": "document {document}: {name} is {came}, expected {wanted}",
    "document-issued": "document {came} was issued, and should not have been",
    "cases": "cases opened: {came}, expected {wanted}",
    "case-value": "case of {process}: {name} is {came}, expected {wanted}",
    "notice": "notice {wanted} was not sent",
    "journal": "journal has no entry {wanted}",
    "timer": "timer {timer} is set to {came}, expected {wanted}",
    "ended": "the case is ended",
    "not-ended": "the case is open at {came}",
    "open": "open tasks are {came}, expected {wanted}",
}


class Difference(str):
    """The English line; `code` and `values` (plain values: what was `wanted`, what `came`) say it in any language."""

    __slots__ = ("code", "values")

    code: str
    values: dict[str, Any]

    def __new__(cls, code: str, **values: Any) -> Self:
        """A difference of one of the kinds above."""
        line = super().__new__(cls, _ENGLISH[code].format(**values))
        line.code = code
        line.values = values
        return line


CODES: Final = frozenset(_ENGLISH)
