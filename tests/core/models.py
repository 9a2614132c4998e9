"""Small BPMN texts for loader tests: a frame around what a test wants to say, and one model with every construct."""

from __future__ import annotations

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:tns="http://example.test/models"
  xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"
  id="definitions" targetNamespace="http://example.test/models">
"""


def frame(process: str, roots: str = "", name: str = "p") -> bytes:
    """The bytes of a file with one executable process around `process`, and `roots` beside it."""
    return f'{HEAD}{roots}<process id="{name}" isExecutable="true">{process}</process></definitions>'.encode()


def between(inner: str, more: str = "", roots: str = "") -> bytes:
    """A process that goes from a start event over one element with id `x` to an end event, with `more` beside it."""
    return frame(
        f'<startEvent id="s"/>{inner}<endEvent id="e"/>{flow("f1", "s", "x")}{flow("f2", "x", "e")}{more}',
        roots,
    )


def flow(me: str, source: str, target: str, condition: str | None = None, name: str | None = None) -> str:
    """A sequence flow."""
    named = f' name="{name}"' if name else ""
    inside = (
        f'<conditionExpression xsi:type="tFormalExpression"><![CDATA[{condition}]]></conditionExpression>'
        if condition is not None
        else ""
    )
    return f'<sequenceFlow id="{me}" sourceRef="{source}" targetRef="{target}"{named}>{inside}</sequenceFlow>'


def settings(**given: str) -> str:
    """Extension elements with our properties; names with `__` are written as they are."""
    inside = "".join(f'<spiffworkflow:property name="{k}" value="{v}"/>' for k, v in given.items())
    return f"<extensionElements><spiffworkflow:properties>{inside}</spiffworkflow:properties></extensionElements>"


def timer(text: str, kind: str = "timeDuration") -> str:
    return (
        f'<timerEventDefinition><{kind} xsi:type="tFormalExpression">{text}</{kind}></timerEventDefinition>'
    )


ROOTS = """
<message id="m_in" name="application received"/>
<message id="m_out" name="decision sent"/>
<signal id="sig" name="rules changed"/>
<error id="err" name="refused" errorCode="pay-refused"/>
<error id="err_plain" errorCode="plain"/>
<escalation id="esc" name="late" escalationCode="LATE"/>
<signalEventDefinition id="shared_signal" signalRef="sig"/>
<timerEventDefinition id="shared_timer"><timeDuration xsi:type="tFormalExpression">P2D</timeDuration></timerEventDefinition>
<collaboration id="collab">
  <participant id="pool" processRef="all"/>
  <correlationKey id="key" name="case">
    <correlationPropertyRef>number</correlationPropertyRef><correlationPropertyRef>area</correlationPropertyRef>
  </correlationKey>
</collaboration>
<correlationProperty id="number" name="number">
  <correlationPropertyRetrievalExpression messageRef="m_in"><messagePath>number</messagePath></correlationPropertyRetrievalExpression>
  <correlationPropertyRetrievalExpression messageRef="m_out"><messagePath>case.number</messagePath></correlationPropertyRetrievalExpression>
</correlationProperty>
<correlationProperty id="area" name="area">
  <correlationPropertyRetrievalExpression messageRef="m_in"><messagePath>area</messagePath></correlationPropertyRetrievalExpression>
</correlationProperty>
"""

#: One process with every construct that loads, in an order and with names that trip readers up.
EVERYTHING = f"""{HEAD}{ROOTS}
<process id="all" name="全部" isExecutable="true">
  <laneSet id="lanes">
    <lane id="town_window" name="乡镇窗口"><flowNodeRef>Start</flowNodeRef><flowNodeRef>ask</flowNodeRef>
      <childLaneSet id="inner"><lane id="town_clerk" name="经办"><flowNodeRef>ask</flowNodeRef></lane></childLaneSet>
    </lane>
    <lane id="county" name="县"><flowNodeRef>review</flowNodeRef><flowNodeRef>sub</flowNodeRef><flowNodeRef>End</flowNodeRef></lane>
  </laneSet>
  <startEvent id="Start" name="Start"/>
  <startEvent id="by_message"><messageEventDefinition messageRef="tns:m_in"/></startEvent>
  <userTask id="ask" name="问" default="d_ask">
    <documentation>第一行</documentation><documentation>第二行</documentation>
    {
    settings(
        deadline="=date and time(&quot;2026-01-01T00:00:00&quot;)",
        on_overdue="remind",
        law="a.1，b.2 c.3",
        separate_from="review",
        notice="asked",
        publish_mask="name",
        assign="={area: case_area}",
        odd="kept",
    )
}
  </userTask>
  {flow("f1", "Start", "ask")}{flow("f2", "by_message", "ask")}
  {flow("c1", "ask", "call", "amount > 500", "large")}{flow("c2", "ask", "review", "=amount > 100")}{
    flow("d_ask", "ask", "note")
}
  <callActivity id="call" calledElement="tns:called">{
    settings(input="={a: amount}", result="back")
}</callActivity>
  <boundaryEvent id="late" attachedToRef="call" cancelActivity="0">
    <timerEventDefinition><timeCycle xsi:type="tFormalExpression">R3/PT10M</timeCycle></timerEventDefinition></boundaryEvent>
  <boundaryEvent id="fails" attachedToRef="call"><errorEventDefinition errorRef="err"/></boundaryEvent>
  <boundaryEvent id="fails_any" attachedToRef="call"><errorEventDefinition/></boundaryEvent>
  <boundaryEvent id="undo" attachedToRef="call"><compensateEventDefinition/></boundaryEvent>
  <serviceTask id="undo_call" isForCompensation="true"/>
  <userTask id="review" name="复核">
    <multiInstanceLoopCharacteristics isSequential="true" behavior="One" oneBehaviorEventRef="shared_signal">
      <loopDataInputRef>people</loopDataInputRef><loopDataOutputRef>answers</loopDataOutputRef>
      <inputDataItem id="i1" name="person"/><outputDataItem id="answer"/>
      <completionCondition xsi:type="tFormalExpression">count(answers) > 2</completionCondition>
    </multiInstanceLoopCharacteristics>
  </userTask>
  <scriptTask id="note" scriptFormat="feel"><script>{{total: amount + 1}}</script></scriptTask>
  {flow("f3", "note", "xor")}{flow("f4", "call", "xor")}{flow("f5", "review", "xor")}{
    flow("f6", "late", "End")
}
  {flow("f7", "fails", "End")}{flow("f8", "fails_any", "End")}
  <exclusiveGateway id="xor" default="f9">{settings(law="x.1")}</exclusiveGateway>
  {flow("f9", "xor", "race")}{flow("f10", "xor", "sub", "again")}
  <eventBasedGateway id="race"/>
  <intermediateCatchEvent id="wait_message"><messageEventDefinition messageRef="m_in"/></intermediateCatchEvent>
  <intermediateCatchEvent id="wait_any"><signalEventDefinition signalRef="sig"/>
    <conditionalEventDefinition><condition xsi:type="tFormalExpression">ready</condition></conditionalEventDefinition>
    <eventDefinitionRef>shared_timer</eventDefinitionRef></intermediateCatchEvent>
  <intermediateCatchEvent id="wait_two"><timerEventDefinition><timeDate xsi:type="tFormalExpression">=start + duration("P1D")</timeDate></timerEventDefinition>
    <timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT5M</timeDuration></timerEventDefinition></intermediateCatchEvent>
  {flow("f11", "race", "wait_message")}{flow("f12", "race", "wait_any")}{flow("f13", "race", "wait_two")}
  {flow("f14", "wait_message", "fork")}{flow("f15", "wait_any", "fork")}{flow("f16", "wait_two", "go")}
  <intermediateThrowEvent id="go"><linkEventDefinition name="on"/></intermediateThrowEvent>
  <intermediateCatchEvent id="gone"><linkEventDefinition name="on"/></intermediateCatchEvent>
  {flow("f17", "gone", "fork")}
  <parallelGateway id="fork"/>
  {flow("f18", "fork", "or")}{flow("f19", "fork", "send")}
  <inclusiveGateway id="or"/>
  {flow("f20", "or", "rule", "a")}{flow("f21", "or", "receive", "b")}
  <businessRuleTask id="rule"><extensionElements><spiffworkflow:calledDecisionId>route</spiffworkflow:calledDecisionId></extensionElements></businessRuleTask>
  <receiveTask id="receive" messageRef="m_in"/>
  <sendTask id="send" messageRef="m_out">{settings(payload="={n: number}")}</sendTask>
  <serviceTask id="pay"><extensionElements><spiffworkflow:serviceTaskOperator id="pay" resultVariable="paid"><spiffworkflow:parameters>
    <spiffworkflow:parameter id="amount" type="any" value="amount"/><spiffworkflow:parameter id="to" type="str" value="payee"/>
  </spiffworkflow:parameters></spiffworkflow:serviceTaskOperator></extensionElements></serviceTask>
  {flow("f22", "rule", "complex")}{flow("f23", "receive", "complex")}{flow("f24", "send", "pay")}{
    flow("f25", "pay", "complex")
}
  <complexGateway id="complex"><activationCondition xsi:type="tFormalExpression">activationCount >= 2</activationCondition></complexGateway>
  {flow("f26", "complex", "raise")}
  <intermediateThrowEvent id="raise"><escalationEventDefinition escalationRef="esc"/></intermediateThrowEvent>
  {flow("f27", "raise", "shout")}
  <intermediateThrowEvent id="shout"><signalEventDefinition signalRef="sig"/></intermediateThrowEvent>
  {flow("f28", "shout", "sub")}
  <subProcess id="sub" name="里">
    <standardLoopCharacteristics testBefore="1" loopMaximum="3"><loopCondition xsi:type="tFormalExpression">more</loopCondition></standardLoopCharacteristics>
    <startEvent id="sub_start"/>
    <manualTask id="sub_task"/>
    {flow("s1", "sub_start", "sub_task")}{flow("s2", "sub_task", "trade")}
    <transaction id="trade">
      <startEvent id="t_start"/><task id="t_task"/><endEvent id="t_end"/><endEvent id="t_cancel"><cancelEventDefinition/></endEvent>
      {flow("t1", "t_start", "t_task")}{flow("t2", "t_task", "t_end")}{
    flow("t3", "t_task", "t_cancel", "bad")
}
    </transaction>
    <boundaryEvent id="cancelled" attachedToRef="trade"><cancelEventDefinition/></boundaryEvent>
    {flow("s3", "trade", "sub_end")}{flow("s4", "cancelled", "sub_error")}
    <endEvent id="sub_end"/><endEvent id="sub_error"><errorEventDefinition errorRef="err_plain"/></endEvent>
    <subProcess id="on_error" triggeredByEvent="true">
      <startEvent id="on_error_start"><errorEventDefinition errorRef="err_plain"/></startEvent>
      <endEvent id="on_error_end"><compensateEventDefinition activityRef="sub_task" waitForCompletion="false"/></endEvent>
      {flow("o1", "on_error_start", "on_error_end")}
    </subProcess>
    <subProcess id="on_note" triggeredByEvent="1">
      <startEvent id="on_note_start" isInterrupting="0"><escalationEventDefinition escalationRef="esc"/></startEvent>
      <endEvent id="on_note_end"><messageEventDefinition messageRef="m_out"/></endEvent>
      {flow("n1", "on_note_start", "on_note_end")}
    </subProcess>
  </subProcess>
  {flow("f29", "sub", "many")}
  <serviceTask id="many">{
    settings(
        collection="=for p in people return p",
        item="p",
        output="got",
        output_item="=p.answer",
        operation="notify",
    )
}
    <multiInstanceLoopCharacteristics/></serviceTask>
  {flow("f30", "many", "End")}
  <endEvent id="End" name="End"><terminateEventDefinition/></endEvent>
  <association id="tie" sourceRef="undo" targetRef="undo_call" associationDirection="One"/>
  <correlationSubscription id="subscription" correlationKeyRef="key">
    <correlationPropertyBinding correlationPropertyRef="number"><dataPath>case.number</dataPath></correlationPropertyBinding>
    <correlationPropertyBinding correlationPropertyRef="area"><dataPath>=case.area</dataPath></correlationPropertyBinding>
  </correlationSubscription>
</process>
<process id="called" isExecutable="false"><startEvent id="c_start"/><endEvent id="c_end"/>{
    flow("g1", "c_start", "c_end")
}</process>
</definitions>""".encode()
