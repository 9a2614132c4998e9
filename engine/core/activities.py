"""What a token does when it comes to an element: people's work, calls, scripts, decisions, scopes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from engine.core import catching, gateways, hearing, loops, scopes, throwing, timers, variables
from engine.core.definition import Kind
from engine.core.faults import CoreError, Fault
from engine.core.state import Phase
from engine.core.step import CallRequested, Caught, DecisionMade, NoticeRequested, ScopeOpened, TaskOpened
from engine.dmn.errors import DmnError
from engine.feel.errors import FeelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.core.definition import Node
    from engine.core.state import Token
    from engine.core.walk import Walk


def enter(walk: Walk, number: int, _: Any = None) -> None:
    """A token comes to an element."""
    token = walk.tokens[number]
    if not walk.is_instance(token):
        walk.arrive(token)
        node = walk.nodes[token.element]
        if node.kind is Kind.END and node.scope == walk.definition.main:
            walk.ends.append(node.id)
    act(walk, number)


def act(walk: Walk, number: int, _: Any = None) -> None:
    """The element takes the token: its watches begin, then its work."""
    token = walk.tokens[number]
    if token.element in walk.plan.watches:
        catching.arm(walk, token)
    try:
        work(walk, number)
    except Fault as fault:
        fault.job = "work"
        raise
    except CoreError as error:
        refused = Fault(error.code, **error.values)
        refused.job = "work"
        raise refused from error


def work(walk: Walk, number: int, _: Any = None) -> None:
    """What the element does; also what Retry does again. Whatever can fail comes before anything is reported."""
    token = walk.tokens[number]
    node = walk.nodes[token.element]
    settings = node.settings
    told: NoticeRequested | None = None
    instance = walk.is_instance(token)
    if settings.notice is not None and not instance:
        given = variables.context_of(walk, number, settings.input, "input")
        told = NoticeRequested(number, node.id, settings.notice, given)
    if node.loop is not None and not instance:
        loops.begin(walk, token, node)
    else:
        _BEHAVIOUR[node.kind](walk, token, node)
    if told is not None:
        walk.emit(told)


def begin(walk: Walk, number: int, _: Any = None) -> None:
    """A token stands at a start event, or at an event whose trigger has been taken, and goes on."""
    token = walk.tokens[number]
    walk.arrive(token)
    if walk.nodes[token.element].triggers or walk.nodes[token.element].kind is Kind.RECEIVE:
        walk.emit(Caught(token.element, number, token.parent))
    _passed(walk, token, walk.nodes[token.element])


def _passed(walk: Walk, token: Token, _: Node) -> None:
    walk.set(token.id, phase=Phase.CLOSING)
    walk.later("leave", token.id)


def _opened(walk: Walk, token: Token) -> None:
    """An instance of a simple activity is a scope of its own for its local variables."""
    if walk.is_instance(token) and token.phase is Phase.MOVING:
        walk.emit(ScopeOpened(token.element, token.id, token.parent))


def _user(walk: Walk, token: Token, node: Node) -> None:
    settings = node.settings
    due = timers.deadline(walk, token.id, settings.deadline) if settings.deadline is not None else None
    assign = None
    if settings.assign is not None:
        assign = variables.context_of(walk, token.id, settings.assign, "assign")
    signer = loops.signer(walk, token)
    if signer is not None:
        assign = {**(assign or {}), "account": signer}
    _opened(walk, token)
    walk.set(token.id, phase=Phase.WAITING)
    walk.emit(TaskOpened(token.id, node.id, due, assign, variables.local(walk, token.id), token.parent))


def _service(walk: Walk, token: Token, node: Node) -> None:
    settings = node.settings
    operation = _operation(walk, token, node)
    if operation is None:
        _automatic(walk, token, node)
        return
    hearing.require(walk, token, node)
    given = variables.context_of(walk, token.id, settings.input, "input")
    _opened(walk, token)
    walk.set(token.id, phase=Phase.WAITING)
    walk.emit(CallRequested(token.id, node.id, operation, given, settings.document))


def _operation(walk: Walk, token: Token, node: Node) -> str | None:
    settings = node.settings
    if settings.document is not None:
        return "document"
    if settings.operation_of is None:
        return settings.operation
    name = variables.evaluate(walk, token.id, settings.operation_of)
    if not isinstance(name, str) or not name:
        missing = variables.missing(walk, token.id, settings.operation_of)
        raise Fault("null-operation", text=settings.operation_of.text, **missing)
    return name


def _automatic(walk: Walk, token: Token, node: Node) -> None:
    _opened(walk, token)
    _passed(walk, token, node)


def _receive(walk: Walk, token: Token, _: Node) -> None:
    _opened(walk, token)
    walk.set(token.id, phase=Phase.WAITING)


def _catch(walk: Walk, token: Token, node: Node) -> None:
    """A catching event waits; one without trigger, or at the end of a link, is a mere step of the path."""
    if node.id in walk.plan.watches:
        walk.set(token.id, phase=Phase.WAITING)
    else:
        _passed(walk, token, node)


def _send(walk: Walk, token: Token, node: Node) -> None:
    for trigger in node.triggers:
        throwing.throw(walk, token, trigger, node)
    _automatic(walk, token, node)


def _script(walk: Walk, token: Token, node: Node) -> None:
    if node.script is not None:
        value = variables.evaluate(walk, token.id, node.script)
        if node.settings.result is not None:
            values: Mapping[str, Any] = {node.settings.result: value}
        elif isinstance(value, Mapping):
            values = value
        else:
            code = "null-script" if value is None else "bad-script"
            names = variables.missing(walk, token.id, node.script)
            raise Fault(code, text=node.script.text, **names)
        variables.write(walk, token.id, values)
    _automatic(walk, token, node)


def _rule(walk: Walk, token: Token, node: Node) -> None:
    if node.decision is None:
        _automatic(walk, token, node)
        return
    model = walk.definition.decisions.get(node.decision)
    if model is None:
        raise Fault("no-such-decision", decision=node.decision)
    known = variables.visible(walk, token.id)
    try:
        decided = model.decide(node.decision, known, variables.world_of(walk), trace=True)
        own_name = model.find(node.decision).variable
    except (DmnError, FeelError) as error:
        raise Fault("decision-error", decision=node.decision, reason=error.code, text=str(error)) from error
    result = node.settings.result or own_name or node.decision
    walk.emit(DecisionMade(node.id, node.decision, decided.value, decided.trace or {}))
    variables.write(walk, token.id, {result: decided.value})
    _automatic(walk, token, node)


def _throw(walk: Walk, token: Token, node: Node) -> None:
    """An intermediate throw or end event: everything it names is thrown, then it goes on, if it still can."""
    waits = False
    walk.set(token.id, phase=Phase.CLOSING)
    for trigger in node.triggers:
        waits |= throwing.throw(walk, token, trigger, node)
    if not waits and token.id in walk.tokens:
        walk.later("leave", token.id)


_BEHAVIOUR: Final[dict[Kind, Callable[[Walk, Token, Node], None]]] = {
    Kind.START: _passed,
    Kind.END: _throw,
    Kind.THROW: _throw,
    Kind.CATCH: _catch,
    Kind.BOUNDARY: _passed,
    Kind.TASK: _automatic,
    Kind.USER: _user,
    Kind.MANUAL: _user,
    Kind.SERVICE: _service,
    Kind.SCRIPT: _script,
    Kind.RULE: _rule,
    Kind.SEND: _send,
    Kind.RECEIVE: _receive,
    Kind.EXCLUSIVE: _passed,
    Kind.PARALLEL: gateways.parallel,
    Kind.INCLUSIVE: gateways.inclusive,
    Kind.EVENT_BASED: gateways.event_based,
    Kind.COMPLEX: gateways.complex_,
    Kind.SUB_PROCESS: scopes.open_scope,
    Kind.TRANSACTION: scopes.open_scope,
    Kind.CALL: scopes.open_scope,
}
