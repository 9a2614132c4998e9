"""Forms: what is accepted, what is refused and how, and that screen names come back as the same data."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from api.posted import read_posted
from engine.errors import FormBroken, FormInvalid
from engine.feel import World
from engine.forms import Form, json_schema, prefill, read_form, validate, visible
from tests.conftest import ROOT

WORLD = World(now=datetime(2026, 8, 3, 9, tzinfo=UTC))


def field(key: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "type": kind, "label": {"zh": key}, **more}


def form(*fields: dict[str, Any], **more: Any) -> Form:
    body = {"id": "f", "title": {"zh": "表"}, "sections": [{"fields": list(fields)}], **more}
    return read_form(json.dumps(body).encode(), "f.json")


def check(of: Form, data: dict[str, Any], **variables: Any) -> dict[str, Any]:
    return validate(of, data, variables, WORLD)


def faults(of: Form, data: dict[str, Any], **variables: Any) -> list[tuple[str, str]]:
    with pytest.raises(FormInvalid) as invalid:
        check(of, data, **variables)
    return [(one.path, one.code) for one in invalid.value.errors]


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("text", "  李 秀英 ", "李 秀英"),
        ("integer", 3, Decimal(3)),
        ("money", "605.00", Decimal("605.00")),
        ("money", 605.1, Decimal("605.1")),
        ("number", "1.5", Decimal("1.5")),
        ("boolean", False, False),
        ("date", "2026-02-28", date(2026, 2, 28)),
        ("id_number", "14242119870612990x", "14242119870612990X"),
        ("phone", "138 1234 5678", "13812345678"),
        ("phone", "0354-3024567", "0354-3024567"),
        ("area", "140702001001", "140702001001"),
        ("account", "6222 0200 0000 0000 008", "6222020000000000008"),
    ],
)
def test_values(kind: str, raw: Any, value: Any) -> None:
    if kind == "account":
        digits = "622202000000000000"
        raw = value = digits + next(str(d) for d in range(10) if _luhn(digits + str(d)))
    assert check(form(field("a", kind)), {"a": raw}) == {"a": value}


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        ("text", 5, "wrong-type"),
        ("text", "a\x00b", "control-character"),
        ("text", "字" * 201, "too-long"),
        ("integer", 1.5, "wrong-type"),
        ("integer", True, "wrong-type"),
        ("money", "605.123", "too-many-decimals"),
        ("money", 1e30, "out-of-range"),
        ("money", "1e30", "out-of-range"),
        ("money", "NaN", "out-of-range"),
        ("money", "-1", "too-small"),
        ("money", "six", "wrong-type"),
        ("boolean", "yes", "wrong-type"),
        ("date", "2026-02-29", "wrong-type"),
        ("date", "03/08/2026", "wrong-type"),
        ("id_number", "142401199003079985", "id-number-wrong"),
        ("id_number", "14242419820229998X", "id-number-wrong"),
        ("id_number", "142424820229998", "id-number-old"),
        ("phone", "12812345678", "phone-wrong"),
        ("area", "1407020", "area-wrong"),
        ("account", "6222020000000000001", "account-wrong"),
        ("file", "x", "wrong-type"),
        ("file", {"hash": "abc"}, "wrong-type"),
    ],
)
def test_refused_values(kind: str, raw: Any, code: str) -> None:
    assert faults(form(field("a", kind)), {"a": raw}) == [("a", code)]


def test_errors_follow_the_form_and_name_every_field() -> None:
    of = form(field("a", "text", required=True), field("b", "money", required=True), field("c", "date"))
    assert faults(of, {"c": "x", "b": "1.234", "zz": 1}) == [
        ("a", "required"),
        ("b", "too-many-decimals"),
        ("c", "wrong-type"),
        ("zz", "unknown-field"),
    ]


def test_conditions_decide_what_is_asked() -> None:
    of = form(
        field(
            "kind",
            "choice",
            options=[{"value": "cash", "label": {"zh": "钱"}}, {"value": "goods", "label": {"zh": "物"}}],
        ),
        field("amount", "money", visible_when='kind = "cash"', required_when='kind = "cash"'),
        field("goods", "text", visible_when='kind = "goods"'),
    )
    assert visible(of, {"kind": "cash"}, {}, WORLD) == ["kind", "amount"]
    assert faults(of, {"kind": "cash"}) == [("amount", "required")]
    assert check(of, {"kind": "goods", "amount": "5", "goods": "米"}) == {"kind": "goods", "goods": "米"}
    assert faults(of, {"kind": "gold"}) == [("kind", "not-an-option")]


def test_cross_checks_and_bounds_in_feel() -> None:
    of = form(
        field("happened", "date", max="date(now())"),
        field(
            "need",
            "money",
            min=1,
            valid_when=[{"test": "need <= cap", "message": {"zh": "超过上限", "en": "over the cap"}}],
        ),
    )
    assert faults(of, {"happened": "2026-08-04", "need": "0.5"}, cap=Decimal(605)) == [
        ("happened", "too-large"),
        ("need", "too-small"),
    ]
    assert faults(of, {"need": "605.01"}, cap=Decimal(605)) == [("need", "not-valid")]
    assert check(of, {"need": "605.00"}, cap=Decimal(605)) == {"need": Decimal("605.00")}


def test_an_amount_whose_limit_is_unknown_is_refused() -> None:
    of = form(field("amount", "money", max="case_cap"))
    assert faults(of, {"amount": "1"}) == [("amount", "limit-unknown")]
    assert check(of, {"amount": "1"}, case_cap=Decimal(1))["amount"] == 1


def test_nested_keys_lists_and_computed_values() -> None:
    of = form(
        field("applicant.name", "text", required=True),
        field(
            "members",
            "list",
            min_rows=1,
            max_rows=2,
            fields=[field("name", "text", required=True), field("age", "integer")],
        ),
        field("count", "integer", readonly=True, value="count(members)"),
        variables="all",
    )
    clean = check(
        of, {"applicant": {"name": "李"}, "members": [{"name": "a", "age": 3}, {"name": "b"}], "count": 77}
    )
    assert clean == {
        "applicant": {"name": "李"},
        "members": [{"name": "a", "age": Decimal(3)}, {"name": "b"}],
        "count": Decimal(2),
    }
    assert of.exports(clean) == clean
    assert faults(of, {"members": [{"age": "x"}, {"name": "b", "shoe": 4}]}) == [
        ("applicant.name", "required"),
        ("members.0.name", "required"),
        ("members.0.age", "wrong-type"),
        ("members.1.shoe", "unknown-field"),
    ]
    assert ("members", "wrong-rows") in faults(
        of, {"applicant": {"name": "x"}, "members": [{"name": str(n)} for n in range(3)]}
    )


def test_prefill_takes_variables_and_computes() -> None:
    of = form(
        field("amount", "money"),
        field("twice", "money", readonly=True, value="amount * 2"),
        field("other", "text"),
    )
    assert prefill(of, {"amount": Decimal(3)}, WORLD) == {"amount": Decimal(3), "twice": Decimal(6)}


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{", "truncated"),
        (b'{"id": "f", "title": {"zh": "x"}, "sections": [], "colour": 1}', "colour"),
        (
            b'{"id":"f","title":{"zh":"x"},"sections":[{"fields":[{"key":"a","type":"text","label":{"en":"x"}}]}]}',
            "Chinese",
        ),
        (
            b'{"id":"f","title":{"zh":"x"},"sections":[{"fields":[{"key":"a","type":"choice","label":{"zh":"x"}}]}]}',
            "options",
        ),
        (
            b'{"id":"f","title":{"zh":"x"},"sections":[{"fields":[{"key":"a","type":"text","label":{"zh":"x"},"visible_when":"a >"}]}]}',
            "",
        ),
    ],
)
def test_broken_form_files_say_where(body: bytes, word: str) -> None:
    with pytest.raises(FormBroken) as broken:
        read_form(body, "forms/p/f.json")
    assert broken.value.values["file"] == "forms/p/f.json"
    assert word in str(broken.value.values)


FORM_FILES = sorted((ROOT / "forms").rglob("*.json"))


@pytest.mark.parametrize("path", FORM_FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_form_of_the_tree_is_sound(path: Any) -> None:
    of = read_form(path.read_bytes(), path.name)
    jsonschema.Draft202012Validator.check_schema(json_schema(of))
    for one in of.fields():
        assert one.label.get("en"), f"{one.key} has no English label"


def test_posted_names_come_back_as_data() -> None:
    of = form(
        field("applicant.name", "text"),
        field("real", "boolean"),
        field("amount", "money"),
        field("day", "date"),
        field("at", "datetime"),
        field(
            "kinds",
            "choices",
            options=[{"value": "a", "label": {"zh": "a"}}, {"value": "b", "label": {"zh": "b"}}],
        ),
        field("members", "list", fields=[field("name", "text"), field("born", "date")]),
    )
    posted = {
        "f.applicant.name": ["李"],
        "f.real": ["true"],
        "f.amount": ["1,234.50"],
        "f.day:y": ["2026"], "f.day:m": ["8"], "f.day:d": ["3"],
        "f.at:y": ["2026"], "f.at:m": ["8"], "f.at:d": ["3"], "f.at:t": ["9:05"],
        "f.kinds": ["a", "b"],
        "f.members.0.name": ["x"],
        "f.members.2.name": ["y"], "f.members.2.born:y": ["2001"], "f.members.2.born:m": ["1"], "f.members.2.born:d": ["31"],
        "f.members.5.name": [""],
    }  # fmt: skip
    assert read_posted(of, posted) == {
        "applicant": {"name": "李"},
        "real": True,
        "amount": Decimal("1234.50"),
        "day": "2026-08-03",
        "at": "2026-08-03T09:05",
        "kinds": ["a", "b"],
        "members": [{"name": "x"}, {"name": "y", "born": "2001-01-31"}],
    }


def test_uploads_may_be_fewer_and_smaller_than_the_office_takes() -> None:
    def of(count: int, size: int) -> list[dict[str, Any]]:
        return [{"hash": f"{number:064x}", "name": "a.pdf", "size": size} for number in range(count)]

    known = form(field("papers", "files", max_files=2, max_megabytes=1))
    assert len(check(known, {"papers": of(2, 1024 * 1024)})["papers"]) == 2
    assert faults(known, {"papers": of(3, 5)}) == [("papers", "file-too-many")]
    assert faults(known, {"papers": of(1, 1024 * 1024 + 1)}) == [("papers", "file-too-large")]
    one = form(field("photo", "file", max_megabytes=1))
    assert faults(one, {"photo": of(1, 2 * 1024 * 1024)[0]}) == [("photo", "file-too-large")]
