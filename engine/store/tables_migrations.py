"""The tables of migrations (engine.migrating): plans that somebody asked for, and what became of each open case."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.store.columns import metadata, number, text_, time

migration = Table(
    "migration",
    metadata,
    text_("id", key=True),
    text_("process"),
    text_("target"),  # digest of the version that the cases go over to
    text_("names"),  # JSON: element of an older version -> its name in the target
    text_("state"),  # proposed | running | stopped | ended | dropped
    number("revision"),
    text_("note"),  # why, in the proposer's words
    text_("asked_by", null=True),
    text_("asked_name"),
    time("asked_at"),
    text_("started_by", null=True),
    text_("started_name", null=True),
    time("started_at", null=True),
    text_("changed_name"),  # who did the last thing to it, and when
    time("changed_at"),
    text_("listed_to"),  # number of the last open case that has its line
    number("listed"),  # 1 when every open case has its line
    Index("ix_migration_process", "process", "asked_at"),
    Index("ix_migration_state", "state"),
)

#: The key is the promise: a migration decides about a case in one line, whoever carries it.
migration_case = Table(
    "migration_case",
    metadata,
    text_("migration", key=True),
    text_("case_id", key=True),
    text_("area"),
    text_("was"),  # digest of the version that it stood on when it was listed
    text_("state"),  # waiting | moved | blocked | ended
    number("revision"),  # of the case, when it was last tried
    number("tries"),
    text_("reason", null=True),
    text_("element", null=True),
    text_("detail", null=True),  # JSON: all obstacles
    time("due"),
    time("tried_at", null=True),
    Index("ix_migration_case_state", "migration", "state", "due"),
    Index("ix_migration_case_case", "case_id"),
)
