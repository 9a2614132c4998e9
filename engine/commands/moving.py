"""A case in a command's hands: read, moved by the core, and written down.

Internal operations (the reserve fund's ledger) are answered here, inside the command: the core is asked again with their
answer until it waits for somebody outside.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import orjson

from engine import papers
from engine.core.faults import REFUSALS, CoreError
from engine.core.run import step
from engine.core.state import dump, restore
from engine.core.step import CallRequested, Complete, Fail, Start
from engine.effects import Refused
from engine.errors import CaseEnded, LawMissing, NotFound, NotWaiting, VerbRefused
from engine.operations import OPERATIONS
from engine.record import Record
from engine.store.exact import exactly, unpack
from engine.store.rows import CaseRow, OutboxRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work
    from engine.core.definition import Definition
    from engine.core.state import State
    from engine.core.step import Event, Input, Step
    from engine.core.verbs import Verb
    from engine.package import Package

#: The core's codes for an input that the case does not wait for.
_NOT_WAITING = frozenset({"no-such-token", "not-waiting", "nobody-waits"})


#: Verification words are printed and typed: no letters that look like others. 20 of 30 letters are 98 bits.
WORD_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
WORD_LENGTH = 20


def verification_word() -> str:
    """A new word by which strangers look a paper up."""
    return "".join(secrets.choice(WORD_LETTERS) for _ in range(WORD_LENGTH))


def read_case(work: Work, case: str) -> CaseRow:
    """The case row, held if this is a second attempt; NotFound if there is none."""
    row = work.tx.one(CaseRow, "cases", "id = ?", case, lock=True)
    if row is None:
        raise NotFound(kind="case", id=case)
    return row


class Moving:
    """One case within one command."""

    def __init__(self, work: Work, row: CaseRow) -> None:
        self.work = work
        self.row = row
        self.package: Package = work.office.packages.at(row.package, work.tx.session)
        self.record = Record(work.tx, row, self.definition, work.actor, work.command.id, work.behalf)
        self.state: State | None = restore(row.marking, row.variables) if row.marking else None

    @property
    def definition(self) -> Definition:
        """The model of the version that the case is pinned to."""
        return self.package.definition

    @property
    def variables(self) -> Mapping[str, Any]:
        """The case's variables as they are now."""
        return self.state.variables if self.state is not None else {}

    def require_open(self) -> None:
        """Raise CaseEnded if nothing can happen here any more."""
        if self.row.state != "open":
            raise CaseEnded(case=self.row.id, state=self.row.state)

    def move(self, given: Input | Verb) -> None:
        """Let the core take the input, and everything that follows from it at once."""
        waiting: list[Input | Verb] = [given]
        while waiting:
            done = self._step(waiting.pop(0))
            self.state = done.state
            self.record.take(done.events)
            waiting += [answer for event in done.events for answer in self._call(event)]

    def adopt(self, package: Package, done: Step) -> None:
        """Go on with another version, as `engine.core.migrate` brought the case over."""
        self.package = package
        self.record.adopt(package.definition, package.digest)
        self.state = done.state
        self.record.take(done.events)
        for answer in [answer for event in done.events for answer in self._call(event)]:
            self.move(answer)

    def result(self, element: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The variable that an element's answer goes to, if it names one."""
        name = self.definition.nodes[element].settings.result
        return {name: dict(answer)} if name else {}

    def close(self, kind: str, **body: Any) -> dict[str, Any]:
        """Write everything down; the plain facts every caller is told."""
        assert self.state is not None
        self.record.close(kind, dump(self.state), **body)
        return {
            "case": self.row.id,
            "ended": self.state.ended,
            "opened": self.record.opened,
            "messages": self.record.messages,
        }

    def _step(self, given: Input | Verb) -> Step:
        try:
            return step(self.definition, self.state, given, self.work.now, self.work.world)
        except CoreError as error:
            if error.code in _NOT_WAITING:
                raise NotWaiting(case=self.row.id, **error.values) from error
            if error.code == CaseEnded.code:
                raise CaseEnded(case=self.row.id, state="ended") from error
            if error.code in REFUSALS:
                raise VerbRefused(error.code, case=self.row.id, **error.values) from error
            raise

    def _call(self, event: Event) -> list[Input]:
        if not isinstance(event, CallRequested):
            return []
        operation = self.work.office.presets.get(event.operation) or OPERATIONS.get(event.operation)
        if operation is None:
            self._send(event)
            return []
        answer = operation(self.work, self.row.id, event.input)
        self.record.note(
            "booked",
            element=event.element,
            operation=event.operation,
            answer=answer,
            **exactly(answer.values if isinstance(answer, Refused) else answer),
        )
        if isinstance(answer, Refused):
            return [Fail(event.token, answer.code, answer.values)]
        return [Complete(event.token, self.result(event.element, answer))]

    def _send(self, event: CallRequested) -> None:
        body: dict[str, Any] = {"input": dict(event.input)}
        if self._send_again(event, body):
            return
        if event.document is not None:
            body["token"] = verification_word()
            body["number"] = self._document_number(event.document)
        message = self.record.send(event.token, event.element, event.operation, event.document, body)
        self.record.note(
            "asked",
            element=event.element,
            operation=event.operation,
            document=event.document,
            message=message,
        )

    def _send_again(self, event: CallRequested, body: Mapping[str, Any]) -> bool:
        """After a retried incident the same request goes out under its old id: the other side may have carried it out."""
        if self.row.incidents == 0:
            return False
        where = "case_id = ? AND token = ? AND state = 'failed' AND kind = ?"
        tx = self.work.tx
        for row in tx.all(OutboxRow, "outbox", where, self.row.id, event.token, event.operation):
            if unpack(row.body)["input"] == body["input"]:
                tx.update("outbox", (row.id,), {"state": "open", "tries": 0, "due": self.work.now})
                self.record.messages.append(row.id)
                self.record.note(
                    "asked-again", element=event.element, operation=event.operation, message=row.id
                )
                return True
        return False

    def _document_number(self, document: str) -> str | None:
        """Draw the next number of the document's word and year, if its sidecar has a pattern for one."""
        pattern = (self.package.sidecar(document) or {}).get("number")
        if pattern is None:
            return None
        year, area = self.work.now.year, self.row.area
        word = self._word(area) if "{word}" in str(pattern) else ""
        # Issuers whose area or name stands in the number count for themselves.
        own = f":{area}" if "{area}" in str(pattern) else f":{word}" if word else ""
        number = self.work.tx.next_number(f"document:{pattern}:{year}{own}")
        return papers.numbered(str(pattern), year, number, area, word)

    def _word(self, area: str) -> str:
        """The short name in the numbers of the authority of an area (parameter `document_word`)."""
        law = self.work.office.world.law
        if law is None:
            raise LawMissing(parameter="document_word")
        return str(law("document_word", self.work.now.date(), area))


def starting(case: CaseRow, variables: Mapping[str, Any]) -> Start:
    """The core's input for a new case: the start form's answers and the standard variable `case`."""
    return Start({**variables, "case": facts(case)})


def facts(case: CaseRow) -> dict[str, Any]:
    """The variable `case` that every model, form and template may use."""
    return {
        "number": case.id,
        "process": case.process,
        "area": case.area,
        "channel": case.channel,
        "submitted_at": case.submitted_at,
        "applicant": case.applicant,
        "helper": orjson.loads(case.helper) if case.helper else None,
    }
