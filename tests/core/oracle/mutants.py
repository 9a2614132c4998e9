"""Seeded faults: each changes a few words of the mover's source at import time, and the walks must notice it.

Every mutant runs in a forked child with an import hook that serves the changed text of one module of `engine.core`; the
files themselves are never touched. A mutant whose text is not found any more is an error, so that the list stays true.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

CORE = Path(__file__).resolve().parents[3] / "engine" / "core"


@dataclass(frozen=True)
class Mutant:
    """One fault: in `module` of engine.core the text `old` (once) becomes `new`."""

    name: str
    module: str
    old: str
    new: str
    #: families whose walks are tried, in turn
    families: tuple[str, ...] = ("mixed", "graph mixed")


MUTANTS: tuple[Mutant, ...] = ()


class Planted(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Serves one module of engine.core with its text changed."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != f"engine.core.{self.mutant.module}":
            return None
        return importlib.util.spec_from_loader(name, self, origin=str(CORE / f"{self.mutant.module}.py"))

    def exec_module(self, module: ModuleType) -> None:
        text = changed(self.mutant)
        exec(compile(text, str(CORE / f"{self.mutant.module}.py"), "exec"), module.__dict__)


def changed(mutant: Mutant) -> str:
    """The source with the fault in it."""
    text = (CORE / f"{mutant.module}.py").read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        raise LookupError(
            f"{mutant.name}: {text.count(mutant.old)} places for {mutant.old!r} in {mutant.module}.py"
        )
    return text.replace(mutant.old, mutant.new)


def hunt(mutant: Mutant, models: int, seed: int) -> str:
    """In the child: walk until something differs. The answer in words."""
    sys.meta_path.insert(0, Planted(mutant))
    from tests.core.oracle.generator import chosen, generate
    from tests.core.oracle.walk import walk

    for n, (family, number) in enumerate(chosen(models, seed, list(mutant.families)), 1):
        try:
            difference = walk(generate(family, number)).difference
        except Exception as fault:  # noqa: BLE001 - a crash of the mutant is a noticed mutant
            difference = f"{type(fault).__name__}: {fault}"
        if difference:
            return f"noticed\t{n}\t{difference.splitlines()[0]}"
    return f"missed\t{models}\t"


def forked(mutant: Mutant, models: int, seed: int, limit: float) -> tuple[str, int, str]:
    """(verdict, models needed, how) from a child process; a child that hangs is a noticed mutant too."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            answer = hunt(mutant, models, seed)
        except BaseException:  # noqa: BLE001
            answer = f"broken\t0\t{traceback.format_exc(limit=-1)}"
        os.write(writing, answer.encode()[:4000])
        os._exit(0)
    os.close(writing)
    ends = time.monotonic() + limit
    while time.monotonic() < ends:
        done, _ = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.02)
    else:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(reading)
        return "noticed", 0, "hangs"
    answer = os.read(reading, 4096).decode()
    os.close(reading)
    verdict, count, how = answer.split("\t", 2)
    return verdict, int(count), how


def warm() -> None:
    """Import in the parent what every child needs, but nothing of engine.core."""
    import SpiffWorkflow.bpmn.parser
    import SpiffWorkflow.spiff.parser  # noqa: F401

    import engine.dmn
    import engine.feel  # noqa: F401
    import tests.core.oracle.generator
    import tests.core.oracle.oracle  # noqa: F401

    loaded = [m for m in sys.modules if m.startswith("engine.core")]
    if loaded:
        raise RuntimeError(f"engine.core is loaded already: {loaded}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.core.oracle.mutants", description=__doc__)
    parser.add_argument("--models", type=int, default=600, help="models tried at most per mutant")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--limit", type=float, default=60, help="seconds per mutant, after which it counts as hanging"
    )
    parser.add_argument("--only", help="part of a name")
    options = parser.parse_args(arguments)
    warm()
    wanted: list[Any] = [m for m in MUTANTS if not options.only or options.only in m.name]
    missed = 0
    for mutant in wanted:
        verdict, count, how = forked(mutant, options.models, options.seed, options.limit)
        missed += verdict != "noticed"
        print(f"{verdict:8} {count:5}  {mutant.name:45} {how[:90]}", flush=True)
    print(f"{len(wanted) - missed} of {len(wanted)} seeded faults noticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
