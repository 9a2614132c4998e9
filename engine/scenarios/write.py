"""Scenarios written by filling in forms: one case put into its file as text, and what came made into what must come."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from engine.scenarios.model import (
    Ending,
    Expectation,
    ExpectedDecision,
    ExpectedDocument,
    ExpectedPayment,
    ExpectedTask,
    ScenarioBroken,
    plain_scenarios,
    read_scenarios,
)
from engine.scenarios.outcome import last_day
from engine.scenarios.yaml_text import alike, amended

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.scenarios.model import Cast, ScenarioCase
    from engine.scenarios.outcome import Outcome

#: What is meant where nothing is said; a file that says it nevertheless goes on saying it.
_USUAL: tuple[Any, ...] = (None, "", [], {}, "window")


def write_case(
    content: bytes | None, process: str, case: ScenarioCase, cast: Mapping[str, Cast], *, was: str = ""
) -> bytes:
    """The scenario file with this case added, or in the place of the one with its id (or the id `was`).

    All else stays byte for byte. ScenarioBroken if the file cannot be read, TextKnotted if it is written in a way in
    which it cannot be changed here.
    """
    text = content.decode() if content else f"process: {process}\n"
    wanted = _read(text)
    actors = wanted.get("actors") or {}
    for name, one in cast.items():
        actors[name] = _kept(actors.get(name), _plain(one))
    if actors:
        wanted["actors"] = actors
    cases = list(wanted.get("cases") or ())
    place = next((n for n, one in enumerate(cases) if one.get("id") == (was or case.id)), None)
    plain = _plain(case)
    if place is None:
        cases.append(plain)
    else:
        cases[place] = _kept(cases[place], plain)
    wanted["cases"] = cases
    changed = amended(text, wanted, _read).encode()
    read_scenarios(changed)
    return changed


def remove_case(content: bytes, case: str) -> bytes:
    """The scenario file without this case, all else byte for byte."""
    text = content.decode()
    wanted = _read(text)
    wanted["cases"] = [one for one in wanted.get("cases") or () if one.get("id") != case]
    return amended(text, wanted, _read).encode()


def expected(outcome: Outcome, zone: Any) -> Expectation:
    """What came out as what must come out."""
    tasks = {
        (one["task"], one["role"]): ExpectedTask(one["task"], one["role"] or None, _due(one["due"], zone))
        for one in outcome.tasks
    }
    documents: dict[str, int] = {}
    for one in outcome.documents:
        documents[one["document"]] = documents.get(one["document"], 0) + 1
    decisions = {one["decision"]: one for one in outcome.decisions}  # the last of each
    return Expectation(
        path=list(outcome.path),
        tasks=list(tasks.values()),
        decisions=[ExpectedDecision(name, _rules(one)) for name, one in decisions.items()],
        payments=[ExpectedPayment(Decimal(str(amount)), fund) for fund, amount in outcome.payments],
        documents=[ExpectedDocument(name, count=count) for name, count in documents.items()],
        notices=list(dict.fromkeys(outcome.notices)),
        state=Ending(ended=True) if outcome.ended else Ending(open=list(outcome.open)),
    )


def _due(due: Any, zone: Any) -> str | None:
    if due is None:
        return None
    local = due.astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        return last_day(local).isoformat()
    return str(local.replace(tzinfo=None).isoformat(timespec="minutes"))


def _rules(trace: Mapping[str, Any]) -> int | list[int] | None:
    hit = [rule["index"] for rule in trace.get("rules", ()) if rule["hit"]]
    return hit[0] if len(hit) == 1 else hit or None


def _read(text: str) -> dict[str, Any]:
    try:
        found = plain_scenarios(text.encode())
    except (yaml.YAMLError, ArithmeticError) as fault:
        raise ScenarioBroken(file="", reason=str(fault)) from fault
    if not isinstance(found, dict):
        raise ScenarioBroken(file="", reason="no mapping")
    return found


def _plain(value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(value, builtin_types=(Decimal,))
    return plain


def _kept(old: Any, new: Any) -> Any:
    """The new value, saying in the old one's words what is the same: usual values that were spelled out, order of keys."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            return [_kept(one, other) for one, other in zip(old, new, strict=True)]
        return old if alike(old, new) or (isinstance(new, Decimal) and str(old) == str(new)) else new
    kept = {
        name: _kept(value, new[name]) if name in new else value
        for name, value in old.items()
        if name in new or value in _USUAL
    }
    return {**kept, **{name: value for name, value in new.items() if name not in old}}
