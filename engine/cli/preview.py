"""`preview`: print a document as its template now is, with data of a scenario, of a real case or of a file.

For whoever writes templates. What is missing does not stop it: each missing field is printed by its name and listed.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli import show
from engine.cli.play import surroundings
from engine.documents.given import asked_in, bare
from engine.documents.preview import preview
from engine.errors import NotFound
from engine.office import open_office, read_jurisdiction
from engine.package import read_package
from engine.scenarios.samples import letter_sample
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse

    from engine.effects import Message
    from engine.package import Package
    from engine.settings import Settings


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser(
        "preview", help="print a document as its template now is, missing fields marked"
    )
    parser.add_argument("process")
    parser.add_argument("document", help="the template's name, e.g. D10")
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--scenario", metavar="CASE", help="data of this case of the scenarios (the first that has it)"
    )
    source.add_argument("--case", metavar="NUMBER", help="data of a real case that asked for this document")
    source.add_argument("--data", type=Path, metavar="FILE", help="data from a JSON file")
    parser.add_argument("--out", type=Path, help="the PDF (default: DOCUMENT.pdf)")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print and say what is missing; 1 when the template is refused, with the line and the reason."""
    settings = read_settings()
    package = read_package(settings.root, options.process)
    message = _message(settings, package, options)
    made = preview(settings, package.files, message, marked=True)
    path: Path = options.out or Path(f"{options.document}.pdf")
    if made.refusal is None:
        path.write_bytes(made.pdf)
    told = {"document": options.document, "file": str(path), "refusal": made.refusal, **made.told}
    if options.json:
        show.json({**told, "missing": list(made.missing)})
    elif made.refusal is None:
        show.line(f"{path}: {len(made.pdf)} bytes", "yellow" if made.missing else "green")
        for field in made.missing:
            show.line(f"  missing: {field}", "yellow")
    else:
        show.line(
            f"{made.refusal}: {' '.join(f'{name}={value}' for name, value in made.told.items())}", "red"
        )
    return 0 if made.refusal is None else 1


def _message(settings: Settings, package: Package, options: argparse.Namespace) -> Message:
    if options.case:
        return _real(settings, options.document, options.case)
    if options.data:
        facts = json.loads(options.data.read_bytes(), parse_float=Decimal, parse_int=Decimal)
        return _bare(settings, options.process, options.document, facts)
    return _sample(settings, package, options.document, options.scenario)


def _bare(settings: Settings, process: str, document: str, data: dict[str, Any]) -> Message:
    now = datetime.now(settings.zone)
    law, _ = read_jurisdiction(settings.root, settings.jurisdiction)
    return bare(process, "document", document, data, now, law.example_area(now.date()))


def _real(settings: Settings, document: str, number: str) -> Message:
    office = open_office(settings)
    try:
        with office.store.reading() as reader:
            found = asked_in(reader, number, "document", document)
    finally:
        office.close()
    if found is None:
        raise NotFound(kind="document", id=f"{number}/{document}")
    # Another name for the package: its templates come from the tree, not from the version that the case is pinned to.
    return replace(found, package="preview")


def _sample(settings: Settings, package: Package, document: str, wanted: str | None) -> Message:
    """The message by which a scenario asks for the document; without data where none does."""
    with tempfile.TemporaryDirectory(prefix="banjian-preview-") as folder:
        around = surroundings(settings, Path(folder))
        found = letter_sample(package, "document", document, wanted, around)
    if found is None:
        return _bare(settings, package.name, document, {})
    return replace(found[1], package="preview", token="")
