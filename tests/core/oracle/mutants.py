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
from typing import TYPE_CHECKING

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


MUTANTS: tuple[Mutant, ...] = (
    # gateways
    Mutant(
        "parallel join fires one token early",
        "gateways",
        "arrived = _arrivals(walk, token.parent, node)\n        if len(arrived) < len(node.incoming):",
        "arrived = _arrivals(walk, token.parent, node)\n        if len(arrived) < len(node.incoming) - 1:",
        ("parallel",),
    ),
    Mutant(
        "joins count tokens still in transit",
        "gateways",
        "token.element == node.id and token.phase is Phase.WAITING and token.flow is not None",
        "token.element == node.id and token.flow is not None",
        ("parallel", "graph", "graph mixed"),
    ),
    Mutant(
        "merged tokens stay at the join",
        "gateways",
        "        if number != going:\n",
        "        if number < 0:\n",
        ("parallel",),
    ),
    Mutant(
        "inclusive join never waits",
        "gateways",
        "if not arrived or _may_come(walk, scope, node, arrived):",
        "if not arrived:",
        ("inclusive",),
    ),
    Mutant(
        "inclusive join waits for tokens that can also reach a filled flow",
        "gateways",
        "in empty) and not any(element in sources for sources in full):",
        "in empty):",
        ("graph", "graph mixed"),
    ),
    Mutant(
        "inclusive join does not see tokens just off their flow",
        "gateways",
        "            if token.phase is not Phase.MOVING or token.flow is None:\n                continue\n",
        "            continue\n",
        ("inclusive", "loops"),
    ),
    Mutant(
        "complex gateway is never reset",
        "gateways",
        "    del fired[node.id]\n    walk.extend(scope, fired=fired or None)\n    if late",
        "    if late",
        ("complex",),
    ),
    Mutant(
        "complex gateway does not wait for reset",
        "gateways",
        "fired[node.id] = tuple(arrived)",
        "pass",
        ("complex",),
    ),
    Mutant(
        "complex gateway counts one too many",
        "gateways",
        "_activated(walk, node, number, len(arrived))",
        "_activated(walk, node, number, len(arrived) + 1)",
        ("complex",),
    ),
    # flows
    Mutant(
        "exclusive gateway takes every true flow",
        "flows",
        "            if node.kind is Kind.EXCLUSIVE:\n                break\n",
        "",
        ("exclusive",),
    ),
    Mutant(
        "default flow taken although another is true",
        "flows",
        "    if taken:\n        return tuple(taken)\n",
        "    if taken and node.default is None:\n        return tuple(taken)\n",
        ("exclusive",),
    ),
    Mutant(
        "token without a true flow is swallowed",
        "flows",
        '    raise Fault("no-true-flow")',
        "    return ()",
        ("exclusive", "conditional flows"),
    ),
    Mutant(
        "only the first of several flows out of a node",
        "flows",
        "    for flow in taken:\n",
        "    for flow in taken[:1]:\n",
        ("conditional flows",),
    ),
    # catching
    Mutant(
        "every boundary event interrupts",
        "catching",
        "            if watch.interrupting:\n                walk.extend(token.id, struck=True)",
        "            if True:\n                walk.extend(token.id, struck=True)",
        ("boundary",),
    ),
    Mutant(
        "no boundary event interrupts",
        "catching",
        "            if watch.interrupting:\n                walk.extend(token.id, struck=True)",
        "            if False:\n                walk.extend(token.id, struck=True)",
        ("boundary",),
    ),
    Mutant(
        "interrupting event sub-process leaves the scope's tokens alone",
        "catching",
        "walk.set(token.id, phase=Phase.TAKEN)",
        "pass",
        ("event sub-process",),
    ),
    Mutant(
        "other event sub-processes start after an interrupting one",
        "catching",
        "reachable = phase is Phase.OPEN and not walk.is_body(token)",
        "reachable = phase in (Phase.OPEN, Phase.TAKEN) and not walk.is_body(token)",
        ("event sub-process", "mixed"),
    ),
    Mutant(
        "event gateway keeps waiting after its first event",
        "catching",
        "            walk.emit(Left(token.element, token.id, token.parent))\n            walk.remove(token.id)\n",
        "            walk.emit(Left(token.element, token.id, token.parent))\n",
        ("event gateway",),
    ),
    Mutant(
        "conditional event fires again while its condition stays true",
        "catching",
        "            if watch.element not in before:\n",
        "            if before or not before:\n",
        ("conditional events",),
    ),
    Mutant(
        "timer cycle never ends",
        "catching",
        "timers.again(fallen, *turn)",
        "timers.again(fallen, -1, turn[1])",
        ("boundary", "event sub-process"),
    ),
    Mutant(
        "message goes to the outermost catcher",
        "catching",
        "rank = (-_depth(walk, token) - inner,",
        "rank = (_depth(walk, token) + inner,",
        ("event sub-process", "mixed"),
    ),
    Mutant(
        "correlation key ignored",
        "catching",
        "return packed is not None and key is not None and bool(unpack(packed) == key)",
        "return True",
        ("catch and throw", "event gateway"),
    ),
    Mutant(
        "signal reaches only the oldest tokens",
        "catching",
        "    for number in list(walk.tokens):\n        token = walk.tokens.get(number)\n        if token is None:\n            continue\n        found",
        "    for number in list(walk.tokens)[:2]:\n        token = walk.tokens.get(number)\n        if token is None:\n            continue\n        found",
        ("boundary", "mixed"),
    ),
    # throwing
    Mutant(
        "catch-all before the exact code",
        "throwing",
        "rank = (watch.place is Place.BOUNDARY, ref is None)",
        "rank = (watch.place is Place.BOUNDARY, ref is not None)",
        ("error", "escalation"),
    ),
    Mutant(
        "boundary event before the event sub-process inside",
        "throwing",
        "rank = (watch.place is Place.BOUNDARY, ref is None)",
        "rank = (watch.place is not Place.BOUNDARY, ref is None)",
        ("error", "escalation"),
    ),
    Mutant(
        "event sub-process catches what it throws itself",
        "throwing",
        " or walk.nodes[watch.element].scope == inside:",
        ":",
        ("escalation", "error"),
    ),
    Mutant(
        "terminate drops only its own token",
        "throwing",
        "    for child in walk.inside(scope):\n        walk.drop(child)\n    walk.set(scope",
        "    walk.drop(token.id)\n    walk.set(scope",
        ("terminate",),
    ),
    Mutant(
        "thrown message is not offered inside the case",
        "throwing",
        "if not catching.deliver(walk, thrown.message, thrown.payload, thrown.key, None):",
        "if True:",
        ("catch and throw", "mixed"),
    ),
    Mutant(
        "error of a service task misses its own boundary event",
        "inputs",
        "given.code, own=True)",
        "given.code, own=False)",
        ("error",),
    ),
    # compensation
    Mutant(
        "compensation in order of completion instead of reverse",
        "undo",
        "found.sort(key=_serial, reverse=True)",
        "found.sort(key=_serial)",
        ("compensation",),
    ),
    Mutant(
        "compensation runs again at the next throw",
        "undo",
        "_compensate(walk, walk.done.pop(done), number)",
        "_compensate(walk, walk.done[done], number)",
        ("compensation",),
    ),
    Mutant(
        "throw in an event sub-process compensates nothing around it",
        "undo",
        "    while scope.parent and walk.definition",
        "    while False and walk.definition",
        ("compensation", "mixed"),
    ),
    Mutant(
        "cancelled transaction is not compensated",
        "undo",
        "    todo = _completed(walk, (number,), None)\n    if not todo:",
        "    todo = ()\n    if not todo:",
        ("transaction",),
    ),
    # loops
    Mutant(
        "completion condition ignored",
        "loops",
        "    if loop.condition is None:\n        return loop.kind",
        '    if loop.condition is None or loop.kind != "standard":\n        return loop.kind',
        ("multi-instance",),
    ),
    Mutant(
        "instances not dropped when the completion condition holds",
        "loops",
        "        for instance in dropped:\n            walk.drop(instance)\n",
        "",
        ("multi-instance",),
    ),
    Mutant(
        "sequential instances begin together",
        "loops",
        'range(min(total, 1) if loop.kind == "sequential" else total)',
        "range(total)",
        ("multi-instance",),
    ),
    Mutant(
        "outputs in the wrong place",
        "loops",
        "outputs[token.extras.index - 1] = output",
        "outputs[0] = output",
        ("multi-instance",),
    ),
    Mutant(
        "standard loop ends while its condition is true",
        "loops",
        'return not truth if loop.kind == "standard" else truth',
        "return truth",
        ("standard loop",),
    ),
    # variables
    Mutant(
        "local scope swallows writes to case variables",
        "variables",
        "return 0 if name in walk.variables else nearest",
        "return nearest",
        ("multi-instance", "call activity"),
    ),
    Mutant(
        "new names of an instance reach the case",
        "variables",
        'return node.loop.kind != "standard" and walk.is_instance(token)',
        "return False",
        ("multi-instance",),
    ),
    # what only a dump and restore shows
    Mutant(
        "completed work is lost when the state is stored",
        "state",
        "tuple(state.done.values())",
        "()",
        ("compensation",),
    ),
    Mutant(
        "local variables are lost when the state is stored",
        "state",
        "for token, names in sorted(state.local.items())",
        "for token, names in ()",
        ("multi-instance",),
    ),
    # what the plan works out
    Mutant(
        "inclusive join does not follow links",
        "plan",
        "if node.kind is Kind.CATCH and trigger.cause is Cause.LINK:\n                    todo",
        "if False:\n                    todo",
        ("link", "inclusive"),
    ),
)


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


def hunt(mutant: Mutant | None, models: int, seed: int) -> str:
    """In the child: walk until something differs. The answer in words. Without mutant: the control."""
    if mutant is not None:
        sys.meta_path.insert(0, Planted(mutant))
    from tests.core.oracle.generator import FAMILIES, chosen, generate
    from tests.core.oracle.walk import walk

    families = FAMILIES if mutant is None else mutant.families
    for n, (family, number) in enumerate(chosen(models, seed, list(families)), 1):
        try:
            difference = walk(generate(family, number)).difference
        except Exception as fault:  # noqa: BLE001 - a crash of the mutant is a noticed mutant
            difference = f"{type(fault).__name__}: {fault}"
        if difference:
            return f"noticed\t{n}\t{difference.splitlines()[0]}"
    return f"missed\t{models}\t"


def forked(mutant: Mutant | None, models: int, seed: int, limit: float) -> tuple[str, int, str]:
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
        "--limit", type=float, default=20, help="seconds per mutant, after which it counts as hanging"
    )
    parser.add_argument("--only", help="part of a name")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth fault")
    options = parser.parse_args(arguments)
    warm()
    wanted = [m for m in MUTANTS[:: options.every] if not options.only or options.only in m.name]
    verdict, count, how = forked(None, 150, options.seed, 300)
    print(
        f"{'clean' if verdict == 'missed' else verdict:8} {count:5}  control, nothing changed  {how[:90]}",
        flush=True,
    )
    if verdict != "missed":
        return 1
    missed = 0
    for mutant in wanted:
        verdict, count, how = forked(mutant, options.models, options.seed, options.limit)
        missed += verdict != "noticed"
        print(f"{verdict:8} {count:5}  {mutant.name:45} {how[:90]}", flush=True)
    print(f"{len(wanted) - missed} of {len(wanted)} seeded faults noticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
