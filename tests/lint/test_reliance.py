"""What lint says of papers that a case relies on, and of names that a context hides."""

from __future__ import annotations

from typing import Any

from engine.lint import lint
from tests.engine.small import ends, form, model, package, task

LOOK = task("serviceTask", "look", operation="document.verify", result="seen", input="={number: number}")
WORK = task("userTask", "decide")
HEARD = (
    '<bpmn:boundaryEvent id="heard" attachedToRef="decide"><bpmn:extensionElements><spiffworkflow:properties>'
    '<spiffworkflow:property name="result" value="news"/></spiffworkflow:properties></bpmn:extensionElements>'
    '<bpmn:messageEventDefinition messageRef="m"/></bpmn:boundaryEvent>'
)
MESSAGE = '<bpmn:message id="m" name="document_revoked"/>'


def found(elements: str, flows: str, events: str = "") -> list[tuple[str, str | None, Any]]:
    bpmn = model("p", {"clerk": "decide"}, ends() + elements, flows, events)
    fields = [{"key": key, "type": "text"} for key in ("number", "kind")]
    forms = {"start": form("start", *fields), "decide": form("decide", {"key": "note", "type": "text"})}
    given = package("p", bpmn, "p, clerk, p, start\np, clerk, p/clerk, work\n", forms)
    codes = ("revocation-unheard", "name-hidden")
    return [(one.code, one.element, one.values) for one in lint(given) if one.code in codes]


def test_whoever_relies_on_a_paper_waits_for_its_end() -> None:
    flows = "begin>look look>decide decide>done"
    assert [one[:2] for one in found(LOOK + WORK, flows)] == [("revocation-unheard", "look")]
    assert found(LOOK + WORK + HEARD, flows + " heard>done", MESSAGE) == []


def test_whoever_ends_papers_is_spared() -> None:
    end = task("serviceTask", "end", operation="document.revoke", result="r", input="={number: number}")
    assert found(LOOK + WORK + end, "begin>look look>decide decide>end end>done") == []


def test_an_entry_that_hides_a_variable_from_a_later_one() -> None:
    def opened(given: str) -> list[tuple[str, str | None, Any]]:
        call = task("serviceTask", "open", operation="case.start", result="r", input=given)
        return found(WORK + call, "begin>decide decide>open open>done")

    hidden = opened("={kind: &quot;certificate&quot;, item: if kind = &quot;x&quot; then 1 else 2}")
    assert hidden == [("name-hidden", "open", {"name": "kind"})]
    assert opened("={item: if kind = &quot;x&quot; then 1 else 2, kind: &quot;certificate&quot;}") == []
    assert opened("={kind: kind, item: if kind = &quot;x&quot; then 1 else 2}") == []
