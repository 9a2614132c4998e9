"""Every code has a sentence in both languages, and syntax errors say where and what was expected."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import engine.feel
from engine.feel import FeelSyntaxError, compile_expression
from engine.feel.messages import SENTENCES, chinese, english

SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in Path(engine.feel.__file__).parent.glob("*.py")
    if path.stem != "messages"
)


def test_every_code_used_has_a_sentence() -> None:
    used = set(
        re.findall(
            r'(?:warn|doubt|FeelError|FeelSyntaxError|FeelLimitError)\(\s*"([a-z]+(?:-[a-z]+)+|internal)"',
            SOURCES,
        )
    )
    assert len(used) > 25
    assert used <= set(SENTENCES)


def test_every_sentence_is_used() -> None:
    # These two come from the host's calendar and law.
    assert {code for code in SENTENCES if f'"{code}"' not in SOURCES} == {"calendar-missing", "law-missing"}


@pytest.mark.parametrize("code", SENTENCES)
def test_both_languages_name_the_same_values(code: str) -> None:
    zh, en = SENTENCES[code]
    names = [{field for _, field, _, _ in Formatter().parse(text) if field} for text in (zh, en)]
    assert names[0] == names[1]
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert not re.search(r"[\u4e00-\u9fff]", en)


def test_sentences_never_fail() -> None:
    assert chinese("unknown-name", {"name": "金额"}, 3) == "不认识名称“金额”(第4个字符处)"
    assert english("unknown-name", {}) == "the name ? is unknown" or "'?'" in english("unknown-name", {})
    assert chinese("no-such-code", {}) == "no-such-code"


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("if x > 1 then 2", 15, "'else'"),
        ("if x > 1 than 2", 9, "'then'"),
        ("1 +", 3, "expression"),
        ("(1 + 2", 6, "')'"),
        ("[1, 2", 5, "']' / ','"),
        ("{a 1}", 4, "':'"),
        ('{a "+": 1}', 3, "':'"),
        ("for x of xs return x", 12, "'in'"),
        ("some x in xs satisfy x", 22, "'satisfies' / ','"),
        ("a.+", 2, "name"),
        ("f(1, b: 2)", 5, "expression"),
        ("1 2", 2, "operator / end"),
        ("x between 1 or 2", 12, "'and'"),
        ("金额 > ", 5, "expression"),
        ("= 1 +", 5, "expression"),
    ],
)
def test_syntax_errors_have_a_place(text: str, position: int, expected: str) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)
    assert caught.value.position == position
    assert expected in caught.value.expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("金额，1", "full-width-character"),
        ("（1）", "full-width-character"),
        ('"abc', "unclosed-text"),
        ("1 /* 2", "unclosed-comment"),
        ("function(a, a) 1", "duplicate-parameter"),
        ("function(a) external {java: {}}", "external-function"),
        ("1 § 2", "unexpected-character"),
    ],
)
def test_syntax_errors_have_a_code(text: str, code: str) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)
    assert caught.value.code == code


def test_findings_that_do_not_stop_the_reading() -> None:
    doubts = compile_expression('{a: 1, a: 2} = @"2026-13-01"').doubts
    assert [(d.code, d.position) for d in doubts] == [("duplicate-key", 7), ("bad-literal", 15)]
