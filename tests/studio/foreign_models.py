"""Short models as other tools write them, with what those tools keep in extensions of their own."""

from __future__ import annotations

_MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {prefix} id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn" exporter="Modeler">
  <!-- kept as it is -->
  <bpmn:process id="Process_invoice" name="发票审批" isExecutable="true"{process}>
    <bpmn:startEvent id="Start_1"><bpmn:outgoing>Flow_1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="Task_approve" name="审批"{task}>{inside}<bpmn:incoming>Flow_1</bpmn:incoming><bpmn:outgoing>Flow_2</bpmn:outgoing></bpmn:userTask>
    <bpmn:exclusiveGateway id="Gw" default="Flow_4"><bpmn:incoming>Flow_2</bpmn:incoming><bpmn:outgoing>Flow_3</bpmn:outgoing><bpmn:outgoing>Flow_4</bpmn:outgoing></bpmn:exclusiveGateway>
    <bpmn:serviceTask id="Task_pay" name="付款"{service}>{called}<bpmn:incoming>Flow_3</bpmn:incoming><bpmn:outgoing>Flow_5</bpmn:outgoing></bpmn:serviceTask>
    <bpmn:businessRuleTask id="Task_rule" name="判断"{rule}>{decided}<bpmn:incoming>Flow_5</bpmn:incoming><bpmn:outgoing>Flow_6</bpmn:outgoing></bpmn:businessRuleTask>
    <bpmn:endEvent id="End_1"><bpmn:incoming>Flow_4</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="End_2"><bpmn:incoming>Flow_6</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="Flow_1" sourceRef="Start_1" targetRef="Task_approve"/>
    <bpmn:sequenceFlow id="Flow_2" sourceRef="Task_approve" targetRef="Gw"/>
    <bpmn:sequenceFlow id="Flow_3" sourceRef="Gw" targetRef="Task_pay"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">${{approved == true}}</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="Flow_4" sourceRef="Gw" targetRef="End_1"/>
    <bpmn:sequenceFlow id="Flow_5" sourceRef="Task_pay" targetRef="Task_rule"/>
    <bpmn:sequenceFlow id="Flow_6" sourceRef="Task_rule" targetRef="End_2"/>
  </bpmn:process>
</bpmn:definitions>
"""


def _of(**parts: str) -> bytes:
    empty = dict.fromkeys(("process", "task", "inside", "service", "called", "rule", "decided"), "")
    return _MODEL.format(**{**empty, **parts}).encode()


def _extended(text: str) -> str:
    return f"<bpmn:extensionElements>{text}</bpmn:extensionElements>"


CAMUNDA_7 = _of(
    prefix='xmlns:camunda="http://camunda.org/schema/1.0/bpmn"',
    process=' camunda:historyTimeToLive="180"',
    task=' camunda:assignee="${boss}" camunda:candidateGroups="accounting" camunda:dueDate="${now()}"',
    inside=_extended(
        '<camunda:formData><camunda:formField id="approved" label="同意" type="boolean"><camunda:validation>'
        '<camunda:constraint name="required"/></camunda:validation></camunda:formField>'
        '<camunda:formField id="kind" label="种类" type="enum"><camunda:value id="a" name="甲"/></camunda:formField>'
        '</camunda:formData><camunda:taskListener class="org.example.Told" event="create"/>'
    ),
    service=' camunda:class="org.example.Pay" camunda:asyncBefore="true"',
    rule=' camunda:decisionRef="limits" camunda:resultVariable="limit"',
)
CAMUNDA_8 = _of(
    prefix='xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"',
    inside=_extended('<zeebe:assignmentDefinition candidateGroups="a"/><zeebe:formDefinition formId="f"/>'),
    called=_extended(
        '<zeebe:taskDefinition type="pay"/><zeebe:ioMapping><zeebe:input source="=a" target="b"/></zeebe:ioMapping>'
        '<zeebe:calledElement processId="other"/>'
    ),
    decided=_extended('<zeebe:calledDecision decisionId="limits" resultVariable="limit"/>'),
)
FLOWABLE = _of(
    prefix='xmlns:flowable="http://flowable.org/bpmn"',
    task=' flowable:candidateUsers="a,b" flowable:formKey="f"',
    service=' flowable:delegateExpression="${pay}"',
)
