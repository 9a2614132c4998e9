"""What stands on the clerks' desks: drafts, saved views, ready phrases, who else is there, and what was said of papers."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.store.columns import metadata, number, text_, time

#: What a clerk has typed into a task's form and not handed in.
task_draft = Table(
    "task_draft",
    metadata,
    text_("task", key=True),
    text_("account", key=True),
    text_("answers"),  # JSON with exact values
    number("revision"),  # of the task when it was typed
    time("saved_at"),
)

#: A worklist's filters under a name.
saved_view = Table(
    "saved_view",
    metadata,
    text_("id", key=True),
    text_("account"),
    text_("name"),
    text_("query"),  # as it stands in the address
    time("saved_at"),
    Index("ix_saved_view_account", "account", "saved_at"),
)

#: A sentence that is written often: one person's, or an area's and everybody's below it.
phrase = Table(
    "phrase",
    metadata,
    text_("id", key=True),
    text_("account", null=True),
    text_("area"),  # where it is an office's; "" with an account
    text_("process"),  # "" is any
    text_("element"),  # "" is any
    text_("field"),  # "" is any
    text_("text"),
    text_("added_by", null=True),
    time("added_at"),
    Index("ix_phrase_account", "account"),
    Index("ix_phrase_area", "area"),
)

#: Who has a case open now.
presence = Table(
    "presence",
    metadata,
    text_("case_id", key=True),
    text_("account", key=True),
    text_("name"),
    time("seen_at"),
)

#: What a clerk has said of a paper that was handed in; the journal keeps what was said before.
judgement = Table(
    "judgement",
    metadata,
    text_("case_id", key=True),
    text_("sha256", key=True),
    text_("state"),  # accepted | refused
    text_("reason"),
    text_("task"),
    text_("by_account"),
    text_("by_name"),
    time("at"),
)

#: Whom cases are about: every identity number that stands in an application or a completed form.
case_subject = Table(
    "case_subject",
    metadata,
    text_("subject", key=True),
    text_("case_id", key=True),
    text_("name"),  # "" where the form does not ask for it beside the number
    Index("ix_case_subject_case", "case_id"),
)
