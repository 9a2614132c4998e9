"""`verify`: walk every journal, the vault and the outbox, and say where something does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.cli import show
from engine.office import open_office
from engine.sealing import differing
from engine.settings import read_settings
from engine.verify import Flaw, verify

if TYPE_CHECKING:
    import argparse

_WALKED = ("cases", "journal", "command", "task", "outbox", "document", "material", "fund_entry")


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser("verify", help="walk journals, vault, outbox and ledgers")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what was walked and every break; 1 when there is one."""
    office = open_office(read_settings())
    try:
        flaws = list(verify(office.store, office.vault))
        flaws += [Flaw("root-differs", day, {}) for day in differing(office)]
        with office.store.reading() as reader:
            counts = {name: reader.rows(f"SELECT count(*) FROM {name}")[0][0] for name in _WALKED}  # noqa: S608
    finally:
        office.close()
    if options.json:
        show.json({"walked": counts, "flaws": flaws})
        return 1 if flaws else 0
    show.table("walked", ["what", "how many"], counts.items())
    show.table("flaws", ["code", "subject", ""], [(one.code, one.subject, one.values) for one in flaws])
    show.line("everything holds" if not flaws else f"{len(flaws)} flaws", "red" if flaws else "green")
    return 1 if flaws else 0
