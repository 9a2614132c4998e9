"""Templates: every document and notice that the model names must have one, and it must be readable Jinja."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from jinja2 import TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from engine.core.reading.mend import properties
from engine.core.xml import BPMN
from engine.documents.reading import unsafe
from engine.lint.finding import Finding, Severity
from engine.lint.letter_fields import built_on
from engine.package import models_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.package import Package


def letters(package: Package) -> Iterator[Finding]:
    """Findings on the templates of a package."""
    yield from _syntax(package)
    for path, root in models_of(package):
        settings = [properties(element) for element in root.iter(f"{BPMN}*")]
        for kind in ("document", "notice"):
            for name in sorted({one[kind] for one in settings if one.get(kind)}):
                yield from _needed(package, path, kind, name)


def _needed(package: Package, path: str, kind: str, name: str) -> Iterator[Finding]:
    if name.startswith("="):
        return
    folder = f"templates/{package.name}/"
    if kind == "notice":
        wanted = [
            (f"{folder}notice-{name}.txt", Severity.ERROR),
            (f"{folder}notice-{name}.en.txt", Severity.INFO),
        ]
    else:
        wanted = [(f"{folder}{name}.html", Severity.ERROR), (f"{folder}{name}.json", Severity.ERROR)]
    for file, severity in wanted:
        if file not in package.files and file.replace(folder, "templates/_shared/") not in package.files:
            yield Finding(path, "template-missing", name, severity, {"file": file})


def _syntax(package: Package) -> Iterator[Finding]:
    environment = SandboxedEnvironment(autoescape=True)
    for path in sorted(package.files):
        if not path.startswith("templates/"):
            continue
        if path.endswith((".html", ".txt", ".svg")):
            try:
                environment.parse(package.files[path].decode())
            except (TemplateSyntaxError, UnicodeDecodeError) as fault:
                line = getattr(fault, "lineno", None)
                yield Finding(path, "template-broken", values={"reason": str(fault), "line": line})
                continue
            yield from built_on(package, path, package.files[path].decode())
            for one in unsafe(package.files[path].decode()) if not path.endswith(".txt") else ():
                values = {"line": one.line, "kind": one.code, "reason": one.name}
                yield Finding(path, "template-unsafe", values=values)
        elif path.endswith(".json"):
            try:
                sidecar = msgspec.json.decode(package.files[path], type=dict[str, object])
            except msgspec.DecodeError as fault:
                yield Finding(path, "template-broken", values={"reason": str(fault)})
                continue
            if "title" not in sidecar:
                yield Finding(path, "template-without-title")
