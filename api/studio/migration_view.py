"""What the migration's pages show: versions, reasons in words, names to choose from, and tables to take away."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.shapes import area_name
from api.studio.frame import known
from api.titles import step_title
from api.words import knows
from engine.queries.migration import plan_migration
from engine.queries.processes import process_view

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from api.frame import Asked
    from engine.queries.migration import Line, Planned
    from engine.queries.processes import ProcessView

#: Cases tried while somebody waits for the page; the migration itself has no limit.
MOST_TRIED = 5_000
MOST_SHOWN = 200


@dataclass(slots=True)
class Reason:
    """Cases that stay for the same reason: how many, in which words, and what may help."""

    sentence: str
    help: str
    element: str
    version: str
    count: int = 0


@dataclass(slots=True)
class Plan:
    """What a migration would do now."""

    movable: int = 0
    blocked: int = 0
    #: Version number -> (cases that can go on, cases that stay).
    versions: dict[str, list[int]] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    cases: list[dict[str, Any]] = field(default_factory=list)
    hidden: int = 0
    #: More open cases than could be tried at once.
    more: bool = False


class Wording:
    """Sentences about versions and elements of one process."""

    def __init__(self, asked: Asked, process: str) -> None:
        self.asked = asked
        self.process = process
        with asked.office.store.reading() as reader:
            self.view: ProcessView = known(asked, reader, process_view(reader, process))
        self._numbers = {one.digest: one.number for one in reversed(self.view.versions)}

    def version(self, digest: str) -> str:
        """The number of a version; a few letters of its digest for one that has none."""
        number = self._numbers.get(digest)
        return str(number) if number is not None else digest[:8]

    def step(self, digest: str, element: str) -> str:
        """What an element is called in a version."""
        if not element:
            return ""
        return step_title(self.asked, self.asked.office.versions.at(digest), element)

    def why(self, digest: str, target: str, code: str, element: str, values: Mapping[str, Any]) -> str:
        """Why a case stays, as a sentence."""
        key = f"migration.why-{code}"
        said = {name: str(value) for name, value in values.items()}
        for name in ("was", "becomes"):
            if f"migration.kind-{said.get(name)}" in _KINDS:
                said[name] = self.asked.say(f"migration.kind-{said[name]}")
        if code == "two-in-one":
            said["becomes"] = self.step(target, str(values.get("becomes", "")))
        if not knows(key):
            key = "migration.why-other"
        return self.asked.say(key, step=self.step(digest, element), code=code, **said)

    def help(self, code: str) -> str:
        """What may help against the reason."""
        key = f"migration.help-{code}"
        return self.asked.say(key) if knows(key) else self.asked.say("migration.help-other")


_KINDS = frozenset(
    f"migration.kind-{kind}"
    for kind in ("userTask", "manualTask", "serviceTask", "receiveTask", "task", "callActivity", "subProcess")
)


def plan_of(asked: Asked, wording: Wording, to: str, names: Mapping[str, str]) -> Plan:
    """Try the open cases, and gather what came of it; case numbers only of cases that the asker may know of."""
    office, plan = asked.office, Plan()
    grouped: dict[tuple[str, str, str], Reason] = {}
    given = (office.store, office.bus.access, asked.actor, office.versions)
    tried = plan_migration(*given, wording.process, to, names, office.world(asked.now))
    for count, one in enumerate(tried):
        if count >= MOST_TRIED:
            plan.more = True
            break
        stays = bool(one.obstacles)
        plan.movable, plan.blocked = plan.movable + (not stays), plan.blocked + stays
        plan.versions.setdefault(wording.version(one.package), [0, 0])[stays] += 1
        sentences = []
        for obstacle in one.obstacles:
            words = wording.why(one.package, to, obstacle.code, obstacle.element, obstacle.values)
            sentences.append(words)
            key = (one.package, obstacle.code, obstacle.element)
            if key not in grouped:
                version = wording.version(one.package)
                grouped[key] = Reason(words, wording.help(obstacle.code), obstacle.element, version)
            grouped[key].count += 1
        if may_know(asked, wording.process, one):
            plan.cases.append(_case(asked, wording, one, sentences))
        else:
            plan.hidden += 1
    plan.reasons = sorted(grouped.values(), key=lambda reason: -reason.count)
    plan.cases.sort(key=lambda case: not case["reasons"])
    return plan


def may_know(asked: Asked, process: str, one: Planned | Line) -> bool:
    """Whether the asker may be shown that this case exists."""
    number = one.case_id if hasattr(one, "case_id") else one.case
    return asked.office.bus.access.knows(
        asked.actor, process, one.area, (one.applicant or "", f"case:{number}")
    )


def _case(asked: Asked, wording: Wording, one: Planned, sentences: list[str]) -> dict[str, Any]:
    return {
        "case": one.case,
        "area": area_name(asked.office.law, one.area, asked.today),
        "version": wording.version(one.package),
        "reasons": sentences,
        "elements": [obstacle.element for obstacle in one.obstacles],
    }


def lines_of(asked: Asked, wording: Wording, target: str, lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Lines of a migration as rows, without cases that the asker may not know of."""
    return [
        {
            "case": one.case_id,
            "area": area_name(asked.office.law, one.area, asked.today),
            "version": wording.version(one.was),
            "state": one.state,
            "reason": wording.why(one.was, target, one.reason, one.element or "", one.values)
            if one.reason
            else "",
            "element": one.element or "",
            "at": asked.moment(one.tried_at) if one.tried_at else "",
        }
        for one in lines
        if may_know(asked, wording.process, one)
    ]


def steps_standing(plan: Plan) -> Counter[str]:
    """How many cases stand at each element that keeps them."""
    return Counter(element for case in plan.cases for element in set(case["elements"]))
