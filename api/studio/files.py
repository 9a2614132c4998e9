"""The files of a process as data: listed, read, and saved one by one by whoever edits them."""

from __future__ import annotations

from typing import Any

routes: tuple[Any, ...] = ()
