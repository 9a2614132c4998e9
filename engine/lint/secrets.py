"""Secret processes: a right without the right to know is none, and what everybody may know is no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.lint.finding import Finding, Severity
from engine.secrecy import KNOW, standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.secrecy import Rule

#: Roles that nobody has to be given.
_EVERYBODY = frozenset({"anyone", "signed-in"})


def secrets(path: str, rules: Sequence[Rule]) -> Iterator[Finding]:
    """Findings on the policies of a secret process."""
    counting, secret = standing(rules)
    if not secret:
        return
    for role, _, action in rules:
        if action == KNOW and role in _EVERYBODY:
            yield Finding(path, "known-to-everybody", role, values={"role": role})
    for role, obj, action in sorted(set(rules) - set(counting)):
        yield Finding(path, "right-without-know", role, Severity.WARNING, {"object": obj, "action": action})
