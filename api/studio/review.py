"""Asking for a review, returning a draft, publishing it with a second person, rolling back, retiring."""

from __future__ import annotations

from typing import Any

routes: tuple[Any, ...] = ()
