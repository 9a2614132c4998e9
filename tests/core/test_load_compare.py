"""The loader against the direct reading of the same XML: the same `Definition`, field by field, on every public model."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from engine.core.load import ModelError, load
from tests.core.direct import BPMN, read_direct
from tests.core.models import EVERYTHING

if TYPE_CHECKING:
    from pathlib import Path

    from engine.core.definition import Definition

FOLDERS = ("token-simulation", "betsy/executable", "betsy/constraints", "bpmn-miwg")
#: What the list of unsupported constructs allows to refuse in a model that breaks no rule.
UNSUPPORTED = {"ad-hoc", "parallel-multiple", "data-association", "choreography"}


def attempt(source: dict[str, bytes], process: str, *, strict: bool) -> Definition | ModelError:
    try:
        return load(source, process, strict=strict)
    except ModelError as error:
        refusal = error
    assert refusal.findings
    assert all(finding.element or finding.values for finding in refusal.findings)
    return refusal


def differences(one: Definition, other: Definition) -> list[tuple[Any, ...]]:
    """Where two definitions differ: part, id, field and both values."""
    found: list[tuple[Any, ...]] = []
    for part in ("scopes", "nodes", "flows", "boundaries"):
        left, right = getattr(one, part), getattr(other, part)
        if list(left) != list(right):
            found.append((part, "ids", list(left), list(right)))
        for name in left.keys() & right.keys():
            a, b = left[name], right[name]
            if part == "boundaries":
                found += [(part, name, a, b)] if a != b else []
                continue
            for field in fields(a):
                values = getattr(a, field.name), getattr(b, field.name)
                if values[0] != values[1]:
                    found.append((part, name, field.name, *values))
    return found


def test_everything_at_once() -> None:
    loaded = load({"all.bpmn": EVERYTHING}, decisions={"route": None})  # type: ignore[dict-item]
    assert differences(loaded, read_direct({"all.bpmn": EVERYTHING}, "all")) == []
    assert len(loaded.nodes) > 45


def test_differences_are_noticed() -> None:
    """The comparison itself: one changed attribute anywhere shows."""
    loaded = load({"all.bpmn": EVERYTHING}, decisions={"route": None})  # type: ignore[dict-item]
    changes = {b'isInterrupting="0"': b"", b'name="person"': b'name="q"', b'name="on"': b'name="off"'}
    for old, new in changes.items():
        assert differences(loaded, read_direct({"all.bpmn": EVERYTHING.replace(old, new)}, "all"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_public_models(corpora: Path, folder: str) -> None:
    """Both readings agree on all that load; the two suites of runnable models load whole."""
    loaded, refused = 0, []
    for path in sorted((corpora / folder).rglob("*.bpmn")):
        source = {path.name: path.read_bytes()}
        for process in etree.fromstring(source[path.name]).iter(f"{BPMN}process"):
            draft = attempt(source, process.get("id"), strict=False)
            if isinstance(draft, ModelError):
                refused.append(f"{path.name}: {draft}")
                continue
            loaded += 1
            assert differences(draft, read_direct(source, process.get("id"))) == [], path.name
    print(f"{folder}: {loaded} loaded, {len(refused)} refused")
    assert loaded > 5
    if folder in {"token-simulation", "betsy/executable"}:
        assert refused == []


def test_executable_models_can_be_published(corpora: Path) -> None:
    for path in sorted((corpora / "betsy/executable").rglob("*.bpmn")):
        load({path.name: path.read_bytes()})


def test_broken_rules_are_found(corpora: Path) -> None:
    """Each model that breaks a rule is refused for publishing; one that keeps it only for what is not supported."""
    accepted = []
    for path in sorted((corpora / "betsy/constraints").rglob("*.bpmn")):
        source = {path.name: path.read_bytes()}
        processes = [xml.get("id") for xml in etree.fromstring(source[path.name]).iter(f"{BPMN}process")]
        tried = [attempt(source, process, strict=True) for process in processes]
        refusals = [one for one in tried if isinstance(one, ModelError)]
        if "success" in path.name.lower():
            assert all({finding.code for finding in one.findings} & UNSUPPORTED for one in refusals), (
                path.name
            )
        elif not refusals:
            accepted.append(path.name)
    assert accepted == []
