"""Models and archives that come from elsewhere, made into a package of a process: nothing lost, everything told.

A model keeps every byte that it had, but for the id of its process, which must be the process's name. What another tool
kept in settings of its own stays in the file and is told by lint (`engine.lint.foreign`) until somebody removes it.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from engine.core.xml import BPMN, parse, text_of
from engine.errors import PackageBroken
from engine.founding import start_form
from engine.lint.foreign import converted, is_foreign
from engine.package import SHARED, START, Package, unpack

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Field types of other tools' task forms -> ours.
_TYPES: Final = {
    "string": "text",
    "long": "integer",
    "integer": "integer",
    "number": "number",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
    "enum": "choice",
}
_NODES: Final = re.compile(r"(?:Task|Event|Gateway|subProcess|callActivity|task|transaction)$")


def take_archive(content: bytes) -> Package:
    """The package in a zip file, named by its one diagram; PackageBroken if it holds none, or several.

    A folder around everything, as archives of repositories have it, is left out.
    """
    found = unpack("", content)
    files = dict(found.files)
    tops = {path.partition("/")[0] for path in files}
    if len(tops) == 1 and not tops & {"workflows", "forms", "policies", "templates"}:
        files = {path.partition("/")[2]: text for path, text in files.items() if "/" in path}
    names = [
        PurePosixPath(path).stem
        for path in files
        if path.startswith("workflows/bpmn/") and path.endswith(".bpmn") and f"/{SHARED}/" not in path
    ]
    if len(names) != 1:
        raise PackageBroken(reason="which-process", count=len(names), names=", ".join(sorted(names)[:20]))
    return Package(names[0], files)


def is_archive(content: bytes) -> bool:
    """Whether the bytes are a zip file."""
    return zipfile.is_zipfile(io.BytesIO(content))


def take_model(content: bytes, name: str) -> Package:
    """A package around a model of any tool; ModelError if the file cannot be read as BPMN at all.

    Forms that the model's tasks carry become form files; a start form asks for nothing special yet.
    """
    root = parse(content, f"{name}.bpmn")
    process = _main(root)
    if process is None:
        raise PackageBroken(process=name, reason="no-process")
    old = process.get("id") or ""
    title = " ".join((process.get("name") or _pool(root, old) or name).split())
    model = renamed(content, old, name) if old else content
    files = {
        f"workflows/bpmn/{name}.bpmn": model,
        f"forms/{name}/{START}.json": start_form({"zh": title, "en": title}),
        f"policies/{name}.csv": f"# {title}. Columns: p, role, object, action.\n".encode(),
    }
    for task, form in _forms(root):
        files[f"forms/{name}/{task}.json"] = form
    return Package(name, files)


def renamed(content: bytes, old: str, new: str) -> bytes:
    """The model with another id for its process, wherever it is named; every other byte stays."""
    text = _text(content)
    mark = re.escape(old)
    named = rf"""((?<![\w:])(?!name\b)[\w:]+\s*=\s*["'])((?:[\w.-]+:)?){mark}(["'])"""
    told = re.sub(named, lambda one: f"{one[1]}{one[2]}{new}{one[3]}", text)
    told = re.sub(
        rf">(\s*)((?:[\w.-]+:)?){mark}(\s*)</", lambda one: f">{one[1]}{one[2]}{new}{one[3]}</", told
    )
    return told.encode()


def _text(content: bytes) -> str:
    """The model as text that will be UTF-8, and says so."""
    text = text_of(content, "model")
    return re.sub(r"""\A(\s*<\?xml\s[^>]*encoding\s*=\s*)(["'])[\w.-]+\2""", r"\1\2UTF-8\2", text)


def cleaned(content: bytes) -> bytes:
    """The model without settings of other tools; conditions that only wear their signs become FEEL."""
    root = parse(content, "model")
    for element in list(root.iter("*")):
        for name in [one for one in element.attrib if is_foreign(one)]:
            del element.attrib[name]
    for extension in list(root.iter(f"{BPMN}extensionElements")):
        for child in [one for one in extension if is_foreign(str(one.tag))]:
            extension.remove(child)
        if len(extension) == 0 and extension.getparent() is not None:
            _drop(extension)
    for element in root.iter(f"{BPMN}conditionExpression"):
        text = (element.text or "").strip()
        if text.startswith(("${", "#{")):
            element.text = converted(text)
    etree.cleanup_namespaces(
        root, keep_ns_prefixes=[one for one in root.nsmap if one and _stays(root.nsmap[one])]
    )
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _stays(namespace: str) -> bool:
    return not is_foreign(f"{{{namespace}}}x")


def _drop(element: Any) -> None:
    """Remove an element and keep the text behind it, so that lines stay where they are."""
    parent, before = element.getparent(), element.getprevious()
    tail = element.tail or ""
    if before is not None:
        before.tail = tail or before.tail
    else:
        parent.text = tail or parent.text
    parent.remove(element)


def _main(root: Any) -> Any:
    """The process that is meant: the executable one with the most steps, else the one with the most."""
    found = list(root.iterchildren(f"{BPMN}process"))
    return max(found, key=lambda one: (one.get("isExecutable") == "true", _size(one)), default=None)


def _size(process: Any) -> int:
    return sum(bool(_NODES.search(etree.QName(one).localname)) for one in process.iter(f"{BPMN}*"))


def _pool(root: Any, process: str) -> str:
    pools = root.iter(f"{BPMN}participant")
    return next(
        (one.get("name") or "" for one in pools if (one.get("processRef") or "").endswith(process)), ""
    )


def _forms(root: Any) -> Iterator[tuple[str, bytes]]:
    """(task, form file) for every user task that carries the fields of its form in another tool's way."""
    for task in root.iter(f"{BPMN}userTask"):
        name = task.get("id") or ""
        fields = [_field(one) for one in task.iter("{*}formField", "{*}formProperty") if one.get("id")]
        if not fields or not re.fullmatch(r"[A-Za-z_][\w.-]*", name):
            continue
        label = " ".join((task.get("name") or name).split())
        words = {"zh": label, "en": label}
        form = {
            "id": name,
            "title": words,
            "variables": "all",
            "sections": [{"title": words, "fields": fields}],
        }
        yield name, (json.dumps(form, ensure_ascii=False, indent=2) + "\n").encode()


def _field(element: Any) -> dict[str, Any]:
    key = re.sub(r"\W", "_", element.get("id"))
    label = element.get("label") or element.get("name") or key
    kind = _TYPES.get((element.get("type") or "string").lower(), "text")
    options = [
        {
            "value": one.get("id"),
            "label": {"zh": one.get("name") or one.get("id"), "en": one.get("name") or one.get("id")},
        }
        for one in element.iter("{*}value")
        if one.get("id")
    ]
    if kind == "choice" and not options:
        kind = "text"
    field: dict[str, Any] = {"key": key, "type": kind, "label": {"zh": label, "en": label}}
    needed = element.get("required") == "true" or any(
        one.get("name") == "required" for one in element.iter("{*}constraint")
    )
    return {
        **field,
        **({"required": True} if needed else {}),
        **({"options": options} if kind == "choice" else {}),
    }
