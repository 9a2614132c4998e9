"""`archive`: put closed cases into files for the archive, one by number or all that the rule says are due."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.access import Actor, Grant
from engine.cli import show
from engine.documents.dossiers import archive, due
from engine.office import open_office
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse

#: Days after which a closed case is due; provinces ask for 30 working days.
_DAYS = 45


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser(
        "archive", help="put closed cases into signed files that verify without Banjian"
    )
    parser.add_argument("case", nargs="*", help="case numbers")
    parser.add_argument(
        "--due", type=int, nargs="?", const=_DAYS, metavar="DAYS", help="all closed so long ago"
    )
    parser.add_argument("--out", type=Path, default=Path(), help="folder for the files")
    parser.add_argument("--retention", choices=("permanent", "30", "10"), default="30")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Archive and say where the files are; whoever has the machine's shell acts as its administrator."""
    office = open_office(read_settings())
    made = []
    try:
        now = datetime.now(office.settings.zone)
        actor = Actor("shell", "命令行", (Grant("administrator"),))
        numbers = [*options.case, *(due(office, now, options.due) if options.due is not None else [])]
        options.out.mkdir(parents=True, exist_ok=True)
        for number in numbers:
            command = f"shell:archive:{number}:{now.isoformat()}"
            content = archive(office, actor, command, number, now, options.retention)
            path = options.out / f"{number}.zip"
            path.write_bytes(content)
            made.append((number, str(path), len(content)))
    finally:
        office.close()
    if options.json:
        show.json([{"case": number, "file": path, "size": size} for number, path, size in made])
    else:
        show.table("archived", ["case", "file", "bytes"], made)
        show.line(f"{len(made)} dossiers", "green")
    return 0
