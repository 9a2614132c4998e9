"""Random walks: the mover and the oracle take the same commands on the same model and must agree after each one.

After every command the mover's state is dumped and restored. Compared are the tree of everything at rest (scope
instances, waiting tasks, joins, gateways, events), running timers with their due moments, incidents, completion and case
variables. Where concurrent work has several legal orders, the oracle tries others before a difference is reported.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from engine.core import step as words
from engine.core.load import ModelError, load
from engine.core.run import CoreError, step
from engine.core.state import dump, restore
from tests.core.oracle.generator import ERRORS, MESSAGES, VARIABLES, Model
from tests.core.oracle.oracle import Endless, Item, Oracle, Turns
from tests.core.oracle.paper import Paper

if TYPE_CHECKING:
    from engine.core.definition import Definition

BEGIN = datetime(2026, 3, 2, 1, tzinfo=UTC)
COMMANDS = 25
#: other legal orders that are tried before a difference counts
ORDERS = 60
#: tokens at rest above which a walk is given up (the model multiplies tokens)
CROWD = 80


class Unsound(Exception):
    """The event stream contradicts itself."""


# ---- what is at rest, in one form for both sides --------------------------------------------------------------------


@dataclass
class Thing:
    """A node of the tree of things at rest; `who` is the oracle's item or the mover's token id."""

    label: tuple[Any, ...]
    who: Any
    born: int
    kids: list[Thing] = field(default_factory=list)
    key: tuple[Any, ...] = ()

    def settle(self) -> Thing:
        for kid in self.kids:
            kid.settle()
        self.kids.sort(key=lambda k: (repr(k.key), k.born))
        self.key = (*self.label, tuple(k.key for k in self.kids))
        return self

    def lines(self, depth: int = 0) -> list[str]:
        return [
            "  " * depth + " ".join(map(str, self.label)),
            *(line for k in self.kids for line in k.lines(depth + 1)),
        ]


def paired(a: Thing, b: Thing, found: dict[int, Any]) -> None:
    """Which mover token is which oracle item, by serial."""
    found[a.who.serial] = b.who
    for x, y in zip(a.kids, b.kids, strict=True):
        paired(x, y, found)


def label(element: str, state: str, dues: list[tuple[str, datetime]]) -> tuple[Any, ...]:
    return (element, state, *(f"{e}@{due.astimezone(UTC):%dT%H:%M}" for e, due in sorted(dues)))


def told(counter: Any, each: Any) -> str:
    """What distinguishes the same task in several instances."""
    return f"({counter}, {each})" if counter is not None or each is not None else ""


def names_of(item: Item) -> dict[str, Any]:
    """The local variables that a task sees."""
    found: dict[str, Any] = {}
    for level in item.up:
        if level.parent is not None:
            for name, value in (level.names or {}).items():
                found.setdefault(name, value)
    return found


def round_of(item: Item) -> Any:
    """loopCounter as a task sees it: of the innermost loop around it."""
    for level in item.up:
        if level.one and level.number:
            return Decimal(level.number)
        if level.names and "loopCounter" in level.names:
            return level.names["loopCounter"]
    return None


def seen_by_oracle(item: Item) -> Thing:
    part = item.part
    if item.trouble:
        state = "incident"
    elif item.many:
        state = "open"
    elif item.phase == "waiting" and part.tag in ("userTask", "manualTask"):
        state = "task"
    elif item.phase == "waiting" and part.tag == "serviceTask":
        state = "call"
    else:
        state = "open"
    if state == "task":
        state += told(round_of(item), names_of(item).get("each"))
    thing = Thing(label(part.id, state, [(p.id, d.at) for p, d in item.dues.items()]), item, item.serial)
    thing.kids = [seen_by_oracle(k) for k in item.kids]
    return thing


class Ledger:
    """The mover's events added up: what they say is open now. Contradictions are faults."""

    def __init__(self) -> None:
        self.scopes: dict[int, tuple[str, int]] = {}
        self.tokens: dict[int, tuple[str, int]] = {}
        self.tasks: dict[int, Any] = {}
        self.calls: dict[int, str] = {}
        self.timers: dict[tuple[int, str], datetime] = {}
        self.incidents: dict[int, tuple[str, str]] = {}
        self.ended = False

    def take(self, events: tuple[Any, ...]) -> None:
        for event in events:
            self.one(event)

    def add(self, table: dict[Any, Any], key: Any, value: Any, event: Any) -> None:
        if key in table:
            raise Unsound(f"twice: {event}")
        table[key] = value

    def drop(self, table: dict[Any, Any], key: Any, event: Any) -> None:
        if key not in table:
            raise Unsound(f"not open: {event}")
        del table[key]

    def one(self, event: Any) -> None:
        match event:
            case words.ScopeOpened(element, scope, parent):
                self.add(self.scopes, scope, (element, parent), event)
            case words.ScopeClosed(_, scope):
                self.drop(self.scopes, scope, event)
                self.calls.pop(scope, None)
            case words.Entered(element, token, scope):
                self.add(self.tokens, token, (element, scope), event)
            case words.Left(element, token, _):
                if self.tokens.get(token, ("", 0))[0] != element:
                    raise Unsound(f"not there: {event}")
                del self.tokens[token]
                self.calls.pop(token, None)  # answered: the token (or the instance) going on says so
            case words.TaskOpened(token):
                self.add(self.tasks, token, event.local, event)
            case words.TaskClosed(token, _):
                self.drop(self.tasks, token, event)
            case words.CallRequested(token, element):
                self.calls[token] = element
            case words.CallDropped(token, _):
                self.drop(self.calls, token, event)
            case words.TimerSet(token, element, due):
                self.timers[token, element] = due
            case words.TimerCleared(token, element):
                self.drop(self.timers, (token, element), event)
            case words.IncidentRaised(token, element, code):
                self.add(self.incidents, token, (element, code), event)
            case words.IncidentCleared(token, _):
                self.drop(self.incidents, token, event)
            case words.CaseEnded():
                if self.ended:
                    raise Unsound("ended twice")
                self.ended = True


def seen_by_mover(ledger: Ledger) -> Thing:
    """The tree that the mover's events describe."""
    things: dict[int, Thing] = {}
    dues: dict[int, list[tuple[str, datetime]]] = {}
    for (token, element), due in ledger.timers.items():
        dues.setdefault(token, []).append((element, due))
    parents: dict[int, int] = {}
    for token, (element, scope) in (*ledger.tokens.items(), *ledger.scopes.items()):
        state = "open"
        if token in ledger.incidents:
            state = "incident"
        elif token in ledger.tasks:
            local = ledger.tasks[token]
            state = "task" + told(local.get("loopCounter"), local.get("each"))
        elif token in ledger.calls:
            state = "call"
        things[token] = Thing(label(element, state, dues.get(token, [])), token, token)
        parents[token] = scope
    root = None
    for token, parent in parents.items():
        if parent in things:
            things[parent].kids.append(things[token])
        else:
            root = things[token]
    if root is None:
        raise Unsound("no root scope")
    return root


class Mover:
    """The machine under test behind the oracle's vocabulary."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.state: Any = None
        self.ledger = Ledger()
        self.bytes: tuple[bytes, bytes] | None = None
        self.events: tuple[Any, ...] = ()

    def do(self, command: Any, now: datetime) -> None:
        """One command; the state before must not change, the state after must survive dump and restore."""
        before = self.bytes
        made = step(self.definition, self.state, command, now)
        self.events = made.events
        if before is not None and dump(self.state) != before:
            raise Unsound("the state before was changed")
        self.bytes = dump(made.state)
        self.state = restore(*self.bytes)
        if dump(self.state) != self.bytes:
            raise Unsound("dump and restore do not agree")
        if isinstance(command, words.Fire):  # whoever fires a timer knows that it is spent
            self.ledger.timers.pop((command.token, command.element), None)
        self.ledger.take(made.events)
        for event in made.events:
            if isinstance(event, words.CaseEnded) and not made.state.ended:
                raise Unsound("CaseEnded without the end")


@dataclass(frozen=True)
class Order:
    """A command in the oracle's terms: addressable again after a replay."""

    verb: str
    serial: int = 0
    part: str = ""
    values: tuple[tuple[str, Any], ...] = ()
    name: str = ""
    now: datetime = BEGIN
    key: Any = None
    schedule: int | None = None

    def apply(self, oracle: Oracle) -> None:
        oracle.now = self.now
        oracle.trace, oracle.sent, oracle.signalled = [], [], []
        oracle.schedule = None if self.schedule is None else Turns(self.schedule)
        item = next((i for i in oracle.root.all() if i.serial == self.serial), None) if oracle.root else None
        part = oracle.paper.parts.get(self.part)
        values = dict(self.values)
        match self.verb:
            case "start":
                oracle.start(values, self.now, self.part or None)
            case "complete":
                oracle.complete(item, values)
            case "fail":
                oracle.fail(item, self.name)
            case "break":
                oracle.broken(item)
            case "fire":
                oracle.fire(item, part)
            case "deliver":
                oracle.deliver(item, part, values)
            case "message":
                takers = oracle.takers(self.name, self.key)
                taker = takers[0]
                oracle.deliver(*taker, values)
            case "broadcast":
                oracle.broadcast(self.name, values)
            case "change":
                oracle.change(values)
            case "retry":
                oracle.retry(item)

    def __str__(self) -> str:
        return " ".join(
            map(str, (self.verb, self.part, self.name, dict(self.values) or "", f"{self.now:%dT%H:%M}"))
        )


@dataclass
class Result:
    """What became of one walk."""

    commands: int = 0
    difference: str | None = None
    skipped: str | None = None
    reordered: int = 0
    #: what differed before another order explained it
    notes: list[str] = field(default_factory=list)
    ended: bool = False
    used: set[str] = field(default_factory=set)
    orders: list[Order] = field(default_factory=list)


class Walk:
    """One model, one walk."""

    def __init__(self, model: Model, definition: Definition) -> None:
        self.model = model
        self.random = Random(f"walk/{model.family}/{model.seed}")
        self.paper = Paper(model.xml)
        self.oracle = Oracle(self.paper, model.main)
        self.mover = Mover(definition)
        self.result = Result()
        self.now = BEGIN
        self.pairs: dict[int, Any] = {}

    # ---- choosing ---------------------------------------------------------------------------------------------

    def values(self, low: int = 0) -> tuple[tuple[str, Any], ...]:
        r = self.random
        names = r.sample(VARIABLES, r.randint(low, 2))
        found = [(n, Decimal(r.randint(0, 2))) for n in names]
        if r.random() < 0.04:
            found.append((r.choice(("w8", "n1", "n2")), r.choice((Decimal("2.50"), "text", None, True))))
        return tuple(found)

    def options(self) -> list[tuple[int, Order, Any]]:
        """(weight, the oracle's order, the mover's command) of everything enabled."""
        found: list[tuple[int, Order, Any]] = []
        oracle, now = self.oracle, self.now
        assert oracle.root
        for item in oracle.root.all():
            token = self.pairs[item.serial]
            part = item.part
            if item.trouble:
                found.append((1, Order("retry", item.serial, part.id, now=now), words.Retry(token)))
                if item.trouble not in ("uncaught-error", "broken"):
                    continue
            elif (
                item.phase == "waiting"
                and part.tag in ("userTask", "manualTask", "serviceTask")
                and not item.many
            ):
                values = self.values()
                found.append(
                    (
                        6,
                        Order("complete", item.serial, part.id, values, now=now),
                        words.Complete(token, dict(values)),
                    )
                )
                if part.tag == "serviceTask":
                    code = self.random.choice((*ERRORS, "e9"))
                    found.append(
                        (3, Order("fail", item.serial, part.id, name=code, now=now), words.Fail(token, code))
                    )
                    found.append(
                        (1, Order("break", item.serial, part.id, now=now), words.Break(token, "down"))
                    )
            found += self.heard(item, token)
        values = self.values(1)
        found.append((1, Order("change", values=values, now=now), words.Change(dict(values))))
        if any(p.on("conditional") for p in self.paper.parts.values()):
            found.append((6, found[-1][1], found[-1][2]))
        return found

    def heard(self, item: Item, token: int) -> list[tuple[int, Order, Any]]:
        found: list[tuple[int, Order, Any]] = []
        r = self.random
        for part in self.oracle.ears(item):
            event = part.event
            if event and event.cause == "timer" and part in item.dues:
                moment = max(self.now, item.dues[part].at)
                if r.random() < 0.1:
                    moment += timedelta(minutes=7)
                found.append((3, Order("fire", item.serial, part.id, now=moment), words.Fire(token, part.id)))
            elif part.tag == "receiveTask" or (event and event.cause == "message"):
                name = part.message if part.tag == "receiveTask" else event.ref
                values = self.values() if r.random() < 0.3 else ()
                alike = list(self.oracle.listens(item, "message", name))
                key = item.keys.get(part)
                if r.random() < 0.2:
                    key = Decimal(r.randint(0, 2))
                    if not self.oracle.takers(name, key):
                        continue
                # Instances that look alike cannot be told apart by their age: there the one that is meant is named.
                alone = sum(p is part for _, p in self.oracle.takers(name, key)) < 2
                directed = len(alike) == 1 and item.keys.get(part, key) == key
                if not alone and not directed:
                    continue
                if directed and (not alone or r.random() < 0.5):
                    order = Order("deliver", item.serial, part.id, values, now=self.now, key=key)
                    found.append((2, order, words.Deliver(name, dict(values), key, token=token)))
                else:
                    order = Order("message", values=values, name=name, now=self.now, key=key)
                    found.append((2, order, words.Deliver(name, dict(values), key)))
            elif event and event.cause == "signal":
                values = self.values() if r.random() < 0.2 else ()
                order = Order("broadcast", values=values, name=event.ref, now=self.now)
                found.append((1, order, words.Broadcast(event.ref, dict(values))))
        return found

    # ---- comparing --------------------------------------------------------------------------------------------

    def differs(self, oracle: Oracle) -> str | None:
        """The first difference, or None; then `pairs` is new."""
        return self.at_rest_differs(oracle) or self.way_differs(oracle)

    def way_differs(self, oracle: Oracle) -> str | None:
        """What happened on the way of the last command, as multisets."""
        entered, sent, signalled, ends = Counter(), Counter(), Counter(), Counter()
        for event in self.mover.events:
            match event:
                case words.Entered(element):
                    entered[element] += 1
                case words.MessageThrown(element, name, _, key):
                    sent[element, name, repr(key)] += 1
                case words.SignalThrown(element, name):
                    signalled[element, name] += 1
                case words.CaseEnded(reached):
                    ends.update(reached)
        ways = [
            ("entered", Counter(n for n in oracle.trace if not self.paper[n].by_event), entered),
            ("messages", Counter((e, n, repr(k)) for e, n, k in oracle.sent), sent),
            ("signals", Counter(oracle.signalled), signalled),
            ("ends", Counter(oracle.ends) if oracle.ended else Counter(), ends),
        ]
        for what, mine, theirs in ways:
            if mine != theirs:
                return f"{what}: oracle alone {dict(mine - theirs)}, mover alone {dict(theirs - mine)}"
        return None

    def at_rest_differs(self, oracle: Oracle) -> str | None:
        ledger, state = self.mover.ledger, self.mover.state
        if oracle.ended != state.ended or state.ended != ledger.ended:
            return f"ended: oracle {oracle.ended}, mover {state.ended}, its events {ledger.ended}"
        assert oracle.root
        mine = dict(oracle.root.names or {})
        theirs = dict(state.variables)
        if mine != theirs:
            return f"variables: oracle {mine}, mover {theirs}"
        if oracle.ended:
            left = self.left()
            return f"ended, but its events leave {left}" if left else None
        a, b = seen_by_oracle(oracle.root).settle(), seen_by_mover(ledger).settle()
        if a.key != b.key:
            return (
                "at rest:\n  oracle\n    "
                + "\n    ".join(a.lines())
                + "\n  mover\n    "
                + "\n    ".join(b.lines())
            )
        self.pairs = {}
        paired(a, b, self.pairs)
        return None

    def other_orders(self, order: Order) -> Oracle | None:
        """Another legal order of concurrent work that explains what the mover did."""
        for seed in range(ORDERS):
            other = Oracle(self.paper, self.model.main)
            for old in self.result.orders:
                old.apply(other)
            tried = replace(order, schedule=seed)
            try:
                tried.apply(other)
            except Endless:
                continue
            if self.differs(other) is None:
                self.result.orders.append(tried)
                return other
        return None

    def refuses(self) -> str | None:
        """Inputs that do not fit are refused and change nothing."""
        mover, tokens = self.mover, list(self.mover.ledger.tokens)
        bad: list[Any] = [
            words.Complete(10**6),
            words.Fail(10**6, "e1"),
            words.Retry(10**6),
            words.Fire(10**6, "nothing"),
        ]
        idle = [
            t
            for t in tokens
            if t not in mover.ledger.tasks and t not in mover.ledger.calls and t not in mover.ledger.incidents
        ]
        bad += [words.Retry(t) for t in tokens if t not in mover.ledger.incidents][:2]
        bad += [
            words.Complete(t)
            for t in idle
            if mover.ledger.tokens[t][0].split("_")[0] not in ("receive", "user", "service")
        ][:2]
        bad += [words.Fail(t, "e1") for t in mover.ledger.tasks][:1]
        if not self.oracle.ended:
            bad += [words.Deliver(m) for m in (*MESSAGES, "m9") if not self.oracle.takers(m)]
            bad += [
                words.Deliver(m, {}, Decimal(7)) for m in MESSAGES if not self.oracle.takers(m, Decimal(7))
            ]
        if self.oracle.ended:
            bad += [words.Change({"v0": Decimal(1)}), words.Deliver("m1"), words.Start({})]
        for command in bad:
            try:
                step(mover.definition, mover.state, command, self.now)
            except CoreError:
                if dump(mover.state) != mover.bytes:
                    return f"refused {command}, but the state changed"
                continue
            return f"not refused: {command}"
        return None

    def cancels(self) -> str | None:
        """Ended from outside, nothing is left open."""
        if self.oracle.ended:
            return None
        try:
            self.mover.do(words.Cancel("because"), self.now)
        except (Unsound, CoreError) as fault:
            return f"cancel: {fault}"
        left = self.left()
        return (
            None
            if self.mover.ledger.ended and self.mover.state.ended and not left
            else f"cancel leaves {left}"
        )

    def left(self) -> dict[str, Any]:
        ledger = self.mover.ledger
        tables = ("tokens", "scopes", "tasks", "calls", "timers", "incidents")
        return {t: getattr(ledger, t) for t in tables if getattr(ledger, t)}

    def go(self) -> Result:
        result = self.result
        values = tuple((v, Decimal(self.random.randint(0, 2))) for v in VARIABLES)
        at = self.random.choice((None, *self.model.starts))
        order, command = Order("start", part=at or "", values=values), words.Start(dict(values), at)
        while True:
            try:
                order.apply(self.oracle)
            except Endless:
                result.skipped = "livelock"
                return result
            result.commands += 1
            try:
                self.mover.do(command, order.now)
            except Exception as fault:  # noqa: BLE001 - whatever the mover throws is a difference
                result.orders.append(order)
                result.difference = f"{type(fault).__name__}: {fault}"
                return result
            difference = self.differs(self.oracle)
            if difference:
                other = self.other_orders(order)
                if other is None:
                    result.orders.append(order)
                    result.difference = difference
                    return result
                self.oracle = other
                self.oracle.schedule = None
                result.reordered += 1
                result.notes.append(f"{order}: {difference}")
            else:
                result.orders.append(order)
            if self.oracle.ended or result.commands >= COMMANDS:
                result.difference = self.refuses() or self.cancels()
                break
            if self.random.random() < 0.1:
                result.difference = self.refuses()
                if result.difference:
                    break
            self.now = order.now
            if sum(1 for _ in self.oracle.root.all()) > CROWD:
                result.skipped = "crowd"
                break
            options = self.options()
            weights = [w for w, _, _ in options]
            _, order, command = self.random.choices(options, weights)[0]
        result.used = self.oracle.used
        result.ended = self.oracle.ended
        return result


def walk(model: Model) -> Result:
    """Load the model as the product does, and walk it."""
    try:
        definition = load({"model.bpmn": model.xml}, main=model.main, strict=False)
    except ModelError as refused:
        return Result(difference=f"refused at load: {refused.code} {refused.element} {refused.values}")
    return Walk(model, definition).go()


def stopped(xml: bytes) -> list[str]:
    """Codes of the incidents that a start ends in."""
    mover = Mover(load({"model.bpmn": xml}, strict=False))
    mover.do(words.Start(), BEGIN)
    return [code for _, code in mover.ledger.incidents.values()]


def both(xml: bytes, variables: dict[str, Any], tasks: list[str]) -> tuple[Oracle, str | None]:
    """Start, complete these tasks one after the other on both sides: the oracle, and the first difference."""
    walker = Walk(Model(xml, "by hand", 0), load({"model.bpmn": xml}, main="main", strict=False))
    order, command = Order("start", values=tuple(variables.items())), words.Start(variables)
    for task in [*tasks, None]:
        order.apply(walker.oracle)
        walker.mover.do(command, order.now)
        difference = walker.differs(walker.oracle)
        if difference or task is None or walker.oracle.root is None:
            return walker.oracle, difference
        item = next(i for i in walker.oracle.root.all() if i.part.id == task and i.phase == "waiting")
        order, command = Order("complete", item.serial, task), words.Complete(walker.pairs[item.serial])
    raise AssertionError
