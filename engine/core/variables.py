"""Variables and FEEL: what an expression sees, where a value is written, and what a null means.

An expression sees the local variables from its token outwards, then those of the case. A value is written where its name
lives; a new name goes to the nearest token that has variables of its own, else to the case.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.core.bag import bag_of
from engine.core.definition import Kind
from engine.core.faults import Fault
from engine.feel.errors import FeelError, FeelLimitError
from engine.feel.world import World

#: Warnings of FEEL that an incident carries along.
_FEW: Final = 5
#: The one variable of the case that a called process sees without being given it: its clocks (`clocks.CLOCKS`).
EVERYWHERE: Final = "clocks"

if TYPE_CHECKING:
    from engine.core.state import Token
    from engine.core.walk import Walk
    from engine.feel import Expression


def visible(walk: Walk, token: int) -> Mapping[str, Any]:
    """All variables that a FEEL text at this token sees, inner ones first."""
    if not walk.local:
        return walk.variables
    layers, isolated = _layers(walk, token)
    if not isolated:
        layers.append(walk.variables)
    elif EVERYWHERE in walk.variables:
        layers.append({EVERYWHERE: walk.variables[EVERYWHERE]})
    if len(layers) == 1:
        return layers[0]
    return _chain(layers)


def local(walk: Walk, token: int) -> dict[str, Any]:
    """Only the local variables that this token sees."""
    merged: dict[str, Any] = {}
    for layer in reversed(_layers(walk, token)[0]) if walk.local else ():
        merged.update(layer)
    return merged


def write(walk: Walk, token: int, values: Mapping[str, Any]) -> None:
    """Set variables as seen from a token."""
    if not values:
        return
    walk.touched = True
    if not walk.local:
        _write_case(walk, values)
        return
    for name, value in values.items():
        owner = _owner(walk, token, name)
        if owner:
            own(walk, owner, {name: value})
        else:
            _write_case(walk, {name: value})


def own(walk: Walk, token: int, values: Mapping[str, Any]) -> None:
    """Give a token local variables of its own."""
    walk.local[token] = bag_of(walk.local.get(token)).but(values)


def evaluate(walk: Walk, token: int, expression: Expression, extra: Mapping[str, Any] | None = None) -> Any:
    """The value of an expression at a token; `extra` names hide the variables. Fault if it breaks a limit."""
    context = visible(walk, token)
    if extra:
        context = _chain([extra, context])
    try:
        return expression.evaluate(context, world_of(walk))
    except FeelLimitError as error:
        raise Fault("feel-limit", reason=error.code, text=expression.text, **_clean(error.values)) from error
    except FeelError as error:
        raise Fault(error.code, text=expression.text, **_clean(error.values)) from error


def holds(walk: Walk, token: int, expression: Expression, extra: Mapping[str, Any] | None = None) -> bool:
    """The truth of a condition; Fault "null-condition" with the missing names if it is neither true nor false."""
    value = evaluate(walk, token, expression, extra)
    if value is True or value is False:
        return value
    raise Fault("null-condition", text=expression.text, **missing(walk, token, expression, extra))


def context_of(
    walk: Walk,
    token: int,
    expression: Expression | None,
    what: str,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The value of an expression that must be a FEEL context; {} without expression, Fault `null-<what>` otherwise."""
    if expression is None:
        return {}
    value = evaluate(walk, token, expression, extra)
    if isinstance(value, Mapping):
        return dict(value)
    code = f"null-{what}" if value is None else f"bad-{what}"
    raise Fault(code, text=expression.text, **missing(walk, token, expression, extra))


def missing(
    walk: Walk, token: int, expression: Expression, extra: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Why a value is null, as values of an incident: the names without a value, and what FEEL says on the way."""
    context = visible(walk, token)
    names = [name for name in expression.names if context.get(name) is None and name not in (extra or {})]
    found: dict[str, Any] = {"missing": sorted(names)}
    try:
        warnings = expression.outcome(_chain([extra or {}, context]), world_of(walk)).warnings
    except FeelError:
        return found
    why = [{"code": each.code, **_clean(each.values)} for each in warnings[:_FEW]]
    return {**found, "why": why} if why else found


def world_of(walk: Walk) -> World:
    """The world of this step: the caller's hooks with the step's moment as `now`."""
    if walk.world is None:
        walk.world = replace(walk.given, now=walk.now) if walk.given is not None else World(now=walk.now)
    return walk.world


def _chain(layers: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """One mapping over several, the first wins; nothing is unpacked that is not asked for."""
    return ChainMap(*layers)  # type: ignore[arg-type]  # nobody writes into it


def layer_of(walk: Walk, token: Token) -> Mapping[str, Any] | None:
    """The local variables of one token. What every instance has by its number (counter, item) is not stored."""
    stored = walk.local.get(token.id)
    if token.extras is None or not token.extras.index:
        return stored
    names: dict[str, Any] = {"loopCounter": Decimal(token.extras.index)}
    node = walk.nodes[token.element]
    items = walk.local.get(-token.parent, {}).get("items")
    if items is not None and node.loop is not None and node.loop.item is not None:
        names[node.loop.item] = items[token.extras.index - 1]
    if stored:
        names.update(stored)
    return names


def _layers(walk: Walk, token: int) -> tuple[list[Mapping[str, Any]], bool]:
    """The local layers from the token outwards, and whether one of them sees nothing outside itself."""
    layers: list[Mapping[str, Any]] = []
    current = token
    while current:
        held = walk.tokens.get(current) or walk.done.get(current)
        if held is None:
            break
        layer = layer_of(walk, held)
        if layer is not None:
            layers.append(layer)
            if _isolated(walk, held):
                return layers, True
        current = held.parent
    return layers, False


def _owner(walk: Walk, token: int, name: str) -> int:
    """The token whose local variables a name is written to; 0 is the case."""
    nearest = 0
    current = token
    while current:
        held = walk.tokens.get(current) or walk.done.get(current)
        if held is None:
            break
        layer = layer_of(walk, held)
        if layer is not None:
            if name in layer:
                return current
            if not nearest and _owns(walk, held):
                nearest = current
            if _isolated(walk, held):
                return nearest or current
        current = held.parent
    return 0 if name in walk.variables else nearest


def _owns(walk: Walk, token: Token) -> bool:
    """New names stay with it: scopes with variables of their own and multi-instance instances, not loop rounds."""
    if token.element in walk.plan.own_scope and walk.is_scope(token):
        return True
    node = walk.nodes.get(token.element)
    if node is None or node.loop is None:
        return bool(token.extras and token.extras.holder)
    return node.loop.kind != "standard" and walk.is_instance(token)


def _isolated(walk: Walk, token: Token) -> bool:
    node = walk.nodes.get(token.element)
    return (
        node is not None
        and node.kind is Kind.CALL
        and node.settings.input is not None
        and not walk.is_body(token)
    )


def _write_case(walk: Walk, values: Mapping[str, Any]) -> None:
    walk.variables = bag_of(walk.variables).but(values)


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of an error that can be stored: text where they are not plain."""
    return {
        key: item if isinstance(item, str | int | bool) else str(item)
        for key, item in values.items()
        if key not in {"text", "reason"}
    }
