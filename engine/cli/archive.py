"""`archive`: put closed cases into files for the archive, one by number or all that the law says are due."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.access import Actor, Grant
from engine.cli import show
from engine.documents.dossiers import archive
from engine.documents.retention import due, retention_for
from engine.office import open_office
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse

    from engine.office import Office


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser(
        "archive", help="put closed cases into signed files that verify without Banjian"
    )
    parser.add_argument("case", nargs="*", help="case numbers")
    parser.add_argument("--due", action="store_true", help="all that the law says are due")
    parser.add_argument("--out", type=Path, default=Path(), help="folder for the files")
    parser.add_argument(
        "--retention", metavar="YEARS", help="permanent or years, instead of what the law says"
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Archive and say where the files are; whoever has the machine's shell acts as its administrator."""
    office = open_office(read_settings())
    made = []
    try:
        now = datetime.now(office.settings.zone)
        actor = Actor("shell", "命令行", (Grant("administrator"),))
        numbers = [*options.case, *([one.case for one in due(office, now)] if options.due else [])]
        options.out.mkdir(parents=True, exist_ok=True)
        for number in numbers:
            command = f"shell:archive:{number}:{now.isoformat()}"
            retention = options.retention or _retention(office, number)
            content = archive(office, actor, command, number, now, retention)
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


def _retention(office: Office, number: str) -> str:
    """What the law said when the case was closed; a case that is open is refused by the command itself."""
    with office.store.reading() as reader:
        found = reader.rows("SELECT process, area, ended_at FROM cases WHERE id = ?", (number,))
    if not found or found[0][2] is None:
        return "permanent"
    process, area, ended_at = found[0]
    closed = ended_at.astimezone(office.settings.zone).date()
    return retention_for(office.law, process, area, closed)
