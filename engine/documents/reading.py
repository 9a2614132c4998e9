"""What a template says before anything is printed: the fields that it names, line by line, and what it may not hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: What a template sees of the case.
ROOTS = ("data", "case", "document")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
#: Elements that load, run or ask for something; a paper does none of these.
_FORBIDDEN = frozenset(["script", "iframe", "frame", "frameset", "object", "embed", "applet", "form", "input", "button", "textarea", "select", "link", "base", "audio", "video", "source", "track", "portal"])  # fmt: skip
_LOADING = frozenset({"src", "srcset", "poster", "background", "data", "xlink:href"})
_OUTSIDE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//|/|\.)", re.IGNORECASE)
_RUNNING = re.compile(r"\s*(?:javascript|vbscript|data)\s*:", re.IGNORECASE)
_SHEET = re.compile(r"@import\b|url\(\s*['\"]?\s*(?![#'\")\s])|expression\s*\(|-moz-binding", re.IGNORECASE)


class Use(NamedTuple):
    """A field that a template names: dotted, `[]` for each row of a list; and the line."""

    name: str
    line: int
    #: The template does without it: it asks first whether it is there, or has something in its place.
    optional: bool = False


class Unsafe(NamedTuple):
    """Something that a template may not hold: the line, what kind of thing (a code), and its name."""

    line: int
    code: str
    name: str


def uses(text: str) -> list[Use]:
    """Every field of case, data and document that the template itself names; TemplateSyntaxError if it is broken.

    Names of loops and sets are followed; what imported macros do with what they are given is not.
    """
    found: dict[Use, None] = {}
    tree = Environment(autoescape=True).parse(text)
    _walk(tree, {name: name for name in ROOTS}, found)
    spared = {path for part in _asked_first(tree) if (path := _path(part, {name: name for name in ROOTS}))}
    return [
        one._replace(optional=any(f"{one.name}.".startswith(f"{path}.") for path in spared)) for one in found
    ]


def _asked_first(tree: nodes.Node) -> Iterator[nodes.Node]:
    """What is asked for with `is defined` or given a default somewhere in the template."""
    for test in tree.find_all(nodes.Test):
        if test.name in {"defined", "undefined"}:
            yield test.node
    for given in tree.find_all(nodes.Filter):
        if given.name in {"default", "d"} and given.node is not None:
            yield given.node


def _walk(node: nodes.Node, names: Mapping[str, str], found: dict[Use, None]) -> None:
    match node:
        case nodes.Getattr() | nodes.Getitem() | nodes.Name():
            path = _path(node, names)
            if path is not None and path not in ROOTS:
                found[Use(path, node.lineno)] = None
            if path is None:
                _children(node, names, found)
            elif isinstance(node, nodes.Getitem):
                _walk(node.arg, names, found)
        case nodes.For(target=nodes.Name(name=name), iter=rows):
            _walk(rows, names, found)
            path = _path(rows, names)
            own = (
                {**names, name: f"{path}[]"}
                if path
                else {key: to for key, to in names.items() if key != name}
            )
            for part in (*([node.test] if node.test else []), *node.body, *node.else_):
                _walk(part, own, found)
        case nodes.Call(node=nodes.Getattr(node=owner, attr="items" | "keys" | "values" | "get")):
            _walk(owner, names, found)
            for part in node.args:
                _walk(part, names, found)
        case _:
            _children(node, names, found)


def _children(node: nodes.Node, names: Mapping[str, str], found: dict[Use, None]) -> None:
    own = dict(names)
    for child in node.iter_child_nodes():
        _walk(child, own, found)
        if isinstance(child, nodes.Assign) and isinstance(child.target, nodes.Name):
            path = _path(child.node, own)
            own.pop(child.target.name, None)
            if path:
                own[child.target.name] = path


def _path(node: nodes.Node, names: Mapping[str, str]) -> str | None:
    match node:
        case nodes.Name(name=name):
            return names.get(name)
        case nodes.Getattr(node=owner, attr=attr):
            path = _path(owner, names)
            return f"{path}.{attr}" if path else None
        case nodes.Getitem(node=owner, arg=nodes.Const(value=str(key))):
            path = _path(owner, names)
            return f"{path}.{key}" if path else None
        case nodes.Getitem(node=owner):
            path = _path(owner, names)
            return f"{path}[]" if path else None
        case nodes.Filter(node=nodes.Node() as inner, name="default" | "list" | "sort"):
            return _path(inner, names)
    return None


def value_at(name: str, known: Mapping[str, Any]) -> tuple[bool, Any]:
    """Whether the data has the field of that name, and what it is; of rows the first one speaks."""
    value: Any = known
    for part in name.replace("[]", ".[]").split("."):
        if part == "[]":
            rows = value if isinstance(value, (list, tuple)) else []
            if not rows:
                return True, None  # no row, so nothing is missing in one
            value = rows[0]
        elif isinstance(value, dict) or hasattr(value, "keys"):
            if part not in value:
                return False, None
            value = value[part]
        else:
            return False, None
    return True, value


def unsafe(text: str) -> list[Unsafe]:
    """What loads, runs or lets raw markup through, in the order of the lines; reading it never fails."""
    reader = _Reader()
    reader.feed(_JINJA.sub(_filled, text))
    reader.close()
    return sorted({*reader.found, *_raw(text)})


def _filled(found: re.Match[str]) -> str:
    """As many characters that say nothing, on as many lines."""
    filler = "x" if found[0].startswith("{{") else " "
    return re.sub(r"[^\n]", filler, found[0])


def _raw(text: str) -> Iterator[Unsafe]:
    for number, line in enumerate(text.splitlines(), 1):
        for tag in _JINJA.findall(line):
            if re.search(r"\|\s*safe\b", tag):
                yield Unsafe(number, "raw", "safe")
            if re.match(r"\{%-?\s*autoescape\b", tag):
                yield Unsafe(number, "raw", "autoescape")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Unsafe] = []
        self._sheet = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        self._sheet = tag == "style"
        known = dict(attrs)
        if tag in _FORBIDDEN or (tag == "meta" and "http-equiv" in known):
            self.found.append(Unsafe(line, "element", tag))
        for name, value in attrs:
            given = value or ""
            if name.startswith("on"):
                self.found.append(Unsafe(line, "handler", name))
            elif (name in _LOADING and _OUTSIDE.match(given)) or (name == "href" and _RUNNING.match(given)):
                self.found.append(Unsafe(line, "address", given[:80]))
            elif name == "style" and _SHEET.search(given):
                self.found.append(Unsafe(line, "sheet", given[:80]))

    def handle_endtag(self, tag: str) -> None:
        self._sheet = self._sheet and tag != "style"

    def handle_data(self, data: str) -> None:
        if self._sheet:
            first = self.getpos()[0]
            for number, line in enumerate(data.split("\n"), first):
                if _SHEET.search(line):
                    self.found.append(Unsafe(number, "sheet", line.strip()[:80]))
