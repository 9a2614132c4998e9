"""Litestar's route decorators, with one difference: plain functions run in a thread, because the engine is synchronous.

Litestar's own `sync_to_thread` wraps a handler a second time when two methods share a path (2.25), which breaks it.
"""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Any

import litestar
from litestar.concurrency import sync_to_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar.handlers import HTTPRouteHandler


def threaded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as a coroutine function that runs in a thread; one that is one already stays as it is."""
    if inspect.iscoroutinefunction(function):
        return function

    @wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        return await sync_to_thread(function, *args, **kwargs)

    return call


def get(path: str, **options: Any) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
    """A route that reads."""
    return lambda function: litestar.get(path, **options)(threaded(function))


def post(path: str, **options: Any) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
    """A route that does something."""
    return lambda function: litestar.post(path, **options)(threaded(function))


def delete(path: str, **options: Any) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
    """A route that ends something."""
    return lambda function: litestar.delete(path, **options)(threaded(function))
