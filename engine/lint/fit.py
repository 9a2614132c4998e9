"""Whether the files of a package fit together: forms, lanes and policies, decisions, articles, names, scenarios."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from engine.core.definition import PEOPLE, Cause, Kind
from engine.feel.syntax import Context
from engine.lint.clocks import clocks
from engine.lint.finding import Finding, Severity
from engine.lint.forms import form_names
from engine.lint.hearings import hearings
from engine.lint.laws import laws
from engine.lint.letter_fields import fields_given
from engine.lint.reliance import reliance, shadows
from engine.lint.secrets import secrets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from engine.core.definition import Definition, Node
    from engine.feel import Expression
    from engine.package import Package

#: Messages that the engine itself sends to a case.
_SENT_BY_ENGINE = frozenset({"document_revoked"})
#: Names that the engine itself provides.
_STANDARD = ("case", "clocks", "heard", "loopCounter", "activationCount")


def fit(
    package: Package,
    articles: Collection[str],
    operations: Collection[str],
    outdated: Mapping[str, str],
) -> Iterator[Finding]:
    """Findings that need more than one file."""
    definition = package.definition
    main = f"workflows/bpmn/{package.name}.bpmn"
    yield from _tasks(package, definition, main)
    yield from _scripts(definition, main)
    yield from _gateways(definition, main)
    yield from _policies(package, definition, main)
    yield from _messages(package, definition, main)
    yield from laws(package, definition, main, articles, outdated)
    yield from _operations(definition, main, operations)
    yield from _names(package, definition, main)
    yield from hearings(package, definition, main)
    yield from clocks(package, definition, main)
    yield from reliance(definition, main)
    known = _known(package, definition)
    yield from shadows(definition, main, known)
    yield from form_names(package, known)
    yield from fields_given(package, definition)
    if package.scenarios is None:
        yield Finding(f"workflows/scenarios/{package.name}.yaml", "scenario-missing", severity=Severity.ERROR)


def _tasks(package: Package, definition: Definition, main: str) -> Iterator[Finding]:
    tasks = {node.id: node for node in definition.nodes.values() if node.kind in PEOPLE}
    for node in tasks.values():
        if node.kind is Kind.USER and package.form(node.id) is None:
            yield Finding(
                main, "form-missing", node.id, values={"file": f"forms/{package.name}/{node.id}.json"}
            )
        if node.lane is None:
            yield Finding(main, "lane-missing", node.id)
        if not node.name:
            yield Finding(main, "name-missing", node.id, Severity.WARNING)
        if node.settings.deadline is None:
            yield Finding(main, "deadline-missing", node.id, Severity.INFO)
        for other in node.settings.separate_from:
            if other not in tasks:
                yield Finding(main, "separate-from-unknown", node.id, values={"task": other})
    if package.form("start") is None:
        yield Finding(main, "form-missing", "start", values={"file": f"forms/{package.name}/start.json"})
    for name in package.forms:
        if name != "start" and name not in tasks and not name.startswith("message-"):
            yield Finding(f"forms/{package.name}/{name}.json", "form-without-task", name, Severity.WARNING)


def _scripts(definition: Definition, main: str) -> Iterator[Finding]:
    for node in definition.nodes.values():
        if node.kind is Kind.SCRIPT and node.script is None:
            yield Finding(main, "script-empty", node.id, Severity.WARNING)


def _gateways(definition: Definition, main: str) -> Iterator[Finding]:
    for node in definition.nodes.values():
        if node.kind in {Kind.EXCLUSIVE, Kind.INCLUSIVE} and len(node.outgoing) > 1 and node.default is None:
            yield Finding(main, "default-missing", node.id, Severity.WARNING)


def _policies(package: Package, definition: Definition, main: str) -> Iterator[Finding]:
    path = f"policies/{package.name}.csv"
    rows = [[cell.strip() for cell in row] for row in csv.reader(package.policies.splitlines()) if row]
    rules = [(row[1], row[2], row[3]) for row in rows if row[0] == "p" and len(row) == 4]
    for row in rows:
        if row[0] != "p" and not row[0].startswith("#"):
            yield Finding(path, "policy-broken", values={"line": ", ".join(row)})
    lanes = {node.lane for node in definition.nodes.values() if node.kind in PEOPLE and node.lane}
    worked = {obj.removeprefix(f"{package.name}/") for _, obj, action in rules if action == "work"}
    for lane in sorted(lanes - worked):
        yield Finding(
            path, "lane-without-policy", lane, values={"lane": lane, "object": f"{package.name}/{lane}"}
        )
    for _, obj, _action in rules:
        process, _, lane = obj.partition("/")
        if process not in (package.name, "*"):
            # A package speaks for its own process only: whoever writes it must not give rights elsewhere.
            yield Finding(path, "policy-elsewhere", values={"object": obj})
        elif lane and lane not in _all_lanes(definition):
            yield Finding(path, "policy-unknown-object", lane or None, Severity.WARNING, {"object": obj})
    yield from secrets(path, rules)
    if not any(action == "start" for _, _, action in rules):
        yield Finding(path, "nobody-may-start", severity=Severity.WARNING)
    # What the package itself throws needs nobody to send it.
    thrown = {
        trigger.ref
        for node in definition.nodes.values()
        if node.kind in {Kind.THROW, Kind.END, Kind.SEND}
        for trigger in node.triggers
    }
    sendable = (
        thrown
        | _SENT_BY_ENGINE
        | {action.removeprefix("message:") for _, _, action in rules if action.startswith("message:")}
    )
    for node in definition.nodes.values():
        for trigger in node.triggers:
            if (
                trigger.cause is Cause.MESSAGE
                and node.kind not in {Kind.THROW, Kind.END}
                and trigger.ref not in sendable
            ):
                yield Finding(main, "nobody-may-send", node.id, Severity.WARNING, {"message": trigger.ref})


def _messages(package: Package, definition: Definition, main: str) -> Iterator[Finding]:
    """A message from outside needs a form, or a variable of its own for what it carries."""
    rows = (row.split(",") for row in package.policies.splitlines())
    sendable = {
        row[3].strip().removeprefix("message:") for row in rows if len(row) == 4 and "message:" in row[3]
    }
    for node in definition.nodes.values():
        for trigger in node.triggers:
            waits = trigger.cause is Cause.MESSAGE and node.kind not in {Kind.THROW, Kind.END, Kind.SEND}
            loose = waits and trigger.ref in sendable and node.settings.result is None
            if loose and package.form(f"message-{trigger.ref}") is None:
                yield Finding(
                    main, "message-without-result", node.id, Severity.WARNING, {"message": trigger.ref}
                )


def _all_lanes(definition: Definition) -> set[str]:
    return {node.lane for node in definition.nodes.values() if node.lane}


def _operations(definition: Definition, main: str, operations: Collection[str]) -> Iterator[Finding]:
    for node in definition.nodes.values():
        operation = node.settings.operation
        if node.kind is not Kind.SERVICE:
            continue
        if operation is None and node.settings.document is None:
            yield Finding(main, "operation-missing", node.id, Severity.WARNING)
        elif operation is not None and operations and not _connected(operation, operations):
            yield Finding(main, "operation-unknown", node.id, values={"operation": operation})


def _connected(operation: str, operations: Collection[str]) -> bool:
    """Whether somebody carries it out; of an operation that FEEL names, only its family is known (`="check." + ...`)."""
    if operation.startswith("="):
        named = re.match(r'=\s*"([a-z_]+)\.', operation)
        return named is None or any(one.startswith(f"{named[1]}.") for one in operations)
    return operation in operations or f"{operation.partition('.')[0]}.*" in operations


def _names(package: Package, definition: Definition, main: str) -> Iterator[Finding]:
    known = _known(package, definition)
    for node in definition.nodes.values():
        for expression in _expressions(node):
            for name in sorted(expression.names - known):
                yield Finding(
                    main, "name-unknown", node.id, Severity.WARNING, {"name": name, "feel": expression.text}
                )
    for flow in definition.flows.values():
        if flow.condition is not None:
            for name in sorted(flow.condition.names - known):
                values = {"name": name, "feel": flow.condition.text}
                yield Finding(main, "name-unknown", flow.id, Severity.WARNING, values)


def _known(package: Package, definition: Definition) -> set[str]:
    """Every name that some file gives a value to: answers, tasks, results, script and input entries, loop items."""
    known = set(package.names) | set(definition.nodes) | set(_STANDARD)
    for node in definition.nodes.values():
        loop = node.loop
        named = (node.settings.result, loop and loop.item, loop and loop.output, node.decision)
        known |= {name for name in named if name}
        known |= _entries(node.script)
        if node.kind is Kind.CALL:
            known |= _entries(node.settings.input)
        for trigger in node.triggers:
            known |= _entries(trigger.expression)
    return known


def _entries(expression: Expression | None) -> set[str]:
    """The keys of a FEEL context literal; nothing for other expressions."""
    tree = expression.tree if expression is not None else None
    return set(tree.keys) if isinstance(tree, Context) else set()


def _expressions(node: Node) -> Iterator[Expression]:
    settings = node.settings
    candidates = [settings.deadline, settings.assign, settings.input, settings.about, settings.operation_of]
    candidates += [settings.clock, node.script, node.activation]
    if node.loop is not None:
        candidates += [node.loop.cardinality, node.loop.collection]
    candidates += [trigger.expression for trigger in node.triggers]
    yield from (expression for expression in candidates if expression is not None)
