"""The publish rule: what BPMN 2.0.2 demands of a model beyond being readable, one small function per demand.

Each rule is in one of the `rules_` modules, takes a `Model` and yields findings; its docstring says the
demand and the clause. Drafts may break them; a published version may not.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator
from SpiffWorkflow.spiff.parser.process import SPIFF_XSD

from engine.core import rules_data, rules_events, rules_flow, rules_places, rules_settings
from engine.core.reading.findings import Finding
from engine.core.rules_model import Model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.core.reading.findings import Findings

RULES = (
    *rules_flow.RULES,
    *rules_events.RULES,
    *rules_data.RULES,
    *rules_places.RULES,
    *rules_settings.RULES,
)
#: Schema errors reported per file; one slip in a large file can break every element after it.
MOST = 20
_LOCK = Lock()


def check_rules(roots: Mapping[str, Any], used: Mapping[str, Any], findings: Findings) -> None:
    """Note every rule that the used processes and their files break."""
    for file, root in roots.items():
        findings.extend(follows_schema(file, root))
    model = Model(roots, used)
    for rule in RULES:
        findings.extend(rule(model))


def follows_schema(file: str, root: Any) -> Iterator[Finding]:
    """The file is valid by the XML Schema of BPMN 2.0 and of the `spiffworkflow` extensions (15.1)."""
    validator = _validator()
    copy = deepcopy(root)
    validator.preprocess(copy)  # it rewrites what bpmn-js spells differently, hence the copy
    with _LOCK:  # the list of errors belongs to the validator
        valid = validator.validator.validate(etree.ElementTree(copy))
        errors = [] if valid else list(validator.validator.error_log)[:MOST]
    for error in errors:
        facts = {"file": file, "line": error.line, "reason": error.message}
        yield Finding("schema", _element_at(copy, error.path), facts)


def _element_at(root: Any, path: str | None) -> str | None:
    """Return the id of the element at a path, or of the nearest around it that has one, so that a diagram shows the place."""
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found = root.xpath(path, namespaces=prefixes) if path else []
    except etree.XPathEvalError:  # a prefix that is declared further down
        found = []
    element = found[0] if found else None
    while element is not None and not element.get("id"):
        element = element.getparent()
    return element.get("id") if element is not None else None


@cache
def _validator() -> Any:
    return BpmnValidator(imports={"spiffworkflow": SPIFF_XSD})
