"""Who looked at a case, for the people it is about: every look at a secret one, and every look in vain."""

from __future__ import annotations

from litestar import Response

from api.frame import Asked, page
from api.routes import get
from engine.queries import looks


@get("/track/{number:str}/looks", include_in_schema=False)
def show(asked: Asked, number: str) -> Response[str]:
    """The looks at an own case, latest first; by account or by query code, like the case itself."""
    office = asked.office
    found = looks(office.store, office.bus.access, asked.owner_of(number), number)
    own = f"case:{number}"
    lines = [
        {
            "at": one.at,
            "who": asked.say("looks.yourself")
            if one.actor in {own, asked.actor.id}
            else one.actor_name or asked.say("looks.stranger"),
            "what": asked.say("looks.case" if one.key == number else "looks.part"),
            "shown": one.shown,
        }
        for one in found
    ]
    return page(asked, "looks.html", number=number, lines=lines)


routes = (show,)
