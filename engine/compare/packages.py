"""Two versions of a process, file by file, each kind of file in its own way."""

from __future__ import annotations

import json
from difflib import unified_diff
from typing import TYPE_CHECKING

import yaml

from engine.compare.diagram import diagram
from engine.compare.difference import Difference, Parts, What, between
from engine.compare.forms import forms
from engine.compare.tables import tables
from engine.package import BROKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.package import Package

#: What a file says that cannot be read as what it should be; it is compared as text then.
_UNREADABLE = (*BROKEN, ValueError, KeyError, TypeError, yaml.YAMLError)


def compare(before: Package, after: Package) -> list[Difference]:
    """Everything that differs, by file in the order of their paths."""
    found: list[Difference] = []
    for path in sorted({*before.files, *after.files}):
        was, now = before.files.get(path), after.files.get(path)
        if was == now:
            continue
        if was is None:
            found.append(Difference(path, What.ADDED))
        elif now is None:
            found.append(Difference(path, What.REMOVED))
        else:
            found += _changed(path, was, now, before, after)
    return found


def _changed(path: str, was: bytes, now: bytes, before: Package, after: Package) -> list[Difference]:
    try:
        if path.endswith(".bpmn"):
            return list(diagram(path, was, now))
        if path.endswith(".dmn"):
            return list(tables(path, was, now, before.names | after.names))
        if path.startswith("forms/"):
            return list(forms(path, was, now))
        if path.endswith(".csv"):
            return list(_rights(path, was.decode(), now.decode()))
        if path.startswith("workflows/scenarios/"):
            return list(between(path, _scenarios(was), _scenarios(now), named="title"))
        if path.endswith(".json"):
            return list(between(path, {"": json.loads(was)}, {"": json.loads(now)}))
    except _UNREADABLE:
        pass
    return list(_text(path, was, now))


def _rights(path: str, was: str, now: str) -> Iterator[Difference]:
    """Rules added and removed; order and remarks mean nothing."""
    old, new = _rules(was), _rules(now)
    yield from (Difference(path, What.ADDED, rule) for rule in new if rule not in old)
    yield from (Difference(path, What.REMOVED, rule) for rule in old if rule not in new)


def _rules(text: str) -> dict[str, None]:
    lines = (line.partition("#")[0] for line in text.splitlines())
    return dict.fromkeys(
        ", ".join(cell.strip() for cell in line.split(",")) for line in lines if line.strip()
    )


def _scenarios(content: bytes) -> dict[str, Parts]:
    told = yaml.safe_load(content)
    rest = {name: value for name, value in told.items() if name != "cases"}
    return {"": rest, **{str(case["id"]): case for case in told["cases"]}}


def _text(path: str, was: bytes, now: bytes) -> Iterator[Difference]:
    """Texts by line, as patches show them; bytes that are no text only differ."""
    try:
        old, new = was.decode().splitlines(), now.decode().splitlines()
    except UnicodeDecodeError:
        yield Difference(path, What.CHANGED)
        return
    for hunk in _hunks(list(unified_diff(old, new, lineterm="", n=0))[2:]):
        removed = [line[1:] for line in hunk if line.startswith("-")]
        added = [line[1:] for line in hunk if line.startswith("+")]
        yield Difference(path, What.CHANGED, part=hunk[0].strip("@ "), before=removed, after=added)


def _hunks(lines: list[str]) -> Iterator[list[str]]:
    hunk: list[str] = []
    for line in lines:
        if line.startswith("@@") and hunk:
            yield hunk
            hunk = []
        hunk.append(line)
    if hunk:
        yield hunk
