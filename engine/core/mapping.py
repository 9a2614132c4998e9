"""Other names for the places of a running case: what an older model called `check` the newer one may call `examine`.

An analyst says which element became which. Sequence flows need no saying: one that joins the same two places is the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from engine.core.bag import bag_of
from engine.core.definition import PEOPLE, Kind
from engine.core.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.core.definition import Definition
    from engine.core.state import Extras, Token

#: Kinds at which no case rests.
_NOT_STOOD_AT: Final = frozenset(
    {Kind.START, Kind.END, Kind.TASK, Kind.SCRIPT, Kind.RULE, Kind.THROW, Kind.SEND, Kind.EXCLUSIVE}
)


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why an element cannot stand for another, in whatever case.

    Codes: `map-unknown` (no older version has it), `map-kept` (the new version still has it), `map-no-target` (the new
    version has no such element), `map-kind` (they are different things).
    """

    code: str
    element: str
    values: Mapping[str, Any] = field(default_factory=dict)


def misfits(olds: Iterable[Definition], new: Definition, names: Mapping[str, str]) -> Iterator[Misfit]:
    """What is wrong with a mapping from elements of older versions to those of the new one."""
    known = tuple(olds)
    for element, target in names.items():
        kinds = {old.nodes[element].kind for old in known if element in old.nodes}
        if not kinds:
            yield Misfit("map-unknown", element)
        elif element in new.nodes:
            yield Misfit("map-kept", element)
        elif target not in new.nodes:
            yield Misfit("map-no-target", element, {"target": target})
        elif kinds != {new.nodes[target].kind}:
            was = min(kinds - {new.nodes[target].kind}).value
            yield Misfit(
                "map-kind", element, {"target": target, "was": was, "becomes": new.nodes[target].kind.value}
            )


@dataclass(frozen=True, slots=True)
class Missing:
    """An element of older versions that the new one lacks: what it was, and what could stand for it there."""

    element: str
    kind: Kind
    name: str
    #: Elements of the same kind: those that only the new version has, then those that it kept.
    candidates: tuple[str, ...]
    #: The one that was probably meant: it bears the same name, or stands between the same neighbours.
    likely: str | None


def missing(olds: Iterable[Definition], new: Definition) -> Iterator[Missing]:
    """Elements at which a case can stand and which the new version lacks, in the order of the older models."""
    known = tuple(olds)
    before = {element for old in known for element in old.nodes}
    told: set[str] = set()
    for old in known:
        for node in old.nodes.values():
            if node.id in new.nodes or node.id in told or node.kind in _NOT_STOOD_AT:
                continue
            told.add(node.id)
            same = [other for other in new.nodes.values() if other.kind is node.kind]
            added = [other.id for other in same if other.id not in before]
            kept = [other.id for other in same if other.id in before]
            likely = [name for name in added if _alike(old, new, node.id, name)]
            yield Missing(
                node.id,
                node.kind,
                node.name or node.id,
                (*added, *kept),
                likely[0] if len(likely) == 1 else None,
            )


def _alike(old: Definition, new: Definition, element: str, other: str) -> bool:
    was, will = old.nodes[element], new.nodes[other]
    if was.scope != will.scope:
        return False
    if was.name and was.name == will.name:
        return True
    if was.attached_to or will.attached_to:
        return False
    around = [
        (
            {model.flows[flow].source for flow in node.incoming},
            {model.flows[flow].target for flow in node.outgoing},
        )
        for model, node in ((old, was), (new, will))
    ]
    return around[0] == around[1] != (set(), set())


def with_flows(old: Definition, new: Definition, names: Mapping[str, str]) -> dict[str, str]:
    """The mapping with the flows that were only drawn anew: the one flow between the same two places."""
    full = {element: target for element, target in names.items() if element in old.nodes}
    ends = Counter((flow.source, flow.target) for flow in new.flows.values())
    found = {(flow.source, flow.target): flow.id for flow in new.flows.values()}
    was = Counter(_ends(full, flow.source, flow.target) for flow in old.flows.values())
    for flow in old.flows.values():
        place = _ends(full, flow.source, flow.target)
        if flow.id in new.flows and (new.flows[flow.id].source, new.flows[flow.id].target) == place:
            continue
        if ends[place] == was[place] == 1:
            full[flow.id] = found[place]
    return full


def _ends(names: Mapping[str, str], source: str, target: str) -> tuple[str, str]:
    return names.get(source, source), names.get(target, target)


def renamed(old: Definition, state: State, names: Mapping[str, str]) -> State:
    """The state with its places called by their new names, and answers kept also under the new name of their task."""
    if not names:
        return state
    answers = {
        name: target for name, target in names.items() if name in old.nodes and old.nodes[name].kind in PEOPLE
    }
    return State(
        next=state.next,
        tokens={number: _token(token, names) for number, token in state.tokens.items()},
        done={number: _token(token, names) for number, token in state.done.items()},
        variables=_copied(state.variables, answers),
        local={number: _copied(held, answers) for number, held in state.local.items()},
        ends=tuple(names.get(end, end) for end in state.ends),
    )


def _copied(variables: Mapping[str, Any], answers: Mapping[str, str]) -> Mapping[str, Any]:
    """What later steps read of an earlier task they find by its new name; the old name stays readable."""
    more = {
        new: variables[name] for name, new in answers.items() if name in variables and new not in variables
    }
    return bag_of(variables).but(more) if more else variables


def _token(token: Token, names: Mapping[str, str]) -> Token:
    extras = token.extras
    element, flow = names.get(token.element, token.element), token.flow
    if flow is not None:
        flow = names.get(flow, flow)
    told = _extras(extras, names) if extras is not None else None
    if (element, flow, told) == (token.element, token.flow, extras):
        return token
    return replace(token, element=element, flow=flow, extras=told)


def _extras(extras: Extras, names: Mapping[str, str]) -> Extras:
    def of(name: str) -> str:
        return names.get(name, name)

    fired = {of(name): tuple(map(of, flows)) for name, flows in (extras.fired or {}).items()}
    return replace(
        extras,
        due={of(name): at for name, at in extras.due.items()} if extras.due is not None else None,
        cycle={of(name): left for name, left in extras.cycle.items()} if extras.cycle is not None else None,
        keys={of(name): key for name, key in extras.keys.items()} if extras.keys is not None else None,
        held=tuple(map(of, extras.held)),
        start=of(extras.start) if extras.start is not None else None,
        fired=fired if extras.fired is not None else None,
        back=of(extras.back),
        passed=tuple(map(of, extras.passed)),
    )
