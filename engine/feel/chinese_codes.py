"""Unified social credit codes (GB 32100-2015) and the organisation codes inside them (GB 11714)."""

from __future__ import annotations

import re
from typing import Final

#: 31 characters: no I, O, Z, S, V, which are mistaken for digits and for each other.
_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_PLACES: Final = {letter: value for value, letter in enumerate(_ALPHABET)}
_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_BODY_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_BODY: Final = re.compile(r"[0-9A-Z]{8}", re.ASCII)
_CODE: Final = re.compile(rf"[{_ALPHABET}]{{2}}\d{{6}}[{_ALPHABET}]{{10}}", re.ASCII)


def body_check(body: str) -> str | None:
    """The check character of the eight of an organisation code, `0`-`9` or `X`; None for other text. GB 11714."""
    if not _BODY.fullmatch(body):
        return None
    left = 11 - sum(weight * int(letter, 36) for weight, letter in zip(_BODY_WEIGHTS, body, strict=True)) % 11
    return {10: "X", 11: "0"}.get(left, str(left))


def code_check(first: str) -> str | None:
    """The check character of the first seventeen of a credit code; None for other text. GB 32100."""
    if len(first) != 17 or not set(first) <= set(_ALPHABET):
        return None
    left = 31 - sum(weight * _PLACES[letter] for weight, letter in zip(_WEIGHTS, first, strict=True)) % 31
    return _ALPHABET[left % 31]


def credit_code_valid(code: str) -> bool:
    """Whether eighteen characters keep GB 32100: alphabet, area digits and check character.

    The inner organisation code is not checked: codes given before 2015 carry foreign ones.
    """
    return _CODE.fullmatch(code) is not None and code_check(code[:17]) == code[17]
