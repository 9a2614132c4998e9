"""`lint`: what is wrong with the files of one process, or of all."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.checking import Checker
from engine.cli import show
from engine.connectors import register
from engine.lint import Finding, Severity
from engine.office import read_jurisdiction
from engine.package import Package, process_names, read_package
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser("lint", help="check every file of a process and say what is missing")
    parser.add_argument("process", nargs="*", help="process names (default: all)")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--files", action="store_true", help="list the files of each process too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check and print; 1 when an error was found."""
    settings = read_settings()
    law, calendar = read_jurisdiction(settings.root, settings.jurisdiction)
    checker = Checker(law, calendar, register(settings), lambda: datetime.now(settings.zone))
    found: dict[str, list[Finding]] = {}
    packages: list[Package] = []
    for name in options.process or process_names(settings.root):
        package = read_package(settings.root, name)
        packages.append(package)
        found[name] = checker.findings(package)
    errors = sum(one.severity is Severity.ERROR for findings in found.values() for one in findings)
    if options.json:
        show.json(dict(found.items()))
        return 1 if errors else 0
    for package in packages:
        findings = found[package.name]
        counted = {severity: sum(one.severity is severity for one in findings) for severity in Severity}
        show.line(
            f"{package.name}: {len(package.files)} files, version {package.digest[:12]}; "
            + ", ".join(
                f"{count} {severity.value}{'s' if count != 1 else ''}" for severity, count in counted.items()
            ),
            "red" if counted[Severity.ERROR] else "green",
        )
        if options.files:
            for path in sorted(package.files):
                show.line(f"  {path}", "dim")
        show.table(
            "",
            ["", "file", "element", "what", ""],
            [
                (one.severity.value, one.file, one.element, one.code, one.values)
                for one in findings
                if one.severity is not Severity.INFO
            ],
        )
    return 1 if errors else 0
