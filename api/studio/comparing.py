"""Any two versions of a process side by side, or the draft beside a version: file by file, each kind in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Response

from api.frame import Asked
from api.routes import get
from api.studio.compare_view import sections, summary
from api.studio.frame import opened, packages, studio_page
from engine.compare import compare
from engine.errors import NotFound
from engine.queries.processes import process_view

if TYPE_CHECKING:
    from engine.package import Package
    from engine.queries.processes import ProcessView
    from engine.store.session import Reader

#: What stands for the draft in the address.
DRAFT = "draft"


@get("/studio/{process:str}/compare", include_in_schema=False)
def show(asked: Asked, process: str, before: str = "", after: str = "", view: str = "over") -> Response[Any]:
    """What differs between two versions; without `before` and `after` between the newest and what came of it."""
    found = opened(asked, process)
    with asked.office.store.reading() as reader:
        known = process_view(reader, process)
        choices = _choices(asked, known)
        first, second = _wished(known, before, after)
        was = _package(asked, reader, known, first) if first else None
        now = _package(asked, reader, known, second) if second else None
    values: dict[str, Any] = {"sections": [], "summary": [], "total": 0}
    if was is not None and now is not None:
        differences = compare(was, now)
        values = {
            "sections": list(sections(asked, was, now, differences, side=view == "side")),
            "summary": summary(differences),
            "total": len(differences),
        }
    return studio_page(
        asked,
        found,
        "studio/compare.html",
        tab="compare",
        choices=choices,
        before=first,
        after=second,
        view="side" if view == "side" else "over",
        comparable=was is not None and now is not None,
        **values,
    )


def _choices(asked: Asked, known: ProcessView) -> list[tuple[str, str]]:
    """What can be chosen: the draft, and every number with its day and who published it."""
    found = [(DRAFT, asked.say("compare.draft"))] if known.working is not None else []
    return found + [
        (
            str(one.number),
            asked.say(
                "compare.version",
                number=one.number,
                at=asked.moment(one.published_at),
                name=asked.say("studio.from-tree")
                if one.origin == "tree"
                else one.approved_name or one.published_name,
            ),
        )
        for one in known.versions
    ]


def _wished(known: ProcessView, before: str, after: str) -> tuple[str, str]:
    """The two sides; where nothing is wished, the latest step: from the newest version to the draft, else to the newest."""
    numbers = [str(one.number) for one in known.versions]
    later = after or (DRAFT if known.working is not None else next(iter(numbers), ""))
    if before:
        return before, later
    if later == DRAFT:
        base = known.working.number if known.working is not None else None
        return (str(base) if base is not None and str(base) in numbers else next(iter(numbers), "")), later
    older = [one for one in numbers if later.isdigit() and int(one) < int(later)]
    return next(iter(older), ""), later


def _package(asked: Asked, reader: Reader, known: ProcessView, wished: str) -> Package:
    """The draft, a version by number, or a version by digest; NotFound for anything else."""
    if wished == DRAFT and known.working is not None:
        return packages(asked).draft(reader, known.working)
    for one in known.versions:
        if wished in {str(one.number), one.digest}:
            return asked.office.versions.at(one.digest, reader)
    raise NotFound(kind="version", id=wished)


routes = (show,)
