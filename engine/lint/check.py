"""The order of the checks: first whether each file can be read, then whether they fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.campaigns import campaign_of
from engine.clock import ClockError
from engine.core.load import ModelError
from engine.dmn import DmnError, examine
from engine.errors import FormBroken, PackageBroken
from engine.feel import FeelError
from engine.forms import read_form
from engine.lint.finding import Finding, Severity
from engine.lint.fit import fit
from engine.lint.foreign import foreign
from engine.lint.letters import letters
from engine.lint.sound import sound
from engine.table_rows import try_tables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from engine.feel import World
    from engine.package import Package


def lint(
    package: Package,
    *,
    articles: Collection[str] = (),
    outdated: Mapping[str, str] | None = None,
    operations: Collection[str] = (),
    walk: bool = True,
    world: World | None = None,
) -> list[Finding]:
    """All findings on a package, errors first, each in the order of the files.

    `articles` are the known article ids of the jurisdiction, `outdated` those of them that are not in force (with the
    day on which they ended or begin), `operations` the connector operations that exist. Without
    `walk` the situations of the model are not walked, which takes long and only ever warns. The test rows of decision
    tables are tried in `world`, the law and the day; without it they are not.
    """
    findings = [*_forms(package), *_decisions(package)]
    readable = not findings or all(finding.severity is not Severity.ERROR for finding in findings)
    findings += foreign(package)
    findings += letters(package)
    findings += _campaign(package)
    findings += _table_tests(package, world) if world is not None else ()
    if readable:
        findings += _model(package)
        if all(
            finding.severity is not Severity.ERROR
            for finding in findings
            if finding.file.endswith(".bpmn") and not finding.code.startswith("foreign-")
        ):
            findings += fit(package, articles, operations, outdated or {})
            findings += sound(package.definition, f"workflows/bpmn/{package.name}.bpmn") if walk else ()
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    return sorted(findings, key=lambda finding: rank[finding.severity])


def _forms(package: Package) -> Iterator[Finding]:
    for path in sorted(package.files):
        if path.startswith((f"forms/{package.name}/", "forms/_shared/")) and path.endswith(".json"):
            try:
                form = read_form(package.files[path], path)
            except FormBroken as fault:
                yield Finding(path, "form-broken", fault.values.get("field"), values=fault.values)
                continue
            if not path.endswith(f"/{form.id}.json"):
                yield Finding(path, "form-name-differs", form.id)


def _decisions(package: Package) -> Iterator[Finding]:
    for path in sorted(package.files):
        if not path.endswith(".dmn"):
            continue
        try:
            examined = examine(package.files[path], package.names)
        except (DmnError, FeelError) as fault:
            yield Finding(path, fault.code, getattr(fault, "element", None), values=fault.values)
            continue
        except FormBroken:
            return  # said already; the names of the answers are not known without the forms
        for found in examined.findings:
            yield Finding(
                path,
                found.code if found.values.get("element") in examined.broken else f"dmn-{found.code}",
                found.decision,
                Severity(found.severity),
                {"rules": found.rules, "cells": found.cells, **found.values},
            )


def _table_tests(package: Package, world: World) -> Iterator[Finding]:
    """The test rows of tables that do not come out, and files of them that cannot be read."""
    try:
        for path, number, tried in try_tables(package, world):
            if tried.state in ("failed", "broken"):
                said = {"row": number, "title": tried.row.title, "rules": tried.rules, "why": tried.code}
                yield Finding(
                    path, f"dmn-test-{tried.state}", tried.row.decision, values={**tried.values, **said}
                )
    except PackageBroken as fault:
        yield Finding(str(fault.values["path"]), "dmn-tests-broken", values=fault.values)
    except (DmnError, FeelError, FormBroken):
        return  # said already


def _campaign(package: Package) -> Iterator[Finding]:
    try:
        campaign_of(package)
    except PackageBroken as fault:
        yield Finding(str(fault.values["path"]), "campaign-broken", values=fault.values)


def _model(package: Package) -> Iterator[Finding]:
    main = f"workflows/bpmn/{package.name}.bpmn"
    try:
        _ = package.definition
    except ModelError as fault:
        for code, element, values in fault.findings or ((fault.code, fault.element, fault.values),):
            yield Finding(str(values.get("file", main)), code, element, values=dict(values))
    except (FeelError, DmnError, ClockError) as fault:
        yield Finding(main, fault.code, values=fault.values)
