"""What the checks say about a process, in plain words, with the way to mend it."""

from __future__ import annotations

from typing import Any

routes: tuple[Any, ...] = ()
