"""The page of one task: the list beside it, the form with the values so far, and the tabs with what there is to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.errors import problem_of
from api.frame import page
from api.pages import desk, posts, reasons, story
from api.pages.paper_view import papers, refused_items, shown
from api.pages.presence import others
from api.pages.registers import registers
from api.pages.trail import trail
from api.pages.verb_view import verbs
from api.shapes import area_name, money
from api.titles import case_title, lane_title, step_title
from engine.errors import EngineError, FormInvalid, NotFound
from engine.queries import case as read_case
from engine.queries import task as read_task
from engine.queries.desks import phrases, task_draft
from engine.queries.subjects import dossiers
from engine.queries.worklist import neighbours

if TYPE_CHECKING:
    from litestar import Response

    from api.frame import Asked
    from engine.core.faults import CoreError
    from engine.package import Package
    from engine.queries import CaseView, TaskView

TABS = ("answers", "papers", "law", "history", "dossier", "diagram")
SAID = ("claimed", "released", "done", "done-next", "none-left", "kept", "verb", "judged", "draft-dropped")


def said(asked: Asked) -> str | None:
    """What has just been done, where the address says so."""
    word = asked.request.query_params.get("said")
    return asked.say(f"task.{word}") if word in SAID else None


def task_page(
    asked: Asked,
    key: str,
    *,
    answers: dict[str, Any] | None = None,
    command: str = "",
    revision: int | None = None,
    refusal: EngineError | CoreError | None = None,
    done: str | None = None,
    foretold: dict[str, Any] | None = None,
) -> Response[str]:
    """The page of a task, with what was typed and why it was refused, if it was."""
    office = asked.office
    view = read_task(office.store, office.bus.access, asked.actor, key)
    package = office.versions.at(view.case.package)
    head = _head(asked, view, package)
    draft = task_draft(office.store, asked.actor, key) if head["mine"] and head["open"] else None
    if answers is None and draft is not None:
        answers = dict(draft.answers)
    told, status = _form(asked, view, package, answers or {}, refusal)
    if revision is not None and (refusal is None or isinstance(refusal, FormInvalid)):
        head["revision"] = revision
    wish = desk.wish_of(asked)
    before, after = neighbours(
        office.store, office.bus.access, asked.actor, desk.filters_of(asked, wish), view.row.due, key
    )
    answer = page(
        asked,
        "task.html",
        status=status,
        task=head,
        **told,
        **desk.list_values(asked, wish, limit=desk.ROWS_BESIDE),
        **_side(asked, view, package),
        draft=draft,
        stale=draft is not None and draft.revision != view.row.revision,
        phrases=_phrases(asked, view, package) if head["mine"] else [],
        before=before,
        after=after,
        clear=view.workable,
        command=command or posts.fresh(),
        foretold=foretold,
        done=done or (None if refusal else said(asked)),
    )
    if asked.request.method != "GET":
        answer.headers["hx-push-url"] = f"/tasks/{key}{wish.query()}"
    return answer


def _form(
    asked: Asked,
    view: TaskView,
    package: Package,
    answers: dict[str, Any],
    refusal: EngineError | CoreError | None,
) -> tuple[dict[str, Any], int]:
    form = package.form(view.row.element)
    invalid = refusal if isinstance(refusal, FormInvalid) else None
    told = posts.question_values(asked, form, answers, view.variables, invalid)
    told["grounds"] = _grounds(asked, view, package, told["answers"]) if form and form.may_refuse else []
    told["grounds_wrong"] = told["faults"].get("articles")
    if refusal is None:
        return told, 200
    problem = problem_of(refusal, asked.language)
    if invalid is None:
        told["errors"] = [{"anchor": "", "label": "", "sentence": problem.sentence}]
    return told, problem.status


def _grounds(asked: Asked, view: TaskView, package: Package, answers: dict[str, Any]) -> list[dict[str, Any]]:
    """The articles that a refusal can stand on, those of the step first and chosen at first; nothing unless one is chosen."""
    form = package.form(view.row.element)
    if form is None or not form.refuses(answers):
        return []
    nodes = package.definition.nodes
    usual = list(nodes[view.row.element].settings.law)
    every = dict.fromkeys((*usual, *sorted({one for node in nodes.values() for one in node.settings.law})))
    given = answers.get("articles")
    chosen = given if isinstance(given, list) else usual
    found = ((one, asked.office.law.article(one)) for one in every)
    return [
        {
            "id": one,
            "title": article.title,
            "text": article.text,
            "chosen": one in chosen,
            "usual": one in usual,
        }
        for one, article in found
        if article is not None
    ]


def _head(asked: Asked, view: TaskView, package: Package) -> dict[str, Any]:
    row = view.row
    returned = view.variables.get("returned")
    return {
        "id": row.id,
        "title": step_title(asked, package, row.element, row.title),
        "name": case_title(asked, package, view.case.title),
        "case": row.case_id,
        "element": row.element,
        "lane": lane_title(asked, package, row.element),
        "place": area_name(asked.office.law, row.area, asked.today),
        "due": view.deadline,
        "chip": desk.deadline_chip(asked, view.deadline),
        "open": row.state == "open",
        "mine": row.claimed_by is not None and row.claimed_by == asked.actor.id,
        "workable": view.workable,
        "holder": row.claimed_name,
        "revision": row.revision,
        "closed_by": row.changed_name,
        "closed_at": row.changed_at,
        "delegated_to": row.delegated_name,
        "urged": row.urged,
        "urged_at": row.urged_at,
        "returned": returned if isinstance(returned, dict) and row.state == "open" else None,
    }


def _phrases(asked: Asked, view: TaskView, package: Package) -> list[dict[str, Any]]:
    """The long texts of the form, each with the ready sentences for it."""
    form = package.form(view.row.element)
    texts = [f for f in form.fields() if f.type == "longtext" and not f.readonly] if form else []
    if not texts:
        return []
    found = phrases(asked.office.store, asked.actor, view.row.process, view.row.element, view.row.area)
    return [
        {
            "key": field.key,
            "label": asked.pick(field.label),
            "phrases": [one for one in found if one.field in ("", field.key)],
        }
        for field in texts
    ]


def _side(asked: Asked, view: TaskView, package: Package) -> dict[str, Any]:
    """The tabs; only the law for who may not see the case."""
    office = asked.office
    articles = (office.law.article(one) for one in package.definition.nodes[view.row.element].settings.law)
    law = [one for one in articles if one is not None]
    wanted = str(asked.request.query_params.get("tab") or "")
    try:
        case = read_case(office.store, office.bus.access, asked.actor, view.case.id)
    except NotFound:
        return {"tabs": ("law",), "tab": "law", "law": law, "decisions": [], "verbs": None, "others": []}
    stages = story.stages(asked, package, case)
    found = papers(asked, case, stages)
    usual = "papers" if any(not one["state"] for one in found) else "answers"
    tab = wanted if wanted in TABS else usual
    return {
        "tabs": TABS,
        "tab": tab,
        "law": law,
        "paper_count": len(found),
        "verbs": verbs(asked, package, view, case, refused_items(found)),
        "others": others(asked, case),
        **_tab(asked, tab, package, case, stages, found),
    }


def _tab(
    asked: Asked,
    tab: str,
    package: Package,
    case: CaseView,
    stages: list[dict[str, Any]],
    found: list[dict[str, Any]],
) -> dict[str, Any]:
    match tab:
        case "papers":
            return {"papers": found, "paper": shown(asked, found)}
        case "law":
            return {"decisions": reasons.decisions(asked, package, case)}
        case "history":
            return {
                "trail": trail(asked, package, case),
                "waiting": [
                    one for one in story.timeline(asked, package, case, names=True) if not one["past"]
                ],
                "documents": story.documents(asked, package, case, office=True),
            }
        case "dossier":
            access, store = asked.office.bus.access, asked.office.store
            return {
                "people": [_person(asked, one) for one in dossiers(store, access, asked.actor, case.row.id)]
            }
        case "diagram":
            return {
                "stops": [one for one in story.timeline(asked, package, case, names=True) if not one["past"]]
            }
        case _:
            return {"stages": stages, "registers": registers(asked, package, case)}


def _person(asked: Asked, one: Any) -> dict[str, Any]:
    versions = asked.office.versions
    return {
        "subject": one.subject,
        "name": one.name,
        "cases": [
            {
                "id": case.id,
                "name": case_title(asked, versions.at(case.package), case.title),
                "state": asked.say(f"case.state-{case.state}"),
                "at": case.submitted_at,
            }
            for case in one.cases
        ],
        "facts": [
            {
                "kind": asked.say(f"dossier.{fact.kind}"),
                "on": fact.happened_on,
                "case": fact.case_id,
                "text": _fact_text(asked, fact.data),
            }
            for fact in one.facts
        ],
    }


def _fact_text(asked: Asked, data: Any) -> str:
    """The amount of a fact, where it has one; the rest is in its case."""
    amount = data.get("amount")
    return asked.say("yuan", amount=money(amount)) if amount is not None else ""
