"""What people say to each other about a process in work, at an element or a file."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.store.columns import metadata, number, text_, time

#: A thread is its first remark; answers name it. Nothing is ever changed but whether the thread is settled.
remark = Table(
    "remark",
    metadata,
    text_("id", key=True),
    text_("process"),
    text_("thread"),  # id of the first remark of the thread; of a first one its own
    number("place"),  # 1 for the first, counted within the thread
    text_("path"),  # of the file
    text_("element"),  # of the diagram, "" for the file as a whole
    text_("sha"),  # of the file's content when it was said, "" where there was none
    text_("text"),
    text_("by", null=True),
    text_("by_name"),
    time("at"),
    text_("settled_by", null=True),  # on the first one of a thread only
    text_("settled_name", null=True),
    time("settled_at", null=True),
    Index("ix_remark_process", "process", "at"),
    Index("ix_remark_thread", "thread", "place"),
)
