"""From BPMN files to the `Definition` that the mover walks on: parse, check, read with SpiffWorkflow, turn over, check again.

All faults of a model are reported together. What is not supported is refused with element and reason; nothing that could
change the course of a case is dropped in silence (`docs/bpmn.md` lists what is decoration).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from engine.core.definition import Definition, Kind
from engine.core.reading.compiling import Compiling
from engine.core.reading.findings import Finding, Findings, ModelError
from engine.core.reading.graph import SCOPES, Graph
from engine.core.reading.mend import mended
from engine.core.reading.spiff import WholeParser
from engine.core.reading.structure import check_structure, choose_main, known_processes, reachable
from engine.core.rules import check_rules
from engine.core.xml import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.dmn import Model

__all__ = ["Finding", "ModelError", "load"]


def load(
    sources: Mapping[str, bytes],
    main: str | None = None,
    *,
    decisions: Mapping[str, Model] | None = None,
    names: Iterable[str] = (),
    strict: bool = True,
) -> Definition:
    """Return the checked definition of the process `main` and all it calls; ModelError with every finding otherwise.

    `sources` maps file names to BPMN XML. Without `main` it is the one executable process, else the one of them that no
    other calls, else the only process, else the one named like its file. `strict` is the publish rule: all that the
    standard demands and a file can show; without it a model loads that can be walked although it is unfinished.
    """
    roots = {file: parse(source, file) for file, source in sources.items()}
    findings = Findings()
    processes = known_processes(roots, findings)
    main = choose_main(processes, main, roots)
    used = reachable(processes, main)
    check_structure(roots, used, decisions or {}, findings)
    readable = len(findings) == 0
    if strict:
        check_rules(roots, used, findings)
    if not readable:
        findings.stop()
    graph = _read(roots, used, Compiling(findings, tuple(names)), findings)
    findings.stop()
    return Definition(
        main=main,
        nodes=graph.nodes,
        flows=graph.flows,
        scopes=graph.scopes,
        boundaries=graph.boundaries,
        decisions=dict(decisions or {}),
        digest=_digest(sources, main),
    )


def _read(
    roots: Mapping[str, Any], used: Mapping[str, Any], compiling: Compiling, findings: Findings
) -> Graph:
    """Let the extended parser read scope after scope, and gather what it made."""
    parser = WholeParser()
    graph = Graph(compiling)
    try:
        for file, root in roots.items():
            parser.add_bpmn_xml(mended(root, used), file)
        waiting: list[tuple[str, str | None]] = [(next(iter(used)), None)]
        while waiting:
            scope, parent = waiting.pop(0)
            if scope in graph.scopes:
                continue
            taken = graph.take(parser.get_spec(scope), parent)
            inner = [(node.id, scope) for node in taken if node.kind in SCOPES]
            called = [(node.called, None) for node in taken if node.kind is Kind.CALL and node.called]
            waiting = [*inner, *waiting, *called]
    except ValidationException as error:
        findings.add(
            "spiff-refused", error.id or None, reason=str(error), tag=error.tag, file=error.file_name
        )
    return graph


def _digest(sources: Mapping[str, bytes], main: str) -> str:
    """Return the name of this definition: a hash over the process id and all files, by name."""
    total = hashlib.sha256(main.encode())
    for file in sorted(sources):
        total.update(hashlib.sha256(file.encode()).digest() + hashlib.sha256(sources[file]).digest())
    return total.hexdigest()
