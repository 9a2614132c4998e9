"""The seam to FEEL: expressions and cells of one model, compiled to this package's closures.

Everything the model names is handed to FEEL's parser, so that names with spaces are read as one. Warnings of FEEL are
collected by the run, with the element they arose at; budget and depth are those of the run as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.dmn.cells import quick
from engine.dmn.errors import DmnError
from engine.feel import Expression, FeelError, UnaryTests, World, compile_expression, compile_unary
from engine.feel.compile_flow import QUESTION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.dmn.run import Body, Run, Scope
    from engine.dmn.table import Test
    from engine.feel.budget import Run as FeelRun

NOWHERE = World()


class Language:
    """The FEEL of one model: its names, and what its texts have spoken of so far."""

    __slots__ = ("faults", "names", "texts")

    def __init__(self, names: frozenset[str], faults: list[DmnError] | None = None) -> None:
        self.names = names
        #: Where texts that are not FEEL are noted; without it the first of them is raised.
        self.faults = faults
        #: What was compiled for the current owner: element ids and texts.
        self.texts: list[tuple[str, Expression | UnaryTests]] = []

    def free(self) -> set[str]:
        """Return the free names of the current owner's texts."""
        return {name for _, compiled in self.texts for name in compiled.names}

    def expression(self, text: str, element: str) -> Expression:
        """Compile a text; DmnError where it is not FEEL (null, where faults are noted)."""
        try:
            compiled = compile_expression(text, self.names)
        except FeelError as error:
            self.refuse(_refusal(error, text, element))
            compiled = compile_expression("null")
        self.texts.append((element, compiled))
        return compiled

    def refuse(self, refusal: DmnError) -> None:
        """Note what is wrong with a text, or raise it where nothing is noted."""
        if self.faults is None:
            raise refusal from None
        self.faults.append(refusal)

    def body(self, text: str, element: str) -> Body:
        """Compile a text to a closure."""
        evaluate = runner(self.expression(text, element))

        def body(scope: Scope, run: Run) -> Any:
            value = evaluate(scope, run.feel)
            if run.feel.warnings:
                run.drain(element)
            return value

        return body

    def unary(self, text: str, element: str) -> UnaryTests:
        """Compile a cell; DmnError where it is not FEEL (any value, where faults are noted)."""
        try:
            compiled = compile_unary(text, self.names)
        except FeelError as error:
            self.refuse(_refusal(error, text, element))
            compiled = compile_unary("-")
        self.texts.append((element, compiled))
        return compiled

    def test(self, text: str, element: str) -> Test:
        """Compile a cell to a closure; without a run (in type checks) it sees no names and no outside."""
        compiled = self.unary(text, element)
        evaluate, matches = tester(compiled), compiled.matches

        def test(value: Any, scope: Mapping[str, Any], run: Run | None) -> bool | None:
            if run is None:
                return matches(value, scope, NOWHERE)
            holds: bool | None = evaluate(value, scope, run.feel)
            if run.feel.warnings:
                run.drain(element)
            return holds

        return quick(compiled.tree, test)


def runner(compiled: Expression) -> Callable[[Mapping[str, Any], FeelRun], Any]:
    """Return what evaluates an expression inside a running evaluation: one budget for a whole decision.

    `evaluate` would begin a new budget for every cell and every call. `Model` turns foreign exceptions into errors.
    """
    code = compiled._code  # noqa: SLF001
    return lambda scope, run: code((scope, None), run)


def tester(compiled: UnaryTests) -> Callable[[Any, Mapping[str, Any], FeelRun], bool | None]:
    """Return what tests a value inside a running evaluation; the same reasons as for `runner`."""
    code = compiled._code  # noqa: SLF001
    return lambda value, scope, run: code(({QUESTION: value}, (scope, None)), run)


def _refusal(error: FeelError, text: str, element: str) -> DmnError:
    """Return FEEL's refusal with the element it stands at; FEEL's own code and values stay readable."""
    expected = getattr(error, "expected", "")
    facts = {"text": text, "position": error.position, "expected": expected, "feel": error.code}
    return DmnError("feel-syntax", element, **facts, reason=str(error), details=dict(error.values))
