"""Runs the cases of the DMN Technology Compatibility Kit: `python -m tests.conformance.dmn_tck [folder...]`.

Every `*-test-*.xml` below the given folders (default: the shared corpus beside the project) is bound, decided and
compared; a table per level and each failure with its kind are printed. Exit code 1 below the targets: level 2 all,
level 3 at least 97 % of the results that are not expected to be null. `--record` writes the failures to the list that
`test_dmn_tck` holds us to; do that only after reading why each of them fails.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lxml import etree

from engine.dmn import DmnError, Model, read
from engine.dmn.table import same
from engine.feel import FeelError, World, compile_expression

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpora" / "dmn-tck"
FAILURES = Path(__file__).parent / "dmn_tck_failures.txt"
HEAD = "# Cases of the shared TCK corpus that fail, with the kind of failure. The list may only get shorter."
WORLD = World(now=datetime(2026, 8, 3, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai")))
TARGETS = {"compliance-level-2": ("all", 1.0), "compliance-level-3": ("not null", 0.97)}
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
NUMBERS = frozenset({"decimal", "double", "float", "integer", "int", "long", "short", "byte"})
MAKERS = {
    "date": "date", "time": "time", "dateTime": "date and time", "duration": "duration",
    "dayTimeDuration": "duration", "yearMonthDuration": "duration",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An expected value that we cannot even write down: it equals nothing, so that its case fails."""

    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """One expected result and what became of it."""

    level: str
    #: folder/file#case/node, the same wherever the corpus lies.
    key: str
    passed: bool
    #: Whether the case expects something other than null.
    solid: bool
    reason: str = ""
    detail: str = ""


def run(folders: Iterable[Path]) -> Iterator[Result]:
    """Yield the result of every expected value below the folders."""
    for folder in folders:
        for path in sorted(folder.rglob("*-test-*.xml")):
            yield from run_file(path)


def run_file(path: Path) -> Iterator[Result]:
    """Yield the results of one test file."""
    root = etree.parse(path).getroot()
    name = (root.findtext("{*}modelName") or "").strip()
    try:
        model: Model | DmnError = load(path.parent, name)
    except DmnError as error:
        model = error
    level = next(
        (part for part in path.parts if part.startswith("compliance-level-")), path.parent.parent.name
    )
    for case in root.iterfind("{*}testCase"):
        for node in case.iterfind("{*}resultNode"):
            key = f"{path.parent.name}/{path.stem}#{case.get('id')}/{node.get('name')}"
            expected = value_of(node.find("{*}expected"))
            yield judge(model, case, node, Result(level, key, False, expected is not None), expected)


@lru_cache(maxsize=8)
def load(folder: Path, name: str) -> Model:
    """Return the model of a test file; the folder's other models are there to be imported."""
    others = {path.name: path.read_bytes() for path in sorted(folder.glob("*.dmn")) if path.name != name}
    return read((folder / name).read_bytes(), imports=others)


def judge(model: Model | DmnError, case: Any, node: Any, blank: Result, expected: Any) -> Result:
    """Decide one result node and compare."""

    def verdict(passed: bool, reason: str = "", detail: str = "") -> Result:
        return Result(blank.level, blank.key, passed, blank.solid, reason, detail)

    if isinstance(model, DmnError):
        return verdict(False, f"model refused: {model.code}", str(model))
    try:
        value, notes = evaluate(model, case, node.get("name"))
    except (DmnError, FeelError) as error:
        value, notes = None, f"{error.code}: {error}"
        if blank.solid:
            return verdict(False, f"error: {error.code}", notes)
    if agree(value, expected):
        return verdict(True)
    shown = f"expected {expected!r}, got {value!r}; {notes}"[:300]
    if value is None:
        return verdict(False, "null instead of a value", shown)
    return verdict(False, "value instead of null" if expected is None else "another value", shown)


def evaluate(model: Model, case: Any, name: str) -> tuple[Any, str]:
    """Return the value of a result node and the warnings on the way."""
    inputs = {node.get("name"): value_of(node) for node in case.iterfind("{*}inputNode")}
    invocable = case.get("invocableName")
    if case.get("type") in ("decisionService", "bkm") and invocable:
        decided = model.serve(invocable, inputs, WORLD)
        value = decided.value
        if (
            len(getattr(model.invocable(invocable), "outputs", ())) > 1
            and isinstance(value, dict)
            and name in value
        ):
            value = value[name]
    else:
        decided = model.decide(name, inputs, WORLD)
        value = decided.value
    return value, "; ".join(f"{one.code} {dict(one.values)}" for one in decided.warnings[:3])


def value_of(node: Any) -> Any:
    """Return the value that an element of a test file holds: list, components, or one value; nil and absent are null."""
    if node is None or node.get(f"{XSI}nil") == "true":
        return None
    if (listed := node.find("{*}list")) is not None:
        return (
            None
            if listed.get(f"{XSI}nil") == "true"
            else [value_of(item) for item in listed.iterfind("{*}item")]
        )
    components = node.findall("{*}component")
    if components:
        return {part.get("name"): value_of(part) for part in components}
    value = node.find("{*}value")
    if value is None or value.get(f"{XSI}nil") == "true":
        return None
    return simple(value.text or "", (value.get(f"{XSI}type") or "string").rpartition(":")[2])


def simple(text: str, kind: str) -> Any:
    """Return one typed value."""
    if kind in NUMBERS:
        try:
            return Decimal(text.strip())
        except InvalidOperation:
            return Unreadable(text)
    if kind == "boolean":
        return text.strip() in ("true", "1")
    if kind in MAKERS:
        value = compile_expression(f'{MAKERS[kind]}("{text.strip()}")').evaluate({}, WORLD)
        return value if value is not None else Unreadable(text)
    return text


def agree(value: Any, expected: Any) -> bool:
    """Tell whether a value is the expected one; numbers written with more than seven digits may be rounded."""
    if isinstance(value, Decimal) and isinstance(expected, Decimal):
        if value == expected:
            return True
        rounded = len(expected.as_tuple().digits) > 7
        return rounded and abs(value - expected) <= abs(expected) * Decimal("1e-8")
    if isinstance(value, list) and isinstance(expected, list):
        return len(value) == len(expected) and all(map(agree, value, expected))
    if isinstance(value, dict) and isinstance(expected, dict):
        return value.keys() == expected.keys() and all(agree(value[key], expected[key]) for key in expected)
    return same(value, expected)


def report(results: list[Result]) -> bool:
    """Print the table and the failures; True where every target is met."""
    levels: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        levels[result.level].append(result)
    met = True
    print(f"{'level':<24}{'cases':>8}{'passed':>8}{'%':>8}{'not null':>10}{'passed':>8}{'%':>8}")
    for level, found in sorted(levels.items()):
        solid = [one for one in found if one.solid]
        passed, solid_passed = sum(one.passed for one in found), sum(one.passed for one in solid)
        share, solid_share = passed / len(found), solid_passed / max(1, len(solid))
        print(
            f"{level:<24}{len(found):>8}{passed:>8}{share:>8.2%}{len(solid):>10}{solid_passed:>8}{solid_share:>8.2%}"
        )
        which, target = TARGETS.get(level, ("not null", 0.0))
        met &= (share if which == "all" else solid_share) >= target
    failed = [one for one in results if not one.passed]
    for reason, count in Counter(one.reason for one in failed).most_common():
        print(f"\n{reason}: {count}")
        for one in failed:
            if one.reason == reason:
                print(f"  {one.level[-1]} {one.key}  {one.detail}")
    return met


def main(arguments: list[str]) -> int:
    """Run the given folders, else the shared corpus."""
    record = "--record" in arguments
    folders = [Path(one) for one in arguments if one != "--record"] or [CORPUS]
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing:
        print(f"no such folder: {', '.join(map(str, missing))}")
        return 2
    results = list(run(folders))
    if not results:
        print("no test cases found")
        return 2
    if record:
        lines = [f"{one.key}  {one.reason}" for one in results if not one.passed]
        FAILURES.write_text("\n".join([HEAD, *sorted(lines)]) + "\n", encoding="utf-8")
    return 0 if report(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
