"""What applicants leave before and after their case: applications begun and not yet handed in, and ratings."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.store.columns import metadata, number, text_, time

#: An application that somebody fills in step by step; it stays until it is handed in, thrown away or too old.
application_draft = Table(
    "application_draft",
    metadata,
    text_("id", key=True),
    text_("process"),
    text_("code"),  # with it, whoever began the draft goes on with it in any browser
    text_("phone", null=True),
    text_("account", null=True),
    text_("area", null=True),
    text_("channel"),
    text_("helper", null=True),  # JSON: who fills it in for somebody else, and how that person agreed
    text_("answers"),  # JSON with exact values, as typed: judged again when handed in
    text_("steps"),  # JSON: step -> revision at which it was saved last
    text_("state"),  # open | submitted
    text_("case_id", null=True),
    number("revision"),
    time("begun_at"),
    time("saved_at"),
    time("expires_at"),
    Index("ix_application_draft_account", "account", "saved_at"),
    Index("ix_application_draft_phone", "phone", "saved_at"),
    Index("ix_application_draft_expires", "expires_at"),
)

#: What an applicant thought of how the case was handled (好差评): one for each case, never changed, never removed.
rating = Table(
    "rating",
    metadata,
    text_("case_id", key=True),
    text_("process"),
    text_("area"),
    number("grade"),  # 5 very satisfied ... 1 very dissatisfied; 1 and 2 are bad
    text_("reasons"),  # JSON list of codes
    text_("comment"),
    text_("rated_by", null=True),
    time("rated_at"),
    text_("state"),  # kept | open | answered | excluded
    text_("answered_by", null=True),  # number of the case in which it was looked into
    text_("answer", null=True),  # what the office told the applicant
    time("answered_at", null=True),
    Index("ix_rating_rated", "rated_at"),
)
