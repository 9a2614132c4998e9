"""Decided cases replayed through a draft."""

from __future__ import annotations

from typing import Any

routes: tuple[Any, ...] = ()
