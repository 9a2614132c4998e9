"""Item definitions: what a `typeRef` means, and how a value is brought to it (DMN 1.5, 7.3.3 and 10.3.2.9.4).

A value that does not conform becomes null, as the standard has it; `Converter` says so by raising `Mismatch`, and the
caller turns that into null plus a remark. Conversions tried first: singleton list to item, item to singleton list,
date to date and time (midnight UTC). A missing component of a structure counts as null. Null conforms to every type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.dmn.errors import DmnError
from engine.feel.values import kind

if TYPE_CHECKING:
    from engine.dmn.table import Test
    from engine.dmn.xml import Node

TYPE_NAMES = {
    "number": "number",
    "string": "string",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "date and time": "date and time",
    "dateTime": "date and time",
    "days and time duration": "days and time duration",
    "dayTimeDuration": "days and time duration",
    "years and months duration": "years and months duration",
    "yearMonthDuration": "years and months duration",
    "context": "context",
    "list": "list",
    "function": "function",
    "range": "range",
    "Any": "Any",
    "Null": "Null",
}
"""Every spelling of a built-in type in DMN 1.1 to 1.5, and its FEEL name."""

Converter = Callable[[Any], Any]
"""Returns the value brought to the type; raises Mismatch."""
Tests = Callable[[str, str], "Test"]
"""Compiles the unary tests of the element with the given id."""


class Mismatch(Exception):
    """A value does not conform to a type; `code` is wrong-type or not-allowed."""

    def __init__(self, code: str, expected: str, value: Any) -> None:
        self.code = code
        self.expected = expected
        self.value = value
        super().__init__(code, expected)


@dataclass(frozen=True, slots=True)
class Type:
    """A resolved item definition, one level deep: references to other types stay names and may be recursive."""

    name: str
    #: Name of a built-in type, or "list", "structure", "alias", "function".
    base: str
    #: The type an alias stands for.
    target: str | None = None
    #: The type of a list's items.
    item: Type | None = None
    components: Mapping[str, Type] | None = None
    #: What a value (of a list: each item) must satisfy, and its text, for analysis and priorities.
    allowed: Test | None = None
    allowed_text: str = ""
    #: What the value as a whole must satisfy (`typeConstraint` of DMN 1.5).
    constraint: Test | None = None
    parameters: tuple[str, ...] = ()
    result: str = "Any"
    #: The definitions in which `target` is looked up.
    home: Types | None = field(default=None, repr=False, compare=False)


class Types:
    """The item definitions of one model and, under their prefixes, of the models it imports."""

    def __init__(
        self, definitions: Sequence[Node], tests: Tests, imported: Sequence[tuple[str, Types]]
    ) -> None:
        self._tests = tests
        self._imported = imported
        self._types = {node.get("name"): self._define(node.get("name"), node) for node in definitions}
        for node in definitions:
            self._refuse_cycle(node)

    def names(self) -> set[str]:
        """Return the names of all types and of all their components, imported ones included."""
        found = set(self._types)
        pending = list(self._types.values())
        while pending:
            one = pending.pop()
            found.update(one.components or ())
            pending += [*(one.components or {}).values(), *([one.item] if one.item else [])]
        for prefix, types in self._imported:
            found |= {prefix} | types.names()
        return found

    def find(self, reference: str) -> Type | None:
        """Return what a typeRef names with aliases followed; None for no or an unknown reference."""
        found = self._named(reference)
        return self.follow(found) if found is not None else None

    def follow(self, found: Type) -> Type | None:
        """Return a type with aliases followed; the nearest allowed values stay. None where one names nothing."""
        while found.base == "alias":
            target = self._target(found)
            if target is None:
                return None
            allowed, text = found.allowed or target.allowed, found.allowed_text or target.allowed_text
            found = replace(target, allowed=allowed, allowed_text=text)
        return found

    def aliases(self, prefix: str = "") -> dict[str, str]:
        """Return the types as FEEL's `instance of` wants them: name to FEEL type text, names under a prefix."""
        dot = f"{prefix}." if prefix else ""
        own = {f"{dot}{name}": _text(found, dot) for name, found in self._types.items()}
        for inner, types in self._imported:
            own |= types.aliases(f"{dot}{inner}" if inner else prefix)
        return own

    def undefined(self) -> list[tuple[str, str]]:
        """Return the names of types that stand for something undefined, and what that is."""
        pending = list(self._types.values())
        found = []
        while pending:
            one = pending.pop(0)
            if one.base == "alias" and self._target(one) is None:
                found.append((one.name, one.target or ""))
            pending += [*(one.components or {}).values(), *([one.item] if one.item else [])]
        return found

    def known(self, reference: str) -> bool:
        """Tell whether a typeRef names a type."""
        return not reference or self._named(reference) is not None

    def converter(self, reference: str | None) -> Converter | None:
        """Return the conversion for a typeRef; None when every value will do. An unknown type is taken as Any."""
        wanted = self._named(reference or "")
        if wanted is None or wanted.base == "Any":
            return None
        python = SIMPLE.get(wanted.base)

        def converter(value: Any) -> Any:
            return self._convert(wanted, value)

        def simple(value: Any) -> Any:
            return value if value is None or value.__class__ is python else self._convert(wanted, value)

        plainly = python is not None and wanted.allowed is None and wanted.constraint is None
        return simple if plainly else converter

    def _named(self, reference: str) -> Type | None:
        if reference in self._types:
            return self._types[reference]
        if reference in TYPE_NAMES:
            return Type(reference, TYPE_NAMES[reference])
        for prefix, types in self._imported:
            inner = reference.removeprefix(f"{prefix}.") if prefix else reference
            if (inner != reference or not prefix) and (found := types._named(inner)):  # noqa: SLF001 - the same class
                return found
        return None

    def _target(self, alias: Type) -> Type | None:
        """Return what an alias stands for in the model that defines it."""
        return (alias.home or self)._named(alias.target or "")  # noqa: SLF001 - the same class

    def _convert(self, wanted: Type, value: Any) -> Any:
        if value is None:
            return None
        if wanted.base == "list":
            items = value if isinstance(value, list) else [value]
            result: Any = [self._checked(wanted, self._convert(wanted.item or ANY, item)) for item in items]
        elif wanted.base == "alias":
            inner = self._target(wanted)
            result = self._checked(wanted, value if inner is None else self._convert(inner, value))
        elif isinstance(value, list) and len(value) == 1 and wanted.base not in ("Any", "list"):
            return self._convert(wanted, value[0])
        else:
            result = self._checked(wanted, self._single(wanted, value))
        if wanted.constraint is not None and wanted.constraint(result, {}, None) is not True:
            raise Mismatch("not-allowed", wanted.name, value)
        return result

    def _single(self, wanted: Type, value: Any) -> Any:
        found = kind(value)
        if wanted.base in ("Any", found):
            return value
        if wanted.base == "structure" and found == "context":
            return value | {
                name: self._convert(component, value[name])
                for name, component in (wanted.components or {}).items()
                if name in value
            }
        if wanted.base == "date and time" and found == "date":
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        raise Mismatch("wrong-type", wanted.name, value)

    def _checked(self, wanted: Type, value: Any) -> Any:
        if value is not None and wanted.allowed is not None and wanted.allowed(value, {}, None) is not True:
            raise Mismatch("not-allowed", wanted.name, value)
        return value

    def _refuse_cycle(self, node: Node) -> None:
        """Refuse a chain of aliases or lists that comes back to itself."""
        seen: set[str] = set()
        step = self._types.get(node.get("name"))
        while step is not None:
            while step.item is not None:
                step = step.item
            if step.base != "alias":
                return
            if step.name in seen:
                raise DmnError("type-cycle", node.id, name=step.name)
            seen.add(step.name)
            step = self._types.get(step.target or "")

    def _define(self, name: str, node: Node) -> Type:
        single = self._define_single(name, node)
        allowed = node.first("allowedValues")
        text = allowed.prose() if allowed is not None else ""
        whole = node.first("typeConstraint")
        limits = {
            "allowed": self._tests(text, node.id) if text else None,
            "allowed_text": text,
            "home": self,
            "constraint": self._tests(whole.prose(), node.id)
            if whole is not None and whole.prose()
            else None,
        }
        if node.get("isCollection") == "true":
            return Type(name, "list", item=single, **limits)  # type: ignore[arg-type]
        return replace(single, **limits)  # type: ignore[arg-type]

    def _define_single(self, name: str, node: Node) -> Type:
        if node.first("itemComponent") is not None:
            parts = {part.get("name") or "": part for part in node.all("itemComponent")}
            return Type(
                name, "structure", components={key: self._define(key, part) for key, part in parts.items()}
            )
        if (function := node.first("functionItem")) is not None:
            parameters = tuple(plain(part.get("typeRef")) or "Any" for part in function.all("parameters"))
            return Type(
                name, "function", parameters=parameters, result=plain(function.get("outputTypeRef")) or "Any"
            )
        reference = plain(node.prose("typeRef") or node.get("typeRef"))
        if reference in TYPE_NAMES and reference != name:
            return Type(name, TYPE_NAMES[reference])
        return Type(name, "alias", target=reference) if reference else Type(name, "Any")


ANY = Type("Any", "Any")
#: Built-in types whose values are exactly one Python class: the common case needs one comparison.
SIMPLE: dict[str, type] = {"number": Decimal, "string": str, "boolean": bool}


def plain(reference: str | None) -> str:
    """Return a typeRef without the XML prefix of DMN 1.1 (`feel:number`)."""
    return (reference or "").strip().rpartition(":")[2]


def _text(found: Type, dot: str) -> str:
    def named(reference: str) -> str:
        return reference if reference in TYPE_NAMES else dot + reference

    match found.base:
        case "list":
            return f"list<{_text(found.item or ANY, dot)}>"
        case "structure":
            parts = (f"{name}: {_text(part, dot)}" for name, part in (found.components or {}).items())
            return f"context<{', '.join(parts)}>"
        case "function":
            return f"function<{', '.join(map(named, found.parameters))}> -> {named(found.result)}"
        case "alias":
            return named(found.target or "Any")
        case "context" | "range":
            return "Any"
    return found.base
