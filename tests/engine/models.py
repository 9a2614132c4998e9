"""Further one-page models: a reserve fund, a document, deadlines and timers, a withdrawal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.engine.small import RULES, ends, form, model, package, task

if TYPE_CHECKING:
    from engine.package import Package


def fund() -> Package:
    """decide (clerk) -> reserve -> pay -> settle; a refusal by the bank releases the money."""
    elements = ends() + '<bpmn:endEvent id="unpaid"/><bpmn:endEvent id="short"/>'
    elements += task("userTask", "decide")
    given = "={fund: &quot;F1&quot;, amount: amount, reason: &quot;aid&quot;}"
    elements += task("serviceTask", "reserve", operation="fund.reserve", result="held", input=given)
    elements += '<bpmn:exclusiveGateway id="enough" default="f2"/>'
    elements += task("serviceTask", "pay", operation="pay", result="paid", input="={amount: amount}")
    elements += task(
        "serviceTask", "settle", operation="fund.settle", result="settled", input="={entry: held.entry}"
    )
    elements += task(
        "serviceTask", "release", operation="fund.release", result="back", input="={entry: held.entry}"
    )
    elements += (
        '<bpmn:boundaryEvent id="refused" attachedToRef="pay"><bpmn:errorEventDefinition errorRef="pay_refused"/>'
        "</bpmn:boundaryEvent>"
    )
    flows = "begin>decide decide>reserve enough>pay reserve>enough enough>short[held.ok=false]"
    flows += " pay>settle settle>done refused>release release>unpaid"
    bpmn = model(
        "fund",
        {"clerk": "decide"},
        elements,
        flows,
        '<bpmn:error id="pay_refused" name="refused" errorCode="pay-refused"/>',
    )
    forms = {"decide": form("decide", {"key": "amount", "type": "money", "required": True})}
    return package("fund", bpmn, RULES.format("fund"), forms)


def paper() -> Package:
    """check (clerk) -> a numbered document -> end."""
    elements = ends() + task("userTask", "check")
    elements += task(
        "serviceTask", "letter", document="letter", result="letter", input="={name: &quot;x&quot;}"
    )
    bpmn = model("paper", {"clerk": "check"}, elements, "begin>check check>letter letter>done")
    sidecar = {"title": {"zh": "通知书", "en": "Notice"}, "number": "晋中民救字〔{year}〕{n}号"}
    return package(
        "paper",
        bpmn,
        RULES.format("paper"),
        **{
            "templates/paper/letter.json": json.dumps(sidecar).encode(),
            "templates/paper/letter.html": b"<p></p>",
        },
    )


def watch() -> Package:
    """A task with a deadline of three days per on_overdue rule, side by side, and one with boundary timers."""
    elements = ends() + '<bpmn:parallelGateway id="all"/><bpmn:parallelGateway id="joined"/>'
    elements += '<bpmn:endEvent id="reminded"/><bpmn:exclusiveGateway id="over"/>'
    deadline = "=now() + duration(&quot;P3D&quot;)"
    for name, rule in (("nudge", "remind"), ("press", "escalate"), ("silent", "silence-is-consent")):
        elements += task("userTask", name, deadline=deadline, on_overdue=rule)
    elements += task("userTask", "wait")
    elements += (
        '<bpmn:boundaryEvent id="every" attachedToRef="wait" cancelActivity="false"><bpmn:timerEventDefinition>'
        '<bpmn:timeCycle xsi:type="bpmn:tFormalExpression">R3/P1D</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>'
        '<bpmn:boundaryEvent id="end_of_wait" attachedToRef="wait"><bpmn:timerEventDefinition>'
        '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P10D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>'
    )
    flows = "begin>all joined>done every>reminded wait>over end_of_wait>over over>joined all>wait"
    for name in ("nudge", "press", "silent"):
        flows += f" all>{name} {name}>joined"
    bpmn = model("watch", {"clerk": "nudge press silent wait"}, elements, flows)
    return package("watch", bpmn, RULES.format("watch"))


def recall() -> Package:
    """A payment that a withdrawal can interrupt."""
    elements = ends() + '<bpmn:endEvent id="withdrawn"/>'
    elements += task("serviceTask", "pay", operation="pay", result="paid", input="={amount: 5}")
    elements += (
        '<bpmn:boundaryEvent id="recalled" attachedToRef="pay">'
        '<bpmn:messageEventDefinition messageRef="m1"/></bpmn:boundaryEvent>'
    )
    bpmn = model(
        "recall",
        {"clerk": "pay"},
        elements,
        "begin>pay pay>done recalled>withdrawn",
        '<bpmn:message id="m1" name="withdrawal"/>',
    )
    return package("recall", bpmn, RULES.format("recall"))


def votes(count: int) -> Package:
    """As many clerks' tasks side by side as asked for."""
    elements = ends() + '<bpmn:parallelGateway id="all"/><bpmn:parallelGateway id="joined"/>'
    flows = "begin>all joined>done"
    names = [f"vote_{number}" for number in range(count)]
    for name in names:
        elements += task("userTask", name)
        flows += f" all>{name} {name}>joined"
    bpmn = model("votes", {"clerk": " ".join(names)}, elements, flows)
    return package("votes", bpmn, RULES.format("votes"))


def siren() -> Package:
    """An alarm that ends the waiting of every other case, and a plain message to one."""
    elements = ends() + task("userTask", "watching") + '<bpmn:endEvent id="fled"/>'
    elements += (
        '<bpmn:boundaryEvent id="heard" attachedToRef="watching"><bpmn:signalEventDefinition signalRef="s1"/>'
        '</bpmn:boundaryEvent><bpmn:intermediateThrowEvent id="cry">'
        '<bpmn:signalEventDefinition signalRef="s1"/></bpmn:intermediateThrowEvent>'
    )
    bpmn = model(
        "siren",
        {"clerk": "watching"},
        elements,
        "begin>watching watching>cry cry>done heard>fled",
        '<bpmn:signal id="s1" name="alarm"/>',
    )
    return package("siren", bpmn, RULES.format("siren"))
