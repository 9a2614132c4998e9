"""The clerks' verbs a second time, on the oracle's tree of running things.

Nothing is shared with engine.core: ways back are found by sets of dominators (the mover closes one element and looks what
is still reached), history is kept as a whole (the mover keeps the last of each), signers are a list of people per body.
Each verb comes as a question (`why_not_...`: the code of the refusal, or None) and a deed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lxml import etree

from tests.core.oracle.oracle import Item, Many, Oracle, Record
from tests.core.oracle.words import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.core.oracle.paper import Paper, Part, Path

JOINS = ("parallelGateway", "inclusiveGateway", "complexGateway")
PEOPLE = ("userTask", "manualTask")


# ---- what lies after what -------------------------------------------------------------------------------------------


class Map:
    """Elements and flows of a whole paper as a graph."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.next: dict[Any, list[Any]] = {}
        for part in paper.parts.values():
            self.next.setdefault(part, [])
            for path in part.out:
                self.next[part].append(path)
                self.next[path] = [path.target]
            self.next[part] += [b for b in part.boundaries if not b.on("compensate")]
            if part.tag == "intermediateThrowEvent" and part.on("link"):
                self.next[part] += Oracle.link_targets(part)
        self.before: dict[Any, list[Any]] = {place: [] for place in self.next}
        for place, following in self.next.items():
            for each in following:
                self.before[each].append(place)
        self.dominators = self.dominate()
        self.back = {
            (source, target)
            for target, sources in self.before.items()
            for source in sources
            if hasattr(target, "tag") and target.tag != "boundaryEvent" and target in self.dominators[source]
        }

    def dominate(self) -> dict[Any, frozenset[Any]]:
        """The classic iteration: what every way to a place passes. Places that no way leads to keep everything."""
        everything = frozenset(self.next)
        found = {p: everything if self.before[p] else frozenset([p]) for p in self.next}
        moving = True
        while moving:
            moving = False
            for place, sources in self.before.items():
                if sources:
                    passed = frozenset.intersection(*(found[s] for s in sources)) | {place}
                    if passed != found[place]:
                        found[place], moving = passed, True
        return found

    def after(self, place: Any) -> set[Any]:
        seen: set[Any] = set()
        todo = [place]
        while todo:
            here = todo.pop()
            for each in self.next[here]:
                if each not in seen and (here, each) not in self.back:
                    seen.add(each)
                    todo.append(each)
        return seen


@lru_cache(64)
def map_of(paper: Paper) -> Map:
    return Map(paper)


def marked(xml: bytes) -> frozenset[str]:
    """Ids of the elements that say they cannot be taken back."""
    return frozenset(
        p.getparent().getparent().getparent().get("id")
        for p in etree.fromstring(xml).iter("{*}property")
        if p.get("name") == "irrevocable" and p.get("value") == "true"
    )


# ---- the oracle with what the verbs leave behind ----------------------------------------------------------------------


class Being(Item):
    """An item that may have to go straight back, keeps its scope's history, and knows its people."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.straight: Part | None = None
        self.history: list[tuple[str, Part]] = []
        #: added body: parallel or sequential
        self.added: str | None = None
        #: people of a body by number, None: whoever the model says
        self.people: list[str | None] = []
        self.principal: int | None = None


class VerbOracle(Oracle):
    """The oracle that also knows irrevocable work, ways straight back, and bodies made by adding signers."""

    def __init__(self, paper: Paper, main: str, final: frozenset[str] = frozenset()) -> None:
        super().__init__(paper, main)
        self.final = final

    def make(self, part: Part, parent: Item | None, came: Path | None = None, *, one: bool = False) -> Being:
        self.serial += 1
        item = Being(part, parent, self.serial, came, one)
        if parent:
            parent.kids.append(item)
        return item

    def note(self, item: Item) -> None:
        """Something irrevocable was done: written down in each scope around it."""
        inside = item
        while inside.parent:
            if is_scope(inside.parent):
                inside.parent.history.append(("done", inside.part))
            inside = inside.parent

    def complete(self, item: Being, results: Mapping[str, Any]) -> None:
        """In the eager orders the results of one signer are looked at before the signing itself is."""
        if not (item.one and self.schedule and self.schedule.eager):
            super().complete(item, results)
            return
        self.write(item, results)
        self.changed()
        while self.jobs:
            waiting, do = self.jobs.popleft()
            if waiting is None or waiting.alive:
                do()
        if item.alive:
            self.done(item)
        self.run()

    def exit(self, item: Being) -> None:
        if item.part.id in self.final:
            kept = [(level, list(level.history)) for level in item.up]
            self.note(item)
            self.leave_straight(item) if item.straight else super().exit(item)
            if item.alive:
                for level, history in kept:
                    level.history = history
        elif item.straight:
            self.leave_straight(item)
        else:
            super().exit(item)

    def heading(self, item: Being) -> Part:
        return item.straight or item.part

    def leave_straight(self, item: Being) -> None:
        scope, target = item.place, item.straight
        self.kill(item)
        self.enter(scope, target, None)

    def enter(self, scope: Being, part: Part, came: Path | None) -> Item:
        if came and (came, part) in map_of(self.paper).back:
            scope.history.append(("round", part))
        return super().enter(scope, part, came)

    def throw(self, item: Being) -> None:
        if item.part.event and item.part.event.cause == "link":
            for target in self.link_targets(item.part):
                if (item.part, target) in map_of(self.paper).back:
                    item.place.history.append(("round", target))
        super().throw(item)

    def finish(self, item: Being) -> None:
        if item.then and item.part.id in self.final:
            self.note(item)
        super().finish(item)

    def done(self, item: Being) -> None:
        if item.one and item.place.added:
            self.signed(item)
            return
        if not (item.one and item.part.id in self.final):
            super().done(item)
            return
        kept = [(level, list(level.history)) for level in item.up]
        self.note(item)
        super().done(item)
        if item.alive:
            for level, history in kept:
                level.history = history

    def signed(self, item: Being) -> None:
        """One signer of an added body; what they answer goes where the plain task's answers would."""
        body = item.place
        many = body.many
        many.done += 1
        if item.part.id in self.final:
            self.note(item)
        self.kill(item)
        if self.undoable(item):
            self.completed += 1
            names = {"loopCounter": Decimal(item.number)}
            many.records.append(Record(item.part, body.place, item.records, names, 0, one=True))
        self.next_signer(body)

    def next_signer(self, body: Being) -> None:
        many = body.many
        if many.done >= many.total:
            self.finish(body)
        elif sequential(body) and not body.kids:
            self.spawn(body)

    def reset(self, scope: Being, part: Part) -> bool:
        """In the eager orders a complex gateway starts anew as soon as nothing can come, not only when all else rests."""
        if not self.schedule or not self.schedule.eager:
            return super().reset(scope, part)
        if any(k.part is part and k.phase == "moving" for k in scope.kids):
            return False
        held, self.jobs = self.jobs, deque()
        moved = super().reset(scope, part)
        held.extend(self.jobs)
        self.jobs = held
        return moved

    def spawn(self, item: Being) -> None:
        if not item.added:
            super().spawn(item)
            return
        many = item.many
        many.started += 1
        one = self.make(item.part, item, one=True)
        one.number = many.started
        self.later(one, lambda: self.work(one))


def is_scope(item: Item) -> bool:
    return item.part.is_container and not item.many


def sequential(body: Being) -> bool:
    return body.added == "sequential" if body.added else body.part.loop.sequential


def place(item: Item) -> Any:
    """A token that waits at a join is still on its flow."""
    waits = item.phase == "waiting" and item.part.tag in JOINS and len(item.part.into) > 1
    return item.came if waits and item.came else item.part


def undoing(oracle: Oracle) -> bool:
    """Whether anything is being compensated anywhere."""
    return any(i.then or i.phase in ("throwing", "undoing", "cancelling") for i in oracle.root.all())


# ---- going back -------------------------------------------------------------------------------------------------------


def around(item: Item, target: Part) -> tuple[Item, Item] | None:
    """The scope instance that holds the target's kind of place, and what of it holds the item."""
    inside = item
    while inside.parent:
        if is_scope(inside.parent) and inside.parent.part.body is target.parent:
            return inside.parent, inside
        inside = inside.parent
    return None


def barred(oracle: VerbOracle, scope: Being, target: Part) -> str | None:
    """Something irrevocable stands between the target and now."""
    chart = map_of(oracle.paper)
    after = chart.after(target)
    for n, (what, part) in enumerate(scope.history):
        if what != "done" or (part not in after and part is not target):
            continue
        heads = [head for kind, head in scope.history[n + 1 :] if kind == "round"]
        if not any(head is target or target in chart.after(head) for head in heads):
            return "irrevocable"
    return None


def asked(oracle: VerbOracle, items: Iterable[Item]) -> str | None:
    """An irrevocable call has been asked for somewhere in these: it may be done already."""
    for top in items:
        for item in top.all():
            if (
                item.part.id in oracle.final
                and item.part.tag == "serviceTask"
                and item.phase == "waiting"
                and not item.many
            ):
                return "irrevocable"
    return None


def later(oracle: VerbOracle, scope: Item, target: Part) -> list[Item]:
    """What a return takes away."""
    after = map_of(oracle.paper).after(target)
    return [kid for kid in scope.kids if place(kid) in after or place(kid) is target]


def resting(scope: Item) -> str | None:
    return "scope-interrupted" if scope.interrupted or scope.phase != "open" else None


def blocked(oracle: VerbOracle, target: Part) -> str | None:
    """A complex gateway after the target that other flows lead to as well."""
    after = map_of(oracle.paper).after(target)
    for gate in target.parent.children:
        outside = any(path not in after for path in gate.into)
        if gate.tag == "complexGateway" and gate in after and len(gate.into) > 1 and outside:
            return "complex-join"
    return None


def why_not_send_back(oracle: VerbOracle, item: Item, target: Part, straight: bool) -> str | None:
    found = around(item, target)
    if found is None:
        return "elsewhere"
    scope, inside = found
    if reason := resting(scope):
        return reason
    if place(inside) not in map_of(oracle.paper).after(target):
        return "not-before"
    if straight:
        return barred(oracle, scope, target) or asked(oracle, [inside])
    return (
        barred(oracle, scope, target)
        or asked(oracle, later(oracle, scope, target))
        or blocked(oracle, target)
    )


def send_back(oracle: VerbOracle, item: Item, target: Part, straight: bool) -> None:
    scope, inside = around(item, target)
    if straight:
        oracle.kill(inside)
        oracle.enter(scope, target, None).straight = inside.part
    else:
        again(oracle, scope, target)
    oracle.run()


def again(oracle: VerbOracle, scope: Item, target: Part) -> None:
    chart = map_of(oracle.paper)
    after = chart.after(target)
    for kid in later(oracle, scope, target):
        oracle.kill(kid)
    stay = [kid.straight or place(kid) for kid in scope.kids]
    for gate in target.parent.children:
        if gate not in after or len(gate.into) < 2:
            continue
        if gate.tag == "complexGateway":
            scope.resetting.pop(gate, None)
        if gate.tag == "parallelGateway":
            for path in gate.into:
                able = any(path is here or path in chart.after(here) for here in stay)
                if path not in after and not able:
                    arrived = oracle.make(gate, scope, path)
                    arrived.phase = "waiting"
                    oracle.trace.append(gate.id)
    oracle.enter(scope, target, None)


def why_not_take_back(oracle: VerbOracle, scope: Item, target: Part) -> str | None:
    if reason := resting(scope):
        return reason
    after = map_of(oracle.paper).after(target)
    if not any(place(kid) in after for kid in scope.kids):
        return "nothing-to-take-back"
    return (
        barred(oracle, scope, target)
        or asked(oracle, later(oracle, scope, target))
        or blocked(oracle, target)
    )


def take_back(oracle: VerbOracle, scope: Item, target: Part) -> None:
    again(oracle, scope, target)
    oracle.run()


def why_not_jump(oracle: VerbOracle, item: Item, target: Part, also: tuple[int, ...]) -> str | None:
    found = around(item, target)
    if found is None:
        return "elsewhere"
    scope, inside = found
    gone = [kid for kid in scope.kids if kid is inside or kid.serial in also]
    return resting(scope) or barred(oracle, scope, target) or asked(oracle, gone)


def jump(oracle: VerbOracle, item: Item, target: Part, also: tuple[int, ...]) -> None:
    scope, inside = around(item, target)
    oracle.enter(scope, target, None)
    for kid in list(scope.kids):
        if kid is inside or kid.serial in also:
            oracle.kill(kid)
    oracle.run()


# ---- signers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    """Who shall be added, and where."""

    where: str
    person: str | None = None
    entry: Any = None
    asker: str | None = None


def why_not_add(item: Being, ask: Ask) -> str | None:
    if not item.one:
        return "no-signers" if item.then or item.trouble else None
    body = item.place
    if not body.added and body.part.loop.standard:
        return "no-signers"
    return None if ask.where == ("after" if sequential(body) else "parallel") else "no-signers"


def add(oracle: VerbOracle, item: Being, ask: Ask) -> None:
    if not item.one:
        widen(oracle, item, ask)
    else:
        body = item.place
        at = item.number if sequential(body) else body.many.total
        insert(body, at, ask)
        if not sequential(body):
            oracle.spawn(body)
    oracle.run()


def insert(body: Being, at: int, ask: Ask) -> None:
    many = body.many
    if not body.people:
        body.people = [None] * many.total
    body.people.insert(at, ask.person)
    if many.items is not None:
        many.items.insert(at, ask.entry)
    many.outputs = {n + (n > at): value for n, value in many.outputs.items()}
    if body.principal and body.principal > at:
        body.principal += 1
    many.total += 1


def widen(oracle: VerbOracle, item: Being, ask: Ask) -> None:
    """The plain task becomes a body of two."""
    body = oracle.make(item.part, item.parent, item.came)
    body.phase = "open"
    body.straight, item.straight = item.straight, None
    body.dues, item.dues = item.dues, {}
    body.seen, item.seen = item.seen, {}
    body.keys, item.keys = item.keys, {}
    body.added = "parallel" if ask.where == "parallel" else "sequential"
    body.many = Many(2)
    oracle.trace.append(item.part.id)
    if ask.where == "before":
        body.people, body.principal = [ask.person, ask.asker], 2
        oracle.kill(item)
        oracle.spawn(body)
        return
    body.people, body.principal = [None, ask.person], 1
    item.parent.kids.remove(item)
    item.parent = body
    body.kids.append(item)
    item.one, item.number, item.came = True, 1, None
    body.many.started = 1
    if ask.where == "parallel":
        oracle.spawn(body)


def unbegun(body: Being) -> bool:
    """Stuck before it could say how often: no body yet."""
    return body.trouble == "null-loop" and not body.many.started


def live(body: Being) -> dict[int, Being]:
    return {kid.number: kid for kid in body.kids if kid.one}


def why_not_drop(body: Being, number: int) -> str | None:
    many = body.many
    if unbegun(body):
        return "not-waiting"
    if body.part.tag not in PEOPLE or (not body.added and body.part.loop.standard) or body.trouble:
        return "no-signers"
    if number not in live(body) and not many.started < number <= many.total:
        return "signed"
    if many.total < 2:
        return "last-signer"
    return "no-signers" if body.principal == number else None


def drop(oracle: VerbOracle, body: Being, number: int) -> None:
    many = body.many
    open_ = live(body).get(number)
    if open_:
        oracle.kill(open_)
        many.started -= 1
    many.total -= 1
    if body.people:
        del body.people[number - 1]
    if many.items is not None:
        del many.items[number - 1]
    many.outputs = {n - (n > number): v for n, v in many.outputs.items() if n != number}
    if body.principal and body.principal > number:
        body.principal -= 1
    for kid in body.kids:
        if kid.number > number:
            kid.number -= 1
            if kid.names and "loopCounter" in kid.names:
                kid.names["loopCounter"] = Decimal(kid.number)
    for record in many.records:  # what undoes an answer looks it up by the number that the answer has now
        counter = (record.names or {}).get("loopCounter")
        if counter is not None and counter > number:
            record.names = {**record.names, "loopCounter": counter - 1}
    condition = body.part.loop.condition if body.part.loop else None
    counts = {
        "numberOfInstances": Decimal(many.total),
        "numberOfActiveInstances": Decimal(len(body.kids)),
        "numberOfCompletedInstances": Decimal(many.done),
        "numberOfTerminatedInstances": Decimal(0),
    }
    if condition and many.done and evaluate(condition, oracle.names(body, counts)) is True:
        for kid in list(body.kids):
            oracle.kill(kid)
        oracle.finish(body)
    elif many.done >= many.total:
        oracle.finish(body)
    elif open_ and sequential(body):
        oracle.spawn(body)
    oracle.run()


def why_not_sign_again(oracle: VerbOracle, body: Being, number: int) -> str | None:
    many = body.many
    if unbegun(body):
        return "no-such-token"
    if body.trouble:
        return "no-such-token"
    if body.part.tag not in PEOPLE:
        return "no-signers"
    standard = not body.added and body.part.loop.standard
    if not 0 < number <= many.started or number in live(body) or standard:
        return "nothing-to-take-back"
    if body.part.id in oracle.final:
        return "irrevocable"
    if sequential(body) and (many.started != number + 1 or number + 1 not in live(body)):
        return "nothing-to-take-back"
    return None


def sign_again(oracle: VerbOracle, body: Being, number: int) -> None:
    many = body.many
    if sequential(body):
        oracle.kill(live(body)[number + 1])
        many.started = number
    many.done -= 1
    many.outputs.pop(number, None)
    started = many.started
    many.started = number - 1
    oracle.spawn(body)
    many.started = started
    oracle.run()
