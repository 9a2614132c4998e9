"""What the editor of decision tables is told of a model: its decisions, what is wrong at which cell, what test rows came to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from api.titles import labels, unit_name
from engine.dmn import Decision, DmnError, Examined, asked, examine
from engine.dmn.constants import written
from engine.dmn.examine import places
from engine.dmn.messages import sentence
from engine.dmn.told import Words, told
from engine.errors import FormBroken, PackageBroken
from engine.table_rows import read_tests, try_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.frame import Asked
    from api.studio.frame import Opened
    from engine.dmn import Finding, Model
    from engine.dmn.table import Rule
    from engine.table_rows import Tried

#: Findings that are told of one model; more would bury the reader, and the page.
MOST_FINDINGS = 300
#: The texts among a column's allowed values.
_TEXT = re.compile(r'"([^"\\]*)"')
#: Annotation columns that hold article ids.
LAW = ("law", "依据")


def names_of(opened: Opened) -> frozenset[str]:
    """The names that cells may speak of; those of the answers are not known while a form is broken."""
    try:
        return opened.package.names
    except FormBroken:
        return frozenset({"case"})


def checked(asked_: Asked, opened: Opened, text: str, tests: str | None) -> dict[str, Any]:
    """Everything about a model as it stands in the editor; `refused` says why where it cannot be read at all."""
    try:
        examined = examine(text.encode(), names_of(opened))
    except DmnError as fault:
        return {"refused": refusal(asked_, fault), "decisions": [], "findings": [], "tests": []}
    findings = [_finding(asked_, examined, one) for one in examined.findings[:MOST_FINDINGS]]
    return {
        "refused": None,
        "decisions": [_decision(examined.model, one) for one in examined.model.decisions.values()],
        "findings": findings,
        "omitted": max(0, len(examined.findings) - MOST_FINDINGS),
        **_tests(asked_, opened, examined, tests),
    }


def refusal(asked_: Asked, fault: DmnError) -> dict[str, Any]:
    """Why a file cannot be read: a sentence, and the line or element where it is known."""
    said = sentence(fault.code, fault.values, asked_.language, element=fault.element or "")
    return {
        "code": fault.code,
        "sentence": said,
        "line": fault.values.get("line"),
        "element": fault.element,
        "reason": str(fault.values.get("reason", ""))[:300],
    }


def _decision(model: Model, decision: Decision) -> dict[str, Any]:
    table = decision.table
    columns = table.inputs if table is not None else ()
    choices = {one.id: _TEXT.findall(one.allowed_text) for one in columns}
    return {
        "id": decision.id,
        "name": decision.name,
        "table": table is not None,
        "policy": str(table.policy) if table is not None else "",
        "rules": len(table.rules) if table is not None else 0,
        "asked": [
            {
                "key": one.key,
                "label": one.label,
                "type": one.type_ref,
                "column": one.column,
                "text": one.text,
                "choices": choices.get(one.key, []),
            }
            for one in asked(model.graph, decision)
        ],
        "outputs": [one.label or one.name for one in table.outputs] if table is not None else [],
    }


def _finding(asked_: Asked, examined: Examined, one: Finding) -> dict[str, Any]:
    place = {"rules": one.rules, "cells": one.cells}
    values = {**one.values, "element": _place(asked_, examined.model, one)}
    mend = f"tables.mend.{one.code}"
    said = asked_.say(mend)
    return {
        "decision": one.decision,
        "name": _name(examined.model, one.decision),
        "code": one.code,
        "severity": one.severity,
        "rules": one.rules,
        "cells": _elements(examined.model, one),
        "where": _where(examined.model, one),
        "sentence": sentence(one.code, {**place, **values}, asked_.language),
        "mend": said if said != mend else "",
    }


def _place(asked_: Asked, model: Model, one: Finding) -> str:
    """Where a finding is, as people say it: rule and column; else the element that it names."""
    element = model.graph.elements.get(one.decision)
    table = element.table if isinstance(element, Decision) else None
    if table is None or not one.cells:
        return str(one.values.get("element", ""))
    rule, column = one.cells[0]
    heads = [*(head.label for head in table.inputs), *(out.label or out.name for out in table.outputs)]
    label = heads[column - 1] or str(column)
    return asked_.say("tables.place" if rule else "tables.place-head", rule=rule, column=label)


def _name(model: Model, key: str) -> str:
    element = model.graph.elements.get(key)
    return element.name if element is not None else key


def _where(model: Model, one: Finding) -> dict[str, str] | None:
    """What a gap does not cover, by the ids of the columns; None for other findings."""
    element = model.graph.elements.get(one.decision)
    if one.code != "gap" or not isinstance(element, Decision) or element.table is None:
        return None
    where = one.values["where"]
    return {head.id: where[head.label] for head in element.table.inputs if head.label in where}


def _elements(model: Model, one: Finding) -> list[str]:
    """The ids of the cells of a finding; where it names no cells, those of its rules."""
    parts = model.graph.parts.get(one.decision)
    if parts is None:
        return []
    if one.code == "gap":
        return list(_where(model, one) or ())
    wanted = set(one.cells)
    heads = {rule for rule in one.rules if not any(cell[0] == rule for cell in wanted)}
    return [
        entry
        for table in parts.tables
        for entry, cell in places(table)
        if cell in wanted or (cell[0] in heads and cell[0])
    ]


def _tests(asked_: Asked, opened: Opened, examined: Examined, tests: str | None) -> dict[str, Any]:
    if tests is None:
        return {"tests": [], "tests_refused": None}
    try:
        rows = read_tests(tests.encode(), "").rows
    except PackageBroken as fault:
        why = asked_.say("tables.tests-broken", reason=fault.values.get("fault", fault.values["reason"]))
        return {"tests": [], "tests_refused": why}
    world = asked_.office.world(asked_.now)
    words = words_of(asked_, opened)
    return {
        "tests": [_tried(asked_, try_row(examined.model, row, world), examined, words) for row in rows],
        "tests_refused": None,
    }


def _tried(asked_: Asked, tried: Tried, examined: Examined, words: Words) -> dict[str, Any]:
    row = tried.row
    if tried.state == "broken":
        said = sentence(tried.code, tried.values, asked_.language, element=row.decision)
        return {"state": "broken", "value": "", "rules": [], "why": [], "sentence": said}
    value = written(tried.value)
    told_ = {
        "rules": asked_.say(
            "tables.test-rules", wanted=_numbers(row.rules or ()), found=_numbers(tried.rules)
        ),
        "result": asked_.say("tables.test-result", wanted=row.result, found=value),
    }
    decision = examined.model.find(row.decision)
    table = decision.table
    hit = [rule for rule in table.rules if rule.index in tried.rules] if table is not None else []
    names = examined.model.graph.names
    return {
        "state": tried.state,
        "value": value,
        "rules": list(tried.rules),
        "why": [
            asked_.say(
                "tables.why",
                rule=rule.index,
                sentence=told(table, rule, names, asked_.language, words).sentence,
            )
            for rule in hit[:5]
            if table is not None
        ],
        "sentence": told_.get(tried.code, ""),
    }


def _numbers(rules: Iterable[int]) -> str:
    return ", ".join(map(str, rules)) or "—"


def row_told(asked_: Asked, opened: Opened, text: str, decision: str, rule: int) -> dict[str, Any]:
    """One rule in plain words, with the wording of the articles it stands on; DmnError where it cannot be read."""
    examined = examine(text.encode(), names_of(opened))
    table = examined.model.find(decision).table
    found = next((one for one in table.rules if one.index == rule), None) if table is not None else None
    if table is None or found is None:
        raise DmnError("unknown-decision", decision)
    words = words_of(asked_, opened)
    said = told(table, found, examined.model.graph.names, asked_.language, words)
    return {
        "rule": rule,
        "sentence": said.sentence,
        "conditions": said.conditions,
        "outcomes": said.outcomes,
        "notes": [note for name, note in found.annotations.items() if name not in LAW],
        "law": _articles(asked_, found),
        "findings": [
            _finding(asked_, examined, one)
            for one in examined.findings
            if one.decision == decision and rule in one.rules
        ],
    }


def _articles(asked_: Asked, rule: Rule) -> list[dict[str, Any]]:
    ids = [
        one
        for name, text in rule.annotations.items()
        if name in LAW
        for one in text.replace(",", " ").replace(";", " ").split()
    ]
    day = asked_.today
    told_: list[dict[str, Any]] = []
    for key in dict.fromkeys(ids):
        article = asked_.office.law.article(key)
        if article is None:
            told_.append(
                {"id": key, "title": key, "text": asked_.say("tables.article-unknown"), "state": "unknown"}
            )
        else:
            state = "current" if article.in_force(day) else "past"
            told_.append({"id": key, "title": article.title, "text": article.text, "state": state})
    return told_


def words_of(asked_: Asked, opened: Opened) -> Words:
    """How values and parameters of the law are called: by the forms' words, and by the value in force today."""
    try:
        known = labels(asked_, opened.package)
    except FormBroken:
        known = {}
    day = asked_.today

    def parameter(name: str) -> str:
        values = {
            f"{one.value} {unit_name(asked_, one.unit)}".strip()
            for one in asked_.office.law.parameters
            if one.id == name and one.in_force(day)
        }
        return (
            asked_.say("tables.parameter", name=name, value=next(iter(values))) if len(values) == 1 else name
        )

    return Words(lambda _text, value: known.get(value) if isinstance(value, str) else None, parameter)
