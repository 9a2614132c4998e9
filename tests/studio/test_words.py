"""Words of the studio whose keys are put together while a page is made: each that can come up is there."""

from __future__ import annotations

import re

from api.studio.files import kind_of
from api.studio.frame import TABS
from api.words import catalogue, knows
from engine.lint import Severity
from engine.package import unpack
from tests.conftest import ROOT

COMMANDS = ROOT / "engine" / "commands"


def _text(*names: str) -> str:
    return "".join((COMMANDS / f"{name}.py").read_text() for name in names)


def test_steps_of_a_draft_have_words() -> None:
    source = _text("drafting", "reviewing", "processes")
    kinds = set(re.findall(r'move\(\s*work,\s*[^,]+,\s*"([a-z-]+)"', source))
    assert {"begun", "saved", "removed", "dropped", "restored", "asked", "returned", "published"} <= kinds
    assert not {kind for kind in kinds if not knows(f"studio.step-{kind}")}


def test_tabs_states_and_kinds_have_words() -> None:
    assert not {name for name, _ in TABS if not knows(f"studio.tab-{name}")}
    states = {"draft", "review", "published", "retired", "dropped", "new"}
    assert not {state for state in states if not knows(f"studio.state-{state}")}
    assert not {level.value for level in Severity if not knows(f"studio.severity-{level.value}")}
    paths = (
        "workflows/bpmn/a.bpmn",
        "workflows/dmn/a/b.dmn",
        "workflows/dmn/a/b.tests.json",
        "forms/a/start.json",
    )
    more = (
        "workflows/scenarios/a.yaml",
        "workflows/campaigns/a.json",
        "policies/a.csv",
        "templates/a/D1.html",
        "x",
    )
    assert not {kind_of(path) for path in (*paths, *more) if not knows(f"studio.kind-{kind_of(path)}")}


def test_what_comes_next_and_what_was_done_have_words() -> None:
    overview = (ROOT / "api" / "studio" / "overview.py").read_text()
    body = overview[overview.index("def _next(") : overview.index("def _files(")]
    nexts = set(re.findall(r'"(begin|restore|retired|review|returned|mend|ask|nothing)"', body))
    assert len(nexts) == 8
    assert not {name for name in nexts if not knows(f"studio.next-{name}")}
    review = (ROOT / "api" / "studio" / "review.py").read_text()
    said = re.search(r"_SAID = frozenset\(\{([^}]*)\}\)", review)
    assert said is not None
    names = re.findall(r'"([a-z-]+)"', said[1])
    assert len(names) >= 7
    assert not {name for name in names if not knows(f"studio.said-{name}")}


def test_refusals_of_archives_have_words() -> None:
    source = "".join((ROOT / "engine" / f"{name}.py").read_text() for name in ("package", "importing"))
    reasons = set(re.findall(r'reason="([a-z-]+)"', source))
    assert {"no-zip", "path-outside", "too-large", "which-process"} <= reasons
    assert not {reason for reason in reasons if not knows(f"studio.refused-{reason}")}
    assert unpack.__doc__


def test_no_word_of_the_library_is_left_over() -> None:
    """Every key of the studio's own area is used by a page, or begins like one that is put together."""
    pages = "".join(path.read_text() for path in (ROOT / "api" / "ui" / "pages" / "studio").glob("*.html"))
    code = "".join(
        path.read_text() for path in (ROOT / "api").rglob("*.py") if "node_modules" not in path.parts
    )
    made = ("tab-", "state-", "step-", "next-", "said-", "severity-", "kind-", "refused-", "starter-", "new-")
    own = [key for key in catalogue("zh") if key.startswith("studio.")]
    left = [
        key
        for key in own
        if not key.removeprefix("studio.").startswith(made)
        and f"{key}'" not in pages
        and f'{key}"' not in code
    ]
    assert left == []
