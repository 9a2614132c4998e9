"""DMN XML as a small tree, read without trusting it.

Five versions of the standard differ, for a reader, in their namespace only; this module drops the namespaces and
everything that is not DMN (diagrams, extensions of vendors), so that `read` sees plain tags.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from engine.dmn.errors import DmnError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_BYTES = 5_000_000
#: Elements inside elements; hand-made models stay below 30.
MAX_DEPTH = 120

#: The MODEL namespaces of DMN 1.1 (two spellings), 1.2, 1.3, 1.4 and 1.5.
NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/MODEL/",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    }
)


@dataclass(frozen=True, slots=True)
class Node:
    """One DMN element: local name, attributes without namespace, text and DMN children in order."""

    tag: str
    attributes: Mapping[str, str]
    text: str
    children: tuple[Node, ...]
    line: int

    def get(self, name: str) -> str:
        """Return an attribute; empty when it is absent."""
        return self.attributes.get(name, "")

    @property
    def id(self) -> str:
        """The id, else the name, else tag and line: something an analyst can find."""
        return self.get("id") or self.get("name") or f"{self.tag}:{self.line}"

    def all(self, *tags: str) -> Iterator[Node]:
        """Return the direct children with one of these tags."""
        return (child for child in self.children if child.tag in tags)

    def first(self, *tags: str) -> Node | None:
        """Return the first such child, if any."""
        return next(self.all(*tags), None)

    def walk(self) -> Iterator[Node]:
        """Return this node and all below it, in document order."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.children))

    def prose(self, tag: str = "text") -> str:
        """Return the stripped text of the child with this tag; empty when there is none."""
        child = self.first(tag)
        return child.text.strip() if child is not None else ""


def parse(source: bytes) -> Node:
    """Return the `definitions` element; DmnError for anything hostile, broken, or not DMN."""
    if len(source) > MAX_BYTES:
        raise DmnError("xml-too-large", bytes=len(source), limit=MAX_BYTES)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise DmnError("xml-syntax", line=line, reason=str(error)) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise DmnError("xml-doctype")
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        raise DmnError("not-dmn", tag=name.localname, namespace=name.namespace)
    return _node(root, name.namespace, 0)


def _node(element: etree._Element, namespace: str, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise DmnError("xml-too-deep", limit=MAX_DEPTH, line=element.sourceline)
    prefix = f"{{{namespace}}}"
    return Node(
        tag=element.tag.removeprefix(prefix),
        attributes={
            str(key): str(value) for key, value in element.attrib.items() if not str(key).startswith("{")
        },
        text=element.text or "",
        children=tuple(
            _node(child, namespace, depth + 1)
            for child in element
            if isinstance(child.tag, str) and child.tag.startswith(prefix)
        ),
        line=element.sourceline or 0,
    )
