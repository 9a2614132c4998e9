"""Scenarios in words: their steps, what each side came to, and what they pass through, drawn on the diagrams."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from api.studio.jobs import UNDER_WAY
from api.titles import step_title
from api.words import knows
from engine.core.load import ModelError
from engine.diagram import draw
from engine.diagram.marks import Mark
from engine.dmn import DmnError
from engine.errors import FormBroken
from engine.feel import FeelError
from engine.queries.jobs import job_result, jobs
from engine.scenarios.coverage import parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.frame import Asked
    from api.studio.frame import Opened
    from engine.scenarios.model import Action, Cast, ScenarioCase, ScenarioFile
    from engine.store.rows_jobs import JobRow

BROKEN = (ModelError, DmnError, FormBroken, FeelError)
SIDES = ("draft", "published")


class Results:
    """What the last finished run came to, and the run that goes on."""

    def __init__(self, asked: Asked, found: Opened) -> None:
        store, access = asked.office.store, asked.office.bus.access
        rows = jobs(store, access, asked.actor, found.process, "scenarios")
        self.running: JobRow | None = rows[0] if rows and rows[0].state in (*UNDER_WAY, "broken") else None
        finished = next((row for row in rows if row.state in {"done", "stopped"}), None)
        self.row = finished
        self.told: dict[str, Any] = job_result(store, finished) if finished else {}
        digest = orjson.loads(finished.input)["digest"] if finished else ""
        #: Whether what is told is of the files as they are now.
        self.fresh = digest == found.package.digest
        self.sides = [side for side in SIDES if side in self.told.get("sides", {})]

    def of(self, case: str) -> dict[str, Any]:
        """Side -> what the case came to."""
        found: dict[str, Any] = self.told.get("results", {}).get(case, {})
        return found


def listed(asked: Asked, file: ScenarioFile, results: Results) -> list[dict[str, Any]]:
    """The lines of the list."""
    return [
        {
            "id": case.id,
            "title": case.title,
            "steps": len(case.steps),
            "sides": {
                side: {**told, "wrong": sentences(asked, told["wrong"])}
                for side, told in results.of(case.id).items()
            },
        }
        for case in file.cases
    ]


def sentences(asked: Asked, wrong: list[list[Any]]) -> list[dict[str, str]]:
    """Differences as they are told: what it is about, what was expected, what came."""
    found = []
    for code, values in wrong:
        plain = {name: _text(asked, value) for name, value in values.items()}
        found.append(
            {
                "about": asked.say(f"scenarios.wrong-{code}", **plain),
                "wanted": plain.get("wanted", ""),
                "came": plain.get("came", ""),
            }
        )
    return found


def _text(asked: Asked, value: Any) -> str:
    match value:
        case None | [] | {} | "":
            return asked.say("scenarios.none")
        case bool():
            return asked.say("yes" if value else "no")
        case list():
            return asked.say("list-mark").join(_text(asked, one) for one in value)
        case dict():
            return asked.say("list-mark").join(f"{name} = {_text(asked, one)}" for name, one in value.items())
        case _:
            return asked.say("scenarios.none") if value == "none" else str(value)


def steps_of(
    asked: Asked, found: Opened, case: ScenarioCase, cast: Mapping[str, Cast]
) -> list[dict[str, Any]]:
    """The application and every step in words."""
    names = names_of(asked, found)
    start = case.start
    begun = {
        "what": asked.say("scenarios.step-start"),
        "at": start.at.replace("T", " "),
        "by": called(asked, start.actor, cast),
        "data": flat(start.data),
        "note": "",
    }
    return [begun, *(_told(asked, step, names, cast) for step in case.steps)]


def _told(asked: Asked, step: Action, names: Mapping[str, str], cast: Mapping[str, Cast]) -> dict[str, Any]:
    return {
        "what": _what(asked, step, names),
        "at": (step.at or step.advance or "").replace("T", " "),
        "by": called(asked, step.actor, cast),
        "data": flat(step.data),
        "note": asked.say("scenarios.step-refused", code=step.refused) if step.refused else "",
    }


def _what(asked: Asked, step: Action, names: Mapping[str, str]) -> str:
    match step:
        case _ if step.task is not None:
            return names.get(step.task, step.task)
        case _ if step.message is not None:
            return asked.say("scenarios.step-message", name=step.message)
        case _ if step.advance is not None:
            return asked.say("scenarios.step-advance")
        case _ if step.answer is not None:
            key = "scenarios.step-fail" if step.fail else "scenarios.step-answer"
            return asked.say(key, name=step.answer, code=step.fail or "")
        case _ if step.verify is not None:
            return asked.say("scenarios.step-verify", name=step.verify)
        case _ if step.verb is not None:
            name = names.get(str(step.step), str(step.step))
            return asked.say("scenarios.step-verb", verb=asked.say(f"verb.{step.verb}"), name=name)
        case _ if step.retry is not None:
            return asked.say("scenarios.step-retry", name=names.get(step.retry, step.retry))
        case _:
            return asked.say("scenarios.step-calendar", year=step.calendar or "")


def called(asked: Asked, alias: str | None, cast: Mapping[str, Cast]) -> str:
    """What people call somebody of the cast: the name, else the role in words (nobody's role: who applies)."""
    part = cast.get(alias or "")
    if part is None or part.name:
        return part.name if part is not None else alias or ""
    role = (part.role if isinstance(part.role, str) else next(iter(part.role), "")) or "applicant"
    return asked.say(f"role.{role}") if knows(f"role.{role}") else alias or ""


def flat(data: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Nested answers as lines of name and text."""
    if isinstance(data, dict):
        return [
            line
            for name, one in data.items()
            for line in flat(one, f"{prefix}.{name}" if prefix else str(name))
        ]
    if isinstance(data, list):
        return [line for number, one in enumerate(data, 1) for line in flat(one, f"{prefix}[{number}]")]
    if isinstance(data, bool):
        return [(prefix, "true" if data else "false")]  # as the file and FEEL write it
    return [(prefix, format(data, "f") if isinstance(data, Decimal) else str(data))]


def names_of(asked: Asked, found: Opened) -> Mapping[str, str]:
    """What the elements of the model are called; nothing for a model that cannot be read."""
    try:
        nodes = found.package.definition.nodes
        return {
            one.id: step_title(asked, found.package, one.id, one.name or one.id) for one in nodes.values()
        }
    except BROKEN:
        return {}


def covered(asked: Asked, found: Opened, results: Results) -> dict[str, Any] | None:
    """What the scenarios pass through: numbers, what none passes, and the pictures; None where nothing can be told."""
    told = results.told.get("coverage")
    if not told or not told["scenarios"]:
        return None
    try:
        known = parts(found.package)
    except BROKEN:
        return None
    names = names_of(asked, found)
    rules = {(decision, rule): count for decision, rule, count in told["rules"]}
    figures: list[tuple[str, list[Any], tuple[Any, ...]]] = [
        ("elements", [one for one in known.elements if one in told["elements"]], known.elements),
        ("flows", [one for one in known.flows if one in told["flows"]], known.flows),
        ("rules", [one for one in known.rules if one in rules], known.rules),
    ]
    counts = {**told["elements"], **told["flows"]}
    marks = {one: _mark(asked, counts.get(one, 0)) for one in (*known.elements, *known.flows)}
    drawn = [
        (path.rpartition("/")[2].removesuffix(".bpmn"), content)
        for path, content in sorted(
            found.package.files.items(), key=lambda one: ("_shared" in one[0], one[0])
        )
        if path.endswith(".bpmn")
    ]
    pictures = [
        {
            "title": name,
            "svg": draw(content, marks=marks, title=asked.say("scenarios.picture", name=name), alone=False),
        }
        for name, content in drawn
    ]
    return {
        "scenarios": told["scenarios"],
        "figures": [
            {"name": name, "passed": len(passed), "of": len(every), "share": _share(len(passed), len(every))}
            for name, passed, every in figures
        ],
        "missed": [(one, names.get(one, one)) for one in known.elements if one not in told["elements"]],
        "missed_rules": [one for one in known.rules if one not in rules],
        "pictures": [one for one in pictures if one["svg"]],
    }


def _mark(asked: Asked, count: int) -> Mark:
    if count:
        return Mark("covered", sign=str(count), words=asked.say("scenarios.passed", count=count))
    return Mark("missed", words=asked.say("scenarios.passed-by-none"))


def _share(passed: int, every: int) -> int:
    return 100 * passed // every if every else 100
