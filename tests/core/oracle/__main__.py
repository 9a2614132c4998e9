"""`python -m tests.core.oracle --models 20000 --seed 1`: the table of the random walks; exit code 1 on a difference."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import Pool
from pathlib import Path

from tests.core.oracle.generator import FAMILIES, Model, chosen, generate
from tests.core.oracle.walk import Result, walk


@dataclass
class Row:
    """Figures of one construct family."""

    models: int = 0
    commands: int = 0
    ended: int = 0
    reordered: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    differences: list[tuple[int, Result]] = field(default_factory=list)


def one(job: tuple[str, int]) -> tuple[str, int, Result]:
    family, seed = job
    return family, seed, walk(generate(family, seed))


def report(rows: dict[str, Row], used: Counter[str], seconds: float) -> None:
    print(
        f"{'family':20} {'models':>7} {'commands':>9} {'to the end':>10} {'reordered':>9} {'skipped':>8} {'differences':>11}"
    )
    total = Row()
    for family, row in rows.items():
        print(
            f"{family:20} {row.models:7} {row.commands:9} {row.ended:10} {row.reordered:9} "
            f"{sum(row.skipped.values()):8} {len(row.differences):11}"
        )
        total.models += row.models
        total.commands += row.commands
        total.ended += row.ended
        total.reordered += row.reordered
        total.skipped += row.skipped
        total.differences += row.differences
    print(
        f"{'all':20} {total.models:7} {total.commands:9} {total.ended:10} {total.reordered:9} "
        f"{sum(total.skipped.values()):8} {len(total.differences):11}   {seconds:.0f} s"
    )
    if total.skipped:
        print("skipped:", ", ".join(f"{n} {reason}" for reason, n in total.skipped.most_common()))
    print("elements and events reached:", ", ".join(f"{k} {n}" for k, n in sorted(used.items())))


def show(model: Model, result: Result) -> None:
    print(f"\n--- {model.family} {model.seed}: {result.difference}")
    for order in result.orders:
        print("   ", order)
    for note in result.notes:
        print("another order explained:", note)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.core.oracle", description=__doc__)
    parser.add_argument("--models", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--family", action="append", choices=list(FAMILIES), help="only this family (repeatable)"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--show", type=int, default=5, help="how many differences to print")
    parser.add_argument("--one", nargs=2, metavar=("FAMILY", "SEED"), help="walk one model and print it")
    parser.add_argument("--save", type=Path, help="folder for the models with differences")
    options = parser.parse_args(arguments)
    if options.one:
        model = generate(options.one[0], int(options.one[1]))
        result = walk(model)
        print(model.xml.decode())
        show(model, result)
        return 1 if result.difference else 0
    families = options.family or list(FAMILIES)
    jobs = chosen(options.models, options.seed, families)
    rows = {family: Row() for family in families}
    used: Counter[str] = Counter()
    started = time.monotonic()
    if options.jobs > 1:
        with Pool(options.jobs) as pool:
            results = list(pool.imap_unordered(one, jobs, chunksize=50))
    else:
        results = map(one, jobs)
    for family, seed, result in results:
        row = rows[family]
        row.models += 1
        row.commands += result.commands
        row.ended += result.ended
        row.reordered += result.reordered
        used.update(result.used)
        if result.skipped:
            row.skipped[result.skipped] += 1
        if result.difference:
            row.differences.append((seed, result))
    report(rows, used, time.monotonic() - started)
    bad = [(f, s, r) for f, row in rows.items() for s, r in row.differences]
    for family, seed, result in sorted(
        bad, key=lambda b: len(b[2].orders) + len(generate(b[0], b[1]).xml) / 1000
    )[: options.show]:
        model = generate(family, seed)
        show(model, result)
        if options.save:
            options.save.mkdir(parents=True, exist_ok=True)
            (options.save / f"{family.replace(' ', '-')}-{seed}.bpmn").write_bytes(model.xml)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
