"""Decision tables rule by rule and cell by cell; other decisions by their text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.compare.difference import Difference, Parts, What, between
from engine.dmn import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.dmn import Model
    from engine.dmn.table import Rule, Table


def tables(file: str, before: bytes, after: bytes, names: Iterable[str]) -> Iterator[Difference]:
    """The differences of two DMN files; DmnError where one cannot be read."""
    was, now = read(before, tuple(names)), read(after, tuple(names))
    yield from between(file, _decisions(was), _decisions(now))
    for key, decision in now.decisions.items():
        earlier = was.decisions.get(key)
        if decision.table is not None and earlier is not None and earlier.table is not None:
            yield from _rules(file, key, earlier.table, decision.table)


def _decisions(model: Model) -> dict[str, Parts]:
    """Each decision without its rules: name, type, what it needs, how its table is read."""
    found: dict[str, Parts] = {}
    for key, one in model.decisions.items():
        parts: Parts = {
            "name": one.name,
            "type": one.type_ref,
            "needs": [need.id for need in one.requirements],
        }
        if one.table is not None:
            parts["hit policy"] = str(one.table.policy)
            parts["inputs"] = [column.label for column in one.table.inputs]
            parts["outputs"] = [column.name for column in one.table.outputs]
        elif one.body is not None:
            parts["text"] = getattr(one.body, "text", None)
        found[key] = parts
    return found


def _rules(file: str, decision: str, before: Table, after: Table) -> Iterator[Difference]:
    """Rules are known by their ids; a rule whose cells are the same at another place has only moved."""
    old, new = _by_id(before), _by_id(after)
    yield from (
        Difference(file, one.what, decision, _at(new, old, one), one.before, one.after, one.name)
        for one in between(
            file,
            {k: _cells(before, r) for k, r in old.items()},
            {k: _cells(after, r) for k, r in new.items()},
        )
    )
    kept_before = [key for key in old if key in new]
    kept_after = [key for key in new if key in old]
    for key in (one for one, other in zip(kept_after, kept_before, strict=True) if one != other):
        yield Difference(file, What.MOVED, decision, f"rule {new[key].index}", old[key].index, new[key].index)


def _at(new: dict[str, Rule], old: dict[str, Rule], one: Difference) -> str:
    """`rule 4: amount`: the place in the version that has the rule, and the column."""
    rule = new.get(one.element) or old[one.element]
    return f"rule {rule.index}: {one.part}" if one.part else f"rule {rule.index}"


def _by_id(table: Table) -> dict[str, Rule]:
    return {rule.id or str(rule.index): rule for rule in table.rules}


def _cells(table: Table, rule: Rule) -> dict[str, Any]:
    labels = [*(column.label for column in table.inputs), *(column.name for column in table.outputs)]
    cells = dict(zip(labels, (*rule.cells, *rule.output_cells), strict=True))
    return {**cells, **{f"({name})": text for name, text in rule.annotations.items()}}
