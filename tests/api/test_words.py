"""Every sentence that the edge can need exists in both languages, with the same values in it."""

from __future__ import annotations

import ast
import json
import re
from string import Formatter
from typing import TYPE_CHECKING, Any

import pytest

from api.words import LANGUAGES, LOCALE, accepted, catalogue, say
from engine import errors
from engine.core.faults import _ENGLISH as CORE_CODES
from engine.errors import EngineError
from tests.conftest import ROOT

if TYPE_CHECKING:
    from engine.office import Office
    from tests.api.conftest import People

API, ENGINE = ROOT / "api", ROOT / "engine"


def names(text: str) -> set[str]:
    """The values that a sentence takes."""
    return {field for _, field, _, _ in Formatter().parse(text) if field}


def test_both_languages_have_the_same_keys_and_values() -> None:
    chinese, english = catalogue("zh"), catalogue("en")
    assert set(chinese) == set(english)
    for key, text in chinese.items():
        assert names(text) == names(english[key]), key
        # An English sentence with Chinese letters was forgotten (names in quotes excepted: there are none).
        assert not re.search(r"[\u4e00-\u9fff]", english[key]), key
    for language in LANGUAGES.values():
        pairs: list[Any] = []
        for path in (LOCALE / language).glob("*.json"):
            pairs += json.loads(path.read_text(), object_pairs_hook=list)
        assert len(pairs) == len(dict(pairs)), "a key stands twice"


def test_keys_used_in_templates_exist() -> None:
    known = catalogue("zh")
    for path in (API / "ui" / "pages").rglob("*.html"):
        for key in re.findall(r"\bt\('([^']+)'[,)]", path.read_text()):
            assert key in known, f"{path.name}: {key}"


def test_keys_used_in_code_exist() -> None:
    known = catalogue("zh")
    for path in API.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if name != "say":
                continue
            for argument in node.args:
                if (
                    isinstance(argument, ast.Constant)
                    and isinstance(argument.value, str)
                    and "." in argument.value
                ):
                    assert argument.value in known, f"{path.name}: {argument.value}"
                if isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.Constant):
                    start = str(argument.values[0].value)
                    assert any(key.startswith(start) for key in known), f"{path.name}: {start}"


def subclasses(kind: type[EngineError]) -> set[type[EngineError]]:
    """All classes below."""
    return {kind} | {deep for one in kind.__subclasses__() for deep in subclasses(one)}


def test_every_error_code_has_a_sentence() -> None:
    known = catalogue("zh")
    codes = {one.code for one in subclasses(EngineError)} | set(CORE_CODES)
    # Codes given to a class by hand: Conflict("account-exists").
    raised = {one.__name__ for one in subclasses(EngineError)}
    for path in ENGINE.rglob("*.py"):
        if path.parts[-2] in {"core", "feel", "dmn", "reading", "clock"}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in raised
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
            ):
                codes.add(node.args[0].value)
    missing = {code for code in codes if f"error.{code}" not in known}
    assert not missing
    assert errors.NotFound.code in codes


def test_every_fault_of_an_answer_has_a_sentence() -> None:
    known = catalogue("zh")
    text = "".join(path.read_text() for path in (ENGINE / "forms").glob("*.py"))
    codes = set(re.findall(r"(?:Wrong|FieldError)\([^)]*?\"([a-z]+(?:-[a-z]+)+|required)\"", text))
    assert {"required", "wrong-type", "id-number-wrong", "too-many-decimals", "wrong-rows"} <= codes
    assert not {code for code in codes if f"field.{code}" not in known}
    expected = set(re.findall(r"expected\"?[=:] ?\"([a-z]+)\"", text))
    assert not {one for one in expected if f"field.expected-{one}" not in known}


def test_journal_kinds_roles_and_messages_have_words(office: Office, people: People) -> None:
    from api.pages.story import TOLD

    known = catalogue("zh")
    assert not {kind for kind in TOLD if f"journal.{kind}" not in known and kind != "message"}
    changes = {"claimed", "released", "completed", "consented", "dropped", "opened"}
    assert not {kind for kind in changes if f"journal.{kind}" not in known}
    with office.store.reading() as reader:
        package = office.versions.current(reader, "temporary-assistance")
        roles = {row[0] for row in reader.rows("SELECT DISTINCT role FROM grant_")}
    lanes = {node.lane for node in package.definition.nodes.values() if node.lane}
    assert not {role for role in roles | lanes if f"role.{role}" not in known}
    sent = {
        line.split(",")[3].strip().removeprefix("message:")
        for line in package.policies.splitlines()
        if "message:" in line
    }
    assert not {one for one in sent if f"message.{one}" not in known}
    kinds = {
        row
        for row in ("opening", "replenish", "reserve", "settle", "release")
        if f"ledger.{row}" not in known
    }
    assert not kinds
    public = {
        name
        for path, content in package.files.items()
        if path.startswith("templates/temporary-assistance/") and path.endswith(".json")
        for name in json.loads(content).get("public", [])
    }
    assert not {name for name in public if f"fact.{name.rsplit('.', 1)[-1]}" not in known}
    assert people is not None


def test_a_missing_value_never_breaks_a_page() -> None:
    assert say("zh", "error.stale") != ""
    assert say("en", "no.such.key") == "no.such.key"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh"),
        ("", "zh"),
        ("en", "en"),
        ("EN-us", "en"),
        ("fr,en;q=0.4", "en"),
        ("en;q=x", "zh"),
        ("zh;q=0.1,en;q=0.9", "en"),
    ],
)
def test_language_of_a_header(header: str | None, language: str) -> None:
    assert accepted(header) == language
