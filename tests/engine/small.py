"""A small office for tests of the shell: a few one-page models, three kinds of actors, no files of the tree."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from engine.access import Access, Actor, Grant, engine_actor
from engine.bus import Bus
from engine.commands import ClaimTask, Command, CompleteTask, Office, Publish, SubmitApplication
from engine.commands.versions import Versions
from engine.effects import Answered, Effects, Message
from engine.feel import World
from engine.package import Package, pack
from engine.relay import Carrier, Patience
from engine.store import open_store
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands import Answer

AREA = "140702001"
NOON = datetime(2026, 8, 3, 4, 0, tzinfo=UTC)
INSTALLER = engine_actor("installation")
ENGINE = engine_actor("test")

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="definitions" targetNamespace="banjian">"""


def model(process: str, lanes: Mapping[str, str], elements: str, flows: str, events: str = "") -> bytes:
    """A model: lanes as id -> element ids, elements as XML, flows as `a>b c>d[condition]`; `events` are top-level."""
    sets = "".join(
        f'<bpmn:lane id="{lane}" name="{lane}">'
        + "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in nodes.split())
        + "</bpmn:lane>"
        for lane, nodes in lanes.items()
    )
    arrows = ""
    for number, flow in enumerate(flows.split()):
        source, _, target = flow.partition(">")
        target, _, condition = target.partition("[")
        inner = (
            f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition[:-1]}</bpmn:conditionExpression>'
            if condition
            else ""
        )
        arrows += f'<bpmn:sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'
    return (
        f'{_HEAD}{events}<bpmn:process id="{process}" name="{process}" isExecutable="true">'
        f'<bpmn:laneSet id="lanes">{sets}</bpmn:laneSet>{elements}{arrows}</bpmn:process></bpmn:definitions>'
    ).encode()


def task(tag: str, name: str, inner: str = "", **settings: str) -> str:
    """An activity with our properties."""
    properties = "".join(f'<spiffworkflow:property name="{k}" value="{v}"/>' for k, v in settings.items())
    extension = (
        f"<bpmn:extensionElements><spiffworkflow:properties>{properties}</spiffworkflow:properties></bpmn:extensionElements>"
        if settings
        else ""
    )
    return f'<bpmn:{tag} id="{name}" name="{name}">{extension}{inner}</bpmn:{tag}>'


def ends(start: str = "begin", end: str = "done") -> str:
    return f'<bpmn:startEvent id="{start}"/><bpmn:endEvent id="{end}"/>'


def form(name: str, *fields: dict[str, Any]) -> bytes:
    title = {"zh": name, "en": name}
    full = [{"label": title, **field} for field in fields]
    return json.dumps(
        {"id": name, "title": title, "variables": "all", "sections": [{"title": title, "fields": full}]}
    ).encode()


def package(
    name: str, bpmn: bytes, policies: str, forms: Mapping[str, bytes] | None = None, **files: bytes
) -> Package:
    """A package of one model with its forms and policies."""
    found = {f"workflows/bpmn/{name}.bpmn": bpmn, f"policies/{name}.csv": policies.encode(), **files}
    found |= {f"forms/{name}/{key}.json": value for key, value in (forms or {}).items()}
    return Package(name, found)


RULES = (
    "p, signed-in, {0}, start\np, clerk, {0}/clerk, work\np, leader, {0}/leader, work\np, clerk, {0}, see\n"
)


def relief() -> Package:
    """register (clerk) -> approve (leader, not the registrar) -> pay (outbox) -> end."""
    elements = ends() + task("userTask", "register")
    elements += task("userTask", "approve", separate_from="register")
    elements += task("serviceTask", "pay", operation="pay", result="paid", input="={amount: amount}")
    bpmn = model(
        "relief",
        {"clerk": "register", "leader": "approve"},
        elements,
        "begin>register register>approve approve>pay pay>done",
    )
    forms = {
        "start": form("start", {"key": "reason", "type": "text", "required": True}),
        "register": form("register", {"key": "amount", "type": "money", "required": True}),
    }
    return package("relief", bpmn, RULES.format("relief"), forms)


def person(name: str, role: str = "clerk", area: str = "140702") -> Actor:
    return Actor(name, name.upper(), (Grant(role, area),))


@dataclass
class Small:
    """An open test office."""

    bus: Bus
    carrier: Carrier
    _ids: count[int]
    now: datetime = NOON

    def do(self, command: Command, actor: Actor = ENGINE) -> Answer:
        return self.bus.execute(command, actor, self.now)

    def id(self) -> str:
        return f"c{next(self._ids)}"

    def submit(self, process: str = "relief", data: Mapping[str, Any] | None = None, **fields: Any) -> Answer:
        given = {"reason": "fire"} if data is None and process == "relief" else (data or {})
        actor = fields.pop("actor", person("ann"))
        return self.do(SubmitApplication(self.id(), process, AREA, given, **fields), actor)

    def work(self, key: str, actor: Actor, data: Mapping[str, Any] | None = None) -> Answer:
        """Claim and complete."""
        claimed = self.do(ClaimTask(self.id(), key), actor)
        return self.do(CompleteTask(self.id(), key, claimed["revision"], data or {}), actor)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.bus.store.reading() as reader:
            return list(reader.rows(sql, values))

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def close(self) -> None:
        self.bus.store.close()


def paid(message: Message, _effects: Effects) -> Answered:
    return Answered({"receipt": f"r-{message.id}", "amount": message.input["amount"]})


def open_small(
    url: str, *packages: Package, handlers: Mapping[str, Any] | None = None, size: int = 10
) -> Small:
    """Open an office on a migrated database, with these packages published."""
    store = open_store(url, size=size)
    versions = Versions(store)
    access = Access(
        (ROOT / "policies" / "model.conf").read_text(),
        (ROOT / "policies" / "base.csv").read_text(),
        {p.name: p.policies for p in packages},
    )
    bus = Bus(store, Office(versions, World()), access)
    small = Small(bus, None, count(1))  # type: ignore[arg-type]
    effects = Effects(versions, lambda: small.now)
    small.carrier = Carrier(bus, {"pay": paid, **(handlers or {})}, effects, patience=Patience(tries=3))
    for each in packages:
        small.do(Publish(f"publish-{each.digest}", each.name, archive=pack(each)), INSTALLER)
    return small
