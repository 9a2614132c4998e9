"""Everything that can be said about a package before it runs: what is missing, what contradicts, what cannot work.

`lint(package, ...)` gives findings by file and element; publishing is refused while one of them is an error.
Sentences are made at the edge (`engine.cli`, `api`) from code and values.
"""

from engine.lint.check import lint
from engine.lint.finding import Finding, Severity

__all__ = ["Finding", "Severity", "lint"]
