"""Scenarios: cases written down with what must come of them, played through the real bus on a database of their own.

Used by `python -m engine try`, by the tests, and before publishing.
"""

from engine.scenarios.compare import differences
from engine.scenarios.model import ScenarioFile, read_scenarios, schema
from engine.scenarios.run import Outcome, play
from engine.scenarios.stage import Surroundings, make_template

__all__ = [
    "Outcome",
    "ScenarioFile",
    "Surroundings",
    "differences",
    "make_template",
    "play",
    "read_scenarios",
    "schema",
]
