"""Walk everything that is kept and say where it does not hold together: `python -m engine verify`.

Journals against their hashes and heads; daily roots; commands against journals; open rows against the core's states;
ledgers against balances; documents and materials against the vault. Nothing is changed.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from engine import journal
from engine.commands.cases import UNAWAITED
from engine.commands.versions import Versions
from engine.core.definition import Kind
from engine.core.faults import CoreError
from engine.core.state import Phase, restore
from engine.errors import NotFound, VaultDamaged
from engine.store.rows import CaseRow
from engine.verify_folds import clocks_differ, registers_differ
from engine.verify_packages import processes_differ

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.core.definition import Node
    from engine.core.state import Token
    from engine.store.session import Reader, Store

_PAGE = 500


class Flaw(NamedTuple):
    """Something that does not hold: a stable code, what it is about, and particulars."""

    code: str
    subject: str
    values: dict[str, Any]


class Files(Protocol):
    """What of a vault is needed here."""

    def get(self, name: str) -> bytes:
        """The bytes; NotFound or VaultDamaged."""
        ...


def verify(store: Store, vault: Files | None = None) -> Iterator[Flaw]:
    """Every flaw; none on a sound installation at rest. Without `vault` stored files are not looked at."""
    versions = Versions(store)
    with store.reading() as reader:
        yield from _journals(reader)
        yield from _roots(reader)
        yield from _commands(reader)
        yield from _cases(reader, versions)
        yield from _funds(reader)
        for register, key in registers_differ(reader):
            yield Flaw("register-item-differs", key, {"register": register})
        for code, key, values in processes_differ(reader):
            yield Flaw(code, key, values)
        if vault is not None:
            yield from _files(reader, vault)


def _journals(reader: Reader) -> Iterator[Flaw]:
    heads = {
        row[0]: (row[1], bytes(row[2]))
        for row in reader.rows("SELECT id, journal_seq, journal_head FROM cases")
    }
    for place in journal.verify(journal.walk(reader), heads):
        yield Flaw(f"journal-{place.reason}", place.chain, {"seq": place.seq})


def _roots(reader: Reader) -> Iterator[Flaw]:
    for day, chains, sealed in reader.rows("SELECT day, chains, hash FROM root ORDER BY day"):
        heads = journal.heads_before(reader, journal.end_of(day))
        if len(heads) != chains or journal.root_of(heads) != bytes(sealed):
            yield Flaw("root-differs", day, {"chains": len(heads), "sealed": chains})


def _commands(reader: Reader) -> Iterator[Flaw]:
    """An entry without its command, or two different commands' worth of entries under one id."""
    sql = """SELECT j.chain, j.seq, j.command FROM journal j LEFT JOIN command c ON c.id = j.command
        WHERE c.id IS NULL ORDER BY j.chain, j.seq"""
    for chain, seq, command in reader.rows(sql):
        yield Flaw("command-missing", chain, {"seq": seq, "command": command})
    sql = """SELECT command FROM journal WHERE chain IN (SELECT id FROM cases)
        GROUP BY command HAVING count(DISTINCT chain) > 1"""
    for (command,) in reader.rows(sql):
        yield Flaw("command-twice", command, {})


def _cases(reader: Reader, versions: Versions) -> Iterator[Flaw]:
    """Open rows belong to tokens that wait, and tokens that wait for the outside have their row."""
    after = ""
    while page := reader.rows(
        f"SELECT {', '.join(CaseRow._fields)} FROM cases WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608
        (after, _PAGE),
    ):
        after = page[-1][0]
        rows = _rows_of(reader, page[0][0], after)
        for row in map(CaseRow._make, page):
            yield from _case(reader, row, rows[row.id], versions)
    for table in ("task", "timer", "outbox", "document", "material", "notice", "incident"):
        sql = f"SELECT DISTINCT case_id FROM {table} WHERE case_id <> '' AND case_id NOT IN (SELECT id FROM cases)"  # noqa: S608
        for (number,) in reader.rows(sql):
            yield Flaw("no-such-case", str(number), {"table": table})


class _Rows(NamedTuple):
    tasks: list[tuple[Any, ...]]
    timers: list[tuple[Any, ...]]
    messages: list[tuple[Any, ...]]
    incidents: list[tuple[Any, ...]]


def _rows_of(reader: Reader, first: str, last: str) -> defaultdict[str, _Rows]:
    found: defaultdict[str, _Rows] = defaultdict(lambda: _Rows([], [], [], []))
    between = "case_id >= ? AND case_id <= ?"
    sources = (
        f"SELECT case_id, token, element FROM task WHERE state = 'open' AND {between}",  # noqa: S608
        f"SELECT case_id, token, element FROM timer WHERE {between}",  # noqa: S608
        f"SELECT case_id, token, element, kind, state, id FROM outbox WHERE {between}",  # noqa: S608
        f"SELECT case_id, token, element FROM incident WHERE {between}",  # noqa: S608
    )
    for place, sql in enumerate(sources):
        for number, *row in reader.rows(sql, (first, last)):
            found[number][place].append(tuple(row))
    return found


def _case(reader: Reader, row: CaseRow, rows: _Rows, versions: Versions) -> Iterator[Flaw]:
    try:
        kept = restore(bytes(row.marking), bytes(row.variables))
        nodes = versions.at(row.package).definition.nodes
    except (CoreError, NotFound) as error:
        yield Flaw("state-damaged", row.id, {"code": error.code})
        return
    if kept.ended != (row.state != "open"):
        yield Flaw("state-differs", row.id, {"row": row.state, "ended": kept.ended})
    if row.incidents != len(rows.incidents):
        yield Flaw("incidents-differ", row.id, {"row": row.incidents, "found": len(rows.incidents)})
    waiting = {token.id: token for token in kept.tokens.values() if token.phase is Phase.WAITING}
    for name in clocks_differ(reader, row.id, kept.variables):
        yield Flaw("clock-differs", row.id, {"clock": name})
    running = {
        name for name, clock in (kept.variables.get("clocks") or {}).items() if clock["state"] == "running"
    }
    for token, element in rows.timers:
        if token not in kept.tokens and not (token == 0 and element in running):
            yield Flaw("timer-without-token", row.id, {"token": token, "element": element})
    for token, element in rows.tasks:
        if token not in waiting or waiting[token].element != element:
            yield Flaw("task-without-token", row.id, {"token": token, "element": element})
    calls = [message for message in rows.messages if message[2] not in UNAWAITED]
    for token, element, _kind, state, message in calls:
        if state == "open" and (token not in waiting or waiting[token].element != element):
            yield Flaw("message-without-token", row.id, {"message": message, "element": element})
    yield from _tokens(row.id, waiting, nodes, {token for token, _ in rows.tasks}, calls)


def _tokens(
    case: str,
    waiting: Mapping[int, Token],
    nodes: Mapping[str, Node],
    tasks: set[int],
    calls: list[tuple[Any, ...]],
) -> Iterator[Flaw]:
    """Whoever waits for people has an open task, whoever waits for the outside an open message."""
    asked = {token for token, _element, _kind, state, _ in calls if state in ("open", "failed")}
    answered = {token: message for token, _element, _kind, state, message in calls if state == "done"}
    for token in waiting.values():
        stopped = token.extras is not None and token.extras.incident is not None
        match nodes[token.element].kind:
            case Kind.USER | Kind.MANUAL if token.id not in tasks and not stopped:
                yield Flaw("token-without-task", case, {"token": token.id, "element": token.element})
            case Kind.SERVICE if token.id not in asked and not stopped:
                code = "answered-call-open" if token.id in answered else "token-without-message"
                yield Flaw(code, case, {"token": token.id, "message": answered.get(token.id)})


def _funds(reader: Reader) -> Iterator[Flaw]:
    sign = {"opening": 1, "replenish": 1, "reserve": -1, "release": 1, "settle": 0}
    for code, balance, reserved, revision in reader.rows(
        "SELECT code, balance, reserved, revision FROM fund"
    ):
        lines = reader.rows(
            "SELECT seq, kind, amount, balance, state FROM fund_entry WHERE fund = ? ORDER BY seq", (code,)
        )
        total = 0
        for place, (seq, kind, amount, left, _state) in enumerate(lines, 1):
            total += sign[kind] * amount
            if seq != place or total != left or total < 0:
                yield Flaw("ledger-broken", code, {"seq": seq, "balance": left, "computed": total})
        held = sum(
            amount for _seq, kind, amount, _left, state in lines if kind == "reserve" and state == "open"
        )
        if (balance, reserved, revision) != (total, held, len(lines)):
            yield Flaw(
                "fund-differs",
                code,
                {"balance": balance, "computed": total, "reserved": reserved, "held": held},
            )


def _files(reader: Reader, vault: Files) -> Iterator[Flaw]:
    for table in ("document", "material"):
        for key, sha256 in reader.rows(f"SELECT id, sha256 FROM {table} ORDER BY id"):  # noqa: S608
            try:
                vault.get(sha256)
            except NotFound:
                yield Flaw("file-missing", key, {"table": table, "sha256": sha256})
            except VaultDamaged:
                yield Flaw("file-damaged", key, {"table": table, "sha256": sha256})
