"""Every bench, one after the other: `make bench`, or `python -m bench feel core` for some of them."""

from __future__ import annotations

import subprocess
import sys
import time

BENCHES = {
    "feel": ["bench.feel"],
    "dmn": ["bench.dmn"],
    "core": ["bench.core"],
    "documents": ["bench.documents", "--count", "40"],
    "verification": ["bench.verification"],
    "worklist": ["bench.worklist"],
    "throughput": ["bench.throughput"],
    "simulator": ["bench.simulator", "--cases", "400", "--sample", "12"],
}


def main(wanted: list[str]) -> int:
    """Run the benches named (default: all); each in a process of its own, so that none warms another."""
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
        return 2
    failed = 0
    for name in wanted or BENCHES:
        print(f"── {name} " + "─" * (70 - len(name)), flush=True)
        begun = time.monotonic()
        failed += subprocess.run([sys.executable, "-m", *BENCHES[name]], check=False).returncode != 0
        print(f"({time.monotonic() - begun:.0f} s)\n", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
