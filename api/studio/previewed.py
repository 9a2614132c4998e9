"""What previews of forms and letters share: the stage that samples are played on, and pages that only a frame may show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from engine.scenarios.around import surroundings_of

if TYPE_CHECKING:
    from litestar import Response

    from api.frame import Asked
    from engine.scenarios.stage import Surroundings

#: A preview runs nothing and posts nothing; only a page of ours may show it inside.
_FRAMED = (
    "default-src 'self'; img-src 'self' data:; script-src 'none'; object-src 'none'; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'; sandbox allow-same-origin"
)
_SCRIPT = re.compile(r"<script\b[^>]*></script>")


def framed(answer: Response[Any]) -> Response[Any]:
    """Let the editor show the page in a frame, and let the page do nothing."""
    answer.headers["content-security-policy"] = _FRAMED
    answer.content = _SCRIPT.sub("", answer.content)
    return answer


def sample_around(asked: Asked) -> Surroundings:
    """What samples play in: the office's law and processes, nothing of its data."""
    return surroundings_of(asked.office)
