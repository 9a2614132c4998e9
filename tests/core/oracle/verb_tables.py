"""The tables of docs/verbs.md, as data: each line is done on the mover and on the oracle, which must agree at every step.

python -m tests.core.oracle.verb_tables          prints the tables as they stand in docs/verbs.md
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.core import step as words
from engine.core import verbs as deeds
from engine.core.load import load
from tests.core.oracle import verbs as law
from tests.core.oracle import walk as plain
from tests.core.oracle.generator import Model
from tests.core.oracle.verb_walk import Deed, VerbWalk

if TYPE_CHECKING:
    from tests.core.oracle.oracle import Item

_HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"><process id="main" isExecutable="true">'


def _flows(text: str) -> str:
    found = ""
    for pair in text.split():
        source, target = pair.split(">")
        found += f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'
    return found


def _users(text: str) -> str:
    return "".join(f'<userTask id="{name}"/>' for name in text.split())


def _xml(inside: str, flows: str) -> bytes:
    ends = '<startEvent id="s"/><endEvent id="e"/>'
    return f"{_HEAD}{ends}{inside}{_flows(flows)}</process></definitions>".encode()


def _many(*, ordered: bool) -> str:
    kind = "true" if ordered else "false"
    return (
        f'<userTask id="a"><multiInstanceLoopCharacteristics isSequential="{kind}"><loopCardinality>3</loopCardinality>'
        "</multiInstanceLoopCharacteristics></userTask>"
    )


SEQUENCE, PARALLEL, MANY, ORDERED, NESTED = (
    "sequence a → b → c",
    "parallel r → (a1 → a2 \\| b) → j → d",
    "multi-instance r → a×3 → z",
    "the same, one after the other",
    "sub-process r → {o → (k \\| q)} → z",
)
_INNER = '<startEvent id="is"/><endEvent id="ie"/><endEvent id="ix"/><parallelGateway id="if"/>'
MODELS = {
    SEQUENCE: _xml(_users("a b c"), "s>a a>b b>c c>e"),
    PARALLEL: _xml(
        _users("r a1 a2 b d") + '<parallelGateway id="f"/><parallelGateway id="j"/>',
        "s>r r>f f>a1 a1>a2 a2>j f>b b>j j>d d>e",
    ),
    MANY: _xml(_users("r z") + _many(ordered=False), "s>r r>a a>z z>e"),
    ORDERED: _xml(_users("r z") + _many(ordered=True), "s>r r>a a>z z>e"),
    NESTED: _xml(
        _users("r z")
        + f'<subProcess id="sub">{_INNER}{_users("o k q")}{_flows("is>o o>if if>k if>q k>ie q>ix")}</subProcess>',
        "s>r r>sub sub>z z>e",
    ),
}


@dataclass(frozen=True)
class Line:
    """In this model, after these completions, the verb is done: what stands before, after, and when these are done too."""

    where: str
    done: str
    verb: str
    before: str
    after: str
    then: tuple[tuple[str, str], ...] = ()
    why: str = ""


#: verb -> lines. A verb is written `<deed> <from> <target>`; `after` is a marking or the code of a refusal.
TABLES: dict[str, tuple[Line, ...]] = {
    "send back, walk again (W)": (
        Line(SEQUENCE, "a b", "back c a", "[c]", "[a]", (("a", "[b]"),)),
        Line(SEQUENCE, "a", "back b c", "[b]", "not-before"),
        Line(PARALLEL, "r a1", "back a2 r", "[a2] [b]", "[r]", (("r", "[a1] [b]"),)),
        Line(PARALLEL, "r a1 b", "back a2 a1", "[a2] (b→j)", "[a1] (b→j)", (("a1", "[a2] (b→j)"),)),
        Line(
            PARALLEL, "r a1 b a2", "back d a1", "[d]", "[a1] (b→j)", (("a1", "[a2] (b→j)"), ("a2", "[d]")),
            "the join gets its other arrival back",
        ),
        Line(PARALLEL, "r a1", "back a2 b", "[a2] [b]", "not-before", why="another branch"),
        Line(
            MANY, "r a1", "back a2 r", "a: [2] [3]", "[r]", (("r", "a: [1] [2] [3]"),),
            "remaining signers gone, signatures forgotten",
        ),
        Line(ORDERED, "r a1", "back a2 r", "a: [2]", "[r]", (("r", "a: [1]"),)),
        Line(NESTED, "r o", "back q o", "{[k] [q]}", "{[o]}", (("o", "{[k] [q]}"),)),
        Line(NESTED, "r o", "back q r", "{[k] [q]}", "[r]", (("r", "{[o]}"),), "the scope goes as a whole"),
        Line(NESTED, "r o k q", "back z sub", "[z]", "{[o]}", why="the sub-process opens anew"),
        Line(NESTED, "r o k q", "back z o", "[z]", "elsewhere"),
    ),
    "send back, straight (S)": (
        Line(SEQUENCE, "a b", "straight c a", "[c]", "[a]", (("a", "[c]"),), "and when it comes back it is the sender's"),
        Line(PARALLEL, "r a1", "straight a2 r", "[a2] [b]", "[b] [r]", (("r", "[a2] [b]"),)),
        Line(
            PARALLEL, "r a1 b", "straight a2 a1", "[a2] (b→j)", "[a1] (b→j)", (("a1", "[a2] (b→j)"), ("a2", "[d]"))
        ),
        Line(MANY, "r a1", "straight a2 r", "a: [2] [3]", "[r]", (("r", "a: [1] [2] [3]"),), "the signing begins anew"),
        Line(NESTED, "r o", "straight q o", "{[k] [q]}", "{[k] [o]}", (("o", "{[k] [q]}"),)),
        Line(NESTED, "r o", "straight q r", "{[k] [q]}", "[r]", (("r", "{[o]}"),), "back into the sub-process: anew"),
    ),
    "take back": (
        Line(SEQUENCE, "a", "take-back a", "[b]", "[a]", (("a", "[b]"),), "held by the same person"),
        Line(SEQUENCE, "a b", "take-back a", "[c]", "[a]", why="by the token rule; the command refuses: b was done since"),
        Line(PARALLEL, "r a1 b a2", "take-back a2", "[d]", "[a2] (b→j)", (("a2", "[d]"),), "completed last"),
        Line(PARALLEL, "r a1 a2", "take-back a2", "[b] (a2→j)", "[a2] [b]", why="completed first"),
        Line(PARALLEL, "r", "take-back a1", "[a1] [b]", "nothing-to-take-back"),
        Line(
            MANY, "r a1", "sign-again a 1", "a: [2] [3]", "a: [1] [2] [3]",
            why="the answer is forgotten, the place in the list kept",
        ),
        Line(MANY, "r a1 a2 a3", "sign-again a 1", "[z]", "no-body", why="the signing is over; z can send back"),
        Line(ORDERED, "r a1", "sign-again a 1", "a: [2]", "a: [1]", (("a1", "a: [2]"),)),
        Line(ORDERED, "r a1 a2", "sign-again a 1", "a: [3]", "nothing-to-take-back", why="2 has signed since"),
        Line(NESTED, "r o", "take-back o", "{[k] [q]}", "{[o]}"),
        Line(NESTED, "r o", "take-back r", "{[k] [q]}", "[r]", (("r", "{[o]}"),)),
        Line(NESTED, "r o k q", "take-back sub", "[z]", "{[o]}"),
    ),
    "jump": (
        Line(SEQUENCE, "", "jump a c", "[a]", "[c]"),
        Line(SEQUENCE, "a b", "jump c a", "[c]", "[a]", (("a", "[b]"),)),
        Line(PARALLEL, "r", "jump a1 d", "[a1] [b]", "[b] [d]", why="only what is named is given up"),
        Line(PARALLEL, "r", "jump+b a1 d", "[a1] [b]", "[d]"),
        Line(PARALLEL, "r b", "jump a1 d", "[a1] (b→j)", "[d] (b→j)", why="the join can never open: `stuck` says so"),
        Line(MANY, "r a1", "jump a2 z", "a: [2] [3]", "[z]"),
        Line(NESTED, "r o", "jump k o", "{[k] [q]}", "{[o] [q]}"),
        Line(NESTED, "r o", "jump k z", "{[k] [q]}", "[z]", why="the scope goes as a whole"),
        Line(NESTED, "", "jump r o", "[r]", "elsewhere"),
    ),
    "add a signer": (
        Line(SEQUENCE, "", "add a parallel", "[a]", "a: [1] [2]", (("a1", "a: [2]"), ("a2", "[b]"))),
        Line(SEQUENCE, "", "add a after", "[a]", "a: [1]", (("a1", "a: [2]"), ("a2", "[b]"))),
        Line(SEQUENCE, "", "add a before", "[a]", "a: [1]", (("a1", "a: [2]"), ("a2", "[b]")), "1 is the one who was asked"),
        Line(PARALLEL, "r b", "add a1 parallel", "[a1] (b→j)", "a1: [1] [2] (b→j)"),
        Line(MANY, "r a1", "add a2 parallel", "a: [2] [3]", "a: [2] [3] [4]"),
        Line(MANY, "r", "add a1 before", "a: [1] [2] [3]", "no-signers"),
        Line(ORDERED, "r", "add a1 after", "a: [1]", "a: [1]", (("a1", "a: [2]"), ("a2", "a: [3]"), ("a3", "a: [4]")), "2 is the new one"),
        Line(NESTED, "r o", "add k parallel", "{[k] [q]}", "{[q] k: [1] [2]}"),
    ),
    "drop a signer": (
        Line(SEQUENCE, "", "drop a 1", "[a]", "no-body"),
        Line(SEQUENCE, "add a parallel", "drop a 2", "a: [1] [2]", "a: [1]", (("a1", "[b]"),)),
        Line(SEQUENCE, "add a parallel", "drop a 1", "a: [1] [2]", "no-signers", why="whoever asked stays"),
        Line(PARALLEL, "r b|add a1 parallel", "drop a1 2", "a1: [1] [2] (b→j)", "a1: [1] (b→j)"),
        Line(MANY, "r", "drop a 2", "a: [1] [2] [3]", "a: [1] [2]", why="3 moves up"),
        Line(MANY, "r a1 a2", "drop a 3", "a: [3]", "[z]", why="all the others have signed"),
        Line(MANY, "r a1", "drop a 1", "a: [2] [3]", "signed"),
        Line(ORDERED, "r", "drop a 3", "a: [1]", "a: [1]", (("a1", "a: [2]"), ("a2", "[z]")), "before its turn"),
        Line(NESTED, "r o|add k parallel", "drop k 2", "{[q] k: [1] [2]}", "{[q] k: [1]}"),
    ),
}  # fmt: skip


class Both:
    """One model on the mover and on the oracle."""

    def __init__(self, where: str) -> None:
        model = Model(MODELS[where], "by hand", 0)
        definition = load({"model.bpmn": model.xml}, main="main", strict=False)
        self.walk = VerbWalk(model, definition)
        self._do(plain.Order("start"), words.Start({}))

    def marking(self) -> str:
        """What is at rest, as the tables write it."""
        root = self.walk.oracle.root
        return _told(root) if root and not self.walk.oracle.ended else "ended"

    def complete(self, name: str) -> None:
        """Complete a task: `b`, or `a2` for the second signer of a."""
        item = self._task(name)
        token = self.walk.pairs[item.serial]
        self._do(plain.Order("complete", item.serial, item.part.id), words.Complete(token, {}))

    def run(self, text: str) -> None:
        """Completions and, after a bar, a verb that makes the situation."""
        first, _, deed = text.partition("|")
        if first.startswith("add "):
            first, deed = "", first
        for name in first.split():
            self.complete(name)
        if deed:
            assert self.verb(deed) is None

    def verb(self, text: str) -> str | None:
        """Do the verb; the code of its refusal, which both sides must give."""
        if text.startswith(("sign-again", "drop")) and self._body(text.split()[1]) is None:
            return "no-body"
        deed, command, reason = self._deed(text)
        if reason is not None:
            self.walk.must_refuse(deed, command, reason)
            return reason
        self._do(deed, command)
        return None

    def _do(self, order: Any, command: Any) -> None:
        walk = self.walk
        order.apply(walk.oracle)
        walk.mover.do(command, order.now)
        difference = walk.differs(walk.oracle)
        assert difference is None, difference

    def _items(self) -> list[Item]:
        root = self.walk.oracle.root
        return list(root.all()) if root else []

    def _task(self, name: str) -> Item:
        """An open task by its id, or the signer whose number ends the name."""
        open_ = [i for i in self._items() if i.phase == "waiting" and i.part.tag == "userTask" and not i.many]
        for item in open_:
            if item.part.id == name and not item.one:
                return item
            if item.one and name == f"{item.part.id}{item.number}":
                return item
        raise AssertionError(f"{name} is not open in {self.marking()}")

    def _body(self, name: str) -> Item | None:
        return next((i for i in self._items() if i.many and i.part.id == name), None)

    def _deed(self, text: str) -> tuple[Deed, Any, str | None]:
        kind, *rest = text.split()
        oracle, pairs = self.walk.oracle, self.walk.pairs
        kind, _, beside = kind.partition("+")
        match kind:
            case "back" | "straight":
                item, target, straight = self._task(rest[0]), oracle.paper.parts[rest[1]], kind == "straight"
                deed = Deed("send back", item.serial, item.part.id, target=target.id, straight=straight)
                command: Any = deeds.SendBack(pairs[item.serial], target.id, straight)
                return deed, command, law.why_not_send_back(oracle, item, target, straight)
            case "take-back":
                target = oracle.paper.parts[rest[0]]
                scope = next(i for i in self._items() if law.is_scope(i) and target in i.part.body.children)
                deed = Deed("take back", scope.serial, scope.part.id, target=target.id)
                reason = law.why_not_take_back(oracle, scope, target)
                return deed, deeds.TakeBack(pairs[scope.serial], target.id), reason
            case "jump":
                item, target = self._task(rest[0]), oracle.paper.parts[rest[1]]
                also = (self._task(beside).serial,) if beside else ()
                deed = Deed("jump", item.serial, item.part.id, target=target.id, also=also)
                command = deeds.Jump(pairs[item.serial], target.id, tuple(pairs[one] for one in also))
                return deed, command, law.why_not_jump(oracle, item, target, also)
            case "add":
                item, ask = self._task(rest[0]), law.Ask(rest[1], "ann", None, "me")
                deed = Deed("add signer", item.serial, item.part.id, ask=ask)
                command = deeds.AddSigner(pairs[item.serial], ask.person, ask.entry, ask.where, ask.asker)
                return deed, command, law.why_not_add(item, ask)
            case _:
                return self._at_body(kind, rest[0], int(rest[1]))

    def _at_body(self, kind: str, name: str, index: int) -> tuple[Deed, Any, str | None]:
        oracle = self.walk.oracle
        body = self._body(name)
        assert body is not None
        token = self.walk.pairs[body.serial]
        if kind == "drop":
            deed = Deed("drop signer", body.serial, name, index=index)
            return deed, deeds.DropSigner(token, index), law.why_not_drop(body, index)
        deed = Deed("sign again", body.serial, name, index=index)
        return deed, deeds.TakeBack(token, name, index), law.why_not_sign_again(oracle, body, index)


def _told(item: Item) -> str:
    """The inside of a scope or body."""
    parts = []
    for kid in item.kids:
        if kid.many:
            numbers = sorted(one.number for one in kid.kids)
            parts.append((1, kid.part.id, f"{kid.part.id}: {' '.join(f'[{n}]' for n in numbers)}"))
        elif law.is_scope(kid):
            parts.append((2, kid.part.id, f"{{{_told(kid)}}}"))
        elif law.place(kid) is not kid.part:
            source = kid.came.source.id
            parts.append((3, source, f"({source}→{kid.part.id})"))
        else:
            parts.append((0, kid.part.id, f"[{kid.part.id}]"))
    return " ".join(text for *_, text in sorted(parts))


_REFUSED = "refused: `{}`"


def spoken(verb: str) -> str:
    """A verb as the tables write it."""
    kind, *rest = verb.split()
    kind, _, beside = kind.partition("+")
    match kind:
        case "back" | "straight" | "jump":
            giver = f"{rest[0]} and {beside}" if beside else rest[0]
            return f"from {giver} to {rest[1]}"
        case "take-back":
            return f"{rest[0]} again"
        case "sign-again":
            return f"{rest[0]}'s signer {rest[1]} again"
        case "add":
            return f"to {rest[0]}, {rest[1]}"
        case _:
            return f"{rest[0]}'s signer {rest[1]}"


def table(lines: tuple[Line, ...]) -> str:
    """A verb's table in Markdown."""
    rows = ["| Where | Before | Verb | After | Then |", "|---|---|---|---|---|"]
    last = ""
    for line in lines:
        where = "" if line.where == last else line.where
        last = line.where
        moved = line.after[:1] in "[{(" or ": [" in line.after
        after = f"`{line.after}`" if moved else _REFUSED.format(line.after)
        if line.after == "no-body":
            after = "refused: there are no signers"
        if line.why:
            after += f": {line.why}" if moved else f" ({line.why})"
        then = ", then ".join(f"{name} done: `{marking}`" for name, marking in line.then)
        cells = (where, f"`{line.before}`", spoken(line.verb), after, then)
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def main() -> None:
    """Print them all."""
    for verb, lines in TABLES.items():
        print(f"**{verb}**\n\n{table(lines)}\n")


if __name__ == "__main__":
    main()
