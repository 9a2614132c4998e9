"""The application that a play begins with, and who may hand it in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.pages import posts
from api.posted import Given
from api.studio.play_state import Played, Samples, scenarios_of
from api.studio.play_view import shadow
from api.titles import role_name
from engine.errors import EngineError
from engine.scenarios.casting import starter
from engine.scenarios.model import Beginning, Cast, ScenarioCase
from engine.secrecy import rules_of

if TYPE_CHECKING:
    from api.frame import Asked
    from engine.package import Package


@dataclass(frozen=True, slots=True)
class Opening:
    """The application as it is being written."""

    at: str
    area: str
    #: The role of who hands it in; "" is the applicant.
    role: str = ""
    answers: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_sample(cls, asked: Asked, package: Package) -> Opening:
        """What the first scenario of the process begins with, at the office's present moment."""
        start = Samples(tuple(scenarios_of(package).cases)).start()
        now = asked.now.astimezone(asked.office.settings.zone).strftime("%Y-%m-%dT09:00")
        place = asked.office.law.example_area(asked.today)
        if start is None:
            role = "" if _online(package) else next(iter(starters(asked, package)), "")
            return cls(now, place, role)
        cast = scenarios_of(package).actors.get(start.actor or "")
        roles = [] if cast is None else [cast.role] if isinstance(cast.role, str) else cast.role
        return cls(start.at[:16], start.area or place, next(filter(None, roles), ""), dict(start.data))

    @classmethod
    def of_play(cls, played: Played) -> Opening:
        """The application that the play began with."""
        start = played.case.start
        cast = played.cast.get(start.actor or "")
        roles = [] if cast is None else [cast.role] if isinstance(cast.role, str) else cast.role
        return cls(start.at[:16], start.area, next(filter(None, roles), ""), dict(start.data))

    @classmethod
    def posted(cls, asked: Asked, package: Package, given: Given) -> Opening:
        """What the page's form says."""
        form = package.form("start")
        stage = shadow(asked)
        answers, _ = posts.read_answers(stage, form, given)
        if form is not None:
            posts.changed_by_button(stage, form, answers, given)
        role = posts.first(given, "role")
        return cls(
            posts.first(given, "at")[:16],
            posts.first(given, "area"),
            role if role in starters(asked, package) else "",
            answers,
        )

    def play(self, asked: Asked, package: Package) -> Played:
        """A play that begins with it."""
        moment = moment_of(asked, self.at)
        name = person(asked, self.role, 1) if self.role else ""
        alias, cast = starter({}, self.role, self.area, name)
        if not self.role:
            cast = {alias: Cast(name=asked.say("play.applicant-name"))}
        start = Beginning(
            at=moment.strftime("%Y-%m-%dT%H:%M"),
            data=self.answers,
            actor=alias,
            area=self.area,
            channel="window" if self.role else "online",
        )
        funds = Samples(tuple(scenarios_of(package).cases)).funds(self.area)
        return Played(ScenarioCase(id="play", start=start, funds=funds, held=["*"]), cast)


def starters(asked: Asked, package: Package) -> dict[str, str]:
    """The roles that may hand in an application, by the rights of the process, with their names."""
    return {
        role: role_name(asked, role)
        for role in roles_for(package, "start")
        if "-" not in role and role != "anyone"
    }


def _online(package: Package) -> bool:
    return bool({"anyone", "signed-in"} & set(roles_for(package, "start")))


def roles_for(package: Package, action: str) -> list[str]:
    """The roles that the process gives the right to an action."""
    return list(dict.fromkeys(role for role, _, what in rules_of(package.policies) if what == action))


def person(asked: Asked, role: str, place: int) -> str:
    """What a new person of the role is called."""
    return asked.say("play.person", role=role_name(asked, role), which=asked.say(f"play.which-{place}"))


def moment_of(asked: Asked, text: str) -> datetime:
    """A moment that somebody typed, in the office's zone; EngineError if it is none."""
    zone = asked.office.settings.zone
    try:
        moment = datetime.fromisoformat(text.strip().replace(" ", "T"))
        return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    except ValueError as fault:
        raise EngineError("play-moment") from fault
