"""Nobody loses anything unheard: the run-time rule of `effect`, and operations whose name FEEL gives."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from play import Play, flow, model, props

from engine.core import step as core

NAMED = '="check." + source'
LI, WANG = {"name": "李四", "id_no": "1"}, {"name": "王五", "id_no": "2"}


def task(name: str, **settings: str) -> str:
    return f'<userTask id="{name}">{props(**settings)}</userTask>'


def stop(name: str, effect: str = "stop", about: str = "=person") -> str:
    return f'<serviceTask id="{name}">{props(operation="x", effect=effect, about=about)}</serviceTask>'


def line(*names: str) -> str:
    return "".join(flow(a, b) for a, b in zip(("s", *names), (*names, "e"), strict=True))


def case(*parts: str, names: tuple[str, ...]) -> bytes:
    return model(f'<startEvent id="s"/>{"".join(parts)}<endEvent id="e"/>{line(*names)}')


def test_a_stop_without_a_hearing_is_an_incident_that_keeps_the_case() -> None:
    play = Play(case(stop("stop"), names=("stop",)), {"person": LI})
    assert play.incidents == [("stop", "hearing-missing")]


def test_a_hearing_that_was_completed_carries_the_stop() -> None:
    hear = task("hear", effect="hearing", about="=person")
    play = Play(case(hear, stop("stop"), names=("hear", "stop")), {"person": LI})
    play.complete("hear")
    assert play.incidents == []
    assert [entry["used"] is not None for entry in play.variables["heard"]] == [True]


def test_one_hearing_carries_one_decision_and_one_person() -> None:
    hear = task("hear", effect="hearing", about="=person")
    twice = Play(case(hear, stop("a"), stop("b", "reduce"), names=("hear", "a", "b")), {"person": LI})
    twice.complete("hear")
    twice.complete("a")
    assert twice.incidents == [("b", "hearing-missing")]
    other = Play(case(hear, stop("a", about="=other"), names=("hear", "a")), {"person": LI, "other": WANG})
    other.complete("hear")
    assert other.incidents == [("a", "hearing-missing")]


def test_an_operation_may_be_named_by_feel() -> None:
    named = f'<serviceTask id="ask">{props(operation=NAMED)}</serviceTask>'
    play = Play(case(named, names=("ask",)), {"source": "tax"})
    assert [e.operation for e in play.events if isinstance(e, core.CallRequested)] == ["check.tax"]
    unknown = Play(case(named, names=("ask",)), {"source": None})
    assert unknown.incidents == [("ask", "null-operation")]


def test_a_called_hearing_is_about_the_callers_person() -> None:
    called = (
        f'<callActivity id="hear" calledElement="q">{props(effect="hearing", about="=person", input="={who: 1}")}'
        "</callActivity>"
    )
    part = f'<process id="q" isExecutable="false"><startEvent id="qs"/><userTask id="reply"/>{flow("qs", "reply")}</process>'
    play = Play(
        model(
            f'<startEvent id="s"/>{called}{stop("stop")}<endEvent id="e"/>{line("hear", "stop")}', more=part
        ),
        {"person": LI},
    )
    play.complete("reply")
    assert play.incidents == []
    assert play.variables["heard"][0]["about"] == LI


def test_every_instance_hears_its_own_person() -> None:
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>people</loopDataInputRef>"
        '<inputDataItem id="one" name="one"/></multiInstanceLoopCharacteristics>'
    )
    hear = f'<userTask id="hear">{props(effect="hearing", about="=one")}{loop}</userTask>'
    play = Play(case(hear, stop("stop", about="=people[2]"), names=("hear", "stop")), {"people": [LI, WANG]})
    play.complete("hear").complete("hear")
    assert play.incidents == []
    assert [entry["about"]["name"] for entry in play.variables["heard"]] == ["李四", "王五"]
