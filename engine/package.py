"""All files of one process as one immutable value, named by the hash of its content.

In the tree the files lie kind by kind (workflows/, forms/, policies/, templates/); in the database a published
version holds the same files as one blob. Both ways round, byte for byte.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import stat
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

from engine.core.load import ModelError, load
from engine.core.xml import BPMN, parse, readable
from engine.dmn import DmnError
from engine.dmn import read as read_dmn
from engine.errors import FormBroken, NotFound, PackageBroken
from engine.feel import FeelError
from engine.forms import Form, read_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from engine.core.definition import Definition
    from engine.dmn import Model
    from engine.store.session import Reader

START = "start"
#: What the compiled parts of a package raise when its files cannot run.
BROKEN = (ModelError, DmnError, FormBroken, FeelError)
#: Files in an archive that is unfolded at all.
MOST_ENTRIES = 5_000
#: The folder of what all processes have in common, in templates/ and forms/.
SHARED = "_shared"
_CALLED = re.compile(rb"""calledElement\s*=\s*["']([^"']+)["']""")
#: A moment that zip can write; the package's name must not depend on file dates.
_STILL = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Package:
    """The files of one process by path; compiled parts are made at first use and kept."""

    name: str
    files: Mapping[str, bytes]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over paths and contents in path order: the version's name."""
        total = hashlib.sha256()
        for path in sorted(self.files):
            content = self.files[path]
            total.update(f"{path}\0{len(content)}\0".encode())
            total.update(content)
        return total.hexdigest()

    @cached_property
    def forms(self) -> dict[str, Form]:
        """Every form by its id (the BPMN element, or `start`); the process's own before those of the parts it calls."""
        files = [*self._below("forms/_shared/", ".json"), *self._below(f"forms/{self.name}/", ".json")]
        return {PurePosixPath(path).stem: read_form(content, path) for path, content in files}

    @cached_property
    def names(self) -> frozenset[str]:
        """Names that FEEL may meet with spaces in them: the answers of all forms, and `case`."""
        return frozenset({"case"}).union(*(form.names() for form in self.forms.values()))

    @cached_property
    def models(self) -> dict[str, Model]:
        """DMN models by file path."""
        return {
            path: read_dmn(content, self.names) for path, content in self._below("workflows/dmn/", ".dmn")
        }

    @cached_property
    def definition(self) -> Definition:
        """The checked model, with its decisions; ModelError, DmnError or FormBroken say what is wrong."""
        decisions = {decision: model for model in self.models.values() for decision in model.decisions}
        sources = dict(self._below("workflows/bpmn/", ".bpmn"))
        return load(sources, self.name, decisions=decisions, names=self.names)

    @cached_property
    def title(self) -> dict[str, str]:
        """What the process is called, by language: `zh` from the model, others from the start form. Never fails."""
        model = self.files.get(f"workflows/bpmn/{self.name}.bpmn", b"")
        named = {
            one.get("id"): one.get("name")
            for one in readable(model)
            if one.tag == f"{BPMN}process" and one.get("name")
        }
        words = {"zh": named.get(self.name) or next(iter(named.values()), "")}
        try:
            told = json.loads(self.files.get(f"forms/{self.name}/{START}.json", b"{}"))["title"]
            words |= {key: text for key, text in told.items() if key != "zh" and isinstance(text, str)}
        except (ValueError, KeyError, TypeError, AttributeError):
            pass
        return {**words, "zh": words["zh"] or self.name}

    @cached_property
    def labels(self) -> dict[str, str]:
        """Id -> name of everything in the models that has both, however broken they are. Never fails."""
        models = (content for _, content in self._below("workflows/bpmn/", ".bpmn"))
        every = (one for content in models for one in readable(content))
        return {one.get("id"): one.get("name") for one in every if one.get("id") and one.get("name")}

    def form(self, element: str) -> Form | None:
        """The form of a task (or `start`); None where the step has no questions."""
        return self.forms.get(element)

    def sidecar(self, document: str) -> dict[str, Any] | None:
        """What stands beside the document's template: the process's own, else that of templates/_shared; None if neither."""
        for folder in (self.name, SHARED):
            content = self.files.get(f"templates/{folder}/{document}.json")
            if content is not None:
                return json.loads(content)  # type: ignore[no-any-return]  # a sidecar is an object
        return None

    def text(self, path: str) -> str:
        """A text file of the package; NotFound if there is none."""
        try:
            return self.files[path].decode()
        except KeyError:
            raise NotFound(kind="file", id=path) from None

    @property
    def policies(self) -> str:
        """The process's casbin lines."""
        return self.files.get(f"policies/{self.name}.csv", b"").decode(errors="replace")

    @property
    def scenarios(self) -> bytes | None:
        """The scenario file, if the process has one."""
        return self.files.get(f"workflows/scenarios/{self.name}.yaml")

    def _below(self, folder: str, ending: str) -> list[tuple[str, bytes]]:
        return [
            (path, self.files[path])
            for path in sorted(self.files)
            if path.startswith(folder) and path.endswith(ending)
        ]


def models_of(package: Package) -> Iterator[tuple[str, Any]]:
    """The BPMN files that can be read, with their roots, by path; loading tells of the others."""
    for path in sorted(package.files):
        if path.endswith(".bpmn"):
            with suppress(ModelError):
                yield path, parse(package.files[path], path)


class Packages(Protocol):
    """Where packages are read by their digest (`commands.versions.Versions` reads the published ones)."""

    def at(self, digest: str, reader: Reader | None = None) -> Package:
        """The package with that digest; NotFound if there is none. Commands give their own session."""
        ...


def read_package(root: Path, name: str) -> Package:
    """The package as it lies in the tree below `root`; NotFound if there is no such process."""
    main = root / "workflows" / "bpmn" / f"{name}.bpmn"
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name) or not main.is_file():
        raise NotFound(kind="process", id=name)
    files: dict[str, bytes] = {}

    def take(path: Path) -> None:
        files[path.relative_to(root).as_posix()] = path.read_bytes()

    take(main)
    files |= parts_of(root, main.read_bytes())
    files |= common_templates(root)
    for folder in (f"workflows/dmn/{name}", f"forms/{name}", f"templates/{name}"):
        for path in _files_below(root / folder):
            take(path)
    for single in (
        f"policies/{name}.csv",
        f"workflows/scenarios/{name}.yaml",
        f"workflows/campaigns/{name}.json",
    ):
        if (root / single).is_file():
            take(root / single)
    return Package(name, files)


def common_templates(root: Path) -> dict[str, bytes]:
    """What the papers of all processes are built on (templates/_shared), by path: every package has it."""
    below = _files_below(root / "templates" / SHARED)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in below}


def _files_below(folder: Path) -> list[Path]:
    every = sorted(folder.rglob("*"))
    return [path for path in every if path.is_file() and not path.name.startswith(".")]


def parts_of(root: Path, model: bytes) -> dict[str, bytes]:
    """The shared parts that a model calls, and those that they call, each with its forms; unknown ones are left out."""
    files: dict[str, bytes] = {}
    waiting = _CALLED.findall(model)
    while waiting:
        name = waiting.pop(0).decode("utf-8", "replace")
        part = root / "workflows" / "bpmn" / SHARED / f"{name}.bpmn"
        path = f"workflows/bpmn/{SHARED}/{name}.bpmn"
        if path in files or not re.fullmatch(r"[\w.-]+", name) or not part.is_file():
            continue
        files[path] = part.read_bytes()
        for form in sorted((root / "forms" / SHARED / name).glob("*.json")):
            files[form.relative_to(root).as_posix()] = form.read_bytes()
        waiting += _CALLED.findall(files[path])
    return files


def process_names(root: Path) -> tuple[str, ...]:
    """The processes that lie in the tree, in alphabetical order."""
    return tuple(sorted(path.stem for path in (root / "workflows" / "bpmn").glob("*.bpmn")))


def pack(package: Package) -> bytes:
    """The package as a zip file whose bytes depend on its content only."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(package.files):
            archive.writestr(zipfile.ZipInfo(path, _STILL), package.files[path], zipfile.ZIP_DEFLATED)
    return target.getvalue()


def unpack(name: str, content: bytes, limit: int = 50 * 1024 * 1024) -> Package:
    """The package in a zip file; PackageBroken for what is no zip, or leaves the tree, or unfolds to over `limit` bytes.

    Sizes are looked at before anything is unfolded, and nothing unfolds to more than the archive says it does.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > limit or len(entries) > MOST_ENTRIES:
                raise PackageBroken(process=name, reason="too-large", limit=limit)
            for entry in entries:
                _require_plain(name, entry)
            if len({entry.filename for entry in entries}) != len(entries):
                raise PackageBroken(process=name, reason="path-twice")
            return Package(name, {entry.filename: archive.read(entry) for entry in entries})
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, OverflowError):
        raise PackageBroken(process=name, reason="no-zip") from None


def _require_plain(name: str, entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.filename)
    # `orig_filename` is what the archive says before Python tidies it.
    outside = path.is_absolute() or ".." in path.parts or "\\" in entry.orig_filename
    if outside or "\0" in entry.orig_filename:
        raise PackageBroken(process=name, reason="path-outside", path=entry.orig_filename[:200])
    if entry.flag_bits & 1:
        raise PackageBroken(process=name, reason="locked", path=entry.filename[:200])
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise PackageBroken(process=name, reason="link", path=entry.filename[:200])
