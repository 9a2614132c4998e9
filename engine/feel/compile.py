"""Tree to closures: the compiler's scopes, names, and the table of node kinds.

A piece of code takes `(scope, run)`. A scope is a pair (mapping, outer scope); the outermost mapping is the
caller's context. Which scope holds a name is settled here as far as it can be, so that reading one is one lookup.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.feel.errors import hosted
from engine.feel.syntax import Literal, Name, Node
from engine.feel.values import SIMPLE, FeelFunction

if TYPE_CHECKING:
    from engine.feel.budget import Run

Code = Callable[[Any, "Run"], Any]
BUILTINS: Final[dict[str, FeelFunction]] = {}
_ABSENT: Final = object()


class Compiler:
    """Scopes of the text being compiled; None stands for the scope of a filter, whose names come at run time."""

    def __init__(self) -> None:
        self.scopes: list[set[str] | None] = []
        self.names: set[str] = set()

    def compile(self, node: Node) -> Code:
        """The code of a node."""
        return COMPILERS[type(node)](self, node)

    def inside(self, names: set[str] | None, node: Node) -> Code:
        """The code of a node in a further scope."""
        self.scopes.append(names)
        try:
            return self.compile(node)
        finally:
            self.scopes.pop()

    def places(self, name: str) -> tuple[list[int], bool]:
        """How many scopes outwards `name` may be found, nearest first; and whether the last of them is certain."""
        hops: list[int] = []
        for distance, scope in enumerate(reversed(self.scopes)):
            if scope is None:
                hops.append(distance)
            elif name in scope:
                hops.append(distance)
                return hops, True
        hops.append(len(self.scopes))
        self.names.add(name)
        return hops, False


COMPILERS: Final[dict[type[Node], Callable[[Compiler, Any], Code]]] = {}


def compiles(cls: type[Node]) -> Callable[[Callable[[Compiler, Any], Code]], Callable[[Compiler, Any], Code]]:
    """Enter a function as the compiler of a node kind."""

    def enter(function: Callable[[Compiler, Any], Code]) -> Callable[[Compiler, Any], Code]:
        COMPILERS[cls] = function
        return function

    return enter


@compiles(Literal)
def literal(compiler: Compiler, node: Literal) -> Code:
    """A constant."""
    del compiler
    value = node.value
    return lambda _scope, _run: value


@compiles(Name)
def variable(compiler: Compiler, node: Name) -> Code:
    """A variable, else a built-in function, else a function of the host."""
    name = node.name
    hops, bound = compiler.places(name)
    if len(hops) == 1:
        if bound:
            return _copied(local(name, hops[0])) if name == "partial" else local(name, hops[0])
        return _root(node) if hops[0] == 0 else _outer_root(node, hops[0])
    return _searched(node, hops, bound)


def local(name: str, distance: int) -> Code:
    """A name of a scope that certainly has it."""
    if distance == 0:
        return lambda scope, _run: scope[0][name]
    if distance == 1:
        return lambda scope, _run: scope[1][0][name]

    def read(scope: Any, run: Run) -> Any:
        del run
        for _ in range(distance):
            scope = scope[1]
        return scope[0][name]

    return read


def _copied(code: Code) -> Code:
    """The results so far of a `for`, as they stand now: the list itself still grows."""

    def read(scope: Any, run: Run) -> Any:
        value = code(scope, run)
        if isinstance(value, list):
            run.grow(len(value))
            return value[:]
        return value

    return read


def _root(node: Name) -> Code:
    name = node.name

    def read(scope: Any, run: Run) -> Any:
        try:
            value = scope[0][name]
        except KeyError:
            return missing(node, run)
        cls = type(value)
        if cls in SIMPLE:
            return value
        return Decimal(value) if cls is int else run.clean(value, name)

    return read


def _outer_root(node: Name, distance: int) -> Code:
    at_root = _root(node)

    def read(scope: Any, run: Run) -> Any:
        for _ in range(distance):
            scope = scope[1]
        return at_root(scope, run)

    return read


def _searched(node: Name, hops: list[int], bound: bool) -> Code:
    """A name that items of a filtered list may or may not have."""
    name = node.name
    last = local(name, hops[-1]) if bound else _outer_root(node, hops[-1])
    inner = frozenset(hops[:-1])
    furthest = hops[-2]

    def read(scope: Any, run: Run) -> Any:
        place = scope
        for distance in range(furthest + 1):
            if distance in inner and name in place[0]:
                return place[0][name]
            place = place[1]
        return last(scope, run)

    return read


def missing(node: Name, run: Run) -> Any:
    """The value of a name the context lacks: a function, or null with a warning."""
    found = function_named(node.name, run)
    if found is None:
        run.place = node.position
        run.warn("unknown-name", name=node.name)
    return found


def function_named(name: str, run: Run) -> FeelFunction | None:
    """The built-in function of that name, else the host's."""
    found = BUILTINS.get(name)
    if found is not None:
        return found
    hosts = run.world.functions
    body = hosts.get(name) if hosts else None
    if body is None:
        return None
    return body if isinstance(body, FeelFunction) else _of_host(name, body)


def _of_host(name: str, body: Callable[..., Any]) -> FeelFunction:
    def apply(run: Run, arguments: list[Any]) -> Any:
        run.enter()
        try:
            with hosted(name, run.place):
                value = body(*arguments)
            return run.clean(value, name)
        finally:
            run.leave()

    return FeelFunction(name, (), apply)


def quiet(compiler: Compiler, name: str) -> Code:
    """A function that a variable of that name holds, or None; used where a name is called."""
    known = name in compiler.names
    hops, _ = compiler.places(name)
    if name in BUILTINS and not known:
        compiler.names.discard(name)
    wanted = tuple(hops)
    if wanted == (0,):

        def at_root(scope: Any, run: Run) -> Any:
            del run
            value = scope[0].get(name)
            return value if type(value) is FeelFunction else None

        return at_root

    def read(scope: Any, run: Run) -> Any:
        del run
        place, passed = scope, 0
        for distance in wanted:
            while passed < distance:
                place = place[1]
                passed += 1
            value = place[0].get(name, _ABSENT)
            if value is not _ABSENT and isinstance(value, FeelFunction):
                return value
        return None

    return read
