"""What lies in a case's dossier, in the order of a paper file: decision and papers, application and materials, process records."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from engine.core.state import restore
from engine.documents.judge import JUDGE
from engine.package import pack
from engine.store.exact import plain, unpack
from engine.store.rows import CaseRow, JournalRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.office import Office
    from engine.store.session import Reader

_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a dossier."""

    path: str
    content: bytes
    kind: str  # document | material | data | record
    title: str
    media_type: str = "application/json"
    number: str | None = None

    @property
    def pages(self) -> int | None:
        """Pages of a PDF; None for anything else, or what cannot be counted."""
        if self.media_type != "application/pdf":
            return None
        # Materials come from applicants: they are not read in a process that holds keys.
        return JUDGE.pages(self.content)


def collect(office: Office, number: str, entries: int) -> tuple[CaseRow, list[Item], dict[str, Any]]:
    """The case, the files of its dossier in their order, and the end of its journal after so many entries."""
    with office.store.reading() as reader:
        columns = ", ".join(CaseRow._fields)
        case = CaseRow._make(reader.rows(f"SELECT {columns} FROM cases WHERE id = ?", (number,))[0])  # noqa: S608
        items = [
            *_documents(office, reader, number),
            *_application(reader, case),
            *_materials(office, reader, number),
            *_records(reader, case),
        ]
        journal, end = _journal(reader, number, entries)
    package = pack(office.versions.at(case.package))
    items.append(Item("package.zip", package, "record", "办理时适用的流程版本", "application/zip"))
    items.append(journal)
    return case, items, end


def _json(path: str, title: str, value: Any, kind: str = "data") -> Item:
    text = json.dumps(json.loads(plain(value)), ensure_ascii=False, indent=1, sort_keys=True)
    return Item(path, text.encode() + b"\n", kind, title)


def _documents(office: Office, reader: Reader, number: str) -> Iterator[Item]:
    names = (
        "id, code, number, title, token, sha256, size, media_type, public, signed_by, state, issued_on, issued_at,"
        " valid_until, purpose, replaced_by, state_reason"
    )
    rows = reader.rows(
        f"SELECT {names} FROM document WHERE case_id = ? ORDER BY issued_at, id",  # noqa: S608 - our own text
        (number,),
    )
    told = []
    for place, row in enumerate(rows, 1):
        facts = dict(zip(names.split(", "), row, strict=True))
        facts |= {"title": json.loads(facts["title"]), "public": json.loads(facts["public"])}
        path = f"documents/{place:02}-{_UNSAFE.sub('-', facts['code'])}.pdf"
        content = office.vault.get(facts["sha256"])
        yield Item(path, content, "document", facts["title"]["zh"], facts["media_type"], facts["number"])
        told.append({**facts, "path": path})
    yield _json("data/documents.json", "文书登记", told)


def _application(reader: Reader, case: CaseRow) -> Iterator[Item]:
    row = reader.rows("SELECT application, ended_at FROM cases WHERE id = ?", (case.id,))[0]
    yield _json("data/application.json", "申请", unpack(row[0]))
    facts = {
        "number": case.id,
        "process": case.process,
        "package": case.package,
        "area": case.area,
        "channel": case.channel,
        "applicant": case.applicant,
        "title": case.title,
        "state": case.state,
        "submitted_at": case.submitted_at,
        "ended_at": row[1],
    }
    yield _json("data/case.json", "办件信息", facts)


def _materials(office: Office, reader: Reader, number: str) -> Iterator[Item]:
    rows = reader.rows(
        "SELECT name, field, sha256, media_type FROM material WHERE case_id = ? ORDER BY added_at, id",
        (number,),
    )
    for place, (name, field, sha256, media_type) in enumerate(rows, 1):
        path = f"materials/{place:02}-{_UNSAFE.sub('-', name)[-60:]}"
        yield Item(path, office.vault.get(sha256), "material", f"{name}（{field}）", media_type)


def _records(reader: Reader, case: CaseRow) -> Iterator[Item]:
    names = "id, element, lane, title, state, filed, opened_at, changed_by, changed_name, changed_at"
    rows = reader.rows(f"SELECT {names} FROM task WHERE case_id = ? ORDER BY token", (case.id,))  # noqa: S608
    tasks = [dict(zip(names.split(", "), row, strict=True)) for row in rows]
    for task in tasks:
        task["filed"] = unpack(task["filed"]) if task["filed"] else None
    yield _json("data/tasks.json", "经办记录", tasks, "record")
    variables = restore(case.marking, case.variables).variables
    yield _json("data/variables.json", "办结时的数据", dict(variables), "record")
    notices = reader.rows(
        "SELECT event, channel, recipient, text, receipt, sent_at FROM notice WHERE case_id = ? ORDER BY sent_at, id",
        (case.id,),
    )
    keys = ("event", "channel", "recipient", "text", "receipt", "sent_at")
    told = [dict(zip(keys, row, strict=True)) for row in notices]
    yield _json("data/notices.json", "通知记录", told, "record")


def _journal(reader: Reader, number: str, most: int) -> tuple[Item, dict[str, Any]]:
    """The case's chain with its hashes, one entry a line, each so that its hash can be made again from the line."""
    columns = ", ".join(JournalRow._fields)
    sql = f"SELECT {columns} FROM journal WHERE chain = ? AND seq <= ? ORDER BY seq"  # noqa: S608 - our own text
    rows = reader.rows(sql, (number, most))
    entries = [JournalRow._make(row) for row in rows]
    lines = [
        plain(
            {
                **entry._asdict(),
                "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
                "hash": bytes(entry.hash).hex(),
            }
        )
        for entry in entries
    ]
    end = {"entries": len(entries), "head": bytes(entries[-1].hash).hex() if entries else bytes(32).hex()}
    content = "".join(f"{line}\n" for line in lines).encode()
    return Item("journal.jsonl", content, "record", "办理日志", "application/jsonl"), end
