"""The shape of the house, held by tests: imports downwards, one commit, no clock inside, small files and functions."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(
    path
    for top in ("engine", "api")
    for path in (ROOT / top).rglob("*.py")
    if "node_modules" not in path.parts
)
NAMES = [path.relative_to(ROOT).as_posix() for path in SOURCES]

#: room -> rooms it may import from (of ours). The longest matching prefix decides on both sides.
MAY_IMPORT = {
    "engine.errors": set(),
    "engine.settings": set(),
    "engine.feel": set(),
    "engine.wording": set(),
    "engine.clock": {"engine.feel", "engine.wording"},
    "engine.dmn": {"engine.feel"},
    "engine.core": {"engine.feel", "engine.dmn", "engine.clock"},
    "engine.forms": {"engine.feel", "engine.errors"},
    "engine.package": {"engine.core", "engine.dmn", "engine.feel", "engine.forms", "engine.errors"},
    "engine.table_rows": {"engine.package", "engine.dmn", "engine.feel", "engine.clock", "engine.errors"},
    "engine.names": {"engine.core", "engine.feel", "engine.forms", "engine.package", "engine.errors"},
    "engine.founding": {"engine.package"},
    "engine.importing": {"engine.core", "engine.founding", "engine.lint", "engine.package", "engine.errors"},
    "engine.fitting": {"engine.package", "engine.core", "engine.errors", "engine.secrecy"},
    "engine.drafts": {"engine.package", "engine.store", "engine.errors"},
    "engine.campaigns": {"engine.package", "engine.feel", "engine.errors"},
    "engine.publication": {"engine.errors"},
    "engine.compare": {"engine.package", "engine.core", "engine.dmn", "engine.feel", "engine.errors"},
    "engine.secrecy": set(),
    "engine.access": {"engine.errors", "engine.secrecy"},
    "engine.rights": {"engine.access", "engine.secrecy"},
    "engine.diagram": {"engine.core"},
    "engine.store": {"engine.errors", "engine.core", "engine.feel"},
    "engine.journal": {"engine.store", "engine.errors"},
    "engine.record": {"engine.core", "engine.store", "engine.journal", "engine.errors", "engine.feel"},
    "engine.lint": {"engine.table_rows", "engine.campaigns", "engine.secrecy", "engine.package", "engine.core", "engine.forms", "engine.feel", "engine.dmn", "engine.access", "engine.clock", "engine.errors", "engine.documents"},
    "engine.ledger": {"engine.store", "engine.effects", "engine.errors"},
    "engine.dossier": {"engine.store", "engine.errors", "engine.secrecy"},
    "engine.papers": {"engine.store", "engine.errors", "engine.ledger", "engine.effects", "engine.secrecy"},
    "engine.register": {"engine.store", "engine.errors"},
    "engine.pool": {"engine.effects", "engine.errors"},
    "engine.ratings": {"engine.store", "engine.errors", "engine.effects"},
    "engine.promises": {"engine.core", "engine.feel", "engine.package"},
    "engine.operations": {"engine.ratings", "engine.ledger", "engine.dossier", "engine.papers", "engine.register", "engine.pool"},
    "engine.effects": {"engine.package", "engine.store", "engine.errors"},
    "engine.commands": {"engine.drafts", "engine.campaigns", "engine.register", "engine.core", "engine.record", "engine.package", "engine.lint", "engine.forms", "engine.clock", "engine.store", "engine.journal", "engine.ledger", "engine.papers", "engine.effects", "engine.errors", "engine.access", "engine.feel", "engine.operations", "engine.promises", "engine.secrecy"},
    "engine.queries": {"engine.drafts", "engine.campaigns", "engine.clock", "engine.secrecy", "engine.access", "engine.store", "engine.errors", "engine.package", "engine.core", "engine.forms", "engine.feel"},
    "engine.bus": {"engine.commands", "engine.access", "engine.store", "engine.journal", "engine.errors", "engine.package", "engine.clock", "engine.feel", "engine.core", "engine.dmn", "engine.secrecy"},
}  # fmt: skip
#: The edges of the engine may use everything in it, but not each other's entry points.
#: Of the core the edge knows the shape of a model and how (in which words) it is refused, never how it moves.
SHAPES = {"engine.core.definition", "engine.core.faults", "engine.core.load", "engine.core.reading.messages"}
EDGES = {"engine.checking", "engine.relay", "engine.chores", "engine.openings", "engine.migrating", "engine.worker", "engine.__main__", "engine.scenarios", "engine.documents", "engine.connectors", "engine.notices", "engine.codes", "engine.office", "engine.cli", "engine.verify", "engine.verify_folds", "engine.verify_packages", "engine.replay", "engine.jobs", "engine.demonstration", "engine.entries", "engine.sealing"}  # fmt: skip
#: Edges of which only the later may import the earlier.
ONE_WAY = ("engine.replay", "engine.scenarios", "engine.jobs")
ONLY_IN = {
    "celery": {"engine/worker.py"},
    "kombu": {"engine/worker.py"},
    "litestar": {"api/"},
    "sqlalchemy": {"engine/store/", "engine/queries/", "engine/queries.py", "engine/ledger.py"},
    "weasyprint": {"engine/documents/"},
    "SpiffWorkflow": {"engine/core/"},
    "casbin": {"engine/access.py"},
}


@lru_cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(path: Path) -> set[str]:
    """Modules that a file imports when it runs (imports for type checkers only point anywhere)."""
    found: set[str] = set()

    def walk(node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            match child:
                case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                    continue
                case ast.Import(names=names):
                    found.update(alias.name for alias in names)
                case ast.ImportFrom(module=str(module), names=names, level=0):
                    found.add(module)
                    if module in {"engine", "api"}:
                        found.update(f"{module}.{alias.name}" for alias in names)
            walk(child)

    walk(tree(path))
    return found


def pointed(path: Path) -> set[str]:
    """Modules that a file imports or points at for type checkers."""
    return {node.module for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom) and node.module}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str | None:
    """The longest known prefix of a module of ours."""
    known = [name for name in (*MAY_IMPORT, *EDGES) if module == name or module.startswith(name + ".")]
    return max(known, key=len, default=None)


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_imports_go_downwards(path: Path) -> None:
    module = module_name(path)
    ours = {
        name
        for name in imported(path)
        if name.split(".")[0] in {"engine", "api"} and name not in {"engine", "api"}
    }
    if module.startswith("api"):
        wrong = {
            name
            for name in ours - SHAPES
            if room(name) in {"engine.worker", "engine.relay", "engine.record", "engine.core"}
        }
        assert not wrong, f"{module} reaches past the bus: {sorted(wrong)}"
        return
    assert not {name for name in ours if name.startswith("api")} or module in {
        "engine.__main__",
        "engine.cli.serve",
    }, f"{module} looks up to api"
    home = room(module)
    if module == "engine" or home is None:
        assert module == "engine", f"{module} lies in no known room"
        return
    if home in ONE_WAY:
        later = set(ONE_WAY[ONE_WAY.index(home) + 1 :])
        back = {name for name in pointed(path) if room(name) in later}
        assert not back, f"{module} looks back up to {sorted(back)}"
    if home in EDGES:
        return
    wrong = {name for name in ours if (target := room(name)) != home and target not in MAY_IMPORT[home]}
    assert not wrong, f"{module} may not import {sorted(wrong)}"


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    for library, places in ONLY_IN.items():
        if any(module.split(".")[0] == library for module in imported(path)):
            assert any(name.startswith(place) for place in places), f"{name} imports {library}"


@pytest.mark.parametrize(
    "path", [p for p, n in zip(SOURCES, NAMES, strict=True) if n.startswith("api/")], ids=str
)
def test_no_sql_in_the_api(path: Path) -> None:
    """Pages ask questions by name (`engine.queries`); what stands in which table is the engine's affair."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.Constant(value=str(text)):
                assert not re.match(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM)\s", text), (
                    f"SQL in line {node.lineno}"
                )
            case ast.Call(func=ast.Attribute(attr="rows", value=ast.Name(id="reader" | "tx"))):
                raise AssertionError(f"a query in line {node.lineno}")


def test_no_module_imports_itself_round_about() -> None:
    """What a module runs on must be there before it; names that only type checkers look at make no circle."""
    known = {module_name(path): path for path in SOURCES}
    below = {name: {one for one in imported(path) if one in known} - {name} for name, path in known.items()}
    for name, path in known.items():
        for node in ast.walk(tree(path)):
            # Of a package of which only modules are taken, they are what is needed.
            if isinstance(node, ast.ImportFrom) and node.module in below[name]:
                parts = {f"{node.module}.{alias.name}" for alias in node.names}
                if parts <= known.keys():
                    below[name] = (below[name] - {node.module}) | parts
    while leaves := {name for name, ones in below.items() if not ones}:
        below = {name: ones - leaves for name, ones in below.items() if name not in leaves}
    assert not below, f"in a circle, or above one: {sorted(below)}"


def test_one_commit() -> None:
    found = [
        name for path, name in zip(SOURCES, NAMES, strict=True) if re.search(r"\.commit\(", path.read_text())
    ]
    assert found in ([], ["engine/bus.py"])


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_broad_excepts_only_at_the_rim(path: Path) -> None:
    if path.relative_to(ROOT).as_posix() in {"engine/bus.py", "engine/worker.py", "engine/relay.py"}:
        return
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"bare except in line {node.lineno}"
            assert not (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}), (
                f"broad except in line {node.lineno}"
            )


CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "datetime.datetime.now",
    "datetime.date.today",
    "time.time",
    "time.monotonic",
    "time.perf_counter",
    "perf_counter",
    "monotonic",
}
PURE = (
    "engine/core/",
    "engine/feel/",
    "engine/dmn/",
    "engine/clock/",
    "engine/wording/",
    "engine/forms/",
    "engine/commands/",
    "engine/record",
)


@pytest.mark.parametrize(
    "path", [p for p, n in zip(SOURCES, NAMES, strict=True) if n.startswith(PURE)], ids=str
)
def test_no_clock_and_no_python_from_models(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            assert name not in {"eval", "exec", "compile", "__import__"}, f"{name} in line {node.lineno}"
            assert name not in CLOCKS or path.name == "budget.py", (
                f"{name} reads a clock in line {node.lineno}"
            )


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_sizes(path: Path) -> None:
    lines = path.read_text().count("\n")
    assert lines <= 300, f"{lines} lines"
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= 50, f"{node.name} has {length} lines"


def test_environment_is_read_once() -> None:
    found = [
        n for p, n in zip(SOURCES, NAMES, strict=True) if re.search(r"os\.(environ|getenv)", p.read_text())
    ]
    # The printing house hands its environment on to the processes it starts.
    assert [name for name in found if name != "engine/documents/press.py"] == ["engine/settings.py"]
