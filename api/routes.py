"""Litestar's route decorators, with one difference: plain functions run in a thread, because the engine is synchronous.

Litestar's own `sync_to_thread` wraps a handler a second time when two methods share a path (2.25), which breaks it.
"""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_origin, get_type_hints

import litestar
from litestar.concurrency import sync_to_thread
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from api.beat import on_the_beat
from api.description import DOING, READING, Keyed, problems
from api.posted import posted

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar.handlers import HTTPRouteHandler

#: Paths of the described API; everything else is pages.
API = ("/api/", "/health")
#: Answers about people are kept by nobody on the way.
_PRIVATE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
#: Bytes of a JSON body; files have a route of their own, editors that send whole files say how much they may.
MOST_JSON = 1024 * 1024


def marked(function: Callable[..., Any], path: str) -> Callable[..., Any]:
    """The function with each parameter marked for where it comes from, which Litestar wants said.

    `asked` is the dependency of every route, `data` the JSON body, a name in braces part of the path, all else a query.
    """
    hints: dict[str, Any] = get_type_hints(function, include_extras=True)
    places: dict[str, Any] = {"asked": NamedDependency, "data": JSONBody}
    for name, hint in hints.items():
        if name != "return" and get_origin(hint) is not Annotated:
            place = places.get(name, FromPath if f"{{{name}:" in path else FromQuery)
            hints[name] = place[hint]
    function.__annotations__ = hints
    return function


def threaded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as a coroutine function that runs in a thread; one that is one already stays as it is."""
    if inspect.iscoroutinefunction(function):
        return function

    @wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        return await sync_to_thread(on_the_beat, function, *args, **kwargs)

    return call


def get(
    path: str, *, refuses: tuple[int, ...] = (), **options: Any
) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
    """A route that reads; `refuses` lists the refusals that its description tells beside the usual ones."""
    return lambda function: litestar.get(path, **_described(path, READING, refuses, options))(
        threaded(marked(function, path))
    )


def post(
    path: str, *, refuses: tuple[int, ...] = (), keyed: bool = True, **options: Any
) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
    """A route that does something; `keyed` ones take an Idempotency-Key."""
    if keyed and path.startswith(API):
        options["operation_class"] = Keyed

    def register(function: Callable[..., Any]) -> HTTPRouteHandler:
        if "data" in inspect.signature(function).parameters:
            options.setdefault("request_max_body_size", MOST_JSON)
        return litestar.post(path, **_described(path, DOING, refuses, options))(
            threaded(marked(function, path))
        )

    return register


def form(path: str, **options: Any) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
    """A route of a page's own form: what was posted comes as `given`, and the plain function runs in a thread.

    `home` is the address of the page that the form stands on, where that is neither its own nor the nearest above.
    """
    options = {"status_code": 200, "include_in_schema": False, **options}

    def register(function: Callable[..., Any]) -> HTTPRouteHandler:
        signature = inspect.signature(function)

        async def call(**named: Any) -> Any:
            given = await posted(named["asked"])
            return await sync_to_thread(on_the_beat, function, given=given, **named)

        # Litestar must not look for `given` in the address: it sees the function without it.
        call.__name__, call.__qualname__ = function.__name__, function.__qualname__
        call.__doc__, call.__module__ = function.__doc__, function.__module__
        kept = [one for name, one in signature.parameters.items() if name != "given"]
        hints = get_type_hints(function, include_extras=True)
        call.__annotations__ = {name: hint for name, hint in hints.items() if name != "given"}
        call.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
        return litestar.post(path, **options)(marked(call, path))

    return register


def delete(path: str, **options: Any) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
    """A route that ends something."""
    return lambda function: litestar.delete(path, **_described(path, (503,), (), options))(
        threaded(marked(function, path))
    )


def _described(
    path: str, usual: tuple[int, ...], more: tuple[int, ...], options: dict[str, Any]
) -> dict[str, Any]:
    if not path.startswith(API):
        return options
    return {
        "responses": problems(tuple(sorted({*usual, *more}))),
        "response_headers": [ResponseHeader(name=name, value=value) for name, value in _PRIVATE.items()],
        **options,
    }
