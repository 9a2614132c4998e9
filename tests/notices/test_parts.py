"""How many short messages a text makes: the bounds of both alphabets."""

from __future__ import annotations

import pytest

from engine.connectors.parts import Parts, parts


@pytest.mark.parametrize(
    ("text", "count", "units", "left", "wide"),
    [
        ("", 0, 0, 160, False),
        ("a" * 160, 1, 160, 0, False),
        ("a" * 161, 2, 161, 145, False),
        ("a" * 306, 2, 306, 0, False),
        ("a" * 307, 3, 307, 152, False),
        ("[" * 80, 1, 160, 0, False),
        ("民" * 70, 1, 70, 0, True),
        ("民" * 71, 2, 71, 63, True),
        ("民" * 134, 2, 134, 0, True),
        ("民" * 135, 3, 135, 66, True),
        ("民政 abc", 1, 6, 64, True),
        # Beyond the basic plane: two units, never parted between messages.
        ("𠮷" * 35, 1, 70, 0, True),
        ("𠮷" * 36, 2, 72, 61, True),
        ("𠮷" * 67, 3, 134, 65, True),
    ],
)
def test_bounds(text: str, count: int, units: int, left: int, wide: bool) -> None:
    assert parts(text) == Parts(count, units, left, wide)
