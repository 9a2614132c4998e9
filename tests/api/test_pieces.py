"""Files that come in pieces, when two requests for the same file arrive at once."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from api.partial import MOST_PIECE, Partials

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = bytes(range(256)) * 4096
NAME = hashlib.sha256(CONTENT).hexdigest()


def test_of_many_that_take_it_at_once_one_has_it(tmp_path: Path) -> None:
    partials = Partials(tmp_path)
    with ThreadPoolExecutor(8) as hands:
        for _ in range(40):
            assert partials.add("owner", NAME, 0, CONTENT, len(CONTENT)) == len(CONTENT)
            taken = list(hands.map(lambda _: partials.take("owner", NAME), range(8)))
            assert (taken.count(CONTENT), taken.count(b"")) == (1, 7)
    assert list(next(tmp_path.iterdir()).iterdir()) == []


def test_a_piece_that_comes_twice_at_once_is_kept_once(tmp_path: Path) -> None:
    partials = Partials(tmp_path)
    half = len(CONTENT) // 2
    with ThreadPoolExecutor(8) as hands:
        assert partials.add("owner", NAME, 0, CONTENT[:half], len(CONTENT)) == half
        rest = CONTENT[half:]
        assert len(rest) <= MOST_PIECE
        reached = list(hands.map(lambda _: partials.add("owner", NAME, half, rest, len(CONTENT)), range(8)))
    assert reached == [len(CONTENT)] * 8
    assert partials.take("owner", NAME) == CONTENT


def test_what_is_not_as_it_is_named_is_no_file(tmp_path: Path) -> None:
    partials = Partials(tmp_path)
    partials.add("owner", NAME, 0, b"something else", 14)
    assert partials.take("owner", NAME) is None
    assert partials.reached("owner", NAME) == 0
