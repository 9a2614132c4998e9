"""How people prove who they are, and who may act for whom."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.store.columns import metadata, number, text_, time

#: What an account is known by elsewhere: a phone ("phone", number) or a provider of OpenID Connect (issuer, subject).
identity = Table(
    "identity",
    metadata,
    text_("issuer", key=True),
    text_("subject", key=True),
    text_("account"),
    time("added_at"),
    Index("ix_identity_account", "account"),
)

#: A code that was sent to a phone. The code itself stands nowhere: it follows from `id` and a key outside the database.
code = Table(
    "code",
    metadata,
    text_("id", key=True),
    text_("phone"),
    time("asked_at"),
    time("expires_at"),
    number("tries"),
    time("used_at", null=True),
    Index("ix_code_phone", "phone", "asked_at"),
)

#: Who acts for whom: a guardian for a child, somebody entrusted for an adult.
representation = Table(
    "representation",
    metadata,
    text_("id", key=True),
    text_("represented"),  # account
    text_("representative"),  # account
    text_("kind"),  # guardian | entrusted
    text_("basis"),  # what it rests on, in words: mother, decision of the court, letter of authority
    text_("valid_from"),  # ISO dates, both included
    text_("valid_to", null=True),
    text_("state"),  # declared | confirmed | ended
    text_("declared_by", null=True),
    time("declared_at"),
    text_("confirmed_by", null=True),
    time("confirmed_at", null=True),
    time("ended_at", null=True),
    Index("ix_representation_representative", "representative"),
    Index("ix_representation_represented", "represented"),
)
