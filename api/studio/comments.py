"""Remarks that people pin to elements of a diagram."""

from __future__ import annotations

from typing import Any

routes: tuple[Any, ...] = ()
