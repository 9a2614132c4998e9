"""One-page models for the verbs: departments side by side in a loop, co-signers, a payment that cannot be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.small import RULES, ends, form, model, package, task

if TYPE_CHECKING:
    from engine.package import Package

_RULES = (
    RULES
    + "p, applicant, {0}, see\np, applicant, {0}/applicant, work\np, leader, {0}, see\np, chief, {0}, reassign\n"
)


def review() -> Package:
    """correct (applicant) and register (clerk), then two departments side by side, decide (leader), pay, note (clerk)."""
    elements = ends() + '<bpmn:parallelGateway id="all"/><bpmn:parallelGateway id="joined"/>'
    elements += task("userTask", "correct") + task(
        "userTask", "register", verbs="transfer delegate send_back take_back copy urge add_signer"
    )
    elements += task("userTask", "fire") + task("userTask", "health")
    elements += task("userTask", "decide", separate_from="register") + task(
        "userTask", "note", verbs="send_back"
    )
    elements += task(
        "serviceTask", "pay", operation="pay", result="paid", input="={amount: 5}", irrevocable="true"
    )
    flows = "begin>correct correct>register register>all all>fire all>health fire>joined health>joined"
    flows += " joined>decide decide>pay pay>note note>done"
    lanes = {"applicant": "correct", "clerk": "register fire health note", "leader": "decide"}
    forms = {"register": form("register", {"key": "amount", "type": "money", "required": True})}
    return package("review", model("review", lanes, elements, flows), _RULES.format("review"), forms)


def board() -> Package:
    """Members named in the case sign beside each other; more than half decides."""
    many = (
        '<bpmn:multiInstanceLoopCharacteristics><bpmn:completionCondition xsi:type="bpmn:tFormalExpression">'
        "numberOfCompletedInstances / numberOfInstances &gt; 0.5</bpmn:completionCondition>"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    elements = ends() + task(
        "userTask",
        "sign",
        many,
        collection="=[&quot;ann&quot;, &quot;bob&quot;, &quot;cat&quot;]",
        item="member",
        assign="={account: member}",
        verbs="transfer send_back take_back add_signer",
    )
    elements += task("userTask", "file")
    bpmn = model("board", {"clerk": "sign file"}, elements, "begin>sign sign>file file>done")
    return package("board", bpmn, _RULES.format("board"))
