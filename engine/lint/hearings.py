"""Nobody loses anything unheard: what a model shows of `effect` before any case runs.

An element that reduces, stops or recovers must not be reachable by any way on which no hearing was completed. Ways are
looked at without their conditions, so what is found may be a way that no case ever takes; then the model should say so
by its shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from engine.core.definition import Kind
from engine.core.hearing import BURDENS, HEARD, HEARING
from engine.feel.syntax import Context
from engine.lint.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.definition import Definition, Node
    from engine.package import Package

_OPENING = {Kind.SUB_PROCESS, Kind.TRANSACTION, Kind.CALL}


def hearings(package: Package, definition: Definition, main: str) -> Iterator[Finding]:
    """Effects that are misspelt or misplaced, papers whose effect is not said, burdens that need no hearing."""
    unheard = _reached(definition)
    for node in definition.nodes.values():
        effect = node.settings.effect
        wanted = _of_paper(package, node.settings.document)
        if wanted is not None and effect != wanted:
            yield Finding(
                main, "effect-missing", node.id, values={"document": node.settings.document, "effect": wanted}
            )
        if effect is None:
            continue
        if effect not in BURDENS and effect != HEARING:
            yield Finding(main, "effect-unknown", node.id, values={"effect": effect})
        elif effect in BURDENS and node.kind is not Kind.SERVICE:
            yield Finding(
                main, "effect-misplaced", node.id, values={"effect": effect, "kind": node.kind.value}
            )
        elif effect in BURDENS and node.id in unheard:
            yield Finding(main, "hearing-avoidable", node.id, values={"effect": effect})
    yield from _reserved(package, definition, main)


def _of_paper(package: Package, document: str | None) -> str | None:
    """The effect that a document's sidecar says it has."""
    sidecar = package.files.get(f"templates/{package.name}/{document}.json") if document else None
    said = orjson.loads(sidecar).get("effect") if sidecar else None
    return said if isinstance(said, str) else None


def _reserved(package: Package, definition: Definition, main: str) -> Iterator[Finding]:
    """The list of hearings held is the engine's alone."""
    for node in definition.nodes.values():
        tree = node.script.tree if node.script is not None else None
        keys = tree.keys if isinstance(tree, Context) else ()
        if HEARD in keys or node.settings.result == HEARD:
            yield Finding(main, "name-reserved", node.id, values={"name": HEARD})
    for form in package.forms.values():
        asks = any(field.key.partition(".")[0] == HEARD for field in form.fields())
        if asks and (form.variables == "all" or HEARD in form.variables):
            yield Finding(
                f"forms/{package.name}/{form.id}.json", "name-reserved", form.id, values={"name": HEARD}
            )


def _reached(definition: Definition) -> set[str]:
    """Every element that a case may come to although nobody was heard."""
    reached: set[str] = set()
    openers: dict[str, set[str]] = {}
    ended: set[str] = set()
    waiting = list(_entry(definition, definition.main))

    def after(node: Node) -> list[str]:
        return [definition.flows[flow].target for flow in node.outgoing]

    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        node = definition.nodes[name]
        waiting += definition.boundaries.get(name, ())
        if node.settings.effect == HEARING:
            continue
        inner = (node.called or name) if node.kind in _OPENING else None
        if inner is not None and inner in definition.scopes:
            openers.setdefault(inner, set()).add(name)
            waiting += _entry(definition, inner)
            if inner in ended:
                waiting += after(node)
            continue
        waiting += after(node)
        if not node.outgoing and node.scope not in ended:
            ended.add(node.scope)
            for opener in openers.get(node.scope, ()):
                waiting += after(definition.nodes[opener])
                if not definition.nodes[opener].outgoing:
                    ended.add(definition.nodes[opener].scope)
    return reached


def _entry(definition: Definition, scope: str) -> Iterator[str]:
    """Where tokens stand when a scope opens, its event sub-processes included."""
    yield from definition.scopes[scope].starts
    for inner in definition.scopes[scope].event_sub_processes:
        yield from (
            name for name in definition.scopes[inner].nodes if definition.nodes[name].kind is Kind.START
        )
        yield from definition.scopes[inner].starts
