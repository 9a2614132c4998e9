"""The public BPMN suites: what loads, what is refused and why, which traces and outcomes are met.

Run: python -m tests.conformance.bpmn [folder]   (the folder that holds token-simulation, betsy and bpmn-miwg)
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from engine.core.load import ModelError, load
from tests.conftest import CORPORA, ROOT


def main(folder: Path = CORPORA) -> int:
    """Print the tables; 1 when a trace or outcome is missed, or a broken model is accepted for publishing."""
    table("betsy/executable", folder / "betsy" / "executable", strict=False)
    table("token-simulation", folder / "token-simulation", strict=False)
    table("bpmn-miwg", folder / "bpmn-miwg", strict=False)
    wrong = constraints(folder / "betsy" / "constraints")
    print("\nTraces of token-simulation and outcomes of betsy/executable:", flush=True)
    tests = [str(ROOT / "tests" / "core" / name) for name in ("test_token_simulation.py", "test_betsy.py")]
    met = pytest.main(["-q", "-p", "no:cacheprovider", *tests])
    return 1 if met != 0 or wrong else 0


def verdict(path: Path, *, strict: bool) -> list[str]:
    """The codes for which a file is refused; none when it loads. A file of several processes must load for each."""
    return [code for code, _ in refusals(path, strict=strict)]


def refusals(path: Path, *, strict: bool) -> list[tuple[str, str | None]]:
    """Why a file is refused: rule and element (None where the fault is that there is no id to name)."""
    source = path.read_bytes()
    found: list[tuple[str, str | None]] = []
    for process in re.findall(rb"<(?:\w+:)?process\b[^>]*?\bid=\"([^\"]+)\"", source) or [b""]:
        try:
            load({path.name: source}, process.decode() or None, strict=strict)
        except ModelError as refusal:
            found += [(code, element) for code, element, _ in refusal.findings] or [(refusal.code, None)]
    return found


def table(title: str, folder: Path, *, strict: bool) -> None:
    """How many models of a folder load, and for what the others are refused."""
    refused: Counter[str] = Counter()
    models = sorted(folder.rglob("*.bpmn"))
    loaded = 0
    for path in models:
        codes = verdict(path, strict=strict)
        loaded += not codes
        refused.update(set(codes))
    reasons = ", ".join(f"{code} {count}" for code, count in refused.most_common())
    print(f"{title:<20} {loaded:>3} of {len(models):>3} load; refused for: {reasons or '-'}")


def constraints(folder: Path) -> int:
    """betsy's models that break one rule (Fail) or keep it (Success), under the rules of publishing."""
    models = sorted(folder.rglob("*.bpmn"))
    fails = [path for path in models if "fail" in path.stem.lower()]
    others = [path for path in models if "success" in path.stem.lower()]
    missed = [path.stem for path in fails if not verdict(path, strict=True)]
    named = sum(any(element for _, element in refusals(path, strict=True)) for path in fails)
    refused = [(path.stem, verdict(path, strict=True)) for path in others]
    wrongly = [(name, codes) for name, codes in refused if codes]
    print(
        f"betsy/constraints    {len(fails) - len(missed)} of {len(fails)} broken models refused; accepted: {missed or '-'}"
    )
    print(f"                     {named} of {len(fails)} with the element and the rule named")
    print(
        f"                     {len(others) - len(wrongly)} of {len(others)} sound models accepted; refused:"
    )
    for name, codes in wrongly:
        print(f"                       {name}: {', '.join(sorted(set(codes)))}")
    return len(missed)


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
