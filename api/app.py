"""The application: every route listed once, one dependency that says who asks, one place where refusals are told."""

from __future__ import annotations

import gc
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import msgspec
from litestar import Litestar, Request, Response
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.exceptions import SerializationException
from litestar.response import Redirect
from litestar.static_files import create_static_files_router
from litestar.types import Empty

from api import accounts, applications, cases, documents, guidance, ops, papers, social, studio, tasks, verbs
from api.assets import FOLDERS
from api.auth import ANONYMOUS
from api.choices import remember
from api.description import description
from api.errors import Foreign, problem_of
from api.frame import Edge, asked_of, language_of, page, token_of, understand
from api.homes import homes_of
from api.pages import (
    account_pages,
    apply_pages,
    batch_pages,
    board_pages,
    case_pages,
    desk_posts,
    file_pages,
    home_pages,
    issued_pages,
    looks_pages,
    own_pages,
    paper_pages,
    representation_pages,
    service_pages,
    sheet_pages,
    sign_in_pages,
    task_pages,
    track_pages,
    verb_pages,
    verify_pages,
)
from api.posted import MOST_ANSWERS
from api.tally import counting
from engine.errors import SignInRequired

if TYPE_CHECKING:
    from engine.office import Office

#: Modules with routes; which of two that fit an address goes first does not depend on the order.
ROUTED: tuple[Any, ...] = (
    applications,
    tasks,
    verbs,
    cases,
    documents,
    papers,
    guidance,
    ops,
    accounts,
    social,
    service_pages,
    home_pages,
    issued_pages,
    looks_pages,
    apply_pages,
    file_pages,
    sign_in_pages,
    account_pages,
    representation_pages,
    task_pages,
    verb_pages,
    desk_posts,
    batch_pages,
    board_pages,
    paper_pages,
    sheet_pages,
    case_pages,
    track_pages,
    own_pages,
    verify_pages,
    studio,
)
#: Uploads are read whole; Litestar refuses more than this (some room for the form around the file).
_ROOM = 1024 * 1024
#: Numbers with a fraction or exponent come out as Decimal.
_EXACT = msgspec.json.Decoder(float_hook=Decimal)
_SAFE = {"GET", "HEAD", "OPTIONS"}


class Posted(Request[Any, Any, Any]):
    """A request whose JSON numbers are exact: an amount never passes through a float."""

    async def json(self) -> Any:
        """The body; broken JSON is a 400."""
        if self._json is Empty:
            try:
                self._json = _EXACT.decode(await self.body() or b"null")
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
                raise SerializationException(str(fault)) from fault
        return self._json


def create_app(office: Office) -> Litestar:
    """The ASGI application over an open office."""
    app = Litestar(
        route_handlers=[
            *(route for module in ROUTED for route in module.routes),
            create_static_files_router(
                path="/static",
                directories=list(FOLDERS),
                include_in_schema=False,
                cache_control=CacheControlHeader(max_age=86400, public=True),
            ),
        ],
        dependencies={"asked": Provide(understand)},
        exception_handlers={Exception: tell},
        before_send=[remember],
        before_request=refuse_foreign,
        request_class=Posted,
        request_max_body_size=office.settings.upload_limit + _ROOM,
        multipart_form_part_limit=MOST_ANSWERS,
        compression_config=CompressionConfig(
            backend="gzip",
            minimum_size=1000,
            # Their answers are a line; looking whether to compress would be the dearest part of telling them.
            exclude=[r"^/api/tasks/[^/]+/(claim|release|complete)$"],
        ),
        openapi_config=description(),
        logging_config=None,
        on_startup=[settle_memory],
        lifespan=[counting],
    )
    app.state.edge = Edge(office)
    app.state.homes = homes_of(app.routes)
    return app


def settle_memory() -> None:
    """Take models, policies and code out of the collector's rounds: they live as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def tell(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Any refusal: problem+json for programs, a page for people."""
    edge: Edge = request.app.state.edge
    problem = problem_of(error, language_of(request), edge.office.settings.upload_limit)
    if request.url.path.startswith(("/api/", "/health")) or "text/html" not in request.headers.get(
        "accept", ""
    ):
        return Response(
            problem.json(request.url.path),
            media_type="application/problem+json",
            status_code=problem.status,
            headers={**problem.headers, "cache-control": "no-store"},
        )
    if isinstance(error, SignInRequired) and request.method == "GET":
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return Redirect(f"/sign-in?{urlencode({'next': target})}", status_code=303)
    # Nobody is looked up anew here: the database may be what failed.
    asked = asked_of(request, edge.sessions.remembered(token_of(request)) or ANONYMOUS)
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
    answer.headers.update(problem.headers)
    return answer


async def refuse_foreign(request: Request[Any, Any, Any]) -> None:
    """A browser that posts from another site is refused: with a cookie it would act for the person sitting there.

    A coroutine function, since Litestar would run a plain one in a thread.
    """
    if request.method in _SAFE:
        return
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Foreign(origin=origin)
    if request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        raise Foreign(origin=origin)
