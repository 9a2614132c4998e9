"""The description of the JSON API (OpenAPI 3.1) at /schema/openapi.json, and as a plain page at /schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from litestar.openapi import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, Operation, Parameter, Schema, SecurityScheme, Tag
from litestar.openapi.spec.enums import OpenAPIType

if TYPE_CHECKING:
    from litestar import Request

_VERBS = ("get", "post", "delete")


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one answer: its dotted path, a JSON pointer into the body, and a sentence."""

    path: str
    pointer: str
    detail: str


class ProblemBody(msgspec.Struct, frozen=True, rename={"kind": "type"}):
    """A refusal (RFC 9457). `code` is stable; `title` is a sentence in the language of Accept-Language."""

    kind: str
    title: str
    status: int
    code: str
    instance: str
    errors: list[Fault] = []
    values: dict[str, Any] = {}


_TOLD = {
    400: "The request cannot be read, or the command lacks something.",
    401: "An account is needed, or account and password do not fit.",
    403: "The right is missing: by role, by four eyes, or because the actor must stand aside.",
    404: "It does not exist, or the asker may not know that it does.",
    409: "Somebody was faster, or the case does not wait for this; `values` say who did what.",
    413: "The upload is too large.",
    415: "The upload is not a PDF, JPEG or PNG.",
    422: "Answers are wrong (`errors` point to each), or the command's id was used for another content.",
    429: "Too many attempts; see Retry-After.",
    503: "The database does not answer, or a dated figure of the law is missing; nothing was changed.",
    507: "The document store is full; nothing was changed.",
}
READING = (401, 404, 503)
DOING = (400, 401, 403, 404, 409, 422, 429, 503)


def problems(statuses: tuple[int, ...]) -> dict[int, ResponseSpec]:
    """The refusals of a route as the description shows them."""
    return {
        status: ResponseSpec(
            ProblemBody,
            description=_TOLD[status],
            media_type="application/problem+json",
            generate_examples=False,
        )
        for status in statuses
    }


@dataclass
class Keyed(Operation):
    """An operation that takes an Idempotency-Key."""

    def __post_init__(self) -> None:
        key = Parameter(
            name="Idempotency-Key",
            param_in="header",
            required=False,
            description="The caller's own id for this command (at most 120 printable ASCII characters). The same key with "
            "the same content gets the first answer again; with another content it is refused (422). Without an account choose a long random one.",
            schema=Schema(type=OpenAPIType.STRING, max_length=120),
        )
        self.parameters = [*(self.parameters or []), key]


class ReadablePage(OpenAPIRenderPlugin):
    """All operations on one page of ours, which loads nothing from other places."""

    def __init__(self) -> None:
        super().__init__(path="/")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The page."""
        from api.frame import asked_of, page  # noqa: PLC0415 - the frame of pages knows the routes, which use this module

        operations = [
            {"verb": verb.upper(), "path": path, **told}
            for path, item in openapi_schema["paths"].items()
            for verb, told in item.items()
            if verb in _VERBS
        ]
        return page(asked_of(request), "schema.html", operations=operations).content.encode()


def description() -> OpenAPIConfig:
    """How the API describes itself."""
    return OpenAPIConfig(
        title="Banjian 办件",
        version="0.1.0",
        description="Sign in with `POST /api/sessions` and send the token as `Authorization: Bearer`. Every change takes an "
        "`Idempotency-Key`. Refusals are `application/problem+json`, in Chinese or English by `Accept-Language`. "
        "Amounts are decimal numbers in yuan; moments are ISO 8601 with offset; a deadline is the exclusive end of the "
        "last permitted moment.",
        path="/schema",
        use_handler_docstrings=True,
        render_plugins=[ReadablePage(), JsonRenderPlugin(), YamlRenderPlugin()],
        components=Components(
            security_schemes={"session": SecurityScheme(type="http", scheme="bearer")},
        ),
        security=[{"session": []}, {}],
        tags=[
            Tag(name="applications", description="What can be applied for, and applying."),
            Tag(name="tasks", description="The worklist and the work on a task."),
            Tag(name="cases", description="Cases, their timelines, messages to them, reserve funds."),
            Tag(name="documents", description="Downloads, uploads, verification."),
            Tag(name="operations", description="Sessions and health."),
        ],
    )
