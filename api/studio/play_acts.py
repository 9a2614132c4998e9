"""What the buttons of a play do: steps of the case, and which form is filled in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

from api.errors import problem_of
from api.pages import posts
from api.posted import Given
from api.studio import play_verbs
from api.studio.play_opening import moment_of, person, roles_for
from api.studio.play_state import SAMPLE_FILE, Played, Sample, Samples
from api.studio.play_view import message_title
from api.titles import step_title
from api.words import knows
from engine.errors import EngineError, FormInvalid
from engine.scenarios.casting import RESIDENT, starter, worker
from engine.scenarios.model import Action

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from api.frame import Asked
    from engine.forms import Form
    from engine.package import Package
    from engine.scenarios import Rehearsal
    from engine.scenarios.rehearsal import Scene, Work

#: How far one step may move the clock: what nobody waits for decides nothing, and must not keep the server busy.
_FARTHEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button comes to: a longer play to be tried, or another look; with the form that is being filled in."""

    played: Played | None = None
    item: str = ""
    answers: dict[str, Any] | None = None
    #: Who does it: role and 1 or 2, with a colon between.
    person: str = ""
    refusal: Exception | None = None


def questions(
    asked: Asked,
    form: Form | None,
    answers: dict[str, Any],
    variables: Mapping[str, Any],
    refusal: Exception | None,
) -> tuple[dict[str, Any], int]:
    """The values of a form's page, with what the engine refused, and the status of the answer."""
    invalid = refusal if isinstance(refusal, FormInvalid) and form is not None else None
    told = posts.question_values(asked, form, answers, variables, invalid)
    told["refused"] = told.pop("errors")
    if refusal is None:
        return told, 200
    problem = problem_of(refusal, asked.language)
    if invalid is None:
        told["refused"] = [{"anchor": "", "label": "", "sentence": problem.sentence}]
    return told, problem.status


def press(asked: Asked, package: Package, played: Played, rehearsal: Rehearsal, given: Given) -> Pressed:
    """What the pressed button asks for. `asked` is asked of the stage."""
    scene = rehearsal.scene()
    assert scene is not None, "a play without a case has no buttons"
    kind, _, key = posts.first(given, "do").partition(":")
    match kind:
        case "open":
            return Pressed(item=key)
        case "time":
            until = scene.alarms[0].due if key == "due" and scene.alarms else None
            return _wait(asked, played, scene, until, posts.first(given, "until"))
        case "answer" | "fail":
            code = posts.first(given, f"code:{key}").strip() or "refused"
            action = Action(answer=key, fail=code if kind == "fail" else None)
            return Pressed(played.stepped(action))
        case "retry":
            return Pressed(played.stepped(Action(retry=key, actor=RESIDENT)))
        case "verb":
            return _verb(asked, package, played, scene, given, key)
        case "follow" if played.follow:
            return Pressed(played.stepped(played.follow[0]))
        case _:
            return _filled(asked, package, played, scene, given, done=kind == "done")


def _verb(asked: Asked, package: Package, played: Played, scene: Scene, given: Given, key: str) -> Pressed:
    """A verb instead of completing; what was answered so far stays in the form."""
    item = posts.first(given, "item")
    work = next((one for one in scene.work if item == f"task:{one.token}"), None)
    form = package.form(work.element) if work is not None else None
    answers, _ = posts.read_answers(asked, form, given)
    shown = Pressed(item=item, answers=answers, person=posts.first(given, "person"))
    several = work is not None and sum(one.element == work.element for one in scene.work) > 1
    try:
        action, cast = play_verbs.step(asked, package, played, work, given, key, several=several)
    except EngineError as refusal:
        return replace(shown, refusal=refusal)
    return replace(shown, played=played.stepped(action, cast))


def _wait(asked: Asked, played: Played, scene: Scene, due: datetime | None, until: str) -> Pressed:
    try:
        moment = due or moment_of(asked, until)
    except EngineError as refusal:
        return Pressed(refusal=refusal)
    if moment <= scene.now and due is None:
        return Pressed(refusal=EngineError("play-past"))
    if moment - scene.now > _FARTHEST:
        return Pressed(refusal=EngineError("play-far"))
    until = max(moment, scene.now).astimezone(asked.office.settings.zone).isoformat()
    return Pressed(played.stepped(Action(advance=until)))


def _filled(
    asked: Asked, package: Package, played: Played, scene: Scene, given: Given, *, done: bool
) -> Pressed:
    """The form of a task or message as it was posted: handed in, or shown again."""
    item = posts.first(given, "item")
    kind, _, key = item.partition(":")
    work = next((one for one in scene.work if kind == "task" and str(one.token) == key), None)
    form = package.form(work.element if work else f"message-{key}")
    answers, bad = posts.read_answers(asked, form, given)
    chosen = posts.first(given, "person")
    shown = Pressed(item=item, answers=answers, person=chosen, refusal=bad)
    changed = form is not None and posts.changed_by_button(asked, form, answers, given)
    if not done or changed or bad is not None:
        return shown
    if work is not None:
        action, cast = _task(asked, played, scene, work, answers, chosen)
    elif kind == "message" and key in scene.messages:
        reason = posts.first(given, "reason").strip()
        answers = answers if form is not None else {"reason": reason} if reason else {}
        action, cast = _message(asked, package, played, key, answers)
    else:
        return Pressed()
    return Pressed(played.stepped(action, cast), item, answers, chosen)


def _task(
    asked: Asked, played: Played, scene: Scene, work: Work, answers: dict[str, Any], chosen: str
) -> tuple[Action, dict[str, Any]]:
    alias, cast = play_verbs.who(asked, played, work, chosen)
    several = sum(one.element == work.element for one in scene.work) > 1
    where = dict(work.local) if several else {}
    return Action(task=work.element, actor=alias, data=answers, where=where), cast


def _message(
    asked: Asked, package: Package, played: Played, name: str, answers: dict[str, Any]
) -> tuple[Action, dict[str, Any]]:
    """Somebody who may send it does: the applicant if possible, else the first role that the rights name."""
    roles = roles_for(package, f"message:{name}")
    start = played.case.start
    if not roles or "applicant" in roles:
        return Action(message=name, actor=start.actor, data=answers), dict(played.cast)
    alias, cast = starter(played.cast, roles[0], start.area, person(asked, roles[0], 1))
    return Action(message=name, actor=alias, data=answers), cast


def item_of(
    asked: Asked,
    package: Package,
    played: Played,
    scene: Scene,
    pressed: Pressed | None,
    samples: Samples,
) -> dict[str, Any] | None:
    """The task or message whose form is open: the one that was chosen, or the only one there is."""
    chosen = pressed.item if pressed else ""
    if not chosen and len(scene.work) == 1:
        chosen = f"task:{scene.work[0].token}"
    kind, _, key = chosen.partition(":")
    if kind == "message" and key in scene.messages:
        form = package.form(f"message-{key}")
        given = pressed.answers if pressed and pressed.answers is not None else samples.message(key)
        title = message_title(asked, package, key, scene.messages[key])
        return {"key": chosen, "title": title, "form": form, "answers": given, "variables": {}, "people": []}
    work = next((one for one in scene.work if kind == "task" and str(one.token) == key), None)
    if work is None:
        return None
    form = package.form(work.element)
    posted = pressed.answers if pressed else None
    given = posted if posted is not None else sample(asked, form, samples.task(work.element, played.follow))
    return {
        "key": chosen,
        "title": step_title(asked, package, work.element, work.title),
        "form": form,
        "answers": given,
        "variables": work.variables,
        "people": _people(asked, package, played, work, pressed.person if pressed else ""),
    }


def _people(asked: Asked, package: Package, played: Played, work: Work, chosen: str) -> list[dict[str, Any]]:
    """Who could do it: of every role a first and a second person; proposed is the first who is not barred."""
    apart = package.definition.nodes[work.element].settings.separate_from
    barred = {one.actor for one in played.case.steps if one.task in apart}
    found: dict[str, dict[str, Any]] = {}
    for role, place in product(work.roles, (1, 2)):
        alias, cast = worker(played.cast, work, played.case.start.actor, partial(person, asked), role, place)
        name = (cast[alias].name if alias in cast else "") or alias
        found.setdefault(
            alias, {"person": f"{role}:{place}", "name": name, "barred": alias in barred, "chosen": False}
        )
    people = list(found.values())
    proposed = next((one for one in people if one["person"] == chosen), None) or next(
        (one for one in people if not one["barred"]), people[0]
    )
    proposed["chosen"] = True
    return people if len(people) > 1 else []


def sample(asked: Asked, form: Form | None, told: Sample) -> dict[str, Any]:
    """The answers of a scenario, its days moved to the present, and a sample file where one is required."""
    if form is None:
        return {}
    today = asked.today
    filled = dict(told.answers)
    for one in form.fields():
        if "." in one.key:
            continue
        if one.type in {"file", "files"} and (one.required or one.required_when):
            filled.setdefault(one.key, [SAMPLE_FILE] if one.type == "files" else SAMPLE_FILE)
        elif one.type in {"date", "datetime"} and isinstance(filled.get(one.key), str):
            filled[one.key] = _moved(filled[one.key], told.day or today, today)
    return filled


def _moved(text: str, then: date, today: date) -> str:
    """A day (and time) as it would be written today: what was past stays past, what was to come is as far away."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return text
    moved = min(day, today) if day <= then else today + (day - then)
    return f"{moved.isoformat()}{text[10:]}"


def followed(asked: Asked, package: Package, played: Played) -> dict[str, Any] | None:
    """The scenario that is followed and what it does next, in words."""
    if not played.following:
        return None
    left = played.follow[0] if played.follow else None
    return {
        "id": played.following,
        "next": told(asked, package, left) if left else "",
        "left": len(played.follow),
    }


def told(asked: Asked, package: Package, action: Action) -> str:
    """A step in words."""
    if action.task is not None:
        return asked.say("play.does-task", what=step_title(asked, package, action.task))
    if action.message is not None:
        name = f"message.{action.message}"
        return asked.say("play.does-message", what=asked.say(name) if knows(name) else action.message)
    if action.advance is not None:
        return asked.say("play.does-wait", until=action.advance.replace("T", " ")[:16])
    if action.answer is not None:
        return asked.say("play.does-fail" if action.fail else "play.does-answer", what=action.answer)
    if action.verb is not None:
        verb, what = asked.say(f"verb.{action.verb}"), step_title(asked, package, str(action.step))
        return asked.say("play.does-verb", verb=verb, what=what)
    return asked.say("play.does-other")
