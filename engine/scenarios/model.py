"""The scenario file: cases as a domain sheet gives them, and what must come out. Read strictly; the schema is derived."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import msgspec
import yaml

from engine.errors import EngineError


class ScenarioBroken(EngineError):
    """A scenario file cannot be read: `file` and `reason` say where and why."""

    code = "scenario-broken"


#: What people do to a task beside completing it (`engine.scenarios.verbs` carries it out).
Verb = Literal[
    "send_back",
    "take_back",
    "transfer",
    "delegate",
    "return_delegated",
    "add_signer",
    "drop_signer",
    "copy",
    "urge",
    "jump",
]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a scenario file; a misspelt key is an error."""


class Cast(Part, frozen=True):
    """Somebody who acts: roles held in an area (and department)."""

    role: str | list[str] = []
    area: str = ""
    department: str | None = None
    name: str = ""


class Fund(Part, frozen=True):
    """A reserve fund as it stands before the case."""

    code: str
    opening: Decimal
    annual: Decimal | None = None


class Beginning(Part, frozen=True):
    """The application: when, by whom, for which place, with which answers."""

    at: str
    data: dict[str, Any] = {}
    actor: str | None = None
    area: str = ""
    channel: str = "window"


class Action(Part, frozen=True):
    """One thing that happens; exactly one of task, message, advance, answer, verify, calendar, retry, verb says which."""

    task: str | None = None
    message: str | None = None
    #: Time passes until this moment; due timers fire in order.
    advance: str | None = None
    #: A connector's answer to the open call of this operation.
    answer: str | None = None
    #: A stranger verifies the latest document with this code (`data.purpose`: what for) and is told `outcome`.
    verify: str | None = None
    outcome: str | None = None
    #: The calendar of this year is loaded (`data`: off and working, as in its file).
    calendar: int | None = None
    #: What stopped at this element is tried again.
    retry: str | None = None
    #: Somebody does this to the task of a `step` instead of completing it (docs/verbs.md); `data` says the rest.
    verb: Verb | None = None
    step: str | None = None
    actor: str | None = None
    at: str | None = None
    data: dict[str, Any] = {}
    #: Which of several open tasks of the same name: local variables that must match.
    where: dict[str, Any] = {}
    fail: str | None = None
    #: The step must be refused with this error code; nothing changes.
    refused: str | None = None

    @property
    def people(self) -> set[str]:
        """Aliases of everybody in the step: who acts, and to whom a verb hands something."""
        named = [self.actor, self.data.get("account"), *(self.data.get("accounts") or ())]
        return {one for one in (named if self.verb else named[:1]) if isinstance(one, str)}

    @property
    def kinds(self) -> tuple[object, ...]:
        """What may say what the step is."""
        said = (self.task, self.message, self.advance, self.answer, self.verify)
        return (*said, self.calendar, self.retry, None if self.verb is None else (self.verb, self.step))


class ExpectedTask(Part, frozen=True):
    """A task that was opened: for whom, and its last permitted day (YYYY-MM-DD) or moment."""

    task: str
    role: str | None = None
    due: str | None = None
    area: str | None = None


class ExpectedDecision(Part, frozen=True):
    """A decision that was made: the rule (row) that fired, its value and the articles it stands on."""

    decision: str
    rule: int | list[int] | None = None
    value: Any = None
    articles: list[str] = []


class ExpectedDocument(Part, frozen=True):
    """A document that was issued, with facts that it must carry."""

    document: str
    fields: dict[str, Any] = {}
    count: int | None = None


class ExpectedPayment(Part, frozen=True):
    """Money that left: from which fund (none: paid by the county) and how much."""

    amount: Decimal
    fund: str | None = None


class ExpectedIncident(Part, frozen=True):
    """An incident that must stand at the end."""

    element: str
    code: str


class ExpectedCase(Part, frozen=True):
    """Another case that this one opened: its process, open tasks, and variables."""

    process: str
    open: list[str] | None = None
    ended: bool | None = None
    area: str | None = None
    variables: dict[str, Any] = {}


class Earlier(Part, frozen=True):
    """A case that was there before: case `case` of the scenarios of `process`, played to its end first."""

    process: str
    case: str


class Ending(Part, frozen=True):
    """How the case stands at the end."""

    ended: bool | None = None
    open: list[str] | None = None


class Expectation(Part, frozen=True):
    """What must have come out; everything left out is not looked at."""

    path: list[str] = []
    not_path: list[str] = []
    tasks: list[ExpectedTask] = []
    decisions: list[ExpectedDecision] = []
    #: Case variables, by dotted name; numbers are compared exactly.
    amounts: dict[str, Decimal] = {}
    variables: dict[str, Any] = {}
    payments: list[ExpectedPayment] | None = None
    funds: dict[str, Decimal] = {}
    documents: list[ExpectedDocument] = []
    no_documents: list[str] = []
    notices: list[str] = []
    journal: list[dict[str, Any]] = []
    timers: dict[str, str] = {}
    #: Stops that must have happened: element and code; any other incident is a difference.
    incidents: list[ExpectedIncident] = []
    state: Ending | None = None
    #: Cases opened by this one; an empty list means that none was.
    cases: list[ExpectedCase] | None = None


class ScenarioCase(Part, frozen=True):
    """One case from its application to the last expectation."""

    id: str
    start: Beginning
    title: str = ""
    source: str = ""
    earlier: list[Earlier] = []
    #: Parameters of the law that this case supposes to be otherwise.
    law: dict[str, Any] = {}
    funds: list[Fund] = []
    #: Answers of operations, by operation: given instead of asking registers or connectors.
    answers: dict[str, Any] = {}
    #: Operations that nobody answers but a step ("*": none); those that a step answers need not be named.
    held: list[str] = []
    steps: list[Action] = []
    expect: Expectation = Expectation()


class ScenarioFile(Part, frozen=True):
    """All scenarios of a process."""

    process: str
    cases: list[ScenarioCase]
    actors: dict[str, Cast] = {}
    about: str = ""


class _Loader(yaml.CSafeLoader):
    """YAML without surprises: numbers with a point stay exact, dates and times stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor(
    "tag:yaml.org,2002:float",
    lambda loader, node: Decimal(str(loader.construct_scalar(node))),  # type: ignore[arg-type]  # a float is a scalar
)


def plain_scenarios(content: bytes) -> Any:
    """What a YAML file says, whatever that is; yaml.YAMLError with the place if it is no YAML."""
    return yaml.load(content, _Loader)  # noqa: S506 - a SafeLoader of ours


def read_scenarios(content: bytes, file: str = "") -> ScenarioFile:
    """The scenarios in a YAML file; ScenarioBroken names the place."""
    try:
        found = msgspec.convert(plain_scenarios(content), ScenarioFile)
    except (yaml.YAMLError, msgspec.ValidationError, ArithmeticError) as fault:
        raise ScenarioBroken(file=file, reason=str(fault)) from fault
    ids = [case.id for case in found.cases]
    if twice := {name for name in ids if ids.count(name) > 1}:
        raise ScenarioBroken(file=file, reason=f"case id stands twice: {min(twice)}")
    for case in found.cases:
        for number, step in enumerate(case.steps, 1):
            if sum(one is not None for one in step.kinds) != 1:
                raise ScenarioBroken(
                    file=file,
                    case=case.id,
                    reason=f"step {number} needs exactly one of task, message, advance, answer, verify,"
                    " calendar, retry, verb",
                )
            if (step.verb is None) != (step.step is None):
                raise ScenarioBroken(
                    file=file, case=case.id, reason=f"step {number}: verb and step belong together"
                )
    return found


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a scenario file, derived from the types above; amounts may be written as YAML numbers."""
    derived: dict[str, Any] = _amounts(msgspec.json.schema(ScenarioFile))
    return derived


def _amounts(value: Any) -> Any:
    if isinstance(value, list):
        return [_amounts(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("format") == "decimal":
        return {
            **{name: one for name, one in value.items() if name != "format"},
            "type": ["number", "string"],
        }
    return {name: _amounts(one) for name, one in value.items()}
