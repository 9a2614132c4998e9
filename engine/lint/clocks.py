"""Statutory clocks in a model: acts that say enough, of clocks that some element starts; their variable is reserved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.core.clocks import CLOCKS
from engine.feel.syntax import Context, If, ListOf, Literal
from engine.lint.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.definition import Definition
    from engine.feel.syntax import Node
    from engine.package import Package

#: What each act must say.
_NEEDS: Final = {
    "start": {"from", "count", "unit", "kind", "law"},
    "stop": {"from", "reason", "law"},
    "resume": {"on"},
    "extend": {"count", "reason", "law"},
    "end": set[str](),
}


def clocks(package: Package, definition: Definition, main: str) -> Iterator[Finding]:
    """Acts that are unknown or say too little, clocks that nobody starts, and models that write `clocks` themselves."""
    acts = [
        (node.id, act)
        for node in definition.nodes.values()
        if node.settings.clock is not None
        for act in _acts(node.settings.clock.tree)
    ]
    started = {name for _, act in acts if _said(act, "act") == ["start"] for name in _said(act, "clock")}
    for element, act in acts:
        name, meant = _said(act, "act"), _said(act, "clock")
        wanted = _NEEDS.get(name[0]) if name else None
        if wanted is None or not meant:
            yield Finding(main, "clock-act-unknown", element, values={"act": name[0] if name else None})
            continue
        if missing := sorted(wanted - set(act.keys)):
            yield Finding(main, "clock-act-incomplete", element, values={"act": name[0], "missing": missing})
        for one in sorted(set(meant) - started) if name != ["end"] else ():
            yield Finding(main, "clock-never-started", element, values={"clock": one})
    for node in definition.nodes.values():
        tree = node.script.tree if node.script is not None else None
        if node.settings.result == CLOCKS or (isinstance(tree, Context) and CLOCKS in tree.keys):
            yield Finding(main, "name-reserved", node.id, values={"name": CLOCKS})
    for form in package.forms.values():
        asks = any(field.key.partition(".")[0] == CLOCKS for field in form.fields())
        if asks and (form.variables == "all" or CLOCKS in form.variables):
            file = f"forms/{package.name}/{form.id}.json"
            yield Finding(file, "name-reserved", form.id, values={"name": CLOCKS})


def _acts(tree: Node) -> Iterator[Context]:
    """The context literals that a `clock` setting may come to."""
    match tree:
        case Context():
            yield tree
        case ListOf(items=items):
            for item in items:
                yield from _acts(item)
        case If(chosen=then, other=otherwise):
            yield from _acts(then)
            yield from _acts(otherwise)
        case _:
            return


def _said(act: Context, name: str) -> list[str]:
    """The literal texts of an entry: one, or those of a list."""
    if name not in act.keys:
        return []
    value = act.values[act.keys.index(name)]
    parts = value.items if isinstance(value, ListOf) else (value,)
    return [part.value for part in parts if isinstance(part, Literal) and isinstance(part.value, str)]
