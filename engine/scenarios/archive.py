"""A demonstration archive: decided cases made by playing a process's scenarios again and again through the real bus.

Each time with other people, another number of persons, other amounts, weeks earlier or later, in another town; all of it
drawn with a seed. It is a database of its own, so that no case of the office is ever touched, and holds decided cases only.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from engine.commands import OpenFund
from engine.package import pack
from engine.scenarios.model import ScenarioBroken, read_scenarios
from engine.scenarios.outcome import Outcome
from engine.scenarios.run import Player, moment
from engine.scenarios.stage import STAGE, Stage, issued_unread
from engine.scenarios.vary import Drawn, Towns, varied

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.package import Package
    from engine.scenarios.model import ScenarioCase
    from engine.scenarios.stage import Surroundings

#: What a fund of the archive holds at the beginning, in yuan: no case waits for money.
_PLENTY: Final = 100_000_000
#: Cases that may fail before the first comes to its end.
_PATIENCE: Final = 50
#: Tables with rows of a case, and the column that names it.
_ROWS: Final = {
    "cases": "id", "task": "case_id", "timer": "case_id", "outbox": "case_id", "incident": "case_id",
    "notice": "case_id", "document": "case_id", "journal": "chain",
}  # fmt: skip


@dataclass
class Made:
    """What came of making an archive."""

    decided: int = 0
    #: Cases that did not come to an end with what was drawn, and were left out.
    left_out: int = 0
    by_scenario: dict[str, int] = field(default_factory=dict)


def make_archive(
    package: Package,
    around: Surroundings,
    target: Path,
    count: int,
    *,
    seed: int = 1,
    told: Callable[[Made], bool] = lambda _: True,
) -> Made:
    """Make `count` decided cases of the package; `told` hears of each, and ends it early by False.

    ScenarioBroken if no scenario of the process comes to its end.
    """
    file = read_scenarios(package.scenarios or b"{process: '', cases: []}")
    bases = [case for case in file.cases if _usable(case)]
    if not bases:
        raise ScenarioBroken(file=package.name, reason="no scenario to make decided cases of")
    chance = random.Random(seed)  # noqa: S311 - nothing secret is drawn
    made, towns, tries = Made(), Towns(around.law), 0
    zone = around.law.as_world(around.calendar, datetime.now(UTC)).zone
    unread = replace(around, document=issued_unread)
    unfunded = msgspec.structs.replace(
        bases[0], funds=[]
    )  # funds are opened with plenty, not as one scenario has them
    with _Scene(package, unfunded, unread, moment(unfunded.start.at, zone)) as scene:
        scene.shelve()
        while made.decided < count:
            base = bases[tries % len(bases)]
            tries += 1
            if scene.play(varied(base, file.actors, package, towns, chance), f"{tries}:", zone):
                made.decided += 1
                made.by_scenario[base.id] = made.by_scenario.get(base.id, 0) + 1
            else:
                made.left_out += 1
                if made.left_out > _PATIENCE and not made.decided:
                    raise ScenarioBroken(file=package.name, reason="no scenario comes to its end")
            if not told(made):
                break
        scene.keep(target)
    return made


class _Scene(Stage):
    """A stage on which one case after the other is played; what does not come to its end is taken away again."""

    def shelve(self) -> None:
        """Put the version on the shelf of the archive, for those who read it."""
        # The archive is thrown away if the machine dies meanwhile; waiting for the disk would only cost time.
        self.store.run("PRAGMA synchronous = OFF")
        sql = "INSERT INTO package (digest, process, archive) VALUES (?, ?, ?)"
        self.store.run(sql, (self.package.digest, self.package.name, pack(self.package)))

    def play(self, drawn: Drawn, prefix: str, zone: Any) -> bool:
        """Whether the drawn case came to its end."""
        case = drawn.case
        self.case, self.now = case, moment(case.start.at, zone)
        self.held = set(case.held)
        self._provide({drawn.case.start.area[:9], *(fund.code for fund in case.funds)})
        player = Player(self, drawn.cast, Outcome(case), zone, self.package.name, prefix)
        player.play()
        number = player.outcome.number
        ended = bool(number) and self.rows("SELECT state FROM cases WHERE id = ?", number)[0][0] == "ended"
        if number and (not ended or player.outcome.faults):
            for table, column in _ROWS.items():
                self.store.run(f"DELETE FROM {table} WHERE {column} = ?", (number,))  # noqa: S608 - words of ours
        return ended and not player.outcome.faults

    def keep(self, target: Path) -> None:
        """Write the archive as one file, in the place of an earlier one."""
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        self.store.run("VACUUM INTO ?", (str(fresh),))
        fresh.replace(target)

    def _provide(self, codes: set[str]) -> None:
        known = {row[0] for row in self.rows("SELECT code FROM fund")}
        for code in sorted(codes - known):
            opened = OpenFund(f"fund:{code}", code, code, code, Decimal(_PLENTY), Decimal(_PLENTY))
            self.bus.execute(opened, STAGE, self.now)


def _usable(case: ScenarioCase) -> bool:
    """Whether the case ends by itself, without anything that only a stage of its own could give it."""
    told = case.expect.state
    strange = any(
        step.answer is not None
        or step.verify is not None
        or step.calendar is not None
        or step.retry is not None
        or step.verb is not None
        for step in case.steps
    )
    alone = not (case.earlier or case.law or case.answers)
    return alone and not strange and told is not None and bool(told.ended)
