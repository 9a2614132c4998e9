"""The tables of registers (engine.register): entries that cases write, the item that they add up to, and drawn numbers."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.store.columns import metadata, number, text_, time

#: What stands about one subject of a register now: the fold of its entries.
register_item = Table(
    "register_item",
    metadata,
    text_("register", key=True),
    text_("key", key=True),
    text_("name"),
    text_("status"),
    text_("area"),  # of the office that keeps it
    text_("state"),  # JSON with exact values
    number("revision"),  # counts its entries
    time("changed_at"),
    Index("ix_register_item_name", "register", "name"),
    Index("ix_register_item_area", "register", "area", "status"),
)

register_entry = Table(
    "register_entry",
    metadata,
    text_("register", key=True),
    text_("key", key=True),
    number("seq", key=True),
    text_("event"),
    text_("happened_on"),  # ISO date
    text_("case_id"),
    text_("body"),  # JSON: what the entry says
    text_("recorded_by", null=True),
    time("recorded_at"),
    Index("ix_register_entry_case", "case_id"),
)

#: Exact words under which an item is found: its names now and before.
register_word = Table(
    "register_word",
    metadata,
    text_("register", key=True),
    text_("word", key=True),
    text_("key", key=True),
)

#: Numbers taken from an allotted pool; one stands here for ever.
pool_number = Table(
    "pool_number",
    metadata,
    text_("pool", key=True),
    text_("number", key=True),
    text_("case_id"),
    text_("purpose"),
    time("taken_at"),
    Index("ix_pool_number_case", "case_id"),
)
