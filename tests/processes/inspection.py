"""The annual inspection of many organisations in one campaign, with mixed results: played, counted, and looked through."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine import register
from engine.commands import ClaimTask, CompleteTask, OpenCampaign
from engine.commands.frame import Work
from engine.queries import campaign
from engine.scenarios.model import Beginning, Cast, ScenarioCase
from engine.scenarios.stage import STAGE, Stage, actor_of
from engine.store.tx import Tx

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.package import Package
    from engine.queries import CampaignView
    from engine.scenarios.stage import Surroundings

ZONE = ZoneInfo("Asia/Shanghai")
CAST = {
    "reviewer": Cast(["so_reviewer", "window_clerk"], "1407"),
    "checker": Cast("so_checker", "1407"),
    "chief": Cast("section_chief", "1407"),
    "unit": Cast("competent_reviewer", "1407"),
}
#: What an organisation is and does, by its number modulo ten, and what its inspection must come to.
FATES = (
    "exempt",  # registered after 30 June of the year
    "pass",  # a foundation: audit, by 31 March
    "filed",  # a charity: no grade
    "pass-basic",  # files ten days late
    "not-inspected",  # never files
    "fail",  # serious findings
    "pass-basic",  # minor findings
    "pass",
    "pass",  # no competent unit
    None,  # deregistered: not in the campaign
)


@dataclass
class Inspection:
    """What came of it."""

    view: CampaignView
    again: dict[str, Any]
    opened: int
    #: Organisation -> the codes of the papers that its case issued.
    papers: dict[str, list[str]] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)
    incidents: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0


def fate(number: int) -> str | None:
    """What organisation `number` comes to; None: it takes no part."""
    return FATES[number % len(FATES)]


def inspect(package: Package, around: Surroundings, organisations: int) -> Inspection:
    """Enter the organisations, open the campaign of 2025 (twice), let everybody act, look at the end of 2026."""
    begun = perf_counter()
    case = ScenarioCase("campaign", Beginning("2026-01-12T09:00"))
    with Stage(package, case, around, _at("2026-01-12T09:00")) as stage:
        _enter(stage, organisations)
        opened = _open(stage, "first")
        stage.settle()
        again = _open(stage, "second")
        stage.settle()
        _file(stage, "2026-03-20T10:00", ("pass", "fail", "pass-basic"), late=False)
        _file(stage, "2026-05-20T10:00", ("filed",), late=False)
        _conclude(stage)
        stage.advance(_at("2026-06-01T08:00"))
        _file(stage, "2026-06-10T10:00", ("pass-basic",), late=True)
        _conclude(stage)
        stage.advance(_at("2027-01-01T08:00"))
        chief = actor_of("chief", CAST)
        view = campaign(stage.store, stage.bus.access, chief, str(opened["campaign"]))
        sql = "SELECT d.case_id, d.code FROM document d ORDER BY d.case_id, d.code"
        papers: dict[str, list[str]] = {}
        for number, code in stage.rows(sql):
            papers.setdefault(number, []).append(code)
        others = dict(
            stage.rows("SELECT process, count(*) FROM cases WHERE process <> 'so-annual' GROUP BY process")
        )
        incidents = [(row[0], row[1]) for row in stage.rows("SELECT element, code FROM incident")]
        done = Inspection(view, again, int(opened["opened"]), papers, others, incidents)
    done.seconds = perf_counter() - begun
    return done


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def key(number: int) -> str:
    """The organisation's code (its shape only; pools are tried elsewhere)."""
    return f"51140700MJ{number:07d}0"


def _enter(stage: Stage, organisations: int) -> None:
    with stage.store.writing() as session:
        tx = Tx(session, stage.now)
        work = Work(tx, STAGE, stage.now, OpenCampaign("entering", "", "", ""), stage.bus.office)
        for number in range(organisations):
            of = number % len(FATES)
            data = {
                "type": "JJ" if of == 1 else "ST",
                "registered_on": date(2025, 7, 15) if of == 0 else date(2016, 3, 1),
                "charity": of == 2,
                "competent_unit": None if of in (2, 8) else "市文旅局",
                "registrar_area": "1407",
            }
            given = {
                "register": "organisations",
                "key": key(number),
                "event": "established",
                "on": date(2016, 3, 1),
                "name": f"晋中市第{number}学会",
                "status": "deregistered" if of == 9 else "active",
                "area": "1407",
                "data": data,
            }
            register.record(work, "entering", given)
        tx.commit()


def _open(stage: Stage, name: str) -> dict[str, Any]:
    command = OpenCampaign(name, "so-annual", "1407", "2025")
    return dict(stage.bus.execute(command, actor_of("chief", CAST), stage.now).values)


def _numbers(stage: Stage) -> dict[str, int]:
    """Case -> number of its organisation."""
    rows = stage.rows("SELECT case_id, subject FROM campaign_item WHERE state = 'opened'")
    return {case: int(subject[10:17]) for case, subject in rows}


def _file(stage: Stage, at: str, fates: tuple[str, ...], *, late: bool) -> None:
    """Everybody of these fates files; number 3 files late only, number 4 never."""
    stage.advance(_at(at))
    element = "fill_late" if late else "fill_report"
    numbers = _numbers(stage)
    for task, case in _open_tasks(stage, element):
        number = numbers[case]
        if fate(number) not in fates or (number % 10 == 3) != late:
            continue
        data = {
            "members": 58,
            "staff": 2,
            "meetings": 2,
            "activities": 6,
            "changes_unregistered": False,
            "income": "120000",
            "spending": "90000",
            "net_assets": "80000",
            "party_organisation": "joint",
            "punished": False,
            "summary": "正常开展活动",
        }
        if number % 10 == 1:
            data["audit_no"] = "晋审18号"
        _do(stage, task, "reviewer", data)
    stage.settle()


def _conclude(stage: Stage) -> None:
    for task, _case in _open_tasks(stage, "first_review"):
        _do(stage, task, "unit", {"agree": True, "note": "同意"})
    numbers = _numbers(stage)
    for task, case in _open_tasks(stage, "review"):
        found = {5: ["no-activity"], 6: ["meetings"]}.get(numbers[case] % 10, [])
        _do(stage, task, "reviewer", {"findings": found, "visit": False, "note": "已审查"})
    for task, _case in _open_tasks(stage, "confirm"):
        _do(stage, task, "checker", {"agree": True})
    for task, case in _open_tasks(stage, "conclude"):
        _do(stage, task, "chief", {"conclusion": fate(numbers[case])})
    stage.settle()


def _open_tasks(stage: Stage, element: str) -> list[tuple[str, str]]:
    stage.settle()
    sql = "SELECT id, case_id FROM task WHERE element = ? AND state = 'open' ORDER BY id"
    return [(row[0], row[1]) for row in stage.rows(sql, element)]


def _do(stage: Stage, task: str, alias: str, data: dict[str, Any]) -> None:
    actor: Actor = actor_of(alias, CAST)
    claimed = stage.bus.execute(ClaimTask(f"{task}:claim", task), actor, stage.now)
    wish = CompleteTask(f"{task}:done", task, int(claimed["revision"]), data)
    stage.bus.execute(wish, actor, stage.now)
