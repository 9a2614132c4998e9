"""Base45 (RFC 9285): bytes as the 45 characters that a QR code packs densest."""

from __future__ import annotations

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {letter: value for value, letter in enumerate(LETTERS)}


def encode45(content: bytes) -> str:
    """The text of some bytes: three characters for two of them, two for a last one."""
    out = []
    for place in range(0, len(content) - 1, 2):
        high, low = divmod(content[place] * 256 + content[place + 1], 45 * 45)
        out += [low % 45, low // 45, high]
    if len(content) % 2:
        out += [content[-1] % 45, content[-1] // 45]
    return "".join(LETTERS[value] for value in out)


def decode45(text: str) -> bytes:
    """The bytes of a text; ValueError for anything that `encode45` would not have written."""
    out = bytearray()
    try:
        values = [_VALUES[letter] for letter in text]
    except KeyError as error:
        raise ValueError(f"not a character of base45: {error}") from None
    for place in range(0, len(values), 3):
        group = values[place : place + 3]
        if len(group) == 1:
            raise ValueError("one character is left over")
        number = group[0] + group[1] * 45 + (group[2] * 2025 if len(group) == 3 else 0)
        size = len(group) - 1
        if number >= 256**size:
            raise ValueError("a group stands for too large a number")
        out += number.to_bytes(size, "big")
    return bytes(out)
