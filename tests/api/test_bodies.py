"""No route reads a JSON body without end, and only editors of whole files may send more than others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar.routes import HTTPRoute

from api.routes import MOST_JSON
from api.studio.files import MOST_TYPED

if TYPE_CHECKING:
    from litestar import Litestar

    from tests.api.conftest import Caller, People


def test_every_json_body_has_an_end(app: Litestar) -> None:
    found: dict[str, object] = {}
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if "POST" in handler.http_methods and "data" in handler.fn.__annotations__:
                    found[route.path_format] = handler.resolve_request_max_body_size()
    assert len(found) > 30
    larger = {path for path, most in found.items() if most != MOST_JSON}
    assert larger == {f"/studio/{{process}}/tables/{name}" for name in ("check", "picture", "told")}
    assert {found[path] for path in larger} == {MOST_TYPED}


def test_a_body_that_is_too_long_is_refused(people: People) -> None:
    caller: Caller = people("analyst")
    told = caller.client.post(
        "/studio/temporary-assistance/remarks/say",
        json={"text": "x" * (MOST_JSON + 1)},
        headers=caller.headers,
    )
    assert told.status_code == 413
