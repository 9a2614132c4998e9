"""Compiles the texts of a model to FEEL and notes, per element, those that are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.definition import Settings
from engine.core.reading.texts import plain, split
from engine.feel import FeelError, compile_expression
from engine.feel.syntax import Name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.core.reading.findings import Findings
    from engine.feel import Expression


class Compiling:
    """Turns texts into expressions; a text that is not FEEL becomes a finding and None."""

    def __init__(self, findings: Findings, names: tuple[str, ...]) -> None:
        self.findings = findings
        self._names = names

    def feel(self, text: str | None, element: str | None, part: str) -> Expression | None:
        """Return the compiled expression of `part` of an element; None for an empty text."""
        text = plain(text)
        if not text:
            return None
        try:
            return compile_expression(text, self._names)
        except FeelError as error:
            facts: dict[str, Any] = {
                k: v for k, v in error.values.items() if k not in {"part", "text", "reason"}
            }
            self.findings.add("expression-broken", element, part=part, text=text, reason=error.code, **facts)
            return None

    def script(self, text: str | None, element: str, result: str | None) -> Expression | None:
        """Return the compiled script; None for a mere placeholder: one bare, undeclared name that sets nothing.

        Models made for other engines have such a name where code hooks in; here the task passes at once, and lint
        tells the analyst (`script-empty`).
        """
        found = self.feel(text, element, "script")
        bare = found is not None and isinstance(found.tree, Name) and found.tree.name not in self._names
        return None if bare and not result else found

    def settings(self, extensions: Mapping[str, Any], element: str) -> Settings:
        """Return the compiled settings from the extensions that the parser read."""
        raw: dict[str, str] = extensions.get("properties", {})
        operator = extensions.get("serviceTaskOperator", {})
        entries = ", ".join(
            f'"{name}": {plain(given["value"]) or "null"}'
            for name, given in operator.get("parameters", {}).items()
        )
        operation: str = raw.get("operation") or operator.get("name") or ""
        written = raw.get("input") or (f"{{{entries}}}" if entries else "")
        return Settings(
            deadline=self.feel(raw.get("deadline"), element, "deadline"),
            on_overdue=raw.get("on_overdue") or None,
            clock=self.feel(raw.get("clock"), element, "clock"),
            law=split(raw.get("law")),
            document=raw.get("document") or None,
            notice=raw.get("notice") or None,
            assign=self.feel(raw.get("assign"), element, "assign"),
            separate_from=split(raw.get("separate_from")),
            publish_mask=raw.get("publish_mask") or None,
            operation=operation or None,
            operation_of=self.feel(operation, element, "operation") if operation.startswith("=") else None,
            effect=raw.get("effect") or None,
            about=self.feel(raw.get("about"), element, "about"),
            input=self.feel(written, element, "input"),
            result=raw.get("result") or operator.get("resultVariable") or None,
            raw=raw,
        )
