"""Compensation: completed work is kept as long as its scope lives, and undone in reverse order, one after another.

What can be undone: an activity with a compensation boundary event (its handler runs, once per completed execution and
per instance), a sub-process with a compensation event sub-process (which decides), a sub-process or call that holds such
work (all of it, last completed first).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from engine.core import variables
from engine.core.bag import Bag
from engine.core.definition import Kind
from engine.core.state import Extras, Phase, Token
from engine.core.step import ScopeClosed, ScopeOpened

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.core.definition import Trigger
    from engine.core.walk import Walk

_NONE: Final = Extras()
_EVENT: Final = Kind.EVENT_SUB_PROCESS.value


def keep(walk: Walk, token: Token) -> None:
    """An execution has ended: keep it if it can be compensated, else forget what it held."""
    node = walk.nodes.get(token.element)
    held = any(each.parent == token.id for each in walk.done.values()) if walk.done else False
    body = walk.is_body(token)
    handled = not body and (
        token.element in walk.plan.handlers or walk.plan.scope_of(token.element) in walk.plan.undo_starts
    )
    if node is None or node.for_compensation or not (held or handled):
        walk.forget(token.id)
        return
    extras = replace(
        _NONE,
        serial=walk.next,
        index=token.extras.index if token.extras is not None else 0,
        counts=token.extras.counts if token.extras is not None else None,
    )
    walk.next += 1
    walk.done[token.id] = Token(token.id, token.element, token.parent, Phase.CLOSING, None, extras)


def throw(walk: Walk, token: Token, trigger: Trigger) -> bool:
    """Compensate one activity, or all of the scope; True if the thrower waits until that is done.

    Inside an event sub-process that is its own completed work and that of the scope around it.
    """
    scope = walk.tokens[token.parent]
    scopes = [scope.id]
    while scope.parent and walk.definition.scopes[walk.plan.scope_of(scope.element)].kind == _EVENT:
        scope = walk.tokens[scope.parent]
        scopes.append(scope.id)
    todo = _completed(walk, scopes, trigger.ref)
    if not todo:
        return False
    if trigger.wait:
        walk.set(token.id, phase=Phase.WAITING)
        walk.extend(token.id, todo=todo)
        _reserve(walk, todo, token.id)
        proceed(walk, token.id)
        return True
    ghost = walk.spawn(token.element, token.parent, phase=Phase.UNDOING, extras=Extras(todo=todo, holder=-1))
    _reserve(walk, todo, ghost.id)
    proceed(walk, ghost.id)
    return False


def cancelled(walk: Walk, number: int, after: Any) -> None:
    """A transaction is cancelled: what runs is dropped, what was completed is undone, then `after` goes on."""
    for child in walk.inside(number):
        walk.drop(child)
    todo = _completed(walk, (number,), None)
    if not todo:
        walk.later("quit", number)
        if after:
            walk.later("leave", after)
        return
    walk.set(number, phase=Phase.UNDOING)
    walk.extend(number, todo=todo, after=after)
    proceed(walk, number)


def pass_on(walk: Walk, instance: int, body: int) -> None:
    """Completed work of a cancelled instance is undone with its multi-instance body."""
    for each in list(walk.done.values()):
        if each.parent == instance:
            walk.done[each.id] = replace(each, parent=body)


def proceed(walk: Walk, number: int) -> None:
    """Start the next compensation that a token waits for, or end its wait."""
    token = walk.tokens.get(number)
    if token is None or token.extras is None or number in walk.children:
        return
    todo = token.extras.todo or ()
    for place, done in enumerate(todo):
        if done < 0 or done in walk.done:
            walk.extend(number, todo=todo[place + 1 :])
            if done < 0:
                _handle(walk, token, number, number)
            else:
                _compensate(walk, walk.done.pop(done), number)
            return
    _over(walk, token)


def shut(walk: Walk, number: int, _: Any = None) -> None:
    """A reopened scope has been compensated and goes for good."""
    token = walk.tokens[number]
    walk.emit(ScopeClosed(token.element, number))
    walk.forget(number)
    walk.remove(number)


def _completed(walk: Walk, scopes: Collection[int], activity: str | None) -> tuple[int, ...]:
    found = [
        each
        for each in walk.done.values()
        if each.parent in scopes
        and (activity is None or each.element == activity)
        and (each.extras is None or each.extras.holder not in walk.tokens)
    ]
    found.sort(key=_serial, reverse=True)
    return tuple(each.id for each in found)


def _reserve(walk: Walk, todo: tuple[int, ...], holder: int) -> None:
    """What one compensation has taken on is not taken by another that begins meanwhile."""
    for number in todo:
        held = walk.done[number]
        walk.done[number] = replace(held, extras=replace(held.extras or _NONE, holder=holder))


def _serial(token: Token) -> int:
    return token.extras.serial if token.extras is not None else 0


def _compensate(walk: Walk, token: Token, holder: int) -> None:
    start = walk.plan.undo_starts.get(walk.plan.scope_of(token.element))
    body = walk.is_body(token)
    handled = not body and token.element in walk.plan.handlers
    if handled and start is None:
        walk.forget(token.id)
        _handle(walk, token, token.parent, holder)
        return
    todo = (-token.id,) if handled else _completed(walk, (token.id,), None) if start is None or body else ()
    assert token.extras is not None
    extras = replace(token.extras, serial=0, holder=holder, todo=todo)
    walk.tokens[token.id] = Token(token.id, token.element, token.parent, Phase.UNDOING, None, extras)
    walk.children.setdefault(token.parent, {})[token.id] = None
    walk.emit(ScopeOpened(token.element, token.id, token.parent))
    if start is not None and not body:
        inner = walk.spawn(start[0], token.id, extras=Extras(start=start[1]))
        walk.later("open", inner.id)
    else:
        proceed(walk, token.id)


def _handle(walk: Walk, token: Token, scope: int, holder: int) -> None:
    """Run the handler of a completed activity with the local variables the activity had."""
    handler = walk.spawn(walk.plan.handlers[token.element], scope, extras=Extras(holder=holder))
    if token.id not in walk.tokens and (kept := variables.layer_of(walk, token)):
        walk.local[handler.id] = Bag(kept)
        walk.local.pop(token.id, None)
    walk.later("enter", handler.id)


def _over(walk: Walk, token: Token) -> None:
    assert token.extras is not None
    if token.phase is Phase.WAITING:
        walk.extend(token.id, todo=None)
        walk.set(token.id, phase=Phase.CLOSING)
        walk.later("caught", token.id)
    elif token.extras.holder < 0:
        walk.remove(token.id)
        walk.later("settle", token.parent)
    elif token.extras.holder:
        walk.later("shut", token.id)
    else:
        if token.extras.after:
            walk.later("leave", token.extras.after)
        walk.later("quit", token.id)
