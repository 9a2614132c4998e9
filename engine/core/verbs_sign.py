"""Signers: one more or one less in a multi-instance body, and a plain task that becomes such a body.

The rule of completion is asked again at once where it may now hold; it counts what there is, as if the model had asked
these people from the beginning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from engine.core import loops, variables
from engine.core.definition import PEOPLE
from engine.core.faults import CoreError
from engine.core.loops import LARGEST, Counts
from engine.core.packing import pack
from engine.core.state import Extras, Phase
from engine.core.step import Entered, Left, ScopeOpened, TimerCleared, TimerSet
from engine.core.timers import instant
from engine.core.walk import NO_EXTRAS

if TYPE_CHECKING:
    from engine.core.state import Token
    from engine.core.verbs import AddSigner
    from engine.core.walk import Walk

PLACES: Final = frozenset({"parallel", "before", "after"})


def add(walk: Walk, verb: AddSigner) -> None:
    """One more signer beside, before or after the one at work."""
    place, account, item = verb.place, verb.account, verb.item
    token = walk.at_work(verb.token)
    pack(item)
    if place not in PLACES:
        raise CoreError("no-signers", place=place)
    if not walk.is_instance(token):
        _widen(walk, token, verb)
        return
    body = walk.tokens[token.parent]
    loop = loops.loop_of(walk, body)
    assert token.extras is not None
    if loop.kind == "parallel":
        allowed = place == "parallel"
    else:
        allowed = loop.kind == "sequential" and place == "after"
    if not allowed or _counts(body).total >= LARGEST:
        raise CoreError("no-signers", place=place, kind=loop.kind)
    at = _counts(body).total if loop.kind == "parallel" else token.extras.index
    _insert(walk, body, at, account, item)
    if loop.kind == "parallel":
        loops.one_more(walk, body.id)


def drop(walk: Walk, number: int, index: int) -> None:
    """One signer less: an open one, or of a sequence one whose turn has not come."""
    body, index, open_ = _asked(walk, number, index)
    loop, counts = loops.loop_of(walk, body), _counts(body)
    held = walk.local.get(-body.id, {})
    if counts.total < 2:
        raise CoreError("last-signer")
    if held.get("principal") == index:
        raise CoreError("no-signers", reason="principal")
    if open_ is not None:
        walk.drop(open_.id)
    begun = counts.begun - (open_ is not None)
    counts = counts._replace(total=counts.total - 1, begun=begun)
    _without(walk, body.id, index)
    walk.extend(body.id, counts=tuple(counts))
    enough = False
    if loop.condition is not None and counts.completed:
        # Nobody signs now, so there is nobody's own variables; what is null then does not hold.
        known = {**loops.numbers(counts), **loops.outputs_so_far(walk, body.id, loop)}
        enough = variables.evaluate(walk, body.id, loop.condition, known) is True
    if enough or open_ is not None:
        loops.proceed(walk, body.id, loop, enough=enough)


def sign_again(walk: Walk, number: int, index: int) -> None:
    """A signature is taken back while others are still asked: that instance is open again, its output forgotten."""
    body = walk.tokens.get(number)
    if body is None or not walk.is_body(body) or body.phase is not Phase.OPEN or walk.is_struck(body):
        raise CoreError("no-such-token", token=number)
    _free(walk, body)
    loop, counts = loops.loop_of(walk, body), _counts(body)
    live = _live(walk, body.id)
    if not 0 < index <= counts.begun or index in live or loop.kind == "standard":
        raise CoreError("nothing-to-take-back", element=body.element, index=index)
    if body.element in walk.plan.irrevocable:
        raise CoreError("irrevocable", element=body.element, target=body.element)
    if loop.kind == "sequential":
        if counts.begun != index + 1 or index + 1 not in live:
            raise CoreError("nothing-to-take-back", element=body.element, index=index)
        walk.drop(live[index + 1].id)
        counts = counts._replace(begun=index)
    held = walk.local.get(-body.id, {})
    if (outputs := held.get("outputs")) is not None:
        walk.local[-body.id] = {**held, "outputs": [*outputs[: index - 1], None, *outputs[index:]]}
    walk.extend(body.id, counts=tuple(counts._replace(completed=counts.completed - 1)))
    walk.later("enter", walk.spawn(body.element, body.id, extras=Extras(index=index)).id)


def signers(walk: Walk, body: Token) -> list[tuple[int, Token | None]]:
    """The numbers of the instances still asked, with their tokens where their turn has come."""
    live = _live(walk, body.id)
    counts = _counts(body)
    waiting: list[tuple[int, Token | None]] = list(live.items())
    return [*waiting, *((index, None) for index in range(counts.begun + 1, counts.total + 1))]


def _asked(walk: Walk, number: int, index: int) -> tuple[Token, int, Token | None]:
    """Body, number and, if begun, token of the signer meant."""
    token = walk.tokens.get(number)
    if token is None:
        raise CoreError("no-such-token", token=number)
    if not walk.is_body(token):
        token = walk.at_work(number)
        if not walk.is_instance(token):
            raise CoreError("no-signers", element=token.element)
        assert token.extras is not None
        body, index = walk.tokens[token.parent], token.extras.index
    else:
        body = token
    if loops.loop_of(walk, body).kind == "standard" or body.phase is not Phase.OPEN or walk.is_struck(body):
        raise CoreError("no-signers", element=body.element)
    _free(walk, body)
    live, counts = _live(walk, body.id), _counts(body)
    if index not in live and not counts.begun < index <= counts.total:
        raise CoreError("signed", element=body.element, index=index)
    return body, index, live.get(index)


def _widen(walk: Walk, token: Token, verb: AddSigner) -> None:
    """A plain task becomes the body of its own work and the added signer's; watches and way back stay outside."""
    extras = token.extras or NO_EXTRAS
    if extras.incident is not None or extras.holder or extras.struck:
        raise CoreError("no-signers", element=token.element)
    first = verb.place == "before"
    kind = "parallel" if verb.place == "parallel" else "sequential"
    body = walk.spawn(token.element, token.parent, phase=Phase.OPEN, flow=token.flow)
    walk.tokens[body.id] = replace(
        walk.tokens[body.id], extras=replace(extras, counts=(2, 1, 0, 0), loop=kind)
    )
    walk.local[-body.id] = {
        "items": None,
        "outputs": None,
        "accounts": [verb.account, verb.asker] if first else [None, verb.account],
        "principal": 2 if first else 1,
    }
    _move_watches(walk, token.id, body.id, extras)
    if first:
        walk.extend(token.id, due=None, cycle=None, keys=None, held=(), back="")
        walk.quiet(walk.tokens[token.id], dropped=True)
        walk.emit(Left(token.element, token.id, token.parent, dropped=True))
        walk.emit(Entered(body.element, body.id, body.parent))
        walk.remove(token.id)
        walk.extend(body.id, counts=(2, 0, 0, 0))
        loops.one_more(walk, body.id)
        return
    walk.emit(Left(token.element, token.id, token.parent))
    walk.emit(Entered(body.element, body.id, body.parent))
    walk.emit(ScopeOpened(token.element, token.id, body.id))
    del walk.children[token.parent][token.id]
    walk.children.setdefault(body.id, {})[token.id] = None
    walk.tokens[token.id] = replace(token, parent=body.id, flow=None, extras=Extras(index=1))
    if kind == "parallel":
        loops.one_more(walk, body.id)


def _move_watches(walk: Walk, old: int, new: int, extras: Extras) -> None:
    """Timers of boundary events go on under the body, due when they were."""
    for element, due in (extras.due or {}).items():
        walk.emit(TimerCleared(old, element))
        walk.emit(TimerSet(new, element, instant(due)))


def _free(walk: Walk, body: Token) -> None:
    """Refuse while the body itself is stuck (its signers have done what they could), or if no people sign in it."""
    if walk.nodes[body.element].kind not in PEOPLE:
        raise CoreError("no-signers", element=body.element)
    if body.extras is not None and body.extras.incident is not None:
        raise CoreError("not-waiting", token=body.id, element=body.element)


def _counts(body: Token) -> Counts:
    assert body.extras is not None
    assert body.extras.counts is not None
    return Counts(*body.extras.counts)


def _live(walk: Walk, body: int) -> dict[int, Token]:
    """The open instances of a body by their number (a compensated one that is reopened is none)."""
    tokens = [walk.tokens[number] for number in walk.inside(body)]
    return {token.extras.index: token for token in tokens if token.extras is not None and token.extras.index}


def _insert(walk: Walk, body: Token, at: int, account: str | None, item: Any) -> None:
    """Make room for one more after the first `at` instances."""
    counts = _counts(body)
    held = dict(walk.local.get(-body.id, {}))
    for name, value in (("items", item), ("outputs", None)):
        if held.get(name) is not None:
            held[name] = [*held[name][:at], value, *held[name][at:]]
    accounts = held.get("accounts") or [None] * counts.total
    if account is not None or held.get("accounts"):
        held["accounts"] = [*accounts[:at], account, *accounts[at:]]
    if held.get("principal", 0) > at:
        held["principal"] += 1
    walk.local[-body.id] = held
    walk.extend(body.id, counts=tuple(counts._replace(total=counts.total + 1)))


def _without(walk: Walk, body: int, index: int) -> None:
    """Forget one instance's place: those behind it move up."""
    held = dict(walk.local.get(-body, {}))
    for name in ("items", "outputs", "accounts"):
        if held.get(name) is not None:
            held[name] = [*held[name][: index - 1], *held[name][index:]]
    if held.get("principal", 0) > index:
        held["principal"] -= 1
    walk.local[-body] = held
    for number in walk.inside(body):
        extras = walk.tokens[number].extras
        if extras is not None and extras.index > index:
            walk.extend(number, index=extras.index - 1)
    for number, done in list(walk.done.items()):
        if done.parent == body and done.extras is not None and done.extras.index > index:
            walk.done[number] = replace(done, extras=replace(done.extras, index=done.extras.index - 1))
