"""The checker tells where a model can get stuck, and how a case comes there."""

from __future__ import annotations

from engine.lint import Severity, lint
from tests.engine.small import RULES, ends, model, package, task


def test_a_deadlock_is_a_warning_with_the_way() -> None:
    elements = ends() + task("userTask", "check") + task("userTask", "confirm")
    elements += '<bpmn:exclusiveGateway id="choose" default="f2"/><bpmn:parallelGateway id="join"/>'
    flows = "begin>choose choose>check[true] choose>confirm check>join confirm>join join>done"
    broken = package(
        "stuck", model("stuck", {"clerk": "check confirm"}, elements, flows), RULES.format("stuck"), {}
    )
    found = {one.code: one for one in lint(broken)}
    assert found["deadlock"].severity is Severity.WARNING
    assert found["deadlock"].element == "join"
    assert found["deadlock"].values["way"] == ["start", "complete confirm"]
    assert found["unreached"].element == "done"
    assert "soundness-bounded" not in found
