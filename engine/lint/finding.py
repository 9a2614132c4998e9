"""One remark of the checker."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """Errors forbid publishing; warnings are shown; infos are for the curious."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong where: `file` of the package, `element` (BPMN id, field key, DMN decision) if it has one."""

    file: str
    code: str
    element: str | None = None
    severity: Severity = Severity.ERROR
    values: dict[str, Any] = field(default_factory=dict)
