"""The code on a paper, judged by the office itself: the signature first, then what the register says today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.documents.offline import read_code
from engine.documents.ring import FOLDER, read_ring
from engine.documents.verify import Verdict, by_token

if TYPE_CHECKING:
    from datetime import datetime

    from engine.documents.verify import Register
    from engine.settings import Settings


def by_code(
    text: str, register: Register, settings: Settings, now: datetime, purpose: str | None = None
) -> Verdict:
    """Judge the text of a paper's offline code.

    Only a code that a key of ours signed leads to a paper; anything else is `unknown`, whatever it claims to be.
    """
    ring = read_ring(settings.data / "keys" / FOLDER)
    told = read_code(text.strip(), ring.trusted(), now, struck=ring.struck())
    return (
        Verdict("unknown")
        if told.carried is None
        else by_token(told.carried.token, register, purpose=purpose)
    )
