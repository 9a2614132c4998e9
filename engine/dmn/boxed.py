"""Boxed expressions compiled to closures: each kind of box once, at reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.dmn.errors import DmnError
from engine.dmn.graph import Parts
from engine.dmn.loops import iterator, refuses, selection
from engine.dmn.run import Body, Run, Scope, Signature
from engine.dmn.tables import read_table
from engine.dmn.types import plain
from engine.feel.values import FeelFunction

if TYPE_CHECKING:
    from engine.dmn.language import Language
    from engine.dmn.table import Table
    from engine.dmn.types import Converter, Type, Types
    from engine.dmn.xml import Node

#: Boxes inside boxes; each level costs a few Python frames at evaluation.
MAX_DEPTH = 40

EXPRESSIONS = (
    "literalExpression", "decisionTable", "context", "functionDefinition", "invocation", "list", "relation",
    "conditional", "for", "some", "every", "filter",
)  # fmt: skip


def name_of(node: Node) -> str:
    """Return an element's name with its white space made single, as FEEL compares names."""
    return " ".join(node.get("name").split())


def nothing(_scope: Scope, _run: Run) -> Any:
    """Stand in for an empty box: null."""
    return None


class Compiler:
    """Compiles the boxes of one model."""

    def __init__(self, language: Language, types: Types) -> None:
        self.language = language
        self.types = types
        #: Names bound inside the boxes of the current owner; they are not asked for from outside.
        self.bound: set[str] = set()
        #: Tables inside the boxes of the current owner, and functions that will not be run.
        self.tables: list[Table] = []
        self.foreign_ids: list[str] = []
        self.unknown_types: list[tuple[str, str]] = []

    def begin(self) -> None:
        """Begin another owner (decision or knowledge model)."""
        self.language.texts = []
        self.bound, self.tables, self.foreign_ids, self.unknown_types = set(), [], [], []

    def parts(self) -> Parts:
        """Return what the current owner was made of."""
        return Parts(
            tuple(self.language.texts),
            frozenset(self.bound),
            tuple(self.tables),
            tuple(self.foreign_ids),
            tuple(self.unknown_types),
        )

    def table(self, node: Node, result: Type | None) -> Table:
        """Compile a decision table."""
        self.tables.append(read_table(node, self, result))
        return self.tables[-1]

    def child(self, node: Node | None, depth: int = 0) -> Body:
        """Compile the only expression inside a node; null where there is none."""
        found = node.first(*EXPRESSIONS) if node is not None else None
        return self.compile(found, depth + 1) if found is not None else nothing

    def compile(self, node: Node, depth: int = 0) -> Body:
        """Compile one boxed expression."""
        if depth > MAX_DEPTH:
            raise DmnError("boxes-too-deep", node.id, limit=MAX_DEPTH)
        body = self._compile(node, depth)
        # A function's typeRef names the type of the function, not of what it gives.
        return body if node.tag == "functionDefinition" else self.typed(body, node.get("typeRef"), node)

    def _compile(self, node: Node, depth: int) -> Body:
        match node.tag:
            case "literalExpression":
                return self._literal(node)
            case "decisionTable":
                return self.table(node, None).evaluate
            case "context":
                return self._context(node, depth)
            case "functionDefinition":
                return self._function(node, depth)
            case "invocation":
                return self._invocation(node, depth)
            case "list":
                return self._list(node, depth)
            case "relation":
                return self._relation(node, depth)
            case "conditional":
                return self._conditional(node, depth)
            case "for" | "some" | "every":
                return iterator(node, self, depth)
            case "filter":
                return selection(node, self, depth)
        raise DmnError("unknown-expression", node.id, tag=node.tag)

    def signature(self, node: Node, name: str, result: str = "") -> Signature:
        """Return the parameters of a function definition; binds their names."""
        parameters = [
            (name_of(one), self._converter(one.get("typeRef"), one)) for one in node.all("formalParameter")
        ]
        self.bound.update(parameter for parameter, _ in parameters)
        return Signature(name, node.id, tuple(parameters), self._converter(result, node))

    def reference(self, reference: str, node: Node) -> str:
        """Return a typeRef in its plain form; an undefined type counts as Any here and as an error to `analyse`."""
        reference = plain(reference)
        if not self.types.known(reference):
            self.unknown_types.append((node.id, reference))
        return reference

    def _converter(self, reference: str, node: Node) -> Converter | None:
        return self.types.converter(self.reference(reference, node))

    def typed(self, body: Body, reference: str, node: Node, name: str = "") -> Body:
        """Bring what a body gives to a type."""
        converter = self._converter(reference, node)
        if converter is None:
            return body
        return lambda scope, run: run.bring(converter, body(scope, run), node.id, name)

    def _literal(self, node: Node) -> Body:
        language = node.get("expressionLanguage")
        if language and "FEEL" not in language.upper():
            raise DmnError("language-unsupported", node.id, language=language)
        if node.first("importedValues") is not None:
            raise DmnError("imported-values-unsupported", node.id)
        text = node.prose()
        return self.language.body(text, node.id) if text else nothing

    def _context(self, node: Node, depth: int) -> Body:
        entries: list[tuple[str, Body]] = []
        result: Body | None = None
        for entry in node.all("contextEntry"):
            variable = entry.first("variable")
            body = self.child(entry, depth)
            if variable is None or not name_of(variable):
                result = body
                continue
            self.bound.add(name_of(variable))
            entries.append(
                (name_of(variable), self.typed(body, variable.get("typeRef"), variable, name_of(variable)))
            )

        def context(scope: Scope, run: Run) -> Any:
            made: dict[str, Any] = {}
            for name, body in entries:
                made[name] = body(scope | made, run)
            return made if result is None else result(scope | made, run)

        return context

    def _function(self, node: Node, depth: int) -> Body:
        if (node.get("kind") or "FEEL") != "FEEL":
            return self.foreign(node)
        signature = self.signature(node, node.get("label") or "function")
        names = tuple(name for name, _ in signature.parameters)
        body = self.child(node, depth)

        def function(scope: Scope, run: Run) -> FeelFunction:
            return run.function(
                signature, lambda values: body(scope | dict(zip(names, values, strict=True)), run)
            )

        return function

    def foreign(self, node: Node) -> Body:
        """Answer null for a function in Java or PMML, which nothing here will ever run."""
        self.foreign_ids.append(node.id)

        def refuse(_scope: Scope, run: Run) -> None:
            run.remark("foreign-function", node.id, kind=node.get("kind"))

        return refuse

    def _invocation(self, node: Node, depth: int) -> Body:
        called = self.child(node, depth)
        bindings = [
            (name_of(one.first("parameter") or one), self.child(one, depth)) for one in node.all("binding")
        ]

        def invocation(scope: Scope, run: Run) -> Any:
            function = called(scope, run)
            if not isinstance(function, FeelFunction):
                run.remark("not-a-function", node.id)
                return None
            value = function.call_named(run.feel, {name: body(scope, run) for name, body in bindings})
            run.drain(node.id)
            return value

        return invocation

    def _list(self, node: Node, depth: int) -> Body:
        items = [self.compile(item, depth + 1) for item in node.all(*EXPRESSIONS)]
        return lambda scope, run: [item(scope, run) for item in items]

    def _relation(self, node: Node, depth: int) -> Body:
        columns = list(node.all("column"))
        rows = []
        for row in node.all("row"):
            cells = [self.compile(cell, depth + 1) for cell in row.all(*EXPRESSIONS)]
            if len(cells) != len(columns):
                raise DmnError("relation-row", row.id, cells=len(cells), columns=len(columns))
            rows.append(
                [
                    (name_of(column), self.typed(cell, column.get("typeRef"), column, name_of(column)))
                    for column, cell in zip(columns, cells, strict=True)
                ]
            )
        return lambda scope, run: [{name: cell(scope, run) for name, cell in row} for row in rows]

    def _conditional(self, node: Node, depth: int) -> Body:
        condition, chosen, other = (self.child(node.first(tag), depth) for tag in ("if", "then", "else"))

        def conditional(scope: Scope, run: Run) -> Any:
            holds = condition(scope, run)
            if refuses([holds], node, run):
                return None
            return chosen(scope, run) if holds is True else other(scope, run)

        return conditional
