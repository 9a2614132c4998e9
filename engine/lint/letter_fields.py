"""Letters against what their steps hand over: files that a template builds on, formats it uses, fields that nobody gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.filters import FILTERS as COMMON

from engine.documents.reading import uses
from engine.documents.sandbox import FILTERS, PLACES, PREFIX
from engine.feel.syntax import Context
from engine.lint.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.definition import Definition
    from engine.package import Package

_READER = Environment(autoescape=True)
_KNOWN = (COMMON.keys() | FILTERS.keys() | PLACES.keys()) - {"safe"}
_FOLDED = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)


def built_on(package: Package, path: str, text: str) -> Iterator[Finding]:
    """Files that the template extends, includes or imports and the package lacks; formats that do not exist."""
    try:
        tree = _READER.parse(text)
    except TemplateSyntaxError:
        return  # said already
    for part in tree.find_all(_FOLDED):
        named: nodes.Expr = part.template  # type: ignore[attr-defined]  # all four have one
        if isinstance(named, nodes.Const) and f"{PREFIX}{named.value}" not in package.files:
            values = {"file": f"{PREFIX}{named.value}", "line": part.lineno}
            yield Finding(path, "template-file-missing", values=values)
    for used in tree.find_all(nodes.Filter):
        if used.name not in _KNOWN and used.name != "safe":
            values = {"reason": f"no filter named {used.name}", "line": used.lineno}
            yield Finding(path, "template-broken", values=values)


def fields_given(package: Package, definition: Definition) -> Iterator[Finding]:
    """Fields of `data` that a letter's own template prints, but no step that makes it hands over."""
    given: dict[str, set[str] | None] = {}
    for node in definition.nodes.values():
        settings = node.settings
        for kind, name in (("document", settings.document), ("notice", settings.notice)):
            if not name or name.startswith("="):
                continue
            path = (
                f"{PREFIX}{package.name}/{name}.html"
                if kind == "document"
                else f"{PREFIX}{package.name}/notice-{name}.txt"
            )
            tree = settings.input.tree if settings.input is not None else None
            keys = set(tree.keys) if isinstance(tree, Context) else set() if settings.input is None else None
            known = given.get(path, set())
            given[path] = None if keys is None or known is None else known | keys
    for path, known in given.items():
        if known is not None and path in package.files:
            yield from _lacking(path, package.files[path].decode("utf-8", "replace"), known)


def _lacking(path: str, text: str, known: set[str]) -> Iterator[Finding]:
    try:
        named = uses(text)
    except TemplateSyntaxError:
        return
    seen: set[str] = set()
    for use in named:
        root, _, rest = use.name.partition(".")
        key = rest.partition(".")[0].removesuffix("[]")
        if root == "data" and key and key not in known and not use.optional and key not in seen:
            seen.add(key)
            values = {"field": f"data.{key}", "line": use.line}
            yield Finding(path, "template-field-not-given", key, Severity.WARNING, values)
