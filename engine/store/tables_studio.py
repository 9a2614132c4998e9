"""The tables of processes in work: packages by their digest, numbered versions, the draft, and every step it took."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.store.columns import bytes_, metadata, number, text_, time

#: What the installation decided about a process beside its files; a process without a row is active.
process = Table(
    "process",
    metadata,
    text_("name", key=True),
    text_("state"),  # active | retired
    text_("note"),  # why
    text_("changed_by", null=True),
    text_("changed_name"),
    time("changed_at"),
)

#: All files of a process at one moment, named by their hash: versions, and what drafts began from.
package = Table(
    "package",
    metadata,
    text_("digest", key=True),
    text_("process"),
    bytes_("archive"),
)

#: What new cases get, by number; the same package may come again under a new number.
version = Table(
    "version",
    metadata,
    text_("process", key=True),
    number("number", key=True),
    text_("digest"),
    text_("origin"),  # tree | studio | again
    text_("note"),  # what changed, and why
    text_("published_by"),  # who made it
    text_("published_name"),
    text_("approved_by", null=True),  # the second person, who published it
    text_("approved_name"),
    time("published_at"),
    Index("ix_version_digest", "digest"),
)

#: The work in progress on a process; the row stays when it is published or dropped, and its revision never goes back.
draft = Table(
    "draft",
    metadata,
    text_("process", key=True),
    number("revision"),
    text_("state"),  # draft | review | published | dropped
    text_("base"),  # digest of the package that it began from
    number("number", null=True),  # of the version that it began from
    number("begun"),  # revision at which it began
    text_("files"),  # JSON: path -> [SHA-256, account, name, instant] of whoever saved it last
    text_("note"),  # what changed and why, as told to the reviewer
    text_("asked_by", null=True),
    text_("asked_name"),
    text_("returned"),  # why it came back from review
    text_("returned_name"),
    text_("saved_by"),
    text_("saved_name"),
    time("saved_at"),
)

#: Every step of every draft: which files got which content, so that nothing is ever lost.
draft_step = Table(
    "draft_step",
    metadata,
    text_("process", key=True),
    number("revision", key=True),
    text_("kind"),  # begun | saved | removed | dropped | restored | asked | returned | published
    text_("base"),  # digest of the package that the draft began from
    text_("files"),  # JSON: path -> SHA-256, null where it was removed
    text_("note"),
    text_("by", null=True),
    text_("by_name"),
    time("at"),
)

#: Contents of files by their hash.
blob = Table("blob", metadata, text_("sha", key=True), bytes_("content"))

#: What came of playing all scenarios of a package.
trial = Table(
    "trial",
    metadata,
    text_("digest", key=True),
    text_("process"),
    number("cases"),
    number("failed"),
    text_("told"),  # JSON: id -> the first lines of what went wrong
    time("at"),
)
