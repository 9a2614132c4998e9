"""The policy simulator: archived cases through a draft on two processors, held against two slow ways of finding the same.

    python -m bench.simulator [--cases 10000] [--sample 60] [--processes 2] [--archive FILE]

The archive is made by playing scenarios through the real bus (kept in FILE, if one is named). The draft pays a tenth less
for every month; the law is supposed to allow advances of 0.8 times the standard.

1. the simulator (`engine.replay.share`): processes that each read and play their share;
2. by brute force, every case: one process, one case after the other read from its journal, versions and law read anew
   for every hundred cases, nothing kept between;
3. by brute force, a sample: the story made into a scenario and played through the whole engine, with a database, bus,
   forms, rights, relay and timers of its own, under the draft. What the forms refuse must be what is told as unknown.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import TYPE_CHECKING

from bench.simulated import again_on_a_stage, changed, differing, surroundings
from engine.package import pack, read_package
from engine.replay.share import Answer, Question, answered, compare_all, numbers_of
from engine.replay.suppose import Supposed
from engine.scenarios.archive import make_archive
from engine.settings import Settings
from engine.store import open_store

if TYPE_CHECKING:
    from engine.package import Package
    from engine.replay.measure import Compared

PROCESS = "temporary-assistance"
#: Seconds within which 10,000 cases must be done.
LIMIT, OF = 120, 10_000
#: Cases of brute force before everything is read anew.
_ANEW = 100


def archive(settings: Settings, package: Package, path: Path, count: int) -> float:
    """Make the archive unless it is there; seconds that it took."""
    if path.is_file():
        return 0
    begun = time.monotonic()
    made = make_archive(package, surroundings(settings), path, count)
    print(
        f"archive: {made.decided:,} decided cases by {len(made.by_scenario)} scenarios, {made.left_out:,} left out"
    )
    return time.monotonic() - begun


def fast(question: Question, processes: int) -> tuple[Answer, float]:
    """The simulator, with finding the numbers and beginning the processes."""
    begun = time.monotonic()
    return answered(question, processes), time.monotonic() - begun


def slow(question: Question) -> tuple[list[Compared], float]:
    """Every case in one process, without anything that lasts longer than a hundred cases."""
    begun = time.monotonic()
    found: list[Compared] = []
    numbers = numbers_of(question)
    for first in range(0, len(numbers), _ANEW):
        for _, share in compare_all(question, numbers[first : first + _ANEW], 0):
            found += share
    return found, time.monotonic() - begun


def main() -> int:
    """Run the three and compare; 1 when they differ or the limit is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--sample", type=int, default=60)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--archive", type=Path)
    options = parser.parse_args()
    settings = Settings()
    package = read_package(settings.root, PROCESS)
    with tempfile.TemporaryDirectory(prefix="banjian-bench-") as folder:
        path = options.archive or Path(folder) / "archive.sqlite3"
        seconds = archive(settings, package, path, options.cases)
        if seconds:
            print(f"archive made in {seconds:.0f} s")
        question = Question(
            f"sqlite:///{path}",
            PROCESS,
            datetime(2000, 1, 1, tzinfo=UTC),
            datetime(2100, 1, 1, tzinfo=UTC),
            pack(changed(package)),
            settings.root,
            settings.jurisdiction,
            datetime.now(settings.zone),
            supposed=(Supposed("fast_small_cap", Decimal("0.8")),),
        )
        return run(settings, question, options)


def run(settings: Settings, question: Question, options: argparse.Namespace) -> int:
    """Play and print."""
    answer, seconds = fast(question, options.processes)
    used = getrusage(RUSAGE_CHILDREN)
    found, summary = answer.rows, answer.summary
    rate = len(found) / seconds
    print(
        f"simulator: {len(found):,} cases in {seconds:.1f} s with {options.processes} processes ({rate:.0f}/s)"
    )
    print(f"  processor time of the processes: {used.ru_utime + used.ru_stime:.1f} s")
    print("  " + ", ".join(f"{name} {count:,}" for name, count in summary.verdicts.most_common()))
    print(f"  paid {summary.before:,} -> {summary.after:,} yuan (cases known on both sides)")
    again, took = slow(question)
    other = sum(one != two for one, two in zip(found, again, strict=True))
    print(
        f"brute force 1, one process from the journal: {len(again):,} cases in {took:.1f} s; {other} differ"
    )
    chosen = random.Random(1).sample(found, min(options.sample, len(found)))
    begun = time.monotonic()
    around, with_store = surroundings(settings), open_store(question.database)
    try:
        played = [(one, again_on_a_stage(around, question, with_store, one.case)) for one in chosen]
    finally:
        with_store.close()
    wrong = [line for one, ending in played for line in differing(one, ending)]
    took = time.monotonic() - begun
    print(
        f"brute force 2, the whole engine on a database each: {len(played)} cases in {took:.1f} s; {len(wrong)} differ"
    )
    for line in wrong[:20]:
        print(f"  {line}")
    # Few cases say nothing of many: beginning the processes is most of it.
    late = len(found) >= OF // 10 and seconds * OF / len(found) > LIMIT
    if late:
        print(f"slower than {OF:,} cases in {LIMIT} s")
    return 1 if other or wrong or late else 0


if __name__ == "__main__":
    sys.exit(main())
