"""What the loader has to say about a model: findings with code, element and values, and the error that carries them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from engine.core.reading.messages import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Finding(NamedTuple):
    """One fault of a model: a stable kebab-case code, the id of the element (None: the file), and facts for the sentence."""

    code: str
    element: str | None
    values: Mapping[str, Any]

    def __str__(self) -> str:
        """Return one plain English line, the code first."""
        return f"{self.code}: {sentence(self.code, self.element, self.values)}"


class ModelError(Exception):
    """A model that will not be run. `code`, `element` and `values` are those of the first finding."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        self.code, self.element, facts = self.findings[0]
        self.values: dict[str, Any] = dict(facts)
        super().__init__("; ".join(str(finding) for finding in self.findings))


class Findings:
    """Collects findings while a model is read, so that an analyst sees all of them at once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str | None, str], Finding] = {}

    def add(self, code: str, element: str | None = None, **values: Any) -> None:
        """Note a fault; the same fault noted twice counts once."""
        self._found.setdefault((code, element, repr(values)), Finding(code, element, values))

    def extend(self, findings: Iterable[Finding]) -> None:
        """Note several."""
        for finding in findings:
            self.add(finding.code, finding.element, **finding.values)

    def __len__(self) -> int:
        return len(self._found)

    def stop(self) -> None:
        """Raise ModelError if anything was found so far."""
        if self._found:
            raise ModelError(self._found.values())
