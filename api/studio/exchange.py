"""Processes as zip archives, out and in, and models of other tools."""

from __future__ import annotations

from typing import Any

routes: tuple[Any, ...] = ()
