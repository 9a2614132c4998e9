"""The papers that were handed in with a case, one after the other, and what was said of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.shapes import files_of, value_of
from engine.queries.contents import papers_of
from engine.queries.desks import judgements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from api.frame import Asked
    from engine.queries import CaseView

#: Widths at which a page is drawn, in per cent of reading size.
ZOOMS = (50, 75, 100, 150, 200)
TURNS = (0, 90, 180, 270)
#: Pixels across at 100 per cent.
READING = 1000


def papers(asked: Asked, view: CaseView, stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every file of the application, of completed steps and handed in later, each once, with its judgement."""
    said = judgements(asked.office.store, view.row.id)
    found: dict[str, dict[str, Any]] = {}
    for paper in (*_of_stages(asked, stages), *_handed_in(asked, view)):
        found.setdefault(paper["hash"], paper)
    told = list(found.values())
    for number, paper in enumerate(told, 1):
        judged = said.get(paper["hash"])
        paper |= {"number": number, "judgement": judged, "state": judged.state if judged else ""}
    return told


def _of_stages(asked: Asked, stages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for stage in stages:
        for field in stage["form"].fields():
            for file in _files(field, stage["answers"]):
                yield {
                    "hash": file["hash"],
                    "name": file["name"],
                    "label": asked.pick(field.label),
                    "field": field.key,
                    "stage": stage["title"],
                }


def _files(field: Any, answers: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    value = value_of(answers, field.key)
    if field.type in {"file", "files"}:
        yield from files_of(value)
    elif field.type == "list":
        for row in value or ():
            for inner in field.fields:
                if inner.type in {"file", "files"}:
                    yield from files_of(row.get(inner.key))


def _handed_in(asked: Asked, view: CaseView) -> Iterator[dict[str, Any]]:
    with asked.office.store.reading() as reader:
        rows = papers_of(reader, view.row.id)
    for sha256, name, field in rows:
        label = asked.say("paper.handed-in")
        yield {"hash": sha256, "name": name, "label": label, "field": field or "", "stage": label}


def shown(asked: Asked, found: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The paper that the address asks for, with page, zoom and turn; the first that nobody has judged otherwise."""
    if not found:
        return None
    given = asked.request.query_params
    wanted = str(given.get("paper") or "")
    chosen = next((one for one in found if one["hash"] == wanted), None)
    chosen = chosen or next((one for one in found if not one["state"]), found[0])
    place = found.index(chosen)
    return {
        **chosen,
        "page": max(1, _number(given.get("page"), 1)),
        "zoom": _of(given.get("zoom"), ZOOMS, 100),
        "turn": _of(given.get("turn"), TURNS, 0),
        "before": found[place - 1]["hash"] if place else None,
        "after": found[place + 1]["hash"] if place + 1 < len(found) else None,
    }


def _number(text: Any, usual: int) -> int:
    return (
        int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 5 else usual
    )


def _of(text: Any, allowed: tuple[int, ...], usual: int) -> int:
    number = _number(text, usual)
    return number if number in allowed else usual


def refused_items(found: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The papers that were not accepted, as lines of what is to be corrected."""
    return [
        {
            "field": one["field"],
            "label": one["label"],
            "material": one["hash"],
            "reason": one["judgement"].reason,
        }
        for one in found
        if one["state"] == "refused"
    ]
