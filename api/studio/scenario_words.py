"""What is wrong with a file of scenarios, in the asker's language: its readers speak the English of their makers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.frame import Asked

#: What the readers say (libyaml's parser, msgspec's types, our own rules) -> the sentence that it means; the first that fits.
_MEANT = (
    (r"cannot start any token", "token"),
    (r"mapping values are not allowed", "colon"),
    (r"expected ',' or '[\]}]'", "bracket"),
    (r"quoted scalar|unexpected end of stream", "quote"),
    (r"undefined alias", "anchor"),
    (r"constructor for the tag", "tag"),
    (r"did not find|expected <|could not find", "indent"),
    (r"unknown field `(?P<name>[^`]*)`", "unknown"),
    (r"missing required field `(?P<name>[^`]*)`", "missing"),
    (r"case id stands twice: (?P<name>.*)", "twice"),
    (r"step (?P<number>\d+) needs exactly one", "step"),
    (r"Expected `array", "list"),
    (r"Expected `object", "mapping"),
    (r"Expected `str", "text"),
    (r"Expected `(?:int|float|decimal)", "number"),
    (r"Expected `bool", "boolean"),
)


def told(asked: Asked, words: str) -> str:
    """The sentence for what a reader said; a general one for what it never said before."""
    for pattern, code in _MEANT:
        if found := re.search(pattern, words):
            return asked.say(f"scenarios.bad-{code}", **found.groupdict())
    return asked.say("scenarios.bad-other")
