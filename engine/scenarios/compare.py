"""Hold an outcome against what the scenario expects; every difference in one plain line."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.scenarios.difference import Difference
from engine.scenarios.outcome import last_day
from engine.scenarios.run import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.scenarios.model import Expectation, ExpectedDecision, ExpectedDocument, ExpectedTask
from engine.scenarios.outcome import Outcome


def differences(outcome: Outcome, zone: Any) -> list[Difference]:
    """Everything that came out otherwise than expected; empty when the scenario holds."""
    expect = outcome.case.expect
    return [
        *outcome.faults,
        *_incidents(outcome, expect),
        *_path(outcome, expect),
        *(line for task in expect.tasks for line in _task(outcome, task, zone)),
        *(line for decision in expect.decisions for line in _decision(outcome, decision)),
        *_values(outcome, expect),
        *_money(outcome, expect),
        *(line for document in expect.documents for line in _document(outcome, document)),
        *_cases(outcome, expect),
        *_rest(outcome, expect, zone),
    ]


def _incidents(outcome: Outcome, expect: Expectation) -> Iterator[Difference]:
    wanted = {f"{one.element}: {one.code}" for one in expect.incidents}
    yield from (Difference("incident", came=one) for one in outcome.incidents if one not in wanted)
    yield from (Difference("no-incident", wanted=one) for one in sorted(wanted - set(outcome.incidents)))


def _path(outcome: Outcome, expect: Expectation) -> Iterator[Difference]:
    place = 0
    for element in expect.path:
        try:
            place = outcome.path.index(element, place) + 1
        except ValueError:
            yield Difference("path-missing", wanted=element, came=" ".join(outcome.path))
            break
    for element in expect.not_path:
        if element in outcome.path:
            yield Difference("path-passed", came=element)


def _task(outcome: Outcome, task: ExpectedTask, zone: Any) -> Iterator[Difference]:
    found = [one for one in outcome.tasks if one["task"] == task.task]
    if not found:
        opened = ", ".join(one["task"] for one in outcome.tasks)
        yield Difference("task-missing", wanted=task.task, came=opened or "none")
        return
    wanted = [("role", task.role), ("area", task.area)]
    fitting = [one for one in found if all(value is None or one[name] == value for name, value in wanted)]
    if not fitting:
        came = f"{found[0]['role']}/{found[0]['area']}"
        yield Difference("task-place", task=task.task, came=came, wanted=f"{task.role}/{task.area}")
        return
    if task.due is not None and not any(_due_is(one["due"], task.due, zone) for one in fitting):
        came = "; ".join(_due_words(one["due"]) for one in fitting)
        yield Difference("task-due", task=task.task, came=came, wanted=task.due)


def _due_is(due: datetime | None, wanted: str, zone: Any) -> bool:
    if due is None:
        return wanted == "none"
    if len(wanted) == len("2026-08-03"):
        return last_day(due) == date.fromisoformat(wanted)
    if wanted.endswith("T24:00"):
        return last_day(due) == date.fromisoformat(wanted[:10])
    return wanted != "none" and due == moment(wanted, zone)


def _due_words(due: datetime | None) -> str:
    return "none" if due is None else f"{last_day(due)} (until {due:%Y-%m-%d %H:%M})"


def _decision(outcome: Outcome, wanted: ExpectedDecision) -> Iterator[Difference]:
    found = [one for one in outcome.decisions if wanted.decision in (one["decision"], one.get("name"))]
    if not found:
        yield Difference("decision-missing", wanted=wanted.decision)
        return
    last = found[-1]
    hit = [rule["index"] for rule in last.get("rules", []) if rule["hit"]]
    rules = [wanted.rule] if isinstance(wanted.rule, int) else wanted.rule
    if rules is not None and hit != rules:
        yield Difference("decision-rule", decision=wanted.decision, came=hit, wanted=rules)
    if wanted.value is not None and not same(wanted.value, last.get("value")):
        yield Difference(
            "decision-value", decision=wanted.decision, came=last.get("value"), wanted=wanted.value
        )
    cited = " ".join(
        str(text) for rule in last.get("rules", []) if rule["hit"] for text in rule["annotations"].values()
    )
    for article in wanted.articles:
        if article not in cited:
            yield Difference(
                "decision-article", decision=wanted.decision, wanted=article, came=cited or "none"
            )


def _values(outcome: Outcome, expect: Expectation) -> Iterator[Difference]:
    for name, wanted in {**expect.variables, **expect.amounts}.items():
        found = dig(outcome.variables, name)
        if not same(wanted, found):
            yield Difference("value", name=name, came=found, wanted=wanted)


def _money(outcome: Outcome, expect: Expectation) -> Iterator[Difference]:
    if expect.payments is not None:
        wanted = sorted((str(one.fund), Decimal(one.amount)) for one in expect.payments)
        found = sorted((str(fund), Decimal(str(amount))) for fund, amount in outcome.payments)
        if wanted != found:
            yield Difference("payments", came=_pairs(found), wanted=_pairs(wanted))
    for code, balance in expect.funds.items():
        if not same(balance, Decimal(str(outcome.funds.get(code, "NaN")))):
            yield Difference("fund", fund=code, came=outcome.funds.get(code), wanted=balance)


def _pairs(pairs: list[tuple[str, Decimal]]) -> str:
    return ", ".join(f"{amount} from {fund}" for fund, amount in pairs) or "none"


def _document(outcome: Outcome, wanted: ExpectedDocument) -> Iterator[Difference]:
    found = [one for one in outcome.documents if one["document"] == wanted.document]
    if not found and wanted.count != 0:
        issued = ", ".join(one["document"] for one in outcome.documents) or "none"
        yield Difference("document-missing", wanted=wanted.document, came=issued)
        return
    if wanted.count is not None and len(found) != wanted.count:
        yield Difference("document-count", document=wanted.document, came=len(found), wanted=wanted.count)
    for name, value in wanted.fields.items():
        values = [dig(one["fields"], name) for one in found]
        if not any(same(value, one) for one in values):
            yield Difference("document-field", document=wanted.document, name=name, came=values, wanted=value)


def _cases(outcome: Outcome, expect: Expectation) -> Iterator[Difference]:
    if expect.cases is None:
        return
    found = [one["process"] for one in outcome.cases]
    wanted = [one.process for one in expect.cases]
    if sorted(found) != sorted(wanted):
        yield Difference("cases", came=", ".join(found) or "none", wanted=", ".join(wanted) or "none")
        return
    for one, case in zip(
        sorted(expect.cases, key=lambda one: one.process),
        sorted(outcome.cases, key=lambda one: str(one["process"])),
        strict=True,
    ):
        for name in ("open", "ended", "area"):
            value = getattr(one, name)
            if value is not None and not same(value, case[name]):
                yield Difference("case-value", process=one.process, name=name, came=case[name], wanted=value)
        for name, value in one.variables.items():
            if not same(value, dig(case["variables"], name)):
                came = dig(case["variables"], name)
                yield Difference("case-value", process=one.process, name=name, came=came, wanted=value)


def _rest(outcome: Outcome, expect: Expectation, zone: Any) -> Iterator[Difference]:
    issued = {one["document"] for one in outcome.documents}
    yield from (Difference("document-issued", came=one) for one in expect.no_documents if one in issued)
    yield from (Difference("notice", wanted=one) for one in expect.notices if one not in outcome.notices)
    for entry in expect.journal:
        if not any(
            all(same(value, dig(one, name)) for name, value in entry.items()) for one in outcome.journal
        ):
            yield Difference("journal", wanted=entry)
    for element, due in expect.timers.items():
        found = outcome.timers.get(element)
        if found is None or not (_due_is(found, due, zone) or found == moment(due, zone)):
            yield Difference("timer", timer=element, came=found, wanted=due)
    if expect.state is not None:
        if expect.state.ended is not None and outcome.ended != expect.state.ended:
            yield Difference("ended") if outcome.ended else Difference("not-ended", came=outcome.open)
        if expect.state.open is not None and sorted(expect.state.open) != sorted(outcome.open):
            yield Difference("open", came=outcome.open, wanted=expect.state.open)


def dig(data: Mapping[str, Any], name: str) -> Any:
    """The value under a dotted name, or None."""
    value: Any = data
    for part in name.split("."):
        value = value.get(part) if hasattr(value, "get") else None
    return value


def same(wanted: Any, found: Any) -> bool:
    """Whether a value of a scenario file means what was found: numbers exactly, dates by their text."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(same(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(same, wanted, found))
    if isinstance(wanted, bool) or wanted is None:
        return wanted is found
    if isinstance(wanted, int | float | Decimal):
        try:
            return Decimal(str(wanted)) == Decimal(str(found))
        except ArithmeticError:
            return False
    if isinstance(found, datetime | date):
        return found.isoformat().startswith(str(wanted))
    return str(wanted) == str(found)
