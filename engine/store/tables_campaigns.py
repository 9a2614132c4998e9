"""The tables of campaigns (engine.campaigns): batches, and the one case of each subject in a period."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.store.columns import metadata, number, text_, time

campaign = Table(
    "campaign",
    metadata,
    text_("id", key=True),
    text_("process"),
    text_("area"),
    text_("period"),
    text_("result"),  # the case variable that tells what a case came to
    number("total"),
    text_("opened_by", null=True),
    text_("opened_name"),
    time("opened_at"),
    Index("ix_campaign_process", "process", "period"),
)

#: The key is the promise: one subject has one case of a process in a period, whichever campaign opened it.
campaign_item = Table(
    "campaign_item",
    metadata,
    text_("process", key=True),
    text_("period", key=True),
    text_("subject", key=True),
    text_("campaign"),
    text_("name"),
    text_("area"),
    text_("body"),  # JSON: what the case begins with
    text_("state"),  # waiting | opened | refused
    text_("case_id", null=True),
    text_("error", null=True),
    time("due"),
    Index("ix_campaign_item_campaign", "campaign", "state"),
    Index("ix_campaign_item_waiting", "state", "due"),
    Index("ix_campaign_item_case", "case_id"),
)
