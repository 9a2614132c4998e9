"""The boxes that go through a list: `for`, `some`, `every`, `filter`.

What may be iterated, what a null or a single value counts as, and what an index selects is FEEL's business: small FEEL
texts over the evaluated parts answer it, so that boxes and texts cannot drift apart.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.dmn.language import runner
from engine.feel import compile_expression
from engine.feel.values import kind

if TYPE_CHECKING:
    from engine.dmn.boxed import Compiler
    from engine.dmn.run import Body, Run, Scope
    from engine.dmn.xml import Node


def iterator(node: Node, compiler: Compiler, depth: int) -> Body:
    """Compile a boxed `for`, `some` or `every`."""
    name = " ".join(node.get("iteratorVariable").split())
    compiler.bound.update((name, "partial"))
    source = compiler.child(node.first("in"), depth)
    each = compiler.child(node.first("return" if node.tag == "for" else "satisfies"), depth)
    items = runner(compile_expression("for item in source return item"))
    partial = any("partial" in part.text for part in node.walk())
    judge = _quantifier(node)

    def iterate(scope: Scope, run: Run) -> Any:
        given = items({"source": source(scope, run)}, run.feel)
        run.drain(node.id)
        if given is None:
            return None
        results: list[Any] = []
        for item in given:
            run.feel.tick()
            inner = scope | {name: item}
            if partial:
                run.feel.grow(len(results))
                inner["partial"] = list(results)
            results.append(each(inner, run))
        return judge({"results": results}, run)

    return iterate


def _quantifier(node: Node) -> Body:
    """Return what makes the answer of the answers: the list itself, or FEEL's some/every over booleans."""
    if node.tag == "for":
        return lambda scope, _run: scope["results"]
    quantify = runner(compile_expression(f"{node.tag} one in results satisfies one"))

    def judge(scope: Scope, run: Run) -> Any:
        if refuses(scope["results"], node, run):
            return None
        value = quantify(scope, run.feel)
        run.drain(node.id)
        return value

    return judge


def selection(node: Node, compiler: Compiler, depth: int) -> Body:
    """Compile a boxed `filter`."""
    compiler.bound.add("item")
    source = compiler.child(node.first("in"), depth)
    match = compiler.child(node.first("match"), depth)
    items = runner(compile_expression("source[true]"))
    select = runner(compile_expression("source[index]"))

    def keep(scope: Scope, run: Run) -> Any:
        given = items({"source": source(scope, run)}, run.feel)
        kept = []
        for item in given or ():
            run.feel.tick()
            fields = item if isinstance(item, dict) else {}
            holds = match(scope | {"item": item} | fields, run)
            if isinstance(holds, Decimal):
                value = select({"source": given, "index": holds}, run.feel)
                run.drain(node.id)
                return value
            if refuses([holds], node, run):
                return None
            if holds:
                kept.append(item)
        return kept if given is not None else None

    return keep


def refuses(values: list[Any], node: Node, run: Run) -> bool:
    """Tell whether any of the values is no condition (neither boolean nor null), and say so."""
    strange = next((one for one in values if one is not None and not isinstance(one, bool)), None)
    if strange is None:
        return False
    run.remark("not-a-condition", node.id, type=kind(strange))
    return True
