"""The table of the studio's long work (engine.jobs): who asked for what, how far it is, what came of it."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.store.columns import bytes_, metadata, number, text_, time

#: Book-keeping and answers; nothing of a case is ever kept here but its number.
job = Table(
    "job",
    metadata,
    text_("id", key=True),
    text_("process"),
    text_("kind"),
    text_("input"),  # JSON: what was asked
    bytes_("archive"),  # the package that is tried, as it was when it was asked for; empty when it has ended
    text_("state"),  # waiting | running | done | stopped | broken
    text_("asked_by", null=True),
    text_("asked_name"),
    time("asked_at"),
    time("ended_at", null=True),
    time("due"),  # of a running one: until then it belongs to whoever runs it
    number("tries"),
    number("done"),
    number("total"),
    number("stopping"),  # 1: somebody wants it to stop
    text_("error", null=True),  # JSON: code, values, and sentences by language where the code is a model's
    bytes_("result", null=True),  # compressed JSON
    Index("ix_job_state", "state", "due"),
    Index("ix_job_process", "process", "kind", "asked_at"),
)
