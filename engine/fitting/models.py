"""The models of a package as an editor lists them; files that cannot be read are listed under their file name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.core.load import ModelError
from engine.core.verbs_offer import VERBS
from engine.core.xml import BPMN, child, children, parse, words
from engine.package import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.package import Package

_FOLDER = "workflows/bpmn/"
_PARTS = f"{_FOLDER}{SHARED}/"


@dataclass(frozen=True, slots=True)
class Diagram:
    """One file with a diagram; `shared` ones belong to several processes."""

    path: str
    name: str
    shared: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A process that others call; `inside` tells whether the package has its file."""

    id: str
    title: str
    about: str
    lanes: tuple[str, ...]
    path: str
    inside: bool


def diagrams(package: Package) -> list[Diagram]:
    """The package's diagrams, its own before the shared ones."""
    paths = [path for path in package.files if path.startswith(_FOLDER) and path.endswith(".bpmn")]
    ordered = sorted(paths, key=lambda path: (path.startswith(_PARTS), path))
    return [Diagram(path, _name(package.files[path], path), path.startswith(_PARTS)) for path in ordered]


def shared_parts(root: Path, package: Package) -> list[Part]:
    """The parts of the tree below `root` and of the package, whose own edition goes before."""
    folder = root / _PARTS
    sources = {f"{_PARTS}{path.name}": path.read_bytes() for path in sorted(folder.glob("*.bpmn"))}
    inside = {path: content for path, content in package.files.items() if path.startswith(_PARTS)}
    return [
        part
        for path, content in sorted({**sources, **inside}.items())
        for part in _parts(path, content, path in inside)
    ]


def element_ids(package: Package) -> dict[str, list[str]]:
    """Ids of all elements by file: one case runs through all diagrams, so an id stands once."""
    found: dict[str, list[str]] = {}
    for one in diagrams(package):
        root = _root(package.files[one.path], one.path)
        if root is not None:
            found[one.path] = [element.get("id") for element in root.iter(f"{BPMN}*") if element.get("id")]
    return found


def verbs() -> tuple[str, ...]:
    """The verbs that a task may offer beside completing."""
    return tuple(sorted(VERBS))


def _parts(path: str, content: bytes, inside: bool) -> Iterator[Part]:
    root = _root(content, path)
    for process in () if root is None else children(root, "process"):
        lanes = tuple(str(one.get("id")) for one in process.iter(f"{BPMN}lane"))
        name = process.get("id") or ""
        yield Part(
            name, process.get("name") or name, words(child(process, "documentation")), lanes, path, inside
        )


def _root(content: bytes, path: str) -> Any | None:
    try:
        return parse(content, path)
    except ModelError:
        return None


def _name(content: bytes, path: str) -> str:
    file = path.rpartition("/")[2]
    root = _root(content, path)
    return (
        file
        if root is None
        else next((one.get("name") for one in children(root, "process") if one.get("name")), file)
    )
