"""`keys` and `offline-page`: the keys that seals and codes are made with, and the page that pins them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli import show
from engine.documents import ring, seal_ring
from engine.documents.offline_page import build_page
from engine.office import open_office
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser("keys", help="list, follow up or strike the keys of codes and seals")
    parser.add_argument(
        "--follow", metavar="ISSUER", help='give an issuer ("codes": the codes) a new key, now in force'
    )
    parser.add_argument("--strike", metavar="KEY", help="take the trust from a key")
    parser.add_argument("--reason", default="", help="why it is struck")
    parser.add_argument(
        "--algorithm", choices=("ES256", "EdDSA"), default="ES256", help="of a new key for codes"
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def add_page(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser("offline-page", help="write the page that verifies papers without network")
    parser.add_argument("file", type=Path)
    parser.set_defaults(run=run_page)


def run(options: argparse.Namespace) -> int:
    """Do what is asked, then list all keys."""
    keys = read_settings().data / "keys"
    now = datetime.now(UTC)
    if options.strike:
        if not options.reason:
            show.line("--strike needs --reason", "red")
            return 2
        if options.strike.startswith("seal:"):
            seal_ring.strike_seal(keys, options.strike, now, options.reason)
        else:
            ring.strike(keys / ring.FOLDER, options.strike, now, options.reason)
    if options.follow == "codes":
        ring.rotate(keys / ring.FOLDER, now, options.algorithm)
    elif options.follow:
        seal_ring.rotate_seal(keys, options.follow, now)
    rows: list[tuple[Any, ...]] = [
        (entry.key, "codes", entry.algorithm, entry.begins, entry.struck, entry.reason)
        for entry in ring.open_ring(keys / ring.FOLDER).entries
    ]
    rows += [
        (seal.name, seal.issuer, "RSA-3072", seal.begins, seal.struck, seal.reason)
        for seal in seal_ring.read_seals(keys)
    ]
    columns = ["key", "for", "algorithm", "begins", "struck", "reason"]
    if options.json:
        show.json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        show.table("keys", columns, rows)
    return 0


def run_page(options: argparse.Namespace) -> int:
    """Write the page with today's keys and list of revoked papers."""
    office = open_office(read_settings())
    try:
        page = build_page(office.settings, office.store, datetime.now(UTC))
    finally:
        office.close()
    options.file.write_text(page, encoding="utf-8")
    show.line(f"{options.file}: {len(page.encode())} bytes")
    return 0
