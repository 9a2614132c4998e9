"""Worked cases, written by filling in forms, run against draft and published version."""

from __future__ import annotations

from typing import Any

routes: tuple[Any, ...] = ()
