"""Multi-instance and loop activities: a body token holds the instances as children, each with variables of its own."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from engine.core import throwing, undo, variables
from engine.core.definition import Loop
from engine.core.faults import Fault
from engine.core.packing import pack
from engine.core.scopes import hand_over
from engine.core.state import Extras, Phase
from engine.core.step import ScopeClosed
from engine.core.verbs_return import note_done

if TYPE_CHECKING:
    from engine.core.definition import Node
    from engine.core.state import Token
    from engine.core.walk import Walk

#: Plain tasks that got more signers (`verbs_sign`): all must sign, side by side or one after another.
_ADDED: Final = {kind: Loop(kind=kind) for kind in ("parallel", "sequential")}
#: Instances of one body; more is a fault of the model or of the data, not work for people.
LARGEST = 10_000


class Counts(NamedTuple):
    """How many instances there are in all (-1: not known beforehand), have begun, are complete, and were dropped."""

    total: int
    begun: int
    completed: int
    terminated: int

    @property
    def active(self) -> int:
        """Instances that run."""
        return self.begun - self.completed - self.terminated


def begin(walk: Walk, token: Token, node: Node) -> None:
    """A token comes to a looped activity and becomes the body of its instances."""
    assert node.loop is not None
    loop = node.loop
    if loop.kind == "standard":
        _begin_loop(walk, token, loop)
        return
    items = _items(walk, token, loop)
    total = len(items) if items is not None else _cardinality(walk, token, loop)
    pack(items)
    if total > LARGEST:
        raise Fault("too-many-instances", found=total, limit=LARGEST)
    walk.local[-token.id] = {"items": items, "outputs": [None] * total if loop.output is not None else None}
    walk.set(token.id, phase=Phase.OPEN)
    walk.extend(token.id, counts=(total, 0, 0, 0))
    if total == 0:
        walk.later("leave", token.id)
    for _ in range(min(total, 1) if loop.kind == "sequential" else total):
        one_more(walk, token.id)


def finished(walk: Walk, token: Token, node: Node) -> None:
    """An instance is done: its output is kept; then the next one begins, or the body is done."""
    body = walk.tokens[token.parent]
    assert body.extras is not None
    assert body.extras.counts is not None
    loop, counts = loop_of(walk, body), Counts(*body.extras.counts)
    after = counts._replace(completed=counts.completed + 1)
    hand_over(walk, token, node)
    output = variables.evaluate(walk, token.id, loop.output_item) if loop.output_item is not None else None
    pack(output)  # what cannot be stored stops here, not at the end of the command
    enough = _enough(walk, token, loop, after, output)
    if loop.kind != "standard":
        _keep_output(walk, body.id, token, output)
    walk.bare(token.id)
    walk.emit(ScopeClosed(token.element, token.id))
    if token.element in walk.plan.irrevocable:
        note_done(walk, token)
    undo.keep(walk, walk.tokens[token.id])
    walk.remove(token.id)
    walk.extend(body.id, counts=tuple(after))
    told = loop.behaviour == "None" or (loop.behaviour == "One" and after.completed == 1)
    if told and loop.event is not None and loop.kind != "standard":
        walk.later("tell_last" if enough else "tell", body.id)
    else:
        proceed(walk, body.id, loop, enough=enough)


def loop_of(walk: Walk, body: Token) -> Loop:
    """How a body runs: as the model says, or as the verb that added signers to a plain task said."""
    loop = walk.nodes[body.element].loop
    if loop is not None:
        return loop
    assert body.extras is not None
    return _ADDED[body.extras.loop]


def signer(walk: Walk, token: Token) -> str | None:
    """The account that an instance was added for, if it was."""
    if not walk.is_instance(token):
        return None
    accounts = walk.local.get(-token.parent, {}).get("accounts")
    assert token.extras is not None
    return accounts[token.extras.index - 1] if accounts else None


def collect(walk: Walk, token: Token, node: Node) -> None:
    """The body is done: the outputs, in the order of the instances, become a variable."""
    if node.loop is not None and node.loop.output is not None:
        outputs = walk.local.get(-token.id, {}).get("outputs") or []
        variables.write(walk, token.parent, {node.loop.output: list(outputs)})


def tell(walk: Walk, body: int, _: Any = None) -> None:
    """BPMN's behaviour None throws an event for each completed instance, One for the first, All for none."""
    _tell(walk, body, enough=False)


def tell_last(walk: Walk, body: int, _: Any = None) -> None:
    """The same for the instance that fulfils the completion condition."""
    _tell(walk, body, enough=True)


def _tell(walk: Walk, body: int, *, enough: bool) -> None:
    token = walk.tokens[body]
    node = walk.nodes[token.element]
    assert node.loop is not None
    if token.phase is not Phase.OPEN or walk.is_struck(token):
        return
    event = node.loop.event
    if event is not None and event.cause in throwing.OUTWARD:
        throwing.propagate(walk, token, event.cause, event.ref, own=True)
    elif event is not None:
        throwing.throw(walk, token, event, node)
    if not walk.is_struck(walk.tokens[body]):
        proceed(walk, body, node.loop, enough=enough)


def proceed(walk: Walk, body: int, loop: Loop, *, enough: bool) -> None:
    """After an instance: the body is done, or the next one begins, or the others are waited for."""
    extras = walk.tokens[body].extras
    assert extras is not None
    assert extras.counts is not None
    counts = Counts(*extras.counts)
    if enough:
        dropped = walk.inside(body)
        for instance in dropped:
            walk.drop(instance)
        walk.extend(body, counts=tuple(counts._replace(terminated=len(dropped))))
        walk.later("leave", body)
    elif counts.begun != counts.total and loop.kind != "parallel":
        one_more(walk, body)
    elif body not in walk.children:
        walk.later("leave", body)


def _enough(walk: Walk, token: Token, loop: Loop, counts: Counts, output: Any) -> bool:
    """Whether the loop ends with this instance although there could be more."""
    if loop.kind == "standard" and 0 <= counts.total <= counts.completed:
        return True
    if loop.condition is None:
        return loop.kind == "standard" and counts.total < 0
    known = {**numbers(counts), **outputs_so_far(walk, token.parent, loop)}
    if loop.output in known and token.extras is not None:
        known[loop.output][token.extras.index - 1] = output
    truth = variables.holds(walk, token.id, loop.condition, known)
    return not truth if loop.kind == "standard" else truth


def outputs_so_far(walk: Walk, body: int, loop: Loop) -> dict[str, list[Any]]:
    """What a completion condition may ask of the answers given (null: none yet), by the name of the output."""
    outputs = walk.local.get(-body, {}).get("outputs")
    return {} if outputs is None or loop.output is None else {loop.output: list(outputs)}


def numbers(counts: Counts) -> dict[str, Any]:
    """What a completion condition may ask, by the names of BPMN 2.0.2 (table 10.30)."""
    return {
        "numberOfInstances": max(counts.total, counts.begun),
        "numberOfActiveInstances": counts.active,
        "numberOfCompletedInstances": counts.completed,
        "numberOfTerminatedInstances": counts.terminated,
    }


def _begin_loop(walk: Walk, token: Token, loop: Loop) -> None:
    wanted = loop.maximum != 0
    if wanted and loop.test_before and loop.condition is not None:
        wanted = variables.holds(walk, token.id, loop.condition, {"loopCounter": 0})
    walk.set(token.id, phase=Phase.OPEN)
    walk.local[-token.id] = {}
    walk.extend(token.id, counts=(-1 if loop.maximum is None else loop.maximum, 0, 0, 0))
    if wanted:
        one_more(walk, token.id)
    else:
        walk.later("leave", token.id)


def one_more(walk: Walk, body: int) -> None:
    """The next instance of a body begins."""
    token = walk.tokens[body]
    assert token.extras is not None
    assert token.extras.counts is not None
    counts = Counts(*token.extras.counts)
    index = counts.begun + 1
    walk.extend(body, counts=tuple(counts._replace(begun=index)))
    instance = walk.spawn(token.element, body, extras=Extras(index=index))
    walk.later("enter", instance.id)


def _items(walk: Walk, token: Token, loop: Loop) -> list[Any] | None:
    if loop.collection is None:
        return None
    value = variables.evaluate(walk, token.id, loop.collection)
    if isinstance(value, list | tuple):
        return list(value)
    code = "null-collection" if value is None else "bad-collection"
    raise Fault(code, text=loop.collection.text, **variables.missing(walk, token.id, loop.collection))


def _cardinality(walk: Walk, token: Token, loop: Loop) -> int:
    if loop.cardinality is None:
        raise Fault("null-cardinality")
    value = variables.evaluate(walk, token.id, loop.cardinality)
    if value is None:
        names = variables.missing(walk, token.id, loop.cardinality)
        raise Fault("null-cardinality", text=loop.cardinality.text, **names)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value) or value < 0:
        raise Fault("bad-cardinality", text=loop.cardinality.text, found=str(value))
    return int(value)


def _keep_output(walk: Walk, body: int, token: Token, output: Any) -> None:
    kept = walk.local.get(-body, {})
    outputs = kept.get("outputs")
    if outputs is not None and token.extras is not None:
        outputs = [*outputs]
        outputs[token.extras.index - 1] = output
        walk.local[-body] = {**kept, "outputs": outputs}
