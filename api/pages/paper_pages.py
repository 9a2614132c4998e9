"""Papers that were handed in with a case, as files and page by page as pictures, for whoever may see the case."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, cast

from litestar import Response

from api.documents import PRIVATE
from api.frame import Asked
from api.pages.paper_view import READING, ZOOMS
from api.routes import get
from api.uploads import media_type
from engine.documents.leaves import Leaf, leaf
from engine.errors import NotFound
from engine.queries import case as read_case
from engine.queries.contents import handed_in, is_issued


@get("/cases/{number:str}/materials/{sha256:str}", include_in_schema=False)
def material(asked: Asked, number: str, sha256: str) -> Response[bytes]:
    """A file that was handed in with the case."""
    require_paper(asked, number, sha256)
    content = asked.office.vault.get(sha256)
    kind = media_type(content) or "application/octet-stream"
    return Response(content, media_type=kind, headers={**PRIVATE, "content-disposition": "inline"})


@get("/cases/{number:str}/materials/{sha256:str}/page", include_in_schema=False)
def leaf_of(asked: Asked, number: str, sha256: str, at: int = 1, zoom: int = 100) -> Response[bytes]:
    """One page at reading size; how many there are stands in `x-pages`."""
    zoom = zoom if zoom in ZOOMS else 100
    require_paper(asked, number, sha256)
    drawn = _drawn(cast("Hashable", asked.office.vault), sha256, max(1, min(at, 9999)), READING * zoom // 100)
    headers = {**PRIVATE, "content-disposition": "inline", "x-pages": str(drawn.pages)}
    return Response(drawn.picture, media_type="image/jpeg", headers=headers)


@lru_cache(maxsize=48)
def _drawn(vault: Any, sha256: str, page: int, width: int) -> Leaf:
    """The last pages looked at: the same is asked for twice in a row, as a picture and for how many there are."""
    return leaf(vault.get(sha256), page, width)


def require_paper(asked: Asked, number: str, sha256: str) -> None:
    """NotFound unless the asker may see the case and it refers to a paper with that hash.

    A name of bytes that lies in the vault is not enough: the case must refer to it, and it must be no issued document
    (the hash of those is public).
    """
    office = asked.office
    view = read_case(office.store, office.bus.access, asked.owner_of(number), number)
    with office.store.reading() as reader:
        issued, named = is_issued(reader, sha256), handed_in(reader, number, sha256)
    if len(sha256) != 64 or issued or not (named or _mentions(view.variables, sha256)):
        raise NotFound(kind="material", id=sha256)


def _mentions(value: Any, sha256: str) -> bool:
    match value:
        case {"hash": str(known)} if known == sha256:
            return True
        case Mapping():
            return any(_mentions(one, sha256) for one in value.values())
        case list() | tuple():
            return any(_mentions(one, sha256) for one in value)
        case _:
            return False


routes = (material, leaf_of)
