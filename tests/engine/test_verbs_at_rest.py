"""Transfer, delegate, urge, copy and substitute move no token: in a sequence, beside others, among signers, inside a scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.commands import (
    AddAccount,
    ClaimTask,
    CompleteTask,
    CopyTo,
    DelegateTask,
    EndSubstitute,
    GrantLine,
    ReadCopy,
    ReturnDelegated,
    SetSubstitute,
    TransferTask,
    UrgeTask,
)
from engine.commands.people import actor_of
from tests.engine.small import INSTALLER, RULES, ends, model, open_small, package, task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.access import Actor
    from engine.package import Package
    from tests.engine.small import Small

_FORK = '<bpmn:parallelGateway id="f"/><bpmn:parallelGateway id="j"/>'
_MANY = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
_INNER = (
    '<bpmn:startEvent id="is"/><bpmn:endEvent id="ie"/>'
    + task("userTask", "t")
    + '<bpmn:sequenceFlow id="i1" sourceRef="is" targetRef="t"/><bpmn:sequenceFlow id="i2" sourceRef="t" targetRef="ie"/>'
)
#: name -> (elements around the task t, flows)
SHAPES = {
    "sequence": (task("userTask", "t"), "begin>t t>done"),
    "parallel": (
        _FORK + task("userTask", "t") + task("userTask", "b"),
        "begin>f f>t f>b t>j b>j j>done",
    ),
    "signers": (task("userTask", "t", _MANY), "begin>t t>done"),
    "scope": (f'<bpmn:subProcess id="sub">{_INNER}</bpmn:subProcess>', "begin>sub sub>done"),
}
DAY = "2026-08-03"


def shape(name: str) -> Package:
    elements, flows = SHAPES[name]
    lanes = {"clerk": "t b" if name == "parallel" else "sub" if name == "scope" else "t"}
    rules = RULES + "p, chief, {0}, reassign\n"
    return package("shape", model("shape", lanes, ends() + elements, flows), rules.format("shape"))


@pytest.fixture(params=SHAPES)
def office(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[Small]:
    small = open_small(sqlite_url, shape(request.param))
    for name in ("ann", "bob", "far"):
        grants = [GrantLine("clerk", "140702")] if name != "far" else [GrantLine("chief", "140702")]
        small.do(AddAccount(f"add-{name}", name, name.upper(), grants=grants), INSTALLER)
    yield small
    small.close()


def person(office: Small, name: str) -> Actor:
    with office.bus.store.reading() as reader:
        return actor_of(reader, name, office.now.date())


def rest(office: Small) -> Any:
    """The marking, and which tasks are open."""
    return (
        office.rows("SELECT marking, variables FROM cases"),
        office.rows("SELECT id, token, element, scope FROM task WHERE state = 'open' ORDER BY id"),
    )


def test_no_token_moves(office: Small) -> None:
    case = office.submit("shape", {})["case"]
    key = office.rows("SELECT id FROM task WHERE element = 't' ORDER BY id")[0][0]
    ann, bob = person(office, "ann"), person(office, "bob")
    office.do(ClaimTask(office.id(), key), ann)
    before = rest(office)
    office.do(TransferTask(office.id(), key, "bob", "on leave"), ann)
    assert rest(office) == before
    office.do(DelegateTask(office.id(), key, "ann", "wide enough?"), bob)
    assert rest(office) == before
    office.do(ReturnDelegated(office.id(), key, "yes"), ann)
    assert rest(office) == before
    office.do(UrgeTask(office.id(), key, "please"), bob)
    assert rest(office) == before
    office.do(CopyTo(office.id(), key, ["far"], "for your files"), bob)
    office.do(ReadCopy(office.id(), case), person(office, "far"))
    assert rest(office) == before
    told = office.do(SetSubstitute(office.id(), "bob", "ann", DAY, DAY, "", "ill"), bob)
    assert rest(office) == before
    # Whoever has it at the end completes it, and only then something moves.
    office.do(EndSubstitute(office.id(), told["substitute"]), bob)
    revision = office.rows("SELECT revision FROM task WHERE id = ?", key)[0][0]
    office.do(CompleteTask(office.id(), key, revision), bob)
    assert rest(office) != before
