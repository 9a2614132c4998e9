"""What happened in the core becomes rows: tasks, timers, outbox messages, incidents, and the case's journal.

One `Record` serves one command on one case. It takes the mover's events in order; `close` writes the case row itself
with the revision it was read at, which is the lock of the whole command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from engine.core import step as on
from engine.core.clock_events import ClockMoved
from engine.journal import Chain
from engine.store.columns import NEVER, area_columns
from engine.store.exact import pack, plain
from engine.store.rows import IncidentRow, OutboxRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from engine.access import Actor
    from engine.core.definition import Definition
    from engine.store.rows import CaseRow
    from engine.store.tx import Tx

#: Timer kinds: `event` belongs to the model, `overdue` to a task's deadline with an on_overdue rule, `clock` to a clock.
EVENT, OVERDUE, CLOCK = "event", "overdue", "clock"


class Record:
    """The rows of one command on one case."""

    def __init__(
        self,
        tx: Tx,
        case: CaseRow,
        definition: Definition,
        actor: Actor,
        command: str,
        behalf: str | None = None,
    ) -> None:
        self.tx = tx
        self.behalf = behalf
        self.case = case
        self.actor = actor
        self.command = command
        self.opened: list[str] = []
        self.messages: list[str] = []
        self._definition = definition
        self._chain = Chain(case.id, case.journal_seq, case.journal_head)
        self._path: list[str] = []
        self._later: list[tuple[str, dict[str, Any]]] = []
        self._changes: dict[str, Any] = {}
        self._incidents = case.incidents

    # ---- journal ----------------------------------------------------------------------------------------------

    def note(self, kind: str, **body: Any) -> None:
        """Add a journal entry after the command's own."""
        self._later.append((kind, body))

    def close(self, kind: str, state: tuple[bytes, bytes] | None = None, **body: Any) -> None:
        """Write the command's own journal entry, those noted on the way, and the case row."""
        if self._path:
            body["path"] = self._path
        if self.opened:
            body["opened"] = self.opened
        if self.behalf is not None:
            body["on_behalf"] = self.behalf
        for each, what in [(kind, body), *self._later]:
            self._chain.append(self.tx, self.actor, self.command, each, what)
        changes = self._changes
        changes |= {"revision": self.case.revision + 1, "changed_at": self.tx.now}
        changes |= {"journal_seq": self._chain.seq, "journal_head": self._chain.head}
        if state is not None:
            changes["marking"], changes["variables"] = state
        if self._incidents != self.case.incidents:
            changes["incidents"] = self._incidents
        self.tx.update("cases", (self.case.id,), changes, {"revision": self.case.revision})

    def change_case(self, **values: Any) -> None:
        """Change columns of the case row that the core knows nothing of."""
        self._changes |= values

    def adopt(self, definition: Definition, package: str) -> None:
        """What follows happens under another version of the model."""
        self._definition = definition
        self.case = self.case._replace(package=package)
        self._changes["package"] = package

    # ---- events -----------------------------------------------------------------------------------------------

    def take(self, events: Iterable[on.Event]) -> None:
        """Turn the events of one step into rows."""
        for event in events:
            match event:
                case on.Entered(element=element):
                    self._path.append(element)
                case on.TaskOpened():
                    self._open_task(event)
                case on.TaskClosed():
                    self._close_task(event)
                case on.TimerSet(token=token, element=element, due=due):
                    self._set_timer(token, element, EVENT, due)
                case on.TimerCleared(token=token, element=element):
                    self.tx.delete("timer", (self.case.id, token, element, EVENT))
                case ClockMoved():
                    self._move_clock(event)
                case on.CallDropped(token=token):
                    self._drop_call(token)
                case on.DecisionMade():
                    self.note("decided", element=event.element, decision=event.decision, trace=event.trace)
                case on.MessageThrown():
                    self._throw(event)
                case on.SignalThrown(element=element, signal=signal, payload=payload):
                    self.note("signalled", element=element, signal=signal)
                    given = {"signal": signal, "data": dict(payload)}
                    self.send(0, element, "signal", signal, {"input": given})
                case on.IncidentRaised():
                    self._raise_incident(event)
                case on.IncidentCleared(token=token, element=element):
                    self._clear_incident(token, element)
                case on.CaseEnded():
                    self._end(event)
                case on.NoticeRequested(token=token, element=element, notice=notice, input=given):
                    self.send(token, element, "notice", notice, {"input": given})
                case on.ScopeOpened() | on.ScopeClosed() | on.Left() | on.Caught() | on.CallRequested():
                    # Calls are answered or sent by `commands.moving`, which knows the internal operations.
                    pass
                case _:
                    assert_never(event)

    def send(self, token: int, element: str, kind: str, name: str | None, body: Mapping[str, Any]) -> str:
        """Put a message into the outbox; its id is also the id of the command that will answer it."""
        number = f"{self.case.id}.{self.case.revision + 1}.{len(self.messages)}"
        self.messages.append(number)
        self.tx.insert(
            "outbox",
            {
                "id": number,
                "case_id": self.case.id,
                "token": token,
                "element": element,
                "kind": kind,
                "name": name,
                "body": pack(body),
                "package": self.case.package,
                "state": "open",
                "tries": 0,
                "asked_at": self.tx.now,
                "due": self.tx.now,
            },
        )
        return number

    def _open_task(self, event: on.TaskOpened) -> None:
        node = self._definition.nodes[event.element]
        assign = event.assign or {}
        area = assign.get("area") or self.case.area
        key = f"{self.case.id}.{event.token}"
        lane = node.lane or ""
        self.opened.append(key)
        self.tx.insert(
            "task",
            {
                "id": key,
                "case_id": self.case.id,
                "token": event.token,
                "scope": event.scope,
                "element": event.element,
                "process": self.case.process,
                "lane": lane,
                "object": f"{self.case.process}/{lane}",
                "area": area,
                **area_columns(area),
                "department": assign.get("department"),
                "account": assign.get("account"),
                "title": node.name or node.id,
                "case_title": self.case.title,
                "state": "open",
                "revision": 1,
                "urged": 0,
                "local": pack(event.local) if event.local else "",
                "opened_at": self.tx.now,
                "due": event.due or NEVER,
                "change": "opened",
                "changed_by": self.actor.id,
                "changed_name": self.actor.name,
                "changed_at": self.tx.now,
            },
        )
        if event.due and node.settings.on_overdue:
            self._set_timer(event.token, event.element, OVERDUE, event.due)

    def _close_task(self, event: on.TaskClosed) -> None:
        node = self._definition.nodes[event.element]
        self.change_task(
            f"{self.case.id}.{event.token}",
            "dropped" if event.dropped else "completed",
            state="dropped" if event.dropped else "done",
        )
        if node.settings.on_overdue:
            self.tx.delete("timer", (self.case.id, event.token, event.element, OVERDUE))

    def change_task(self, key: str, change: str, **values: Any) -> None:
        """Change a task row and say on it who did what, for whoever comes too late."""
        values |= {
            "change": change,
            "changed_by": self.actor.id,
            "changed_name": self.actor.name,
            "changed_at": self.tx.now,
            "changed_for": self.behalf,
        }
        self.tx.update("task", (key,), values)

    def _set_timer(self, token: int, element: str, kind: str, due: datetime) -> None:
        # A fired timer's row is deleted before the core moves, so a cycle's next turn finds its place free.
        key = (self.case.id, token, element, kind)
        pending = self.tx.pending("timer", key)
        if pending is not None and pending.verb != "delete":
            pending.values |= {"due": due, "held_until": due}
            return
        names = ("case_id", "token", "element", "kind")
        self.tx.insert("timer", {**dict(zip(names, key, strict=True)), "due": due, "held_until": due})

    def _move_clock(self, event: ClockMoved) -> None:
        facts = {name: value for name, value in event.facts.items() if name != "act"}
        stands = {"due": event.due, "provisional": event.provisional, "state": event.state}
        self.note(
            "clock",
            clock=event.clock,
            act=event.facts["act"],
            element=event.element,
            facts=facts,
            **stands,
        )
        key = (self.case.id, 0, event.clock, CLOCK)
        if self.tx.pending("timer", key) is None and self._has_timer(key):
            self.tx.delete("timer", key)
        if event.alarm is not None:
            self._set_timer(*key[1:], due=event.alarm)
        elif self.tx.pending("timer", key) is not None:
            self.tx.delete("timer", key)

    def _clocks_set(self) -> set[str]:
        """The clocks whose end is waited for, those of this command included."""
        stored = self.tx.rows("SELECT element FROM timer WHERE case_id = ? AND kind = ?", self.case.id, CLOCK)
        mine = {
            key[2] for key in self.tx.writes.get("timer", {}) if key[0] == self.case.id and key[3] == CLOCK
        }
        return {row[0] for row in stored} | mine

    def _has_timer(self, key: tuple[str, int, str, str]) -> bool:
        where = "case_id = ? AND token = ? AND element = ? AND kind = ?"
        return bool(self.tx.rows(f"SELECT 1 FROM timer WHERE {where}", *key))  # noqa: S608 - only marks

    def _drop_call(self, token: int) -> None:
        for key, change in self.tx.writes.get("outbox", {}).items():
            if change.verb == "insert" and change.values["token"] == token:
                change.values["state"] = "dropped"
                self.note("call-dropped", message=key[0])
                return
        where = "case_id = ? AND token = ? AND state = 'open' AND kind <> 'notice'"
        for row in self.tx.all(OutboxRow, "outbox", where, self.case.id, token):
            self.tx.update("outbox", (row.id,), {"state": "dropped", "done_at": self.tx.now})
            self.note("call-dropped", message=row.id, operation=row.kind)

    def _throw(self, event: on.MessageThrown) -> None:
        self.note("message-thrown", element=event.element, message=event.message, key=event.key)
        if event.key is not None:
            body = {"input": {"message": event.message, "to": event.key, "data": dict(event.payload)}}
            self.send(0, event.element, "message", event.message, body)

    def _raise_incident(self, event: on.IncidentRaised) -> None:
        self.note("incident", element=event.element, code=event.code, values=event.values)
        key = (self.case.id, event.token)
        row: dict[str, Any] = {"element": event.element, "code": event.code, "detail": plain(event.values)}
        row |= {"process": self.case.process, "area": self.case.area, "raised_at": self.tx.now}
        known = self.tx.one(IncidentRow, "incident", "case_id = ? AND token = ?", *key)
        if self.tx.pending("incident", key) is None and known:
            self.tx.update("incident", key, row)
            return
        self._incidents += 1
        self.tx.insert("incident", {"case_id": self.case.id, "token": event.token, **row})

    def _clear_incident(self, token: int, element: str) -> None:
        self.note("incident-cleared", element=element)
        self._incidents -= 1
        self.tx.delete("incident", (self.case.id, token))

    def _end(self, event: on.CaseEnded) -> None:
        self.change_case(state="cancelled" if event.cancelled else "ended", ended_at=self.tx.now)
        if any(node.settings.clock is not None for node in self._definition.nodes.values()):
            for name in self._clocks_set():
                self.tx.delete("timer", (self.case.id, 0, name, CLOCK))
        self.note("cancelled" if event.cancelled else "ended", ends=list(event.ends))
