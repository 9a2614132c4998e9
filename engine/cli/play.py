"""`try`: play scenarios through the real engine and print what came out."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli import show
from engine.documents.handler import document_handler
from engine.documents.proof import proof_handler
from engine.documents.vault import FolderVault
from engine.errors import NotFound
from engine.office import read_jurisdiction
from engine.package import process_names, read_package
from engine.scenarios import Outcome, Surroundings, differences, make_template, play, read_scenarios, schema
from engine.scenarios.coverage import Coverage, parts
from engine.settings import Settings, read_settings
from engine.table_rows import ENDING, Tried, try_tables

if TYPE_CHECKING:
    import argparse

    from engine.package import Package
    from engine.scenarios.difference import Difference


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser("try", help="play the scenarios of a process and compare with what they expect")
    parser.add_argument("process", nargs="?", help="the process (of the tree)")
    parser.add_argument("--file", type=Path, help="another scenario file")
    parser.add_argument("--case", action="append", default=[], help="only this case (may be repeated)")
    parser.add_argument("--brief", action="store_true", help="one line per case")
    parser.add_argument("--pdf", type=Path, metavar="FOLDER", help="print real PDFs into a folder (slower)")
    parser.add_argument(
        "--coverage", action="store_true", help="say which steps, flows and decision rules no case passes"
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of scenario files and stop"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Play and print; 1 when a case came out otherwise than expected."""
    if options.schema:
        show.json(schema())
        return 0
    settings = read_settings()
    source: Path | None = options.file
    if options.process is None and source is None:
        raise NotFound(kind="process", id="", hint="name a process or a file")
    content = source.read_bytes() if source else read_package(settings.root, options.process).scenarios
    if content is None:
        raise NotFound(kind="scenarios", id=options.process)
    file = read_scenarios(content, str(source or f"workflows/scenarios/{options.process}.yaml"))
    package = read_package(settings.root, options.process or file.process)
    with tempfile.TemporaryDirectory(prefix="banjian-try-") as folder:
        around = surroundings(settings, Path(folder), options.pdf)
        zone = settings.zone
        results: list[tuple[Outcome, list[Difference]]] = []
        for case in file.cases:
            if options.case and case.id not in options.case:
                continue
            outcome = play(package, case, file.actors, around)
            wrong = differences(outcome, zone)
            results.append((outcome, wrong))
            if not options.json:
                _print(outcome, wrong, brief=options.brief)
    rows = [] if source or options.case else _rows(package, settings)
    if not options.json:
        _print_rows(rows)
    failed = sum(bool(wrong) for _, wrong in results) + sum(bool(wrong) for _, wrong in rows)
    coverage = _coverage(package, [outcome for outcome, _ in results]) if options.coverage else {}
    if options.json:
        told = [_plain(outcome, wrong) for outcome, wrong in results] + [_plain_row(*one) for one in rows]
        show.json({"cases": told, "coverage": coverage} if coverage else told)
    else:
        _print_coverage(coverage)
        show.line(
            f"{len(results) + len(rows) - failed} passed, {failed} failed", "red" if failed else "green"
        )
    return 1 if failed or not results else 0


def _coverage(package: Package, outcomes: list[Outcome]) -> dict[str, dict[str, Any]]:
    """What the cases pass of the package together."""
    seen, known = Coverage(), parts(package)
    for outcome in outcomes:
        seen.add(outcome)
    every: tuple[tuple[str, list[str], set[str]], ...] = (
        ("steps", list(known.elements), set(seen.elements)),
        ("flows", list(known.flows), set(seen.flows)),
        (
            "rules",
            [f"{one}/{rule}" for one, rule in known.rules],
            {f"{one}/{rule}" for one, rule in seen.rules},
        ),
    )
    return {
        name: {
            "of": len(there),
            "passed": sum(one in passed for one in there),
            "missed": [one for one in there if one not in passed],
        }
        for name, there, passed in every
    }


def _print_coverage(coverage: dict[str, dict[str, Any]]) -> None:
    for name, part in coverage.items():
        show.line(f"{name}: {part['passed']} of {part['of']} passed", "bold")
        if part["missed"]:
            show.line(f"  by none: {' '.join(part['missed'])}", "dim")


def _rows(package: Package, settings: Settings) -> list[tuple[str, list[str]]]:
    """The test rows of the decision tables: which, and what is wrong with it."""
    law, calendar = read_jurisdiction(settings.root, settings.jurisdiction)
    world = law.as_world(calendar, datetime.now(settings.zone))
    return [
        (
            f"{Path(path).name.removesuffix(ENDING)} {number} {tried.row.decision} {tried.row.title}".rstrip(),
            [_wrong(tried)] if tried.state in ("failed", "broken") else [],
        )
        for path, number, tried in try_tables(package, world)
    ]


def _wrong(tried: Tried) -> str:
    if tried.state == "broken":
        return f"{tried.code} {tried.values}"
    return f"{tried.code}: {tried.values.get('expected')}, was {tried.value!r} by rules {list(tried.rules)}"


def _print_rows(rows: list[tuple[str, list[str]]]) -> None:
    for name, wrong in rows:
        show.line(f"{'FAIL' if wrong else 'ok  '} {name}", "red" if wrong else "green")
        for one in wrong:
            show.line(f"     {one}", "red")


def _plain_row(name: str, wrong: list[str]) -> dict[str, Any]:
    return {"id": name, "passed": not wrong, "differences": wrong}


def surroundings(settings: Settings, folder: Path, pdf: Path | None = None) -> Surroundings:
    """What scenarios play in: the tree's law and policies; documents as proofs, or as PDFs into a folder."""
    law, calendar = read_jurisdiction(settings.root, settings.jurisdiction)
    policies = settings.root / "policies"
    return Surroundings(
        law=law,
        calendar=calendar,
        model=(policies / "model.conf").read_text(),
        base=(policies / "base.csv").read_text(),
        document=document_handler(settings, FolderVault(pdf)) if pdf else proof_handler(settings),
        template=make_template(folder),
        tree={name: read_package(settings.root, name) for name in process_names(settings.root)},
    )


def _print(outcome: Outcome, wrong: list[Difference], *, brief: bool) -> None:
    case = outcome.case
    show.line(f"{'FAIL' if wrong else 'ok  '} {case.id} {case.title}", "red" if wrong else "green")
    for one in wrong:
        show.line(f"     {one}", "red")
    if brief:
        return
    show.line("  path: " + " → ".join(outcome.path), "dim")
    show.table(
        "  tasks",
        ["task", "role", "due", "area", "state"],
        [[one[k] for k in ("task", "role", "due", "area", "state")] for one in outcome.tasks],
    )
    show.table(
        "  decisions",
        ["decision", "rule", "value", "articles"],
        [_decision(one) for one in outcome.decisions],
    )
    show.table(
        "  payments", ["from", "amount"], [(fund or "county", amount) for fund, amount in outcome.payments]
    )
    show.table(
        "  documents", ["document", "number"], [(one["document"], one["number"]) for one in outcome.documents]
    )
    show.table("  notices", ["notice"], [(one,) for one in outcome.notices])
    show.line()


def _decision(one: dict[str, Any]) -> tuple[Any, ...]:
    hit = [rule for rule in one.get("rules", []) if rule["hit"]]
    cited = [
        text for rule in hit for name, text in rule["annotations"].items() if name in {"law", "依据"} and text
    ]
    return (one["decision"], [rule["index"] for rule in hit], one.get("value"), cited)


def _plain(outcome: Outcome, wrong: list[Difference]) -> dict[str, Any]:
    return {
        "id": outcome.case.id,
        "passed": not wrong,
        "differences": wrong,
        "path": outcome.path,
        "tasks": outcome.tasks,
        "decisions": [
            {"decision": name, "rules": rules, "value": value, "articles": cited}
            for name, rules, value, cited in map(_decision, outcome.decisions)
        ],
        "payments": outcome.payments,
        "funds": outcome.funds,
        "documents": outcome.documents,
        "notices": outcome.notices,
        "ended": outcome.ended,
        "open": outcome.open,
    }
