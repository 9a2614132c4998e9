"""The application: every route listed once, one dependency that says who asks, one place where refusals are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from litestar import Litestar, Request, Response
from litestar.config.compression import CompressionConfig
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.static_files import create_static_files_router

from api import applications, cases, documents, ops, tasks
from api.errors import problem_of
from api.frame import UI, Edge, language_of, page, understand
from api.pages import case_pages, home_pages, task_pages, verify_pages

if TYPE_CHECKING:
    from engine.office import Office

#: Uploads are read whole; Litestar refuses more than this (some room for the form around the file).
_ROOM = 1024 * 1024
_SAFE = {"GET", "HEAD", "OPTIONS"}


def create_app(office: Office) -> Litestar:
    """The ASGI application over an open office."""
    app = Litestar(
        route_handlers=[
            *applications.routes,
            *tasks.routes,
            *cases.routes,
            *documents.routes,
            *ops.routes,
            *home_pages.routes,
            *task_pages.routes,
            *case_pages.routes,
            *verify_pages.routes,
            create_static_files_router(path="/static", directories=[UI / "static"], include_in_schema=False),
        ],
        dependencies={"asked": Provide(understand)},
        exception_handlers={Exception: tell},
        before_request=refuse_foreign,
        request_max_body_size=office.settings.upload_limit + _ROOM,
        compression_config=CompressionConfig(backend="gzip", minimum_size=1000),
        openapi_config=OpenAPIConfig(title="Banjian 办件", version="0.1.0", path="/schema"),
        logging_config=None,
    )
    app.state.edge = Edge(office)
    return app


def tell(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Any refusal: problem+json for programs, a page for people."""
    language = language_of(request)
    edge: Edge = request.app.state.edge
    problem = problem_of(error, language, edge.office.settings.upload_limit)
    headers = {"retry-after": "5"} if problem.status == 503 else {}
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        return Response(
            problem.json(request.url.path),
            media_type="application/problem+json",
            status_code=problem.status,
            headers=headers,
        )
    from datetime import UTC, datetime  # noqa: PLC0415

    from api.auth import ANONYMOUS  # noqa: PLC0415
    from api.frame import Asked  # noqa: PLC0415 - made by hand: dependencies may be what failed

    asked = Asked(edge, request, ANONYMOUS, language, large=False, now=datetime.now(UTC))
    back = request.headers.get("referer")
    answer = page(
        asked,
        "problem.html",
        status=problem.status,
        title=asked.say("problem.title"),
        sentence=problem.sentence,
        code=problem.code,
        back=back if back and urlsplit(back).netloc == request.url.netloc else None,
    )
    answer.headers.update(headers)
    return answer


def refuse_foreign(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """A browser that posts from another site is refused: with a cookie it would act for the person sitting there."""
    origin = request.headers.get("origin")
    if (
        request.method in _SAFE
        or origin is None
        or urlsplit(origin).netloc == request.headers.get("host", "")
    ):
        return None
    from api.words import say  # noqa: PLC0415

    body = {
        "type": "urn:banjian:problem:origin",
        "title": say(language_of(request), "error.origin"),
        "status": 403,
        "code": "origin",
    }
    return Response(body, media_type="application/problem+json", status_code=403)
