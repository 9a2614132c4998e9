"""Litestar's route decorators, with one difference: plain functions run in a thread, because the engine is synchronous.

Litestar's own `sync_to_thread` wraps a handler a second time when two methods share a path (2.25), which breaks it.
"""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Any

import litestar
from litestar.concurrency import sync_to_thread

from api.description import DOING, READING, Keyed, problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar.handlers import HTTPRouteHandler

#: Paths of the described API; everything else is pages.
API = ("/api/", "/health")


def threaded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as a coroutine function that runs in a thread; one that is one already stays as it is."""
    if inspect.iscoroutinefunction(function):
        return function

    @wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        return await sync_to_thread(function, *args, **kwargs)

    return call


def get(
    path: str, *, refuses: tuple[int, ...] = (), **options: Any
) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
    """A route that reads; `refuses` lists the refusals that its description tells beside the usual ones."""
    return lambda function: litestar.get(path, **_described(path, READING, refuses, options))(
        threaded(function)
    )


def post(
    path: str, *, refuses: tuple[int, ...] = (), keyed: bool = True, **options: Any
) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
    """A route that does something; `keyed` ones take an Idempotency-Key."""
    if keyed and path.startswith(API):
        options["operation_class"] = Keyed
    return lambda function: litestar.post(path, **_described(path, DOING, refuses, options))(
        threaded(function)
    )


def delete(path: str, **options: Any) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
    """A route that ends something."""
    return lambda function: litestar.delete(path, **_described(path, (503,), (), options))(threaded(function))


def _described(
    path: str, usual: tuple[int, ...], more: tuple[int, ...], options: dict[str, Any]
) -> dict[str, Any]:
    if not path.startswith(API):
        return options
    return {"responses": problems(tuple(sorted({*usual, *more}))), **options}
