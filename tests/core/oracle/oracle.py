"""The oracle: BPMN 2.0.2 execution semantics (clause 13) played on an explicit tree of running things.

Independent of engine.core on purpose: it reads the XML itself (paper.py), evaluates conditions itself (words.py) and
keeps a mutable tree of `Item` objects instead of a marking. One case, breadth first. Where the standard leaves the order
of concurrent work open, the order is first come, first served; `schedule` replaces it by any other legal order.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from tests.core.oracle.words import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tests.core.oracle.paper import Event, Paper, Part, Path

#: micro-steps of one command after which a model counts as a livelock
BOUND = 1500
FAR = datetime(9999, 1, 1, tzinfo=UTC)
DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")


class Endless(Exception):
    """The model goes on for ever by itself (or explodes): nobody's fault but the model's."""


class Stuck(Exception):
    """A choice of outgoing flows that cannot be made."""


@dataclass(eq=False, slots=True)
class Record:
    """A completed activity that can be compensated."""

    part: Part
    scope: Item
    inner: list[Record]
    names: dict[str, Any] | None
    #: order of completion
    number: int
    #: the thrower that will compensate it, once one has it on its list
    thrower: Item | None = None
    #: one instance of a multi-instance activity: its handler runs with the instance's variables
    one: bool = False


@dataclass(eq=False, slots=True)
class Many:
    """Counters of a loop."""

    total: int
    started: int = 0
    done: int = 0
    items: list[Any] | None = None
    outputs: dict[int, Any] = field(default_factory=dict)
    #: completed instances: they can be compensated once the whole activity is complete
    records: list[Record] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Due:
    """A running timer."""

    at: datetime
    every: timedelta | None = None
    left: int | None = None


@dataclass(eq=False, slots=True)
class Item:
    """Something running: a token at a node, an activity, one instance of a loop, a whole process."""

    part: Part
    parent: Item | None
    serial: int
    came: Path | None = None
    one: bool = False
    kids: list[Item] = field(default_factory=list)
    alive: bool = True
    #: moving, waiting (for the outside or for other tokens), open (has children), leaving, cancelling, undoing, throwing
    phase: str = "moving"
    trouble: str | None = None
    again: Callable[[], None] | None = None
    interrupted: bool = False
    #: an event for it is on its way: it takes no other
    claimed: bool = False
    dues: dict[Part, Due] = field(default_factory=dict)
    seen: dict[Part, bool] = field(default_factory=dict)
    #: correlation keys of the messages it waits for, as of the begin of the wait
    keys: dict[Part, Any] = field(default_factory=dict)
    names: dict[str, Any] | None = None
    records: list[Record] = field(default_factory=list)
    many: Many | None = None
    then: Callable[[], None] | None = None
    #: which instance of a loop this is, from 1
    number: int = 0
    #: complex gateways of this scope that wait for reset: the flows that have had their token
    resetting: dict[Part, set[str]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<{self.part.id}#{self.serial} {self.phase}>"

    def all(self) -> Iterator[Item]:
        yield self
        for kid in list(self.kids):
            yield from kid.all()

    @property
    def up(self) -> Iterator[Item]:
        item: Item | None = self
        while item:
            yield item
            item = item.parent

    @property
    def place(self) -> Item:
        """The scope instance this token belongs to."""
        assert self.parent
        return self.parent


def seconds(text: str) -> timedelta:
    match = DURATION.match(text)
    assert match, text
    d, h, m, s = (int(g or 0) for g in match.groups())
    return timedelta(days=d, hours=h, minutes=m, seconds=s)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


class Turns:
    """Another legal order of concurrent work: in any order, inclusive joins as soon as they are enabled, or both."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.eager = seed % 2 == 0
        self.shuffled = seed > 0


class Oracle:
    """One case. Commands are methods; each runs until nothing moves any more."""

    def __init__(self, paper: Paper, main: str, passing: Any = None) -> None:
        self.paper = paper
        self.main = paper[main]
        self.passing = passing
        self.jobs: deque[tuple[Item | None, Callable[[], None]]] = deque()
        self.schedule: Turns | None = None
        self.serial = 0
        self.steps = 0
        self.completed = 0
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.root: Item | None = None
        self.ended = False
        self.trace: list[str] = []
        #: of the last command: messages that left the case, signals thrown, elements entered
        self.sent: list[tuple[str, str, Any]] = []
        self.signalled: list[tuple[str, str]] = []
        #: end events reached in the main process
        self.ends: list[str] = []
        self.used: set[str] = set()

    # ---- commands -------------------------------------------------------------------------------------------------

    def start(self, variables: Mapping[str, Any], now: datetime, at: str | None = None) -> None:
        self.now = now
        self.root = self.make(self.main, None)
        self.root.names = dict(variables)
        self.open(self.root, only=self.paper[at] if at else None)
        self.run()

    def complete(self, item: Item, results: Mapping[str, Any]) -> None:
        self.write(item, results)
        self.done(item)
        self.changed()
        self.run()

    def fail(self, item: Item, code: str) -> None:
        self.propagate("error", item, code) or self.stop(item, "uncaught-error", lambda: self.rest(item))
        self.run()

    def broken(self, item: Item) -> None:
        self.stop(item, "broken", lambda: self.rest(item))
        self.run()

    def deliver(self, item: Item, part: Part, payload: Mapping[str, Any]) -> None:
        self.take(item, part, payload)
        self.run()

    def broadcast(self, name: str, payload: Mapping[str, Any]) -> None:
        self.signal(name, payload)
        self.run()

    def fire(self, item: Item, part: Part) -> None:
        due = item.dues.pop(part)
        if due.every and (due.left is None or due.left > 1):
            item.dues[part] = Due(due.at + due.every, due.every, None if due.left is None else due.left - 1)
        self.trigger(item, part)
        self.run()

    def change(self, variables: Mapping[str, Any]) -> None:
        assert self.root
        self.write(self.root, variables)
        self.changed()
        self.run()

    def retry(self, item: Item) -> None:
        again, item.again, item.trouble = item.again, None, None
        assert again
        again()
        self.run()

    # ---- the engine room ------------------------------------------------------------------------------------------

    def make(self, part: Part, parent: Item | None, came: Path | None = None, *, one: bool = False) -> Item:
        self.serial += 1
        item = Item(part, parent, self.serial, came, one)
        if parent:
            parent.kids.append(item)
        return item

    def later(self, item: Item | None, do: Callable[[], None]) -> None:
        self.jobs.append((item, do))

    def run(self) -> None:
        self.steps = 0
        while self.jobs or self.settle():
            if not self.jobs:
                continue
            self.steps += 1
            if self.steps > BOUND:
                raise Endless
            if self.schedule and self.schedule.shuffled:
                self.jobs.rotate(-self.schedule.random.randrange(len(self.jobs)))
            item, do = self.jobs.popleft()
            if item is None or item.alive:
                do()
            if self.schedule and self.schedule.eager:
                while self.settle():
                    pass

    def kill(self, item: Item) -> None:
        for dead in list(item.all()):
            dead.alive = False
        if item.parent and item in item.parent.kids:
            item.parent.kids.remove(item)

    def stop(self, item: Item, code: str, again: Callable[[], None]) -> None:
        item.trouble, item.again, item.phase = code, again, "stuck"

    # ---- variables ------------------------------------------------------------------------------------------------

    def names(self, item: Item, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
        found: dict[str, Any] = dict(extra or {})
        for level in item.up:
            for name, value in (level.names or {}).items():
                found.setdefault(name, value)
        return found

    def write(self, item: Item, values: Mapping[str, Any]) -> None:
        homes = [level.names for level in item.up if level.names is not None]
        for name, value in values.items():
            home = next((h for h in homes if name in h), homes[0])
            home[name] = value

    def changed(self) -> None:
        """Conditional events fire when their condition rises from not true to true."""
        assert self.root
        for item in list(self.root.all()):
            for part in self.listens(item, "conditional"):
                self.look(item, part)

    def look(self, item: Item, part: Part) -> None:
        if not part.event or not part.event.text:  # drawn, not executable
            return
        true = evaluate(part.event.text, self.names(item)) is True
        rising = true and not item.seen.get(part, False)
        item.seen[part] = true
        if rising:
            self.later(item, lambda: self.trigger(item, part))

    # ---- who listens ----------------------------------------------------------------------------------------------

    def listens(self, item: Item, cause: str, ref: str | None = None) -> list[Part]:
        """Events of this cause (and name) that `item` waits for now, in document order."""
        return [
            part
            for part in self.ears(item)
            if (part.tag == "receiveTask" and cause == "message" and part.message == ref)
            or any(e.cause == cause and (ref is None or e.ref == ref) for e in part.events)
        ]

    def ears(self, item: Item) -> Iterator[Part]:
        part = item.part
        if not item.alive or item.claimed or item.phase in ("leaving", "cancelling", "moving"):
            return
        if item.phase == "waiting" and (part.tag in ("intermediateCatchEvent", "receiveTask")):
            if not item.many:
                yield part
        elif item.phase == "waiting" and part.tag == "eventBasedGateway":
            for path in part.out:
                yield path.target
        if part.is_container and not item.many and item.phase == "open" and not item.interrupted:
            for sub in part.event_subs:
                yield from (c for c in sub.children if c.tag == "startEvent" and c.events)
        if part.is_activity and not item.one and not part.by_event and not self.finished(item):
            yield from part.boundaries

    @staticmethod
    def finished(item: Item) -> bool:
        return item.phase == "undoing" or (
            item.phase == "stuck" and item.trouble not in ("uncaught-error", "broken", "null-loop")
        )

    def arm(self, item: Item, parts: Iterable[Part]) -> None:
        """Timers start and conditions get their base line when a wait begins."""
        for part in parts:
            if part.correlation:
                item.keys[part] = evaluate(part.correlation, self.names(item))
            for event in part.events:
                if event.cause == "timer":
                    item.dues[part] = self.timer(event)
                elif event.cause == "conditional":
                    item.seen[part] = False
                    self.look(item, part)

    def timer(self, event: Event) -> Due:
        text = event.text
        if not text:  # drawn, not executable: only the public traces have these
            return Due(FAR)
        if event.kind == "timeDate":
            return Due(moment(text))
        if event.kind == "timeDuration":
            return Due(self.now + seconds(text))
        times, _, every = text.partition("/")
        step = seconds(every)
        return Due(self.now + step, step, int(times[1:]) if times[1:] else None)

    # ---- tokens come and go ---------------------------------------------------------------------------------------

    def enter(self, scope: Item, part: Part, came: Path | None) -> Item:
        item = self.make(part, scope, came)
        if came:
            self.later(item, lambda: self.later(item, lambda: self.later(item, lambda: self.arrive(item))))
        else:
            self.later(item, lambda: self.arrive(item))
        return item

    def arrive(self, item: Item) -> None:
        part = item.part
        self.trace.append(part.id)
        self.used.add(part.tag)
        match part.tag:
            case "startEvent" | "exclusiveGateway":
                self.leave(item)
            case "endEvent" | "intermediateThrowEvent" if part.on("error") or part.on("escalation"):
                self.later(item, lambda: self.throw(item))
            case "endEvent" | "intermediateThrowEvent":
                self.throw(item)
            case "intermediateCatchEvent":
                if part.on("link"):
                    self.leave(item)
                else:
                    self.rest(item)
            case "parallelGateway":
                item.phase = "waiting"
                self.join_all(item)
            case "inclusiveGateway" if len(part.into) < 2:
                self.leave(item)
            case "inclusiveGateway":
                item.phase = "waiting"
            case "complexGateway":
                item.phase = "waiting"
                self.join_complex(item.place, part)
            case "eventBasedGateway":
                item.phase = "waiting"
                self.arm(item, [p.target for p in part.out])
            case _:
                self.begin(item)

    def rest(self, item: Item) -> None:
        """Wait for the outside."""
        item.phase = "waiting"
        if item.part.tag == "intermediateCatchEvent":
            self.arm(item, [item.part])

    def leave(self, item: Item) -> None:
        item.phase = "leaving"
        item.dues.clear()
        self.later(item, lambda: self.exit(item))

    def exit(self, item: Item) -> None:
        try:
            paths = self.choose(item)
        except Stuck as reason:
            self.stop(item, str(reason), lambda: self.leave(item))
            return
        scope = item.place
        self.kill(item)
        for path in paths:
            self.enter(scope, path.target, path)
        self.emptied(scope)

    def choose(self, item: Item) -> list[Path]:
        """Outgoing flows that get a token (13.3.2, 13.4)."""
        part = item.part
        forced = self.passing.choose(part) if self.passing else None
        if forced is not None:
            return list(forced)
        if part.tag == "parallelGateway":
            return list(part.out)
        taken = []
        for path in part.out:
            if path is part.default:
                continue
            true = path.condition is None or self.true(item, path.condition)
            if true:
                taken.append(path)
                if part.tag == "exclusiveGateway":
                    break
        if not taken and part.default:
            taken = [part.default]
        if not taken and part.out:
            raise Stuck("no-true-flow")
        return taken

    def true(self, item: Item, text: str) -> bool:
        value = evaluate(text, self.names(item))
        if value is None:
            raise Stuck("null-condition")
        return value is True

    # ---- scopes ---------------------------------------------------------------------------------------------------

    def open(self, item: Item, only: Part | None = None) -> None:
        item.phase = "open"
        part = item.part
        if item.names is None and (part.called or (part.by_event and only and not only.interrupting)):
            item.names = {}
        for sub in part.event_subs:
            self.arm(item, [c for c in sub.children if c.tag == "startEvent"])
        starts = part.starts
        if only:
            starts = [only, *(c for c in starts if c.tag != "startEvent" and part.by_event)]
        for start in starts:
            self.enter(item, start, None)
        self.emptied(item)

    def emptied(self, scope: Item) -> None:
        """A scope without tokens is complete."""
        if scope.alive and not scope.kids and scope.phase == "open":
            self.later(scope, lambda: self.close(scope))

    def close(self, scope: Item) -> None:
        if scope.kids or scope.phase != "open":
            return
        if scope.parent is None:
            scope.alive, self.ended = False, True
        elif scope.part.by_event:
            parent, then = scope.parent, scope.then
            if (
                scope.records and not then
            ):  # what was done in a handler is compensated with the activity around it
                self.completed += 1
                parent.records.append(Record(scope.part, parent, scope.records, scope.names, self.completed))
            self.kill(scope)
            if then:
                then()
            self.emptied(parent)
        else:
            self.done(scope)

    # ---- activities -----------------------------------------------------------------------------------------------

    def begin(self, item: Item) -> None:
        item.phase = "open"
        self.arm(item, item.part.boundaries)
        loop = item.part.loop
        if not loop:
            self.work(item)
            return
        item.many = Many(0)
        if loop.standard:
            self.first_round(item)
            return
        many = item.many
        if loop.collection:
            values = evaluate(loop.collection, self.names(item))
            many.items = list(values) if isinstance(values, list) else []
            many.total = len(many.items)
        else:
            many.total = int(evaluate(loop.count or "0", self.names(item)))
        if many.total <= 0:
            self.finish(item)
        else:
            for _ in range(1 if loop.sequential else many.total):
                self.spawn(item)

    def first_round(self, item: Item) -> None:
        loop = item.part.loop
        assert loop
        item.phase = "open"
        try:
            if loop.before and not self.repeat(item):
                self.finish(item)
            else:
                self.spawn(item)
        except Stuck as reason:
            self.stop(item, str(reason), lambda: self.first_round(item))

    def repeat(self, item: Item) -> bool:
        loop, many = item.part.loop, item.many
        assert loop
        assert many
        if loop.maximum is not None and many.done >= loop.maximum:
            return False
        if loop.condition is None:
            return True
        value = evaluate(loop.condition, self.names(item, {"loopCounter": Decimal(many.done)}))
        if value is None:
            raise Stuck("null-loop")
        return value is True

    def spawn(self, item: Item) -> None:
        loop, many = item.part.loop, item.many
        assert loop
        assert many
        one = self.make(item.part, item, one=True)
        many.started += 1
        one.number = many.started
        if not loop.standard:
            one.names = {"loopCounter": Decimal(many.started)}
            if loop.item and many.items is not None:
                one.names[loop.item] = many.items[many.started - 1]
        self.later(one, lambda: self.work(one))

    def work(self, item: Item) -> None:
        part = item.part
        if part.is_container:
            self.open(item)
            return
        waits = part.tag in ("userTask", "manualTask", "receiveTask") or (
            part.tag == "serviceTask" and part.operation
        )
        if self.passing:
            waits = self.passing.waits(part)
        if waits:
            item.phase = "waiting"
            if part.tag == "receiveTask":
                self.arm(item, [part])
            return
        if part.tag == "scriptTask" and part.script:
            self.write(item, evaluate(part.script, self.names(item)))
            self.done(item)
            self.changed()
            return
        if part.tag == "sendTask" and part.message:
            self.send(part.message, item)
            if not item.alive:
                return
        self.done(item)

    def done(self, item: Item) -> None:
        """One run of an activity ended normally."""
        if not item.one:
            self.finish(item)
            return
        body = item.place
        loop, many = item.part.loop, body.many
        assert loop
        assert many
        many.done += 1
        if loop.standard:
            try:
                more = self.repeat(body)
            except Stuck as reason:
                many.done -= 1
                self.stop(item, str(reason), lambda: self.done(item))
                return
            self.kill(item)
            if more:
                self.spawn(body)
            else:
                self.finish(body)
            return
        if loop.output and loop.output_item:
            many.outputs[item.number] = evaluate(loop.output_item, self.names(item))
        counts = {
            "numberOfInstances": Decimal(many.total),
            "numberOfActiveInstances": Decimal(len(body.kids) - 1),
            "numberOfCompletedInstances": Decimal(many.done),
            "numberOfTerminatedInstances": Decimal(0),
        }
        enough = evaluate(loop.condition, self.names(item, counts)) if loop.condition else False
        if enough is None:
            many.done -= 1
            self.stop(item, "null-loop", lambda: self.done(item))
            return
        self.kill(item)
        if self.undoable(item):
            self.completed += 1
            many.records.append(Record(item.part, body.place, item.records, item.names, 0, one=True))
        if enough is True:
            for other in list(body.kids):
                self.kill(other)
            self.finish(body)
        elif many.done >= many.total:
            self.finish(body)
        elif loop.sequential:
            self.spawn(body)

    def finish(self, item: Item) -> None:
        """The activity, loops included, is complete."""
        scope, part = item.place, item.part
        if part.loop and part.loop.output and item.many:
            outputs = item.many.outputs
            self.write(scope, {part.loop.output: [outputs.get(k) for k in range(1, item.many.total + 1)]})
            self.changed()
        if item.then:
            then = item.then
            self.kill(item)
            then()
            self.emptied(scope)
            return
        for record in item.many.records if item.many else ():
            self.completed += 1
            record.number = self.completed
            scope.records.append(record)
        if not item.many and self.undoable(item):
            self.completed += 1
            scope.records.append(Record(part, scope, item.records, item.names, self.completed))
        self.leave(item)

    # ---- joins ----------------------------------------------------------------------------------------------------

    def waiting_at(self, scope: Item, part: Part) -> dict[Path | None, Item]:
        """The first waiting token of each incoming flow."""
        found: dict[Path | None, Item] = {}
        for kid in scope.kids:
            if kid.part is part and kid.phase == "waiting":
                found.setdefault(kid.came, kid)
        return found

    def merge(self, tokens: Iterable[Item]) -> None:
        first, *rest = tokens
        for token in rest:
            self.kill(token)
        self.leave(first)

    def join_all(self, item: Item) -> None:
        here = self.waiting_at(item.place, item.part)
        if all(path in here for path in item.part.into):
            self.merge(here.values())

    def settle(self) -> bool:
        """Inclusive decisions, made only when nothing else can move. True if something moves again."""
        if not self.root:
            return False
        for scope in list(self.root.all()):
            seen: set[Part] = set()
            for kid in list(scope.kids):
                part = kid.part
                if kid.phase != "waiting" or part.tag != "inclusiveGateway" or part in seen:
                    continue
                seen.add(part)
                here = self.waiting_at(scope, part)
                if not self.awaited(scope, part, set(here)):
                    self.merge(here.values())
                    return True
            for part in list(scope.resetting):
                if self.reset(scope, part):
                    return True
        return False

    def awaited(self, scope: Item, gate: Part, filled: set[Path | None]) -> bool:
        """13.4.3: some token can still reach an empty incoming flow (and no filled one) without visiting the gateway."""
        empty = {p for p in gate.into if p not in filled}
        for kid in scope.kids:
            if kid.part is not gate or kid.phase == "leaving":
                reached = self.reach(self.heading(kid), gate)
            else:
                reached = {kid.came} if kid.phase == "moving" else set()
            if reached & empty and not reached & filled:
                return True
        return False

    def heading(self, item: Item) -> Part:
        """From where it will go on."""
        return item.part

    def reach(self, part: Part, gate: Part) -> set[Path | None]:
        found: set[Path | None] = set()
        seen: set[Part] = set()
        todo = [part]
        while todo:
            here = todo.pop()
            if here in seen:
                continue
            seen.add(here)
            for path in here.out:
                if path.target is gate:
                    found.add(path)
                else:
                    todo.append(path.target)
            if here.tag == "intermediateThrowEvent" and here.on("link"):
                todo += self.link_targets(here)
        return found

    def join_complex(self, scope: Item, part: Part) -> None:
        if part in scope.resetting:
            self.reset(scope, part)
            return
        here = self.waiting_at(scope, part)
        count = Decimal(len(here))
        some = next(iter(here.values()), None)
        if some is None:
            return
        if part.activation:
            ready = evaluate(part.activation, self.names(some, {"activationCount": count})) is True
        else:
            ready = all(path in here for path in part.into)
        if ready:
            rest = {p.id for p in part.into if p not in here}
            if rest:
                scope.resetting[part] = {p.id for p in here if p}
            self.merge(here.values())

    def reset(self, scope: Item, part: Part) -> bool:
        """After activation: ready again when every other flow has had a token or can get none any more; those vanish."""
        had = scope.resetting[part]
        late = {p: t for p, t in self.waiting_at(scope, part).items() if p and p.id not in had}
        rest = {p for p in part.into if p.id not in had and p not in late}
        had_or_late = {p for p in part.into if p not in rest}
        coming = [self.reach(self.heading(k), part) for k in scope.kids if k.part is not part]
        if rest and (self.jobs or any(ways & rest and not ways & had_or_late for ways in coming)):
            return False
        del scope.resetting[part]
        for token in late.values():
            self.kill(token)
        self.join_complex(scope, part)
        self.emptied(scope)
        return True

    # ---- events: catching -----------------------------------------------------------------------------------------

    def take(self, item: Item, part: Part, payload: Mapping[str, Any]) -> None:
        """An event from outside, with data: they go where the event is taken."""
        if part not in list(self.ears(item)):
            return
        if part.tag == "startEvent":
            self.trigger(item, part)
            self.write(item.kids[-1], payload)
        else:
            self.write(item.place if part.tag == "boundaryEvent" else item, payload)
            self.trigger(item, part)
        if payload:
            self.changed()

    def trigger(self, item: Item, part: Part) -> None:
        """`item` takes the event `part` it listened for."""
        if part not in list(self.ears(item)):
            return
        self.used.add(f"{part.tag}:{part.event.cause if part.event else 'message'}")
        if part is item.part:
            if part.is_activity:
                self.done(item)
            else:
                self.leave(item)
        elif part.tag == "boundaryEvent":
            self.boundary(item, part)
        elif part.tag == "startEvent":
            assert part.parent
            self.event_sub(item, part.parent, part)
        else:
            scope = item.place
            self.kill(item)
            taken = self.make(part, scope)
            self.trace.append(part.id)
            if part.is_activity:
                self.finish(taken)
            else:
                self.leave(taken)

    def boundary(self, item: Item, part: Part) -> None:
        token = self.make(part, item.place)
        self.trace.append(part.id)
        if part.interrupting or part.on("error") or part.on("cancel"):
            self.kill(item)
        self.leave(token)

    def event_sub(self, scope: Item, sub: Part, start: Part, then: Callable[[], None] | None = None) -> Item:
        if start.interrupting and not then:
            for kid in list(scope.kids):
                self.kill(kid)
            scope.interrupted = True
            scope.dues = {p: d for p, d in scope.dues.items() if p.tag != "startEvent"}
        running = self.make(sub, scope)
        running.then = then
        self.trace.append(sub.id)
        self.open(running, only=start)
        return running

    def signal(self, name: str, payload: Mapping[str, Any] | None = None) -> None:
        assert self.root
        for item in list(self.root.all()):
            parts = self.listens(item, "signal", name)
            if any(p.tag == "startEvent" and p.interrupting for p in parts):
                # a handler inside stands before the interrupting boundary event of the same activity
                parts = [p for p in parts if p.tag != "boundaryEvent" or not p.interrupting]
            for part in parts:
                self.later(item, lambda i=item, p=part: self.take(i, p, payload or {}))

    def takers(self, name: str, key: Any = None) -> list[tuple[Item, Part]]:
        """Who could take a message, in token order; a waiter with a correlation key takes only its own."""
        assert self.root
        found = [
            (i, p)
            for i in self.root.all()
            for p in self.listens(i, "message", name)
            if p not in i.keys or i.keys[p] == key
        ]
        return sorted(found, key=self.turn)

    @staticmethod
    def turn(listener: tuple[Item, Part]) -> tuple[int, int, int]:
        """Innermost first, then the older token; at one token event sub-processes, then itself, then its boundary."""
        item, part = listener
        inner = part.tag == "startEvent"
        depth = sum(1 for _ in item.up) + inner
        return -depth, item.serial, 0 if inner else 2 if part.tag == "boundaryEvent" else 1

    def send(self, name: str, item: Item) -> None:
        """A thrown message is on its way for two steps, like a token on a flow, and then arrives."""
        thrower = item.part
        key = evaluate(thrower.correlation, self.names(item)) if thrower.correlation else None
        self.later(None, lambda: self.later(None, lambda: self.arriving(name, key, thrower)))

    def arriving(self, name: str, key: Any, thrower: Part) -> None:
        takers = self.takers(name, key)
        if not takers:
            self.sent.append((thrower.id, name, key))
            return
        taker, part = takers[0]
        # the taker is fixed now, the taking is its own step
        if part.tag in ("boundaryEvent", "startEvent") and not part.interrupting:
            self.later(taker, lambda: self.trigger(taker, part))
            return
        taker.claimed = True

        def taken() -> None:
            taker.claimed = False
            self.trigger(taker, part)

        self.later(taker, taken)

    # ---- events: throwing -----------------------------------------------------------------------------------------

    def throw(self, item: Item) -> None:
        event = item.part.event
        if item.part.tag == "endEvent" and item.place is self.root:
            self.ends.append(item.part.id)
        if event is None:
            self.leave(item)
            return
        self.used.add(f"{item.part.tag}:{event.cause}")
        match event.cause:
            case "message":
                self.send(event.ref or "", item)
                if item.alive:
                    self.leave(item)
            case "signal":
                self.signalled.append((item.part.id, event.ref or ""))
                self.signal(event.ref or "")
                self.leave(item)
            case "escalation":
                self.propagate("escalation", item, event.ref)
                if item.alive:
                    self.leave(item)
            case "error":
                if not self.propagate("error", item, event.ref):
                    self.stop(item, "uncaught-error", lambda: self.throw(item))
            case "terminate":
                self.terminate(item.place)
            case "link":
                scope = item.place
                self.kill(item)
                for target in self.link_targets(item.part):
                    self.enter(scope, target, None)
                self.emptied(scope)
            case "compensate":
                self.throw_compensation(item, event)
            case "cancel":
                self.cancel(item)
            case _:
                self.leave(item)

    @staticmethod
    def link_targets(part: Part) -> list[Part]:
        assert part.parent
        assert part.event
        return [
            c
            for c in part.parent.children
            if c.tag == "intermediateCatchEvent"
            and any(e.cause == "link" and e.ref == part.event.ref for e in c.events)
        ]

    def terminate(self, scope: Item) -> None:
        for kid in list(scope.kids):
            self.kill(kid)
        scope.interrupted = True
        self.emptied(scope)

    def propagate(self, cause: str, origin: Item, code: str | None) -> bool:
        """Errors and escalations go outwards to the first who catches; the exact code before catch-all."""
        here = origin
        while True:
            if (
                here.part.is_activity
                and not here.one
                and not here.part.by_event
                and here.phase in ("open", "waiting", "stuck")
            ):
                for wanted in (code, None):
                    for part in here.part.boundaries:
                        if any(e.cause == cause and e.ref == wanted for e in part.events):
                            self.used.add(f"{part.tag}:{cause}")
                            self.boundary(here, part)
                            return True
            scope = here.parent
            if scope is None:
                return False
            if scope.part.is_container and not scope.many and scope.phase == "open" and not scope.interrupted:
                starts = [(s, c) for s in scope.part.event_subs for c in s.children if c.tag == "startEvent"]
                for wanted in (code, None):
                    for sub, start in starts:
                        if sub is not here.part and any(
                            e.cause == cause and e.ref == wanted for e in start.events
                        ):
                            self.used.add(f"{start.tag}:{cause}")
                            self.event_sub(scope, sub, start)
                            return True
            here = scope

    # ---- compensation ---------------------------------------------------------------------------------------------

    def undoable(self, item: Item) -> bool:
        part = item.part
        return not part.for_compensation and bool(
            self.undo_boundary(part) or self.undo_sub(part) or item.records
        )

    @staticmethod
    def undo_boundary(part: Part) -> Part | None:
        return next((b.handler for b in part.boundaries if b.on("compensate") and b.handler), None)

    @staticmethod
    def undo_sub(part: Part) -> Part | None:
        """The start event of a compensation event sub-process inside `part`."""
        if not part.is_container or part.called:
            return None
        return next(
            (c for s in part.event_subs for c in s.children if c.tag == "startEvent" and c.on("compensate")),
            None,
        )

    def throw_compensation(self, item: Item, event: Event) -> None:
        scope = item.place
        scopes = [scope]
        while scope.part.by_event:
            scope = scope.place
            scopes.append(scope)
        free = [r for s in scopes for r in s.records if r.thrower is None or not r.thrower.alive]
        picked = [r for r in free if event.ref in (None, r.part.id)]
        picked.sort(key=lambda r: r.number)
        for record in picked:
            record.thrower = item

        def finished() -> None:
            if item.alive:
                self.leave(item)

        if event.wait:
            item.phase = "throwing"
            self.undo_all(picked, finished)
        else:
            for record in picked:
                record.scope.records.remove(record)
            self.undo_all(picked, lambda: None)
            self.leave(item)

    def undo_all(self, records: list[Record], then: Callable[[], None]) -> None:
        """Reverse order of completion, one after the other."""
        if not records:
            then()
            return
        *rest, last = records
        if last in last.scope.records:
            last.scope.records.remove(last)
        self.undo(last, lambda: self.undo_all(rest, then))

    def undo(self, record: Record, then: Callable[[], None]) -> None:
        part, scope = record.part, record.scope
        handler, start = self.undo_boundary(part), self.undo_sub(part)

        def run_handler(place: Item, after: Callable[[], None]) -> None:
            if handler:
                item = self.enter(place, handler, None)
                item.then = after
            else:
                after()

        if start or record.one or (record.inner and not handler):
            outer = inside = self.make(part, scope)
            outer.phase = "undoing"
            if record.one and (start or not handler):
                inside = self.make(part, outer)  # the multi-instance activity, and in it the instance
            inside.phase, inside.names, inside.records = "undoing", record.names, record.inner
            for inner in record.inner:
                inner.scope = inside

            def shut() -> None:
                self.kill(outer)
                then()
                self.emptied(scope)

            if start:
                assert start.parent
                # the boundary handler comes after the inner one, still inside the reopened scope (public trace
                # compensation-nested)
                self.event_sub(inside, start.parent, start, then=lambda: run_handler(inside, shut))
            elif handler:
                run_handler(inside, shut)
            else:
                inner, inside.records = inside.records, []
                self.undo_all(inner, shut)
        else:
            run_handler(scope, then)

    def cancel(self, item: Item) -> None:
        """Cancel end event: the transaction stops, is compensated, and is left by its cancel boundary event."""
        shell = next((i for i in item.place.up if i.part.tag == "transaction"), None)
        if shell is None:
            self.leave(item)
        elif shell.phase != "cancelling":
            # decided now, carried out as the next step of the transaction
            shell.phase = "cancelling"
            self.later(shell, lambda: self.cancelled(shell))

    def cancelled(self, shell: Item) -> None:
        for kid in list(shell.kids):
            self.kill(kid)
        shell.dues.clear()
        records, shell.records = shell.records, []
        outer = shell.place if shell.one else shell
        scope = outer.place
        part = next((b for b in outer.part.boundaries if b.on("cancel")), None)
        token = self.make(part, scope) if part else None
        if part:
            self.trace.append(part.id)
            self.used.add("boundaryEvent:cancel")

        def away() -> None:
            self.kill(outer)
            if token:
                self.leave(token)
            self.emptied(scope)

        self.undo_all(records, away)
