"""Random walks in which people also send back, take back, jump, and add and drop signers.

Like `walk`, with verbs among the commands: on any model, at any moment, with targets that fit and targets that do not. A
verb that the oracle refuses must be refused by the mover with the same code, and change nothing.

    python -m tests.core.oracle.verb_walk --models 10000 --seed 1
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from lxml import etree

from engine.core import step as words
from engine.core import verbs as deeds
from engine.core.load import load
from engine.core.run import CoreError, step
from engine.core.state import Phase, dump
from tests.core.oracle import verbs as law
from tests.core.oracle import walk as plain
from tests.core.oracle.generator import FAMILIES, Model, chosen, generate
from tests.core.oracle.oracle import Endless, Turns
from tests.core.oracle.paper import ACTIVITIES

if TYPE_CHECKING:
    from engine.core.definition import Definition
    from tests.core.oracle.oracle import Item, Oracle
    from tests.core.oracle.paper import Part

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
MARKABLE = {f"{BPMN}{tag}" for tag in ACTIVITIES}
PEOPLE = ("ann", "bob", "cat")
#: Other legal orders that are tried before a difference counts: walks with verbs make models crowded.
ORDERS = 3000


class Wrong(Exception):
    """The mover and the oracle do not agree about a refusal, or about whose a task is."""


def with_marks(model: Model) -> Model:
    """Some of the activities cannot be taken back (in two models of three none)."""
    r = Random(f"marks/{model.family}/{model.seed}")
    if r.random() < 0.66:
        return model
    root = etree.fromstring(model.xml)
    for xml in [x for x in root.iter(*MARKABLE) if x.get("triggeredByEvent") != "true"]:
        if r.random() < 0.2:
            box = xml.find(f"{BPMN}extensionElements")
            if box is None:
                box = etree.Element(f"{BPMN}extensionElements")
                xml.insert(0, box)
            inner = box.find(f"{SPIFF}properties")
            if inner is None:
                inner = etree.SubElement(box, f"{SPIFF}properties")
            etree.SubElement(inner, f"{SPIFF}property", name="irrevocable", value="true")
    return replace(model, xml=etree.tostring(root))


@dataclass(frozen=True)
class Deed(plain.Order):
    """A verb in the oracle's terms."""

    target: str = ""
    straight: bool = False
    index: int = 0
    also: tuple[int, ...] = ()
    ask: law.Ask | None = None

    def apply(self, oracle: law.VerbOracle) -> None:
        if self.verb not in VERBS:
            super().apply(oracle)
            return
        oracle.now = self.now
        oracle.trace, oracle.sent, oracle.signalled = [], [], []
        oracle.schedule = None if self.schedule is None else Turns(self.schedule)
        item = next(i for i in oracle.root.all() if i.serial == self.serial)
        target = oracle.paper.parts.get(self.target)
        match self.verb:
            case "send back":
                law.send_back(oracle, item, target, self.straight)
            case "take back":
                law.take_back(oracle, item, target)
            case "jump":
                law.jump(oracle, item, target, self.also)
            case "add signer":
                law.add(oracle, item, self.ask)
            case "drop signer":
                law.drop(oracle, item, self.index)
            case "sign again":
                law.sign_again(oracle, item, self.index)

    def __str__(self) -> str:
        more = (
            self.target,
            "straight" if self.straight else "",
            self.index or "",
            self.also or "",
            self.ask or "",
        )
        return f"{super().__str__()} {' '.join(map(str, more))}"


VERBS = ("send back", "take back", "jump", "add signer", "drop signer", "sign again")


class Ledger(plain.Ledger):
    """Also whose each open task is."""

    def __init__(self) -> None:
        super().__init__()
        self.people: dict[int, Any] = {}

    def one(self, event: Any) -> None:
        super().one(event)
        if isinstance(event, words.TaskOpened):
            self.people[event.token] = (event.assign or {}).get("account")


class Mover(plain.Mover):
    """Signers move up in their numbers when one before them is dropped; lists are told by the state."""

    def __init__(self, definition: Definition) -> None:
        super().__init__(definition)
        self.ledger: Ledger = Ledger()

    def do(self, command: Any, now: Any) -> None:
        super().do(command, now)
        tokens = self.state.tokens
        for number, known in self.ledger.tasks.items():
            if "loopCounter" in self.state.local.get(number, {}):  # a handler keeps what its work had
                continue
            level = tokens[number]
            while level.parent and not (level.extras is not None and level.extras.index):
                level = tokens[level.parent]
            if level.extras is not None and level.extras.index:
                self.ledger.tasks[number] = {**known, "loopCounter": Decimal(level.extras.index)}


class VerbWalk(plain.Walk):
    """One model, one walk."""

    def __init__(self, model: Model, definition: Definition) -> None:
        super().__init__(model, definition)
        self.final = law.marked(model.xml)
        self.oracle = law.VerbOracle(self.paper, model.main, self.final)
        self.mover = Mover(definition)
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    # ---- choosing -----------------------------------------------------------------------------------------------

    def options(self) -> list[tuple[int, Any, Any]]:
        found = super().options()
        if law.undoing(self.oracle):
            return found
        for _ in range(6):
            tried = self.tried()
            if tried is None:
                continue
            deed, command, reason = tried
            if reason is None:
                found.append((12, deed, command))
            else:
                self.must_refuse(deed, command, reason)
        return found

    def must_refuse(self, deed: Deed, command: Any, reason: str) -> None:
        self.refused[f"{deed.verb}: {reason}"] += 1
        try:
            step(self.mover.definition, self.mover.state, command, self.now)
        except CoreError as error:
            if error.code != reason:
                raise Wrong(f"{deed}: oracle refuses {reason}, mover {error.code}") from error
            if dump(self.mover.state) != self.mover.bytes:
                raise Wrong(f"{deed}: refused, but the state changed") from error
            return
        raise Wrong(f"{deed}: oracle refuses {reason}, mover does it")

    def tried(self) -> tuple[Deed, Any, str | None] | None:
        r, oracle = self.random, self.oracle
        items = list(oracle.root.all())
        at_work = [
            i
            for i in items
            if i.phase == "waiting" and i.part.tag in law.PEOPLE and not i.many and not i.trouble
        ]
        verb = r.choice(
            (
                "send back",
                "send back",
                "take back",
                "jump",
                "add signer",
                "add signer",
                "drop signer",
                "sign again",
            )
        )
        if verb in ("send back", "add signer") and not at_work:
            return None
        if verb == "send back":
            item = r.choice(at_work)
            target = self.target(item)
            if target is None:
                return None
            straight = r.random() < 0.35
            deed = Deed(verb, item.serial, item.part.id, now=self.now, target=target.id, straight=straight)
            command = deeds.SendBack(self.pairs[item.serial], target.id, straight)
            return deed, command, law.why_not_send_back(oracle, item, target, straight)
        if verb == "add signer":
            item = r.choice(at_work)
            ask = law.Ask(
                r.choice(("parallel", "before", "after")),
                r.choice(PEOPLE),
                r.choice((None, Decimal(1))),
                "me",
            )
            deed = Deed(verb, item.serial, item.part.id, now=self.now, ask=ask)
            command = deeds.AddSigner(self.pairs[item.serial], ask.person, ask.entry, ask.where, ask.asker)
            return deed, command, law.why_not_add(item, ask)
        return self.tried_elsewhere(verb, items)

    def tried_elsewhere(self, verb: str, items: list[Item]) -> tuple[Deed, Any, str | None] | None:
        r, oracle = self.random, self.oracle
        if verb == "take back":
            scope = r.choice([i for i in items if law.is_scope(i) and not i.trouble])
            inner = [
                c
                for c in scope.part.body.children
                if c.is_activity and not c.by_event and not c.for_compensation
            ]
            if not inner:
                return None
            target = r.choice(inner)
            deed = Deed(verb, scope.serial, scope.part.id, now=self.now, target=target.id)
            command = deeds.TakeBack(self.pairs[scope.serial], target.id)
            return deed, command, law.why_not_take_back(oracle, scope, target)
        if verb == "jump":
            item = r.choice(items)
            if not item.parent:
                return None
            target = self.target(item, ends=True)
            if target is None:
                return None
            found = law.around(item, target)
            beside = (
                [k.serial for k in found[0].kids if k is not found[1] and r.random() < 0.3] if found else []
            )
            deed = Deed(verb, item.serial, item.part.id, now=self.now, target=target.id, also=tuple(beside))
            command = deeds.Jump(self.pairs[item.serial], target.id, tuple(self.pairs[s] for s in beside))
            return deed, command, law.why_not_jump(oracle, item, target, deed.also)
        bodies = [i for i in items if i.many]
        if not bodies:
            return None
        body = r.choice(bodies)
        index = r.randint(0, body.many.total + 1)
        deed = Deed(verb, body.serial, body.part.id, now=self.now, index=index)
        token = self.pairs[body.serial]
        if verb == "drop signer":
            return deed, deeds.DropSigner(token, index), law.why_not_drop(body, index)
        if not index:
            return None
        return deed, deeds.TakeBack(token, body.part.id, index), law.why_not_sign_again(oracle, body, index)

    def target(self, item: Item, *, ends: bool = False) -> Part | None:
        """Mostly one in a scope around, sometimes any; none in a model that has nothing to go to."""
        everything = [
            p
            for p in self.paper.parts.values()
            if (p.is_activity and not p.by_event and not p.for_compensation) or (ends and p.tag == "endEvent")
        ]
        around = [p for p in everything if law.around(item, p)]
        before = [p for p in around if law.place(law.around(item, p)[1]) in law.map_of(self.paper).after(p)]
        pools = [pool for pool in (before, before, before, around, everything) if pool]
        return self.random.choice(self.random.choice(pools)) if pools else None

    # ---- comparing ----------------------------------------------------------------------------------------------

    def at_rest_differs(self, oracle: Oracle) -> str | None:
        difference = super().at_rest_differs(oracle)
        if difference or oracle.ended:
            return difference
        difference = self.arrivals_differ(oracle)
        if difference:
            return difference
        for item in oracle.root.all():
            if item.phase == "waiting" and item.part.tag in law.PEOPLE and item.one and item.place.people:
                due = item.place.people[item.number - 1]
                told = self.mover.ledger.people.get(self.pairs[item.serial])
                if due != told:
                    return f"{item}: oracle asks {due}, mover {told}"
        return None

    def arrivals_differ(self, oracle: Oracle) -> str | None:
        """Which flows brought the tokens at joins; those that look alike are paired by their flows."""
        groups: dict[tuple[int, str], list[Any]] = {}
        for item in oracle.root.all():
            if item.parent and law.place(item) is not item.part:
                groups.setdefault((self.pairs[item.parent.serial], item.part.id), []).append(item)
        for (parent, element), items in groups.items():
            tokens = [
                t
                for t in self.mover.state.tokens.values()
                if (t.parent, t.element) == (parent, element) and t.phase is Phase.WAITING
            ]
            items.sort(key=lambda i: (i.came.id, i.serial))
            tokens.sort(key=lambda t: (t.flow, t.id))
            if [i.came.id for i in items] != [t.flow for t in tokens]:
                return f"arrivals at {element}: oracle {[i.came.id for i in items]}, mover {[t.flow for t in tokens]}"
            for item, token in zip(items, tokens, strict=True):
                self.pairs[item.serial] = token.id
        return None

    def other_orders(self, order: plain.Order) -> Oracle | None:
        """Another legal order of this command's work, or of that of the one before it, that explains what the mover did.

        What an earlier order came to may show only now: activities that wait to be undone keep the variables they had.
        """
        before = self.result.orders
        for known in range(len(before), max(len(before) - 2, -1), -1):
            for seed in range(ORDERS):
                orders = [*before[:known], *(replace(one, schedule=seed) for one in (*before[known:], order))]
                other = self.told_again(orders)
                if other is not None and self.differs(other) is None:
                    self.result.orders[:] = orders
                    return other
        return None

    def told_again(self, orders: list[plain.Order]) -> Oracle | None:
        """The case with the work in these orders; None where one of them cannot be."""
        other = law.VerbOracle(self.paper, self.model.main, self.final)
        try:
            for one in orders:
                one.apply(other)
        except (Endless, StopIteration):
            return None
        return other


@dataclass
class Figures:
    """What many walks came to."""

    models: int = 0
    commands: int = 0
    deeds: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    reordered: int = 0
    wrong: list[tuple[str, int, str]] = field(default_factory=list)


def walk(model: Model, figures: Figures) -> plain.Result:
    """Walk one model, verbs included."""
    model = with_marks(model)
    walker = VerbWalk(model, load({"model.bpmn": model.xml}, main=model.main, strict=False))
    try:
        result = walker.go()
    except Wrong as difference:
        result = walker.result
        result.difference = str(difference)
    figures.models += 1
    figures.commands += result.commands
    figures.reordered += result.reordered
    figures.deeds += Counter(o.verb for o in result.orders if isinstance(o, Deed))
    figures.refused += walker.refused
    if result.skipped:
        figures.skipped[result.skipped] += 1
    if result.difference:
        figures.wrong.append((model.family, model.seed, result.difference))
    return result


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.core.oracle.verb_walk", description=__doc__)
    parser.add_argument("--models", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--family", action="append", choices=list(FAMILIES))
    parser.add_argument("--show", type=int, default=3)
    parser.add_argument("--one", nargs=2, metavar=("FAMILY", "SEED"))
    options = parser.parse_args(arguments)
    figures, started, shown = Figures(), time.monotonic(), 0
    jobs = chosen(options.models, options.seed, options.family or list(FAMILIES))
    if options.one:
        jobs = [(options.one[0], int(options.one[1]))]
    for family, seed in jobs:
        result = walk(generate(family, seed), figures)
        if result.difference and shown < options.show:
            shown += 1
            print(f"\n--- {family} {seed}: {result.difference}")
            print(*(f"    {order}" for order in result.orders), sep="\n")
            if options.one:
                print(with_marks(generate(family, seed)).xml.decode())
    print(
        f"{figures.models} models, {figures.commands} commands, {sum(figures.deeds.values())} verbs done, "
        f"{sum(figures.refused.values())} refused alike, {figures.reordered} reordered, "
        f"{sum(figures.skipped.values())} skipped, {len(figures.wrong)} differences, {time.monotonic() - started:.0f} s"
    )
    print("done:", dict(figures.deeds))
    print("refused:", dict(figures.refused.most_common()))
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
