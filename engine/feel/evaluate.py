"""Compiled texts: what other parts of the engine evaluate. Compiling is cached by text and known names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

from engine.feel import (
    compile_calls,
    compile_flow,
    compile_loops,
    compile_values,
    library_codes,
    library_contexts,
    library_lists,
    library_numbers,
    library_own,
    library_ranges,
    library_texts,
    library_time,
)
from engine.feel.budget import Run, Warning_
from engine.feel.compile import BUILTINS, Code, Compiler
from engine.feel.compile_flow import QUESTION
from engine.feel.errors import FeelError, FeelLimitError
from engine.feel.naming import PROPERTY_NAMES, NameBook
from engine.feel.parser import Parser
from engine.feel.syntax import Node, Tests, height
from engine.feel.values import SIMPLE
from engine.feel.world import NOWHERE, World

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.feel.values import FeelFunction

# Importing these modules fills the tables of node kinds and of built-in functions.
LOADED: Final = (
    compile_calls, compile_flow, compile_loops, compile_values, library_codes, library_contexts, library_lists, library_numbers,
    library_own, library_ranges, library_texts, library_time,
)  # fmt: skip
MAX_HEIGHT: Final = 120
CACHE_SIZE: Final = 4096
_BOOK: Final = NameBook([*BUILTINS, *PROPERTY_NAMES])
_FOREIGN: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A value and the warnings that say why parts of it are null."""

    value: Any
    warnings: tuple[Warning_, ...]


def _fail(error: BaseException, place: int | None) -> NoReturn:
    """Turn a foreign exception into one of ours."""
    if isinstance(error, RecursionError):
        raise FeelLimitError("too-deep", place) from None
    if isinstance(error, MemoryError):
        raise FeelLimitError("too-much-data", place) from None
    raise FeelError("internal", place, reason=f"{type(error).__name__}: {error}"[:200]) from error


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression; immutable, shared between threads. `doubts` are findings known before evaluation."""

    text: str
    names: frozenset[str]
    tree: Node
    doubts: tuple[Warning_, ...]
    _code: Code

    def evaluate(self, context: Mapping[str, Any], world: World = NOWHERE) -> Any:
        """The value in a context; FeelError when a limit or a hook of the host says no."""
        run = Run(world)
        try:
            value = self._code((context, None), run)
            return value if type(value) in SIMPLE else run.handed_out(value)
        except FeelError:
            raise
        except _FOREIGN as error:
            _fail(error, run.place)

    def outcome(self, context: Mapping[str, Any], world: World = NOWHERE) -> Outcome:
        """The value in a context with the warnings met on the way."""
        run = Run(world)
        try:
            value = run.handed_out(self._code((context, None), run))
        except FeelError:
            raise
        except _FOREIGN as error:
            _fail(error, run.place)
        return Outcome(value, tuple(run.warnings or ()))


@dataclass(frozen=True, slots=True, eq=False)
class UnaryTests:
    """Compiled unary tests, e.g. a cell of a decision table: `< 10`, `"a", "b"`, `not(1)`, `-`."""

    text: str
    names: frozenset[str]
    tree: Tests
    doubts: tuple[Warning_, ...]
    _code: Code

    def matches(self, value: Any, context: Mapping[str, Any], world: World = NOWHERE) -> bool | None:
        """Whether a value passes; None when the tests are null."""
        run = Run(world)
        try:
            return self._code(({QUESTION: run.clean(value, QUESTION)}, (context, None)), run)  # type: ignore[no-any-return]
        except FeelError:
            raise
        except _FOREIGN as error:
            _fail(error, run.place)

    def outcome(self, value: Any, context: Mapping[str, Any], world: World = NOWHERE) -> Outcome:
        """Whether a value passes, with the warnings met on the way."""
        run = Run(world)
        try:
            found = self._code(({QUESTION: run.clean(value, QUESTION)}, (context, None)), run)
        except FeelError:
            raise
        except _FOREIGN as error:
            _fail(error, run.place)
        return Outcome(found, tuple(run.warnings or ()))


def compile_expression(text: str, names: Iterable[str] = ()) -> Expression:
    """Compile a FEEL expression; `names` are the names with spaces or signs that it may use.

    A leading `=` is dropped. FeelSyntaxError when the text is not FEEL, FeelLimitError when it is too deep or long.
    """
    return _expression(text, frozenset(names))


def compile_unary(text: str, names: Iterable[str] = ()) -> UnaryTests:
    """Compile unary tests: `-`, tests separated by commas, or `not(...)`; `?` is the value tested."""
    return _unary(text, frozenset(names))


@lru_cache(maxsize=CACHE_SIZE)
def _expression(text: str, names: frozenset[str]) -> Expression:
    try:
        parser = Parser(_without_mark(text), names, _BOOK)
        tree = parser.inner()
        parser.expect_end("operator / end")
        compiler = _checked(tree)
        code = compiler.compile(tree)
    except FeelError:
        raise
    except _FOREIGN as error:
        _fail(error, None)
    return Expression(text, frozenset(compiler.names), tree, tuple(parser.doubts), code)


@lru_cache(maxsize=CACHE_SIZE)
def _unary(text: str, names: frozenset[str]) -> UnaryTests:
    try:
        parser = Parser(text, names, _BOOK)
        tree = _read_tests(parser)
        compiler = _checked(tree)
        code = compiler.inside({QUESTION}, tree)
    except FeelError:
        raise
    except _FOREIGN as error:
        _fail(error, None)
    return UnaryTests(text, frozenset(compiler.names), tree, tuple(parser.doubts), code)


def _without_mark(text: str) -> str:
    """The text with its leading `=` blanked, so that offsets stay true."""
    stripped = text.lstrip()
    if stripped.startswith("="):
        at = len(text) - len(stripped)
        return text[:at] + " " + text[at + 1 :]
    return text


def _checked(tree: Node) -> Compiler:
    if height(tree) > MAX_HEIGHT:
        raise FeelLimitError("too-deep", tree.position)
    return Compiler()


def _read_tests(parser: Parser) -> Tests:
    if parser.ends_at(0) or (parser.at("-") and parser.ends_at(1)):
        return Tests(position=0, tests=())
    start = parser.index
    if parser.at("not") and parser.after("("):
        parser.index += 2
        tests = parser.tests()
        parser.expect(")", ",")
        if parser.ends_at(0):
            return Tests(position=0, tests=tuple(tests), negated=True)
        parser.index = start
    tests = parser.tests()
    parser.expect_end("',' / end")
    return Tests(position=0, tests=tuple(tests))


def builtin_functions() -> Mapping[str, FeelFunction]:
    """All built-in functions by name, for the editor's help and for lint."""
    return dict(BUILTINS)
