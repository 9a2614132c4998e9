"""`archive-example`: make a demonstration archive of decided cases, which the studio's simulator can replay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.cli import show
from engine.office import open_office
from engine.replay.archive import archive_path
from engine.scenarios.archive import Made, make_archive
from engine.scenarios.around import surroundings_of
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse

_TOLD_EVERY = 500


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser(
        "archive-example",
        help="make a demonstration archive: decided cases played from the scenarios of a process, beside the office's own",
    )
    parser.add_argument("process")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same cases")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make it of the current version and say what it holds."""
    settings = read_settings()
    office = open_office(settings)
    try:
        with office.store.reading() as reader:
            package = office.versions.current(reader, options.process)
        around = surroundings_of(office)
    finally:
        office.close()

    def told(made: Made) -> bool:
        if made.decided and made.decided % _TOLD_EVERY == 0:
            show.line(f"{made.decided} cases", "dim")
        return True

    path = archive_path(settings.data, options.process)
    made = make_archive(package, around, path, options.cases, seed=options.seed, told=told)
    show.table("cases by scenario", ["scenario", "cases"], sorted(made.by_scenario.items()))
    show.line(
        f"{made.decided} decided cases in {path}; {made.left_out} drawn ones came to no end and were left out"
    )
    return 0
