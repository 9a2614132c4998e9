"""What a form file says: an ordered list of sections and fields, its FEEL conditions compiled once."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from engine.feel import compile_expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.feel import Expression

FieldType = Literal[
    "text", "longtext", "integer", "number", "money", "boolean", "choice", "choices", "date", "datetime",
    "id_number", "phone", "area", "account", "file", "files", "list",
]  # fmt: skip
Mask = Literal["id_number", "phone", "name", "account", "hidden"]
Words = dict[str, str]  # language -> text; "zh" is always there
Level = Literal["city", "county", "town", "village"]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a form file; an unknown key is an error, since it is most often a misspelt known one."""


class Option(Strict, frozen=True):
    """One answer of a choice."""

    value: str
    label: Words
    #: The answer refuses something to somebody: it needs a reason and an article (engine.commands.grounds).
    refuses: bool = False


class Check(Strict, frozen=True):
    """A FEEL test over the answers; where it is not true the message is shown at the field."""

    test: str
    message: Words


class Field(Strict, frozen=True):
    """One question. Dots in the key nest: `applicant.name` is `name` inside `applicant`."""

    key: str
    type: FieldType
    label: Words
    help: Words | None = None
    required: bool = False
    required_when: str | None = None
    visible_when: str | None = None
    valid_when: list[Check] = []
    readonly: bool = False
    value: str | None = None
    options: list[Option] = []
    min: str | int | None = None
    max: str | int | None = None
    decimals: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    mask: Mask | None = None
    fields: list[Field] = []
    min_rows: int = 0
    max_rows: int = 100
    #: Lists: FEEL giving the rows that are asked for, one context each (what is missing, item by item). There are just
    #: these; readonly fields of a row show what its context says.
    rows: str | None = None
    #: Uploads: how many, and how large each (in megabytes), where it is less than the office takes anyway.
    max_files: int | None = None
    max_megabytes: int | None = None
    #: Of a field of type area: the levels that may be chosen.
    places: tuple[Level, ...] = ("village",)
    #: Why the office may ask this (personal information law, arts 5-6), shown as help on request.
    purpose: Words | None = None


class Section(Strict, frozen=True):
    """A group of questions under one heading."""

    fields: list[Field]
    title: Words | None = None
    visible_when: str | None = None


class Form(Strict, frozen=True, dict=True):
    """The questions of one step; `variables` says which answers become case variables."""

    id: str
    title: Words
    sections: list[Section]
    variables: Literal["all"] | list[str] = []
    help: Words | None = None
    #: FEEL over the answers: the name of whom a case begun with this form is about. Without it `applicant.name`.
    about: str | None = None
    #: Start forms: words by which people look for the service, by language.
    keywords: dict[str, list[str]] = {}
    #: Start forms: under which heading the service stands, and where (the smallest first, the most urgent).
    topic: Words | None = None
    order: int = 1000
    #: Of a start form: the levels of the places at which it may be handed in.
    places: tuple[Level, ...] = ("village",)

    def fields(self) -> Iterator[Field]:
        """All fields of the top level in order."""
        for section in self.sections:
            yield from section.fields

    @cached_property
    def keys(self) -> frozenset[str]:
        """The full keys of the top level."""
        return frozenset(field.key for field in self.fields())

    @cached_property
    def asks_identity(self) -> bool:
        """Whether an identity number is among the questions, those of rows included."""
        return any(one.type == "id_number" for field in self.fields() for one in (field, *field.fields))

    @cached_property
    def _refusals(self) -> tuple[tuple[str, frozenset[str]], ...]:
        found = (
            (field.key, frozenset(one.value for one in field.options if one.refuses))
            for field in self.fields()
        )
        return tuple((key, values) for key, values in found if values)

    def refuses(self, data: dict[str, Any]) -> bool:
        """Whether an answer is chosen that refuses something to somebody."""
        for key, values in self._refusals:
            value: Any = data
            for part in key.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            if values & (set(value) if isinstance(value, list) else {value}):
                return True
        return False

    @property
    def may_refuse(self) -> bool:
        """Whether one of the answers refuses something."""
        return bool(self._refusals)

    def names(self) -> frozenset[str]:
        """The root names of the answers, for the FEEL parser."""
        return self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(key.split(".")[0] for key in self.keys)

    def exports(self, data: dict[str, Any]) -> dict[str, Any]:
        """The answers that become case variables."""
        if self.variables == "all":
            return dict(data)
        return {name: data[name] for name in self.variables if name in data}


@lru_cache(maxsize=4096)
def feel(text: str, names: frozenset[str] = frozenset()) -> Expression:
    """A compiled condition of a form (the FEEL cache is keyed by text and names too; this saves the look-up)."""
    return compile_expression(text, names)
