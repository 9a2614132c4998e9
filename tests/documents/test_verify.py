"""What strangers are told about papers and files."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from engine.documents.verify import LIMIT, Paper, by_file, by_number, by_token, file_tokens
from tests.documents.conftest import TOKEN

CONTENT = b"%PDF-1.7 ... trailer << /ID [ (" + TOKEN.encode() + b") (abc) ] >>"
PAPER = Paper(
    id="1",
    code="D10",
    number="晋中民救字〔2026〕8号",
    title={"zh": "临时救助决定书"},
    token=TOKEN,
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    state="valid",
    issued_on=date(2026, 11, 23),
    public={"applicant.name": "张**"},
    signed_by="seal:1",
)


@dataclass
class Shelf:
    """A register in memory."""

    papers: list[Paper] = field(default_factory=lambda: [PAPER])

    def by_sha256(self, sha256: str) -> Paper | None:
        return next((paper for paper in self.papers if paper.sha256 == sha256), None)

    def by_token(self, token: str) -> Paper | None:
        return next((paper for paper in self.papers if paper.token == token), None)


def test_the_file_that_was_issued_is_genuine() -> None:
    verdict = by_file(CONTENT, Shelf())
    assert verdict.outcome == "genuine"
    assert verdict.facts == {"applicant.name": "张**"}
    assert verdict.number == PAPER.number
    assert verdict.sealed


def test_one_flipped_bit_anywhere_is_not_genuine() -> None:
    chance = random.Random(7)
    seen = set()
    for place in range(len(CONTENT)):
        changed = bytearray(CONTENT)
        changed[place] ^= 1 << chance.randrange(8)
        outcome = by_file(bytes(changed), Shelf()).outcome
        assert outcome in ("altered", "unknown")
        seen.add(outcome)
    assert seen == {"altered", "unknown"}, "a file that lost its own word is unknown, any other altered"


def test_a_revoked_paper_says_so_by_every_road() -> None:
    shelf = Shelf([replace(PAPER, state="revoked")])
    assert by_file(CONTENT, shelf).outcome == "revoked"
    assert by_token(TOKEN, shelf).outcome == "revoked"
    assert by_number(str(PAPER.number), TOKEN, shelf).outcome == "revoked"


def test_a_foreign_file_shows_nothing() -> None:
    for content in (b"", b"x", b"x" * 10, b"%PDF /ID [ (WRONGWORDWRONGWORD) ]", b"\0" * (LIMIT + 1)):
        verdict = by_file(content, Shelf())
        assert verdict.outcome == "unknown"
        assert verdict.number is None
        assert not verdict.facts


@pytest.mark.parametrize(
    "typed", [TOKEN, TOKEN.lower(), " ".join(TOKEN[at : at + 4] for at in range(0, 20, 4)), f" {TOKEN}\n"]
)
def test_a_word_is_read_as_people_type_it(typed: str) -> None:
    assert by_token(typed, Shelf()).outcome == "genuine"


@pytest.mark.parametrize("typed", ["", "K7Q2", TOKEN[:-1], TOKEN + "X", "x" * 1000, "张三" * 8])
def test_any_other_word_is_unknown(typed: str) -> None:
    assert by_token(typed, Shelf()).outcome == "unknown"


def test_the_number_needs_its_word_and_forgives_brackets() -> None:
    assert by_number("晋中民救字〔2026〕8号", TOKEN, Shelf()).outcome == "genuine"
    assert by_number(" 晋中民救字[2026]8 号", TOKEN, Shelf()).outcome == "genuine"
    assert by_number("晋中民救字（2026）8号", TOKEN, Shelf()).outcome == "genuine"
    assert by_number("晋中民救字〔2026〕9号", TOKEN, Shelf()).outcome == "unknown"
    assert by_number("晋中民救字〔2026〕8号", "WRONGWORDWRONGWORD", Shelf()).outcome == "unknown"


def test_words_are_found_in_both_spellings_of_an_identifier() -> None:
    assert list(file_tokens(b"/ID[(ABCDEFGH)(x)] /ID [ <4b3751325243> <00> ]")) == ["ABCDEFGH", "K7Q2RC"]
    assert list(file_tokens(b"/ID [ <4b37f> ] /ID [ <ff> ]")) == []
    assert len(list(file_tokens(b"".join(b"/ID [ (W%07d)" % n for n in range(100))))) == 8
