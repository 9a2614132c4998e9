"""The command line: `python -m engine --help` lists what can be done."""

from __future__ import annotations

import argparse
import sys

from engine import cli
from engine.errors import EngineError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 0 when all is well, 1 when something was found, 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m engine", description="Banjian: run and check approval processes."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    for add in cli.VERBS:
        add(verbs)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except EngineError as refusal:
        print(f"{refusal.code}: {refusal.values or refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
