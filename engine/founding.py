"""A process from nothing: the smallest package that runs, laid out and ready to be changed.

One start form, one step of one role, one end; rights for that role; and a scenario that plays it. Everything is made of
the names that its founder gives, so that nothing has to be found and renamed afterwards.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape, quoteattr

from engine.package import START, Package

if TYPE_CHECKING:
    from datetime import date

#: The first step's id; the diagram editor renames it with its form.
STEP: Final = "handle"
#: Roles that need no grant.
_EVERYBODY: Final = frozenset({"anyone", "signed-in"})
_BEGIN, _END = "submitted", "finished"
_NAMESPACES: Final = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
)


@dataclass(frozen=True, slots=True)
class Founding:
    """What its founder says about a new process."""

    name: str
    #: By language; Chinese is always there.
    title: dict[str, str]
    #: The department in charge, in words.
    owner: str
    #: Who does the first step: the role, and what people call it.
    role: str
    role_name: str
    #: Who may apply: a role; `anyone` includes people without account.
    starter: str
    #: Of the scenario: the area where it plays, and a working day.
    area: str
    day: date


def found(wish: Founding) -> Package:
    """The package of a new process; its lint has neither error nor warning, and its scenario comes out as written."""
    name = wish.name
    return Package(
        name,
        {
            f"workflows/bpmn/{name}.bpmn": _model(wish).encode(),
            f"workflows/scenarios/{name}.yaml": _scenario(wish).encode(),
            f"forms/{name}/{START}.json": start_form(wish.title),
            f"forms/{name}/{STEP}.json": _form(STEP, _STEP_TITLE, _ANSWERS),
            f"policies/{name}.csv": _rights(wish).encode(),
        },
    )


_STEP_TITLE: Final = {"zh": "办理", "en": "Handle"}
_QUESTIONS: Final[list[dict[str, Any]]] = [
    {
        "key": "applicant_name",
        "type": "text",
        "label": {"zh": "申请人姓名", "en": "Applicant's name"},
        "required": True,
        "max_length": 60,
    },
    {
        "key": "request",
        "type": "longtext",
        "label": {"zh": "申请事项", "en": "What is asked for"},
        "required": True,
        "max_length": 1000,
    },
]
_ANSWERS: Final[list[dict[str, Any]]] = [
    {
        "key": "outcome",
        "type": "choice",
        "label": {"zh": "办理结果", "en": "Outcome"},
        "required": True,
        "options": [
            {"value": "granted", "label": {"zh": "同意", "en": "Granted"}},
            {"value": "refused", "label": {"zh": "不同意", "en": "Refused"}},
        ],
    },
    {
        "key": "opinion",
        "type": "longtext",
        "label": {"zh": "办理意见", "en": "Opinion"},
        "required_when": 'outcome = "refused"',
        "max_length": 1000,
    },
]


def start_form(title: dict[str, str]) -> bytes:
    """A start form that asks who applies, and for what."""
    return _form(START, title, _QUESTIONS)


def _form(name: str, title: dict[str, str], fields: list[dict[str, Any]]) -> bytes:
    heading = {"zh": "内容", "en": "Details"}
    form = {
        "id": name,
        "title": title,
        "variables": "all",
        "sections": [{"title": heading, "fields": fields}],
    }
    return (json.dumps(form, ensure_ascii=False, indent=2) + "\n").encode()


def _rights(wish: Founding) -> str:
    name = wish.name
    return (
        f"# {_line(wish.title['zh'])}. Columns: p, role, object, action.\n"
        f"p, {wish.starter}, {name}, start\n"
        f"p, {wish.role}, {name}, see\n"
        f"p, {wish.role}, {name}/{wish.role}, work\n"
    )


def _scenario(wish: Founding) -> str:
    day = wish.day.isoformat()
    public = wish.starter in _EVERYBODY
    starter = "{}" if public else json.dumps({"role": wish.starter, "area": wish.area})
    channel = "online" if public else "window"
    actors = f"  applicant: {starter}\n  handler: {{role: {wish.role}, area: '{wish.area}'}}\n"
    data = "{applicant_name: 张三, request: 试办一件}"
    return (
        f"process: {wish.name}\n"
        f"about: {json.dumps(_line(wish.title['zh']), ensure_ascii=False)}\n"
        f"actors:\n{actors}"
        "cases:\n"
        "- id: granted\n"
        "  title: 申请后办理，同意\n"
        f"  start: {{at: '{day}T09:00', actor: applicant, area: '{wish.area}', channel: {channel}, data: {data}}}\n"
        "  steps:\n"
        f"  - {{task: {STEP}, actor: handler, at: '{day}T10:00', data: {{outcome: granted, opinion: 符合条件}}}}\n"
        "  expect:\n"
        f"    path: [{_BEGIN}, {STEP}, {_END}]\n"
        "    tasks:\n"
        f"    - {{task: {STEP}, role: {wish.role}}}\n"
        "    state: {ended: true}\n"
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _model(wish: Founding) -> str:
    part = wish.name.replace("-", "_")
    title, lane = quoteattr(_line(wish.title["zh"])), quoteattr(_line(wish.role_name))
    about = f"主办部门：{_line(wish.owner)}" if wish.owner.strip() else ""
    said = f"    <bpmn:documentation>{escape(about)}</bpmn:documentation>\n" if about else ""
    first, second = f"{_BEGIN}__{STEP}", f"{STEP}__{_END}"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions {_NAMESPACES} id="definitions_{part}" targetNamespace="urn:banjian:{wish.name}">
  <bpmn:collaboration id="collaboration_{part}">
    <bpmn:participant id="pool_{part}" name={title} processRef="{wish.name}" />
  </bpmn:collaboration>
  <bpmn:process id="{wish.name}" name={title} isExecutable="true">
{said}    <bpmn:laneSet id="lanes">
      <bpmn:lane id="{wish.role}" name={lane}>
        <bpmn:flowNodeRef>{_BEGIN}</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>{STEP}</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>{_END}</bpmn:flowNodeRef>
      </bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="{_BEGIN}" name="收到申请">
      <bpmn:outgoing>{first}</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:userTask id="{STEP}" name="{_STEP_TITLE["zh"]}">
      <bpmn:incoming>{first}</bpmn:incoming>
      <bpmn:outgoing>{second}</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="{_END}" name="办结">
      <bpmn:incoming>{second}</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="{first}" sourceRef="{_BEGIN}" targetRef="{STEP}" />
    <bpmn:sequenceFlow id="{second}" sourceRef="{STEP}" targetRef="{_END}" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement="collaboration_{part}">
{_drawn(part, wish.role, first, second)}    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


def _drawn(part: str, lane: str, first: str, second: str) -> str:
    """The diagram: one lane, everything on its middle line, labels of the events below them."""
    boxes = (
        (f"pool_{part}", (160, 80, 640, 200), ' isHorizontal="true"', None),
        (lane, (190, 80, 610, 200), ' isHorizontal="true"', None),
        (_BEGIN, (262, 162, 36, 36), "", (258, 205, 44, 14)),
        (STEP, (390, 140, 100, 80), "", None),
        (_END, (582, 162, 36, 36), "", (589, 205, 22, 14)),
    )
    text = ""
    for element, box, more, label in boxes:
        shown = f"<bpmndi:BPMNLabel>{_bounds(label)}</bpmndi:BPMNLabel>" if label else ""
        text += f'      <bpmndi:BPMNShape id="{element}_di" bpmnElement="{element}"{more}>{_bounds(box)}{shown}</bpmndi:BPMNShape>\n'
    for flow, (start, end) in {first: (298, 390), second: (490, 582)}.items():
        points = f'<di:waypoint x="{start}" y="180" /><di:waypoint x="{end}" y="180" />'
        text += f'      <bpmndi:BPMNEdge id="{flow}_di" bpmnElement="{flow}">{points}</bpmndi:BPMNEdge>\n'
    return text


def _bounds(box: tuple[int, int, int, int]) -> str:
    x, y, width, height = box
    return f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}" />'
