"""Decision tables as they stand in the XML: columns, cells, annotations, policies."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.dmn.errors import DmnError
from engine.dmn.language import runner
from engine.dmn.table import HitPolicy, InputColumn, OutputColumn, Rule, Table
from engine.feel import FeelError, World, compile_expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.dmn.boxed import Compiler
    from engine.dmn.language import Language
    from engine.dmn.run import Body, Run
    from engine.dmn.types import Type
    from engine.dmn.xml import Node

#: Rules times columns; a table of this size reads in about a second.
MAX_CELLS = 50_000

#: The letters of DMN's printed tables, which some tools write into the attribute.
LETTERS = {
    "U": "UNIQUE",
    "A": "ANY",
    "P": "PRIORITY",
    "F": "FIRST",
    "R": "RULE ORDER",
    "O": "OUTPUT ORDER",
    "C": "COLLECT",
}
AGGREGATIONS = {"SUM": "sum(values)", "COUNT": "count(values)", "MIN": "min(values)", "MAX": "max(values)"}


def read_table(node: Node, compiler: Compiler, result: Type | None) -> Table:
    """Return a table compiled; `result` is the type of the decision it stands for, whose allowed values give priorities."""
    outputs = tuple(node.all("output"))
    inputs = tuple(node.all("input"))
    rules = tuple(node.all("rule"))
    if not outputs:
        raise DmnError("table-without-output", node.id)
    if len(rules) * (len(inputs) + len(outputs)) > MAX_CELLS:
        raise DmnError("table-too-large", node.id, limit=MAX_CELLS)
    names = [one.get("name") or one.get("label") for one in node.all("annotation")]
    aggregate = _aggregate(node)
    if aggregate is not None:
        result = None  # a count says nothing about what is counted
    return Table(
        id=node.id,
        label=node.get("outputLabel") or outputs[0].get("name") or node.id,
        policy=_policy(node),
        aggregate=aggregate,
        inputs=_distinct([_input(one, compiler) for one in inputs]),
        outputs=tuple(_output(one, compiler, result, len(outputs)) for one in outputs),
        rules=tuple(
            _rule(index, one, (len(inputs), len(outputs)), names, compiler.language)
            for index, one in enumerate(rules, 1)
        ),
    )


def _distinct(columns: list[InputColumn]) -> tuple[InputColumn, ...]:
    """Return the columns with ids of their own: files that write none name them by tag and line."""
    ids = Counter(one.id for one in columns)
    return tuple(
        replace(one, id=f"{one.id}.{place}") if ids[one.id] > 1 else one
        for place, one in enumerate(columns, 1)
    )


def _policy(node: Node) -> HitPolicy:
    written = " ".join((node.get("hitPolicy") or "UNIQUE").upper().split())
    written = LETTERS.get(written, written)
    if written not in {policy.value for policy in HitPolicy}:
        raise DmnError("unknown-hit-policy", node.id, policy=written)
    return HitPolicy(written)


def _aggregate(node: Node) -> Callable[[list[Any], Run], Any] | None:
    written = node.get("aggregation").upper()
    if not written or _policy(node) is not HitPolicy.COLLECT:
        return None
    if written not in AGGREGATIONS:
        raise DmnError("unknown-aggregation", node.id, aggregation=written)
    evaluate = runner(compile_expression(AGGREGATIONS[written]))

    def aggregate(values: list[Any], run: Run) -> Any:
        value = evaluate({"values": values}, run.feel)
        run.drain(node.id)
        return value

    return aggregate


def _input(node: Node, compiler: Compiler) -> InputColumn:
    language, types = compiler.language, compiler.types
    expression = node.first("inputExpression")
    text = expression.prose() if expression is not None else ""
    if expression is None or not text:
        language.refuse(DmnError("input-without-expression", node.id, label=node.get("label")))
    where = expression if expression is not None else node
    reference = compiler.reference(where.get("typeRef"), where)
    allowed = node.first("inputValues")
    allowed_text = allowed.prose() if allowed is not None else ""
    return InputColumn(
        id=node.id,
        label=node.get("label") or text,
        text=text,
        body=language.body(text or "null", where.id if text else node.id),
        type_ref=reference,
        type=types.find(reference),
        convert=types.converter(reference),
        allowed=language.test(allowed_text, node.id) if allowed_text not in ("", "-") else None,
        allowed_text=allowed_text,
        expression=where.id if text else node.id,
    )


def _output(node: Node, compiler: Compiler, result: Type | None, count: int) -> OutputColumn:
    language, types = compiler.language, compiler.types
    name = node.get("name") or node.get("label")
    reference = compiler.reference(node.get("typeRef"), node)
    kind = types.find(reference)
    if result is not None and result.base == "list" and result.item is not None:
        result = types.follow(result.item)
    if kind is None or not kind.allowed_text:
        kind = (
            (result.components or {}).get(name, kind) if result is not None and count > 1 else kind or result
        )
    allowed = node.first("outputValues")
    allowed_text = allowed.prose() if allowed is not None else ""
    default = node.first("defaultOutputEntry")
    default_text = default.prose() if default is not None else ""
    return OutputColumn(
        id=node.id,
        name=" ".join(name.split()),
        type_ref=reference,
        type=kind,
        convert=types.converter(reference),
        allowed=language.test(allowed_text, node.id) if allowed_text not in ("", "-") else None,
        allowed_text=allowed_text,
        order=_order(allowed_text or (kind.allowed_text if kind is not None else "")),
        default=language.body(default_text, node.id) if default_text not in ("", "-") else None,
        label=node.get("label"),
    )


def _order(text: str) -> tuple[Any, ...]:
    """Return the values that `"a", "b"` lists; empty where it lists none (`[0..9]`, names)."""
    if not text:
        return ()
    try:
        listed = compile_expression(f"[{text}]")
    except FeelError:  # noted already, where the reader goes on
        return ()
    return tuple(listed.evaluate({}, World()) or ()) if not listed.names else ()


def _rule(index: int, node: Node, shape: tuple[int, int], names: list[str], language: Language) -> Rule:
    cells = _entries(node, "inputEntry", 1)
    outputs = _entries(node, "outputEntry", 1 + len(cells))
    if (len(cells), len(outputs)) != shape:
        raise DmnError(
            "rule-shape",
            node.id,
            rule=index,
            inputs=len(cells),
            outputs=len(outputs),
            expected=f"{shape[0]}+{shape[1]}",
        )
    return Rule(
        index=index,
        id=node.id,
        cells=tuple(text for _, text in cells),
        tests=tuple(
            (column, _test(text, element, index, column, language))
            for column, (element, text) in enumerate(cells)
            if text not in ("", "-")
        ),
        output_cells=tuple(text for _, text in outputs),
        outputs=tuple(
            _cell(text, element, index, column, language) for column, (element, text) in enumerate(outputs)
        ),
        annotations=_annotations(node, names),
        entries=tuple(element for element, _ in (*cells, *outputs)),
    )


def _entries(node: Node, tag: str, start: int) -> list[tuple[str, str]]:
    """Return ids and texts of a rule's cells; a cell without id gets its rule's, with the column."""
    return [
        (one.get("id") or f"{node.id}.{place}", one.prose()) for place, one in enumerate(node.all(tag), start)
    ]


def _annotations(node: Node, names: list[str]) -> dict[str, str]:
    """Return a rule's notes by the name of their column (else its number); `description` is the one column of dmn-js."""
    found = {"description": node.prose("description")}
    for place, entry in enumerate(node.all("annotationEntry"), 1):
        name = names[place - 1] if place <= len(names) else ""
        found[name or str(place)] = entry.prose()
    return {name: text for name, text in found.items() if text}


def _test(text: str, element: str, rule: int, column: int, language: Language) -> Callable[..., bool | None]:
    try:
        return language.test(text, element)
    except DmnError as error:
        error.values |= {"rule": rule, "column": column + 1}
        raise


def _cell(text: str, element: str, rule: int, column: int, language: Language) -> Body:
    if text in ("", "-"):
        return lambda _scope, _run: None
    try:
        return language.body(text, element)
    except DmnError as error:
        error.values |= {"rule": rule, "output": column + 1}
        raise
