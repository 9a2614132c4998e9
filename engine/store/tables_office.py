"""The tables of the office itself: people, counters, reserve funds, and the dossiers cases leave."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, Table

from engine.store.columns import metadata, number, text_, time

account = Table(
    "account",
    metadata,
    text_("id", key=True),
    text_("name"),
    text_("password", null=True),  # argon2id
    text_("phone", null=True),
    text_("language"),
    text_("state"),  # active | locked
    number("failures"),
    time("locked_until", null=True),
    time("created_at"),
    text_("email", null=True),
    text_("notify", null=True),  # channels by which notices go out, apart by blanks; null: by SMS
    text_("born_on", null=True),  # ISO date, of people who need a guardian
)

#: "grant" is a reserved word in SQL.
grant_ = Table(
    "grant_",
    metadata,
    text_("account", key=True),
    text_("role", key=True),
    text_("area", key=True),
    text_("department", key=True),  # "" is none
    text_("valid_from", null=True),
    text_("valid_to", null=True),
)

session = Table(
    "session",
    metadata,
    text_("token", key=True),  # sha256 of the cookie, hex
    text_("account"),
    time("created_at"),
    time("expires_at"),
    text_("way", null=True),  # password | code | name of a provider
    text_("agent", null=True),  # browser and system in two words
    Index("ix_session_account", "account"),
)

#: What a case leaves behind in the dossiers of the people it was about (engine.dossier).
fact = Table(
    "fact",
    metadata,
    text_("id", key=True),
    text_("kind"),
    text_("case_id"),
    text_("happened_on"),  # ISO date
    text_("area"),
    text_("body"),  # JSON with exact values
    time("recorded_at"),
    Index("ix_fact_case", "case_id"),
    Index("ix_fact_kind", "kind", "happened_on"),
)

fact_subject = Table(
    "fact_subject",
    metadata,
    text_("subject", key=True),
    text_("kind", key=True),
    text_("happened_on", key=True),
    text_("fact", key=True),
)

#: Who may read a case because somebody copied it to them (抄送).
copy = Table(
    "copy",
    metadata,
    text_("case_id", key=True),
    text_("account", key=True),
    text_("given_by", null=True),
    text_("given_name"),
    text_("note"),
    time("given_at"),
    time("read_at", null=True),
    Index("ix_copy_account", "account", "given_at"),
)

#: Who stands in for whom (代理): the absent account's grants of one role ("" is all) apply to the substitute.
substitute = Table(
    "substitute",
    metadata,
    text_("id", key=True),
    text_("absent"),
    text_("absent_name"),
    text_("account"),
    text_("role"),
    text_("valid_from"),  # ISO dates, both included
    text_("valid_to"),
    text_("reason"),
    text_("set_by", null=True),
    time("set_at"),
    Index("ix_substitute_account", "account", "valid_to"),
    Index("ix_substitute_absent", "absent", "valid_to"),
)

counter = Table("counter", metadata, text_("name", key=True), number("value", big=True))

fund = Table(
    "fund",
    metadata,
    text_("code", key=True),
    text_("name"),
    text_("area"),
    number("balance", big=True),  # fen, free to be reserved
    number("reserved", big=True),
    number("annual", big=True),
    number("revision"),
    CheckConstraint("balance >= 0", name="balance"),
    CheckConstraint("reserved >= 0", name="reserved"),
)

fund_entry = Table(
    "fund_entry",
    metadata,
    text_("id", key=True),
    text_("fund"),
    number("seq"),
    text_("kind"),  # opening | replenish | reserve | settle | release
    number("amount", big=True),
    number("balance", big=True),  # after
    text_("case_id", null=True),
    text_("reserve", null=True),  # settle, release: the reserve entry meant
    text_("state"),  # reserve: open | settled | released; others: final
    text_("reason"),
    text_("actor", null=True),
    time("at"),
    Index("ix_fund_entry_fund", "fund", "seq", unique=True),
    Index("ix_fund_entry_case", "case_id"),
)
