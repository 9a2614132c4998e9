"""What a part needs beside itself when a process begins to call it: papers, notices, decisions, rights.

Their words are each process's own, so they are copied from a process of the tree that has them already: first one that calls
the same part, then any. What nobody has stays missing, and the checks say so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from engine.core.load import ModelError
from engine.core.reading.mend import properties
from engine.core.xml import BPMN, SPIFF, children, local, parse, words
from engine.errors import NotFound
from engine.package import SHARED, common_templates, parts_of, process_names, read_package
from engine.secrecy import rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from engine.package import Package

_PEOPLE = ("userTask", "manualTask")


@dataclass
class Needs:
    """What models name: papers, notices, decisions, lanes with people, messages that they wait for."""

    documents: set[str] = field(default_factory=set)
    notices: set[str] = field(default_factory=set)
    decisions: set[str] = field(default_factory=set)
    lanes: set[str] = field(default_factory=set)
    messages: set[str] = field(default_factory=set)
    forms: set[str] = field(default_factory=set)


def fitted(root: Path, package: Package, models: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files that the package lacks for these models (by path), and its rights where lines are missing."""
    parts: dict[str, bytes] = {}
    for content in models.values():
        parts |= parts_of(root, content)
    needs = _needs({**models, **{path: one for path, one in parts.items() if path.endswith(".bpmn")}})
    called = {PurePosixPath(path).stem for path in parts if path.endswith(".bpmn")}
    donors = list(_donors(root, package.name, called))
    found = {path: content for path, content in parts.items() if path not in package.files}
    found |= {path: content for path, content in common_templates(root).items() if path not in package.files}
    found |= _forms(package, found, donors, needs)
    found |= _letters(package, donors, needs)
    found |= _tables(package, donors, needs)
    rights = _rights(package, donors, needs)
    return {
        path: content for path, content in {**found, **rights}.items() if package.files.get(path) != content
    }


def _needs(models: Mapping[str, bytes]) -> Needs:
    needs = Needs()
    for path, content in models.items():
        try:
            tree = parse(content, path)
        except ModelError:
            continue
        names = {one.get("id"): one.get("name") for one in children(tree, "message")}
        for element in tree.iter(f"{BPMN}*"):
            given = properties(element)
            needs.documents |= _plain(given.get("document"))
            needs.notices |= _plain(given.get("notice"))
            needs.decisions |= _plain(given.get("decision"))
            needs.decisions |= {
                words(one) for one in element.iterfind(f"{BPMN}extensionElements/{SPIFF}calledDecisionId")
            }
        people = {one.get("id"): one for tag in _PEOPLE for one in tree.iter(f"{BPMN}{tag}")}
        needs.forms |= {name for name, one in people.items() if one.tag == f"{BPMN}userTask"}
        # A lane also works on what stands in a sub-process that lies in it.
        around = set(people) | {
            outer.get("id") for one in people.values() for outer in one.iterancestors(f"{BPMN}subProcess")
        }
        for lane in tree.iter(f"{BPMN}lane"):
            if around & {local(words(ref)) for ref in children(lane, "flowNodeRef")}:
                needs.lanes.add(lane.get("id"))
        for tag in ("startEvent", "intermediateCatchEvent", "boundaryEvent"):
            for event in tree.iter(f"{BPMN}{tag}"):
                for waits in children(event, "messageEventDefinition"):
                    needs.messages |= _plain(names.get(local(waits.get("messageRef"))))
    return needs


def _plain(text: str | None) -> set[str]:
    return {text} if text and not text.startswith("=") else set()


def _donors(root: Path, name: str, called: set[str]) -> Iterator[Package]:
    """Processes of the tree, those that call one of the parts before the others."""
    rest: list[Package] = []
    for other in process_names(root):
        if other == name:
            continue
        try:
            package = read_package(root, other)
        except NotFound:
            continue
        inside = {
            PurePosixPath(path).stem for path in package.files if path.startswith(f"workflows/bpmn/{SHARED}/")
        }
        if inside & called:
            yield package
        else:
            rest.append(package)
    yield from rest


def _forms(
    package: Package, found: Mapping[str, bytes], donors: list[Package], needs: Needs
) -> dict[str, bytes]:
    """Forms of a part's tasks that each process words itself."""
    stems = {PurePosixPath(path).stem for path in (*package.files, *found) if path.startswith("forms/")}
    made: dict[str, bytes] = {}
    for task in sorted(needs.forms - stems):
        content = next(
            (one.files[path] for one in donors if (path := f"forms/{one.name}/{task}.json") in one.files),
            None,
        )
        if content is not None:
            made[f"forms/{package.name}/{task}.json"] = content
    return made


def _letters(package: Package, donors: list[Package], needs: Needs) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    wanted = [(name, f"{name}.html") for name in sorted(needs.documents)]
    wanted += [(f"notice-{name}", f"notice-{name}.txt") for name in sorted(needs.notices)]
    for stem, main in wanted:
        if any(f"templates/{folder}/{main}" in package.files for folder in (package.name, SHARED)):
            continue
        donor = next((one for one in donors if f"templates/{one.name}/{main}" in one.files), None)
        if donor is None:
            continue
        for path in donor.files:
            file = PurePosixPath(path)
            if str(file.parent) == f"templates/{donor.name}" and file.name.partition(".")[0] == stem:
                _copy(package, donor, file.name, file.name, found)
    return found


def _copy(package: Package, donor: Package, name: str, under: str, found: dict[str, bytes]) -> None:
    """Take a letter over with the files of its folder that it is built on; a name that means something else here is changed."""
    target = f"templates/{package.name}/{under}"
    if target in found:
        return
    content = donor.files[f"templates/{donor.name}/{name}"]
    found[target] = content
    for built_on in dict.fromkeys(
        re.findall(rf"""["']{re.escape(donor.name)}/([\w.-]+)["']""".encode(), content)
    ):
        part = built_on.decode()
        source = donor.files.get(f"templates/{donor.name}/{part}")
        if source is None:
            continue
        here = part
        if package.files.get(f"templates/{package.name}/{part}") not in (None, _here(source, donor, package)):
            here = f"{PurePosixPath(part).stem}-{donor.name}{PurePosixPath(part).suffix}"
        found[target] = found[target].replace(
            f"{donor.name}/{part}".encode(), f"{package.name}/{here}".encode()
        )
        _copy(package, donor, part, here, found)


def _here(content: bytes, donor: Package, package: Package) -> bytes:
    """The content as it would read in the package's own folder."""
    return content.replace(f"{donor.name}/".encode(), f"{package.name}/".encode())


def _tables(package: Package, donors: list[Package], needs: Needs) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    known = {decision for model in package.models.values() for decision in model.decisions}
    for decision in sorted(needs.decisions - known - {""}):
        for donor in donors:
            path = next((path for path, model in donor.models.items() if decision in model.decisions), None)
            if path is not None:
                found[f"workflows/dmn/{package.name}/{PurePosixPath(path).name}"] = donor.files[path]
                break
    return found


def _rights(package: Package, donors: list[Package], needs: Needs) -> dict[str, bytes]:
    """The policy file with a line for every lane and message that nobody has a right to yet; nothing if all have one."""
    path = f"policies/{package.name}.csv"
    own = list(rules_of(package.policies))
    worked = {obj.partition("/")[2] for _, obj, action in own if action == "work"}
    sent = {action for _, _, action in own}
    lines: list[str] = []
    for lane in sorted(needs.lanes - worked):
        given = next(
            (
                roles
                for one in donors
                if (
                    roles := [
                        r for r, o, a in rules_of(one.policies) if (o, a) == (f"{one.name}/{lane}", "work")
                    ]
                )
            ),
            [lane],
        )
        lines += [f"p, {role}, {package.name}/{lane}, work" for role in given]
    for message in sorted(needs.messages):
        if f"message:{message}" in sent:
            continue
        given = next(
            (
                roles
                for one in donors
                if (roles := [r for r, _, a in rules_of(one.policies) if a == f"message:{message}"])
            ),
            [],
        )
        lines += [f"p, {role}, {package.name}, message:{message}" for role in dict.fromkeys(given)]
    if not lines:
        return {}
    before = package.files.get(path, b"").decode()
    return {
        path: f"{before}{'' if not before or before.endswith(chr(10)) else chr(10)}{chr(10).join(lines)}\n".encode()
    }
