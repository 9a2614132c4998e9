"""Work of the kind `scenarios`: the scenarios of a package against it and against the published version, side by side."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.access import engine_actor
from engine.commands import NoteTrial
from engine.errors import NotFound
from engine.scenarios import differences, play, read_scenarios
from engine.scenarios.around import surroundings_of
from engine.scenarios.coverage import Coverage
from engine.scenarios.difference import CODES, Difference
from engine.scenarios.model import ScenarioBroken
from engine.store.exact import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.jobs.progress import Progress
    from engine.office import Office
    from engine.package import Package
    from engine.scenarios import Surroundings
    from engine.scenarios.model import Cast, ScenarioCase
    from engine.scenarios.outcome import Outcome

_PLAYER = engine_actor("scenarios")


def play_scenarios(
    office: Office, package: Package, given: Mapping[str, Any], progress: Progress
) -> Mapping[str, Any]:
    """`given`: cases (ids; none: all), published (whether the published version is played beside it).

    Gives per case what each side came to, and what the package's own side passes through.
    """
    if package.scenarios is None:
        raise NotFound(kind="scenarios", id=package.name)
    file = read_scenarios(package.scenarios, f"workflows/scenarios/{package.name}.yaml")
    wanted = set(given.get("cases") or ())
    cases = [case for case in file.cases if not wanted or case.id in wanted]
    sides = {"draft": package}
    if given.get("published") and (other := _published(office, package)) is not None:
        sides["published"] = other
    progress.total = len(cases) * len(sides)
    progress.tell()
    around, coverage = surroundings_of(office), Coverage()
    results: dict[str, dict[str, Any]] = {}
    for case in cases:
        for side, one in sides.items():
            if progress.stopped:
                break
            outcome, told = _played(one, case, file.actors, around, office)
            results.setdefault(case.id, {})[side] = told
            if side == "draft" and outcome is not None:
                coverage.add(outcome)
            progress.done += 1
    if not wanted and not progress.stopped:
        _note(office, package, results)
    return {
        "results": results,
        "sides": {side: one.digest for side, one in sides.items()},
        "coverage": {
            "scenarios": coverage.scenarios,
            "elements": dict(coverage.elements),
            "flows": dict(coverage.flows),
            "rules": [[decision, rule, count] for (decision, rule), count in coverage.rules.items()],
        },
    }


def _note(office: Office, package: Package, results: Mapping[str, Any]) -> None:
    """Have it remembered that all scenarios of these files were played: publishing wants that."""
    failed = {
        case: [
            str(Difference(code, **values)) for code, values in sides["draft"]["wrong"][:5] if code in CODES
        ]
        for case, sides in results.items()
        if not sides["draft"]["passed"]
    }
    note = NoteTrial(
        f"trial:{secrets.token_hex(16)}",
        package.name,
        package.digest,
        len(results),
        len(failed),
        plain(failed),
    )
    office.bus.execute(note, _PLAYER, datetime.now(UTC))


def _published(office: Office, package: Package) -> Package | None:
    """The current version, unless it is the package itself; it is tried with the package's scenarios."""
    try:
        with office.store.reading() as reader:
            found = office.versions.current(reader, package.name)
    except NotFound:
        return None
    return None if found.digest == package.digest else found


def _played(
    package: Package,
    case: ScenarioCase,
    cast: Mapping[str, Cast],
    around: Surroundings,
    office: Office,
) -> tuple[Outcome | None, dict[str, Any]]:
    begun = time.monotonic()
    try:
        outcome = play(package, case, cast, around)
    except ScenarioBroken as fault:  # an earlier case that is not there
        return None, {"passed": False, "wrong": [["broken", {"why": str(fault.values.get("reason"))}]]}
    wrong = differences(outcome, office.settings.zone)
    told = {
        "passed": not wrong,
        "wrong": [[one.code, one.values] for one in wrong],
        "path": outcome.path,
        "ended": outcome.ended,
        "open": outcome.open,
        "paid": [[fund, amount] for fund, amount in outcome.payments],
        "seconds": round(time.monotonic() - begun, 2),
    }
    return outcome, told
