"""Settings of other tools in a model: what they meant there, and that they do nothing here.

A model that another tool wrote runs here by the standard's own elements. What that tool keeps in extensions of its own
(who does a task, which program is called, which form is shown) would be lost in silence, so each is told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from engine.core.xml import BPMN, MODEL
from engine.lint.finding import Finding, Severity
from engine.package import models_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.package import Package

#: Part of a namespace -> the tool that it belongs to.
_TOOLS: Final = {
    "camunda.org/schema/zeebe": "Camunda 8",
    "camunda.org/schema/modeler": "Camunda",
    "camunda": "Camunda 7",
    "flowable": "Flowable",
    "activiti": "Activiti",
    "bizagi": "Bizagi",
    "signavio": "Signavio",
    "trisotech": "Trisotech",
    "ibm.com": "IBM",
    "oracle": "Oracle",
    "jboss": "jBPM",
    "drools": "jBPM",
    "bonitasoft": "Bonita",
    "yaoqiang": "Yaoqiang",
}
#: Namespaces that are ours, the standard's, or only about looks.
_KNOWN: Final = (
    MODEL,
    "http://www.omg.org/spec/",
    "http://spiffworkflow.org/",
    "http://www.w3.org/",
    "http://bpmn.io/schema/bpmn/biocolor",
)
#: What a setting was for, by its local name.
_MEANING: Final = {
    "who": "assignee owner candidateUsers candidateGroups assignmentDefinition resourceAssignment performers",
    "form": "formKey formRef formRefBinding formData formField formDefinition formProperty userTaskForm formHandlerClass",
    "call": "class delegateExpression expression topic type taskDefinition connector connectorId field taskName "
    "operationRef serviceTaskMethod webServiceInvocation eventDefinitionKey taskPriority",
    "deadline": "dueDate followUpDate taskSchedule duration",
    "data": "inputOutput ioMapping in out resultVariable resultVariableName mapDecisionResult inputParameter input output "
    "outputParameter dataMapping variableMappingClass variableMappingDelegateExpression",
    "listener": "executionListener taskListener executionListeners taskListeners eventListener",
    "decision": "decisionRef calledDecision decisionRefBinding decisionRefVersion decisionTableReferenceKey",
    "called": "calledElement calledElementBinding calledElementVersion caseRef",
    "script": "script resource",
    "loop": "loopCharacteristics collection elementVariable",
    "ignored": "asyncBefore asyncAfter async exclusive jobPriority historyTimeToLive versionTag initiator retries "
    "isStartableInTasklist candidateStarterGroups candidateStarterUsers failedJobRetryTimeCycle executionPlatform "
    "executionPlatformVersion modelerTemplate modelerTemplateVersion modelerTemplateIcon taskHeaders properties "
    "property diagramRelationId userTask processSummary errorMessage priority localScope skipExpression "
    "stencilset_id BizagiExtensions BizagiProperties BizagiProperty signavioMetaData signavioDiagramMetaData "
    "signavioLabel bindingRef exporter",
}
_KIND_OF: Final = {name: kind for kind, names in _MEANING.items() for name in names.split()}
_FOREIGN_EXPRESSION: Final = re.compile(r"^\s*[$#]\{(.*)\}\s*$", re.DOTALL)
_EXPRESSIONS: Final = ("xpression", "condition", "timeDate", "timeDuration", "timeCycle")
_SEVERITY: Final = {"ignored": Severity.INFO, "unknown": Severity.WARNING}


def foreign(package: Package) -> Iterator[Finding]:
    """Findings on what other tools left in the models of a package; files that cannot be read are told elsewhere."""
    for path, root in models_of(package):
        yield from _of_model(path, root)


def is_foreign(name: str) -> bool:
    """Whether an attribute or element (as lxml names it) belongs to another tool."""
    return name.startswith("{") and not name[1:].startswith(_KNOWN)


def converted(text: str) -> str:
    """A condition in the expression language of other tools as FEEL, as far as their signs go."""
    inner = _FOREIGN_EXPRESSION.sub(r"\1", text).strip()
    for sign, word in (("&&", " and "), ("||", " or "), ("==", "="), ("'", '"')):
        inner = inner.replace(sign, word)
    inner = re.sub(r"\b(eq|ne|gt|lt|ge|le)\b", lambda one: _WORDS[one[1]], inner)
    inner = re.sub(r"!\s*(?!=)([\w.]+)", r"not(\1)", inner)
    return re.sub(r"[ \t]+", " ", inner).strip()


_WORDS: Final = {"eq": "=", "ne": "!=", "gt": ">", "lt": "<", "ge": ">=", "le": "<="}


def _of_model(path: str, root: Any) -> Iterator[Finding]:
    told: set[tuple[str | None, str]] = set()
    for element in root.iter(f"{BPMN}*"):
        owner = _owner(element)
        names = [name for name in element.attrib if is_foreign(name)]
        if etree.QName(element).localname == "extensionElements":
            names += [one.tag for one in _settings(element)]
        for name in names:
            if (owner, name) not in told:
                told.add((owner, name))
                yield _finding(path, owner, name)
        yield from _expression(path, owner, element)


def _owner(element: Any) -> str | None:
    """The id of the element that a setting belongs to."""
    while element is not None:
        if element.get("id") and etree.QName(element).localname != "extensionElements":
            return str(element.get("id"))
        element = element.getparent()
    return None


def _settings(extension: Any) -> Iterator[Any]:
    for child in extension.iterchildren("{*}*"):
        if is_foreign(child.tag):
            yield child


def _finding(path: str, owner: str | None, name: str) -> Finding:
    tag = etree.QName(name)
    kind = _KIND_OF.get(tag.localname, "unknown")
    values = {"tool": tool_of(tag.namespace or ""), "what": tag.localname}
    return Finding(path, f"foreign-{kind}", owner, _SEVERITY.get(kind, Severity.ERROR), values)


def tool_of(namespace: str) -> str:
    """The tool that a namespace belongs to, or the namespace's host."""
    low = namespace.lower()
    host = re.sub(r"^\w+://(www\.)?", "", low).partition("/")[0]
    return next((tool for part, tool in _TOOLS.items() if part in low), host or namespace)


def _expression(path: str, owner: str | None, element: Any) -> Iterator[Finding]:
    """Conditions in `${...}` whose inside is no FEEL; the others are read as they are (engine.core.reading.texts)."""
    wrapped = _FOREIGN_EXPRESSION.match(element.text or "")
    if wrapped is None or not etree.QName(element).localname.endswith(_EXPRESSIONS):
        return
    feel = converted(wrapped[0])
    if feel != wrapped[1].strip():
        values = {"text": wrapped[0].strip(), "feel": feel, "tool": "JUEL"}
        yield Finding(path, "foreign-expression", owner, Severity.ERROR, values)
