"""What does not exist and what the asker must not know of are refused on the same beat, so that no clock tells them apart.

Finding that somebody may not know of a case takes some hundredths of a millisecond more than not finding it. A refusal
therefore waits for the next full beat since its work began; everything else is answered at once.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from litestar import Response

from engine.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

#: Longer than what tells the two apart, shorter than what anybody minds.
BEAT_SECONDS = 0.005
_NOT_FOUND = 404


def on_the_beat(function: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """The function's answer; NotFound, and a page that says so, leave on the beat.

    For threads: the event loop wakes at whole milliseconds after it began to wait, which would show when that was.
    """
    begun = time.perf_counter()
    try:
        answer = function(*args, **named)
    except NotFound:
        _wait(begun)
        raise
    if isinstance(answer, Response) and answer.status_code == _NOT_FOUND:
        _wait(begun)
    return answer


def _wait(begun: float) -> None:
    time.sleep(BEAT_SECONDS - (time.perf_counter() - begun) % BEAT_SECONDS)
