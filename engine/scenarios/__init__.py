"""Scenarios: cases written down with what must come of them, played through the real bus on a database of their own.

Used by `python -m engine try`, by the tests, and before publishing.
"""

from engine.scenarios.compare import differences
from engine.scenarios.model import ScenarioFile, read_scenarios, schema
from engine.scenarios.outcome import Outcome
from engine.scenarios.rehearsal import Rehearsal, rehearse
from engine.scenarios.run import play
from engine.scenarios.stage import Surroundings, make_template

__all__ = [
    "Outcome",
    "Rehearsal",
    "ScenarioFile",
    "Surroundings",
    "differences",
    "make_template",
    "play",
    "read_scenarios",
    "rehearse",
    "schema",
]
