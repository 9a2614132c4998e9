"""Closures for calls and for functions written in FEEL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.feel.compile import BUILTINS, Code, Compiler, compiles, function_named, quiet
from engine.feel.kinds import coerced, conforms
from engine.feel.syntax import Call, Function, InstanceOf, Name
from engine.feel.values import FeelFunction, kind

if TYPE_CHECKING:
    from engine.feel.budget import Run
    from engine.feel.syntax import Node


@compiles(Call)
def call(compiler: Compiler, node: Call) -> Code:
    """A call by position or by name; a variable that holds a function goes before a built-in of the same name."""
    arguments = tuple(compiler.compile(a) for a in node.arguments)
    names, position = node.names, node.position
    find = _callee(compiler, node.function)

    def run_it(scope: Any, run: Run) -> Any:
        function = find(scope, run)
        values = [a(scope, run) for a in arguments]
        run.place = position
        if function is None:
            return None
        run.tick()
        if names is None:
            return function.call(run, values)
        if len(set(names)) < len(names):
            run.warn("wrong-arguments", name=function.name, types=", ".join(names))
            return None
        return function.call_named(run, dict(zip(names, values, strict=True)))

    return run_it


def _callee(compiler: Compiler, node: Node) -> Code:
    if not isinstance(node, Name):
        return _function_value(compiler.compile(node), node.position)
    name, position = node.name, node.position
    variable = quiet(compiler, name)
    builtin = BUILTINS.get(name)

    def run_it(scope: Any, run: Run) -> Any:
        found = variable(scope, run) or builtin or function_named(name, run)
        if found is None:
            run.place = position
            run.warn("not-a-function", name=name)
        return found

    return run_it


def _function_value(code: Code, position: int) -> Code:
    def run_it(scope: Any, run: Run) -> Any:
        value = code(scope, run)
        if isinstance(value, FeelFunction):
            return value
        run.place = position
        run.warn("not-a-function", name=kind(value))
        return None

    return run_it


@compiles(Function)
def function(compiler: Compiler, node: Function) -> Code:
    """A function literal with the scope it was written in."""
    names, types = node.parameters, node.types
    body = compiler.inside(set(names), node.body)

    def run_it(scope: Any, run: Run) -> Any:
        del run

        def apply(run: Run, arguments: list[Any]) -> Any:
            if len(arguments) != len(names):
                run.warn("wrong-arguments", name="function", types=", ".join(kind(a) for a in arguments))
                return None
            values = [a if t is None else coerced(a, t, run) for a, t in zip(arguments, types, strict=True)]
            run.enter()
            try:
                return body((dict(zip(names, values, strict=True)), scope), run)
            finally:
                run.leave()

        return FeelFunction("", names, apply, None, types)

    return run_it


@compiles(InstanceOf)
def instance(compiler: Compiler, node: InstanceOf) -> Code:
    """`value instance of type`."""
    value, wanted, position = compiler.compile(node.value), node.type, node.position

    def run_it(scope: Any, run: Run) -> Any:
        found = value(scope, run)
        run.place = position
        return found is not None and conforms(found, wanted, run)

    return run_it
