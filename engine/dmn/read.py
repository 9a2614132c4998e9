"""From DMN XML to a `Model`: everything is checked and compiled here, so that deciding can only meet data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.dmn import xml
from engine.dmn.boxed import EXPRESSIONS, Compiler, name_of, nothing
from engine.dmn.errors import DmnError
from engine.dmn.graph import Decision, Element, Graph, Import, InputData, Knowledge, Requirement, Service
from engine.dmn.language import Language
from engine.dmn.model import Model
from engine.dmn.types import Types, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.dmn.run import Body
    from engine.dmn.xml import Node

#: Attributes and elements whose `name` FEEL texts may speak of.
NAMED = frozenset(
    {"variable", "inputData", "decision", "businessKnowledgeModel", "decisionService", "formalParameter", "column",
     "output", "parameter", "import", "parameters"}
)  # fmt: skip
ELEMENTS = ("inputData", "decision", "businessKnowledgeModel", "decisionService")


def read(
    source: bytes,
    names: Iterable[str] = (),
    *,
    imports: Mapping[str, bytes] | None = None,
    faults: list[DmnError] | None = None,
) -> Model:
    """Return the compiled model of a DMN 1.1 to 1.5 file; DmnError(code, element, values) where it is refused.

    With `faults` every text that is not FEEL is noted there, and the rest is read (`analyse` leaves its tables out).

    `names` are further names (of case variables) that FEEL texts may use; `imports` holds the files that the model may
    import, by file name or any other key: they are found by their namespace, else by `locationURI`.
    """
    others = {key: xml.parse(content) for key, content in (imports or {}).items()}
    return Model(_Reader(xml.parse(source), frozenset(names), others, (), {}, faults).graph())


class _Reader:
    """Reads one `definitions`."""

    def __init__(
        self,
        root: Node,
        names: frozenset[str],
        others: Mapping[str, Node],
        above: tuple[str, ...],
        done: dict[str, Graph],
        faults: list[DmnError] | None = None,
    ) -> None:
        self.root = root
        self.namespace = root.get("namespace")
        if self.namespace in above:
            raise DmnError("import-cycle", root.id, namespace=self.namespace)
        self.names = names
        self.others = others
        self.faults = faults
        #: Namespaces of the models that import this one, itself last; and the imported models read so far.
        self.above = (*above, self.namespace)
        self.done = done
        found = [Import(name_of(one), self._imported(one)) for one in root.all("import") if _is_dmn(one)]
        self.imports = {one.graph.namespace: one for one in found}

    def graph(self) -> Graph:
        """Return the graph of the model with every element compiled."""
        definitions = list(self.root.all("itemDefinition"))
        inner = [(one.prefix, one.graph.types) for one in self.imports.values()]
        bare = Types(definitions, lambda _text, _element: lambda _value, _scope, _run: True, inner)
        known = self.names | bare.names() | _spoken(self.root) | self._imported_names()
        # FEEL's parser must be told of names with spaces and signs only; a short list keeps reading fast.
        known = frozenset(name for name in known if not name.isidentifier())
        language = Language(known, self.faults)
        types = Types(definitions, language.test, inner)
        graph = Graph(self.namespace, self.root.get("name"), types, known, self.names, imports=self.imports)
        compiler = Compiler(language, types)
        nodes = list(self.root.all(*ELEMENTS))
        declared = {_variable(node) for node in nodes}
        for one in self.imports.values():  # elements of a nameless import stand among the model's own
            inside = {element.variable for element in one.graph.elements.values()}
            declared |= {one.prefix} if one.prefix else inside
        for node in nodes:
            if node.id in graph.elements:
                raise DmnError("duplicate-id", node.id, tag=node.tag)
            if node.tag != "decisionService":
                compiler.begin()
                graph.elements[node.id] = self._element(node, compiler, declared)
                graph.parts[node.id] = compiler.parts()
        for node in nodes:
            if node.tag == "decisionService":
                graph.elements[node.id] = self._service(node, graph, compiler)
        self._check_references(graph)
        return graph

    def _element(self, node: Node, compiler: Compiler, declared: set[str]) -> Element:
        variable = node.first("variable")
        reference = plain(variable.get("typeRef")) if variable is not None else ""
        reference = compiler.reference(reference, node)
        name = name_of(node)
        if node.tag == "inputData":
            return InputData(node.id, name, _variable(node), reference, compiler.types.converter(reference))
        if node.tag == "decision":
            return self._decision(node, reference, compiler, declared)
        return self._knowledge(node, reference, compiler, declared)

    def _decision(self, node: Node, reference: str, compiler: Compiler, declared: set[str]) -> Decision:
        logic = node.first(*EXPRESSIONS)
        table = None
        body: Body | None = None
        if logic is not None and logic.tag == "decisionTable":
            table = compiler.table(logic, compiler.types.find(reference))
            body = table.evaluate
        elif logic is not None:
            body = compiler.compile(logic)
        return Decision(
            id=node.id,
            name=name_of(node),
            variable=_variable(node),
            type_ref=reference,
            convert=compiler.types.converter(reference),
            body=body,
            requirements=tuple(self._requirements(node)),
            outside=_outside(compiler, declared),
            table=table,
        )

    def _knowledge(self, node: Node, reference: str, compiler: Compiler, declared: set[str]) -> Knowledge:
        logic = node.first("encapsulatedLogic")
        body: Body = nothing
        signature = compiler.signature(
            logic if logic is not None else node, name_of(node), self._result(reference, compiler)
        )
        if logic is not None:
            foreign = (logic.get("kind") or "FEEL") != "FEEL"
            body = compiler.foreign(logic) if foreign else compiler.child(logic)
        return Knowledge(
            id=node.id,
            name=name_of(node),
            variable=_variable(node),
            signature=signature,
            body=body,
            requirements=tuple(self._requirements(node)),
            outside=_outside(compiler, declared),
        )

    @staticmethod
    def _result(reference: str, compiler: Compiler) -> str:
        """Return the type a knowledge model gives: of its function type, or (DMN 1.1) of its variable."""
        found = compiler.types.find(reference)
        return found.result if found is not None and found.base == "function" else reference

    def _service(self, node: Node, graph: Graph, compiler: Compiler) -> Service:
        def found(*tags: str) -> tuple[str, ...]:
            return tuple(_local(graph, self._reference(one), one) for one in node.all(*tags))

        variable = node.first("variable")
        reference = plain(variable.get("typeRef")) if variable is not None else ""
        outputs = found("outputDecision")
        if not outputs:
            raise DmnError("service-without-output", node.id)
        return Service(
            id=node.id,
            name=name_of(node),
            variable=_variable(node),
            parameters=found("inputData") + found("inputDecision"),
            outputs=outputs,
            convert=compiler.types.converter(self._result(reference, compiler)),
        )

    def _requirements(self, node: Node) -> list[Requirement]:
        return [
            self._reference(target)
            for requirement in node.all("informationRequirement", "knowledgeRequirement")
            for target in requirement.all("requiredInput", "requiredDecision", "requiredKnowledge")
        ]

    def _reference(self, node: Node) -> Requirement:
        href = node.get("href")
        namespace, _, target = href.rpartition("#")
        if namespace in ("", self.namespace):
            return Requirement(target)
        if namespace not in self.imports:
            raise DmnError("unknown-reference", node.id, href=href)
        return Requirement(target, namespace)

    def _check_references(self, graph: Graph) -> None:
        for element in graph.elements.values():
            for requirement in getattr(element, "requirements", ()):
                other = requirement.namespace
                inside = graph if other is None else self.imports[other].graph
                if requirement.id not in inside.elements:
                    raise DmnError("unknown-reference", element.id, href=requirement.id)
        graph.settle()

    def _imported(self, node: Node) -> Graph:
        namespace, location = node.get("namespace"), node.get("locationURI")
        root = next((one for one in self.others.values() if one.get("namespace") == namespace), None)
        root = root or self.others.get(location)
        if root is None:
            raise DmnError("import-missing", node.id, namespace=namespace, location=location)
        if namespace not in self.done or namespace in self.above:
            self.done[namespace] = _Reader(root, self.names, self.others, self.above, self.done).graph()
        return self.done[namespace]

    def _imported_names(self) -> set[str]:
        return {name for one in self.imports.values() for name in one.graph.names}


def _local(graph: Graph, requirement: Requirement, node: Node) -> str:
    """Return the id of an input or decision of this model, which is all that a service may be made of."""
    if requirement.namespace is not None or not isinstance(
        graph.elements.get(requirement.id), InputData | Decision
    ):
        raise DmnError("unknown-reference", node.id, href=requirement.id)
    return requirement.id


def _is_dmn(node: Node) -> bool:
    return node.get("importType") in xml.NAMESPACES


def _variable(node: Node) -> str:
    variable = node.first("variable")
    return (name_of(variable) if variable is not None else "") or name_of(node)


def _spoken(root: Node) -> set[str]:
    return {name_of(node) for node in root.walk() if node.tag in NAMED and node.get("name")}


def _outside(compiler: Compiler, declared: set[str]) -> tuple[str, ...]:
    return tuple(sorted(compiler.language.free() - compiler.bound - declared))
