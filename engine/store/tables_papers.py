"""The table of prints: every sheet that an office makes of an issued document, and the number of the paper it is on."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.store.columns import metadata, number, text_, time

impression = Table(
    "impression",
    metadata,
    text_("id", key=True),  # <document>.p<n>
    text_("document"),
    text_("case_id"),
    number("n"),  # counts the prints of one document
    text_("kind"),  # original | duplicate
    text_("state"),  # made | spoiled
    text_("reason"),
    text_("serial", null=True),  # number printed on the blank
    text_("batch", null=True),
    text_("sha256", null=True),  # of the marked duplicate as a file
    number("size", null=True, big=True),
    text_("made_by", null=True),
    text_("made_name"),
    time("made_at"),
    Index("ix_impression_document", "document", "n", unique=True),
    Index("ix_impression_serial", "serial", unique=True),
    Index("ix_impression_sha256", "sha256"),
)
