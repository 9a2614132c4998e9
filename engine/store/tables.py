"""The tables that commands on cases write, and (`tables_office`) those of the office; the same on both databases.

Times are UTC instants, money is whole fen, JSON is text that nobody queries into, state is bytes only the core reads.
There are no foreign keys on the rows a command writes: they have one writer (`tx.Tx`), every write set carries the
revision of its case, and `python -m engine verify` looks for rows without owner. Areas stand once in full and once
per level, so that a superior's scope is one equality in an index.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table

from engine.store import (
    tables_accounts,
    tables_applicants,
    tables_campaigns,
    tables_desk,
    tables_jobs,
    tables_migrations,
    tables_office,
    tables_papers,
    tables_registers,
    tables_remarks,
    tables_studio,
)
from engine.store.columns import LEVELS, areas, bytes_, metadata, number, text_, time, where_open

__all__ = [
    "metadata",
    "tables_accounts",
    "tables_applicants",
    "tables_campaigns",
    "tables_desk",
    "tables_jobs",
    "tables_migrations",
    "tables_office",
    "tables_papers",
    "tables_registers",
    "tables_remarks",
    "tables_studio",
]

cases = Table(
    "cases",
    metadata,
    text_("id", key=True),  # the case number
    text_("process"),
    text_("package"),  # digest of the pinned version
    *areas(),
    text_("channel"),
    text_("applicant", null=True),  # account
    text_("query_code"),
    text_("title"),
    text_("application"),  # JSON: the start form as it was handed in
    text_("state"),  # open | ended | cancelled
    number("revision"),  # counts the commands of this case; the optimistic lock
    bytes_("marking"),
    bytes_("variables"),
    number("journal_seq"),
    bytes_("journal_head"),
    time("submitted_at"),
    time("changed_at"),
    time("ended_at", null=True),
    number("incidents"),
    text_("helper", null=True),  # JSON: who acts for the applicant, in which relation, by which consent
    where_open("process", "a6", "submitted_at", name="ix_cases_open"),
    Index("ix_cases_applicant", "applicant", "submitted_at"),
)

task = Table(
    "task",
    metadata,
    text_("id", key=True),  # <case>.<token>
    text_("case_id"),
    number("token"),
    text_("element"),
    text_("process"),
    text_("lane"),
    text_("object"),  # <process>/<lane>, what policies speak of
    *areas(),
    text_("department", null=True),
    text_("account", null=True),  # set when only this account may work it
    text_("title"),
    text_("case_title"),
    text_("state"),  # open | done | dropped
    number("revision"),
    text_("local"),  # JSON of the instance's local variables
    text_("filed", null=True),  # JSON of the form as it was completed; the journal keeps its hash
    time("opened_at"),
    time("due"),
    text_("claimed_by", null=True),
    text_("claimed_name", null=True),
    text_("change"),  # opened, claimed, released, completed, dropped ...: the last change, who and when
    text_("changed_by", null=True),
    text_("changed_name"),
    time("changed_at"),
    text_("changed_for", null=True),  # the account for which a substitute did it
    text_("delegated_to", null=True),  # asked by the holder, who waits for the answer
    text_("delegated_name", null=True),
    time("urged_at", null=True),
    number("scope", added=True),  # the token around it: its scope, or the body of co-signers
    number("urged", added=True),  # how often
    *(where_open("object", f"a{level}", "due", "id", name=f"ix_task_open_a{level}") for level in LEVELS),
    where_open("object", "due", "id", name="ix_task_open_object"),
    where_open("due", "id", name="ix_task_open_due"),
    where_open("claimed_by", "due", "id", name="ix_task_open_claimed"),
    where_open("delegated_to", "due", "id", name="ix_task_open_delegated"),
    Index("ix_task_case", "case_id", "token"),
)

timer = Table(
    "timer",
    metadata,
    text_("case_id", key=True),
    number("token", key=True),
    text_("element", key=True),
    text_("kind", key=True),  # event: of the model; overdue: the deadline of a task
    time("due"),
    time("held_until"),
    Index("ix_timer_held", "held_until"),
)

document = Table(
    "document",
    metadata,
    text_("id", key=True),  # the outbox id that asked for it
    text_("case_id"),
    text_("code"),
    text_("element"),
    text_("number", null=True),
    text_("title"),  # JSON {zh, en}
    text_("token"),
    text_("sha256"),
    number("size", big=True),
    text_("media_type"),
    text_("public"),  # JSON
    text_("signed_by", null=True),
    text_("state"),  # valid | revoked | replaced
    text_("issued_on"),
    time("issued_at"),
    text_("valid_until", null=True),  # ISO date, the last day on which it holds
    text_("purpose", null=True),  # code: it proves something for this only
    text_("replaced_by", null=True),  # number of the document that stands in its place
    text_("state_reason", null=True),
    time("state_at", null=True),
    Column(
        "relied", Integer, nullable=False, server_default="0"
    ),  # verifications in cases; a revocation that races with one is made again
    number("internal", added=True),  # 1: it stays in the office; whoever only owns the case does not see it
    Index("ix_document_case", "case_id"),
    Index("ix_document_issued", "issued_at", "id"),
    Index("ix_document_number", "number"),
    Index("ix_document_token", "token", unique=True),
    Index("ix_document_sha256", "sha256"),
)

#: How often a document was verified, and in which cases ("": by the public, of whom nothing is kept).
verification = Table(
    "verification",
    metadata,
    text_("document", key=True),
    text_("case_id", key=True),
    text_("day", key=True),
    text_("outcome", key=True),
    number("times"),
)

material = Table(
    "material",
    metadata,
    text_("id", key=True),
    text_("case_id"),
    text_("name"),
    text_("field", null=True),
    text_("sha256"),
    number("size", big=True),
    text_("media_type"),
    text_("added_by", null=True),
    time("added_at"),
    Index("ix_material_case", "case_id"),
    Index("ix_material_sha256", "sha256"),
)

journal = Table(
    "journal",
    metadata,
    text_("chain", key=True),  # case number, or process:<name> | fund:<code> | office
    number("seq", key=True),
    time("at"),
    text_("actor", null=True),
    text_("actor_name"),
    text_("kind"),
    text_("command"),
    text_("body"),  # canonical JSON
    bytes_("hash"),
)

root = Table(
    "root",
    metadata,
    text_("day", key=True),
    number("chains"),
    bytes_("hash"),
    bytes_("signature", null=True),
    time("made_at"),
)

outbox = Table(
    "outbox",
    metadata,
    text_("id", key=True),
    text_("case_id"),
    number("token"),
    text_("element"),
    text_("kind"),
    text_("name", null=True),
    text_("body"),  # JSON with exact values
    text_("package"),
    text_("state"),  # open | done | dropped | failed
    number("tries"),
    text_("error", null=True),
    time("asked_at"),
    time("due"),  # not before
    text_("answer", null=True),
    time("done_at", null=True),
    where_open("due", "id", name="ix_outbox_open"),
    Index("ix_outbox_case", "case_id"),
)

notice = Table(
    "notice",
    metadata,
    text_("id", key=True),
    text_("case_id"),
    text_("event"),
    text_("channel"),
    text_("recipient"),
    text_("text"),
    text_("receipt", null=True),
    time("sent_at"),
    text_("account", null=True),  # in whose inbox it lies
    time("read_at", null=True),
    Index("ix_notice_case", "case_id"),
    Index("ix_notice_account", "account", "sent_at"),
)

incident = Table(
    "incident",
    metadata,
    text_("case_id", key=True),
    number("token", key=True),
    text_("element"),
    text_("code"),
    text_("detail"),  # JSON
    text_("process"),
    text_("area"),
    time("raised_at"),
)

command = Table(
    "command",
    metadata,
    text_("id", key=True),
    text_("kind"),
    bytes_("digest"),
    text_("actor", null=True),
    text_("case_id", null=True),
    text_("answer"),  # JSON
    time("at"),
)
