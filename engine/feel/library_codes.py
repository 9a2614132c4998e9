"""Functions over the numbers by which organisations are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.feel.chinese_codes import body_check, code_check, credit_code_valid
from engine.feel.library import builtin

if TYPE_CHECKING:
    from engine.feel.budget import Run


@builtin("credit code valid", "text: string")
def credit_code_is_valid(run: Run, text: str) -> bool:
    """Whether a unified social credit code keeps GB 32100: 18 characters, its alphabet, the check character."""
    del run
    return credit_code_valid(text)


@builtin("credit code check", "text: string")
def credit_code_check(run: Run, text: str) -> str | None:
    """The 18th character of a credit code, from its first seventeen; null for other text."""
    found = code_check(text)
    if found is None:
        run.warn("invalid-argument", name="credit code check", reason="text")
    return found


@builtin("organisation code check", "text: string")
def organisation_code_check(run: Run, text: str) -> str | None:
    """The ninth character of an organisation code, from its first eight; null for other text."""
    found = body_check(text)
    if found is None:
        run.warn("invalid-argument", name="organisation code check", reason="text")
    return found
