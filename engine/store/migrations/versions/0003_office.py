"""Versions, drafts, accounts, counters and reserve funds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

if TYPE_CHECKING:
    from datetime import datetime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = ("version", "draft", "account", "grant_", "session", "counter", "fund", "fund_entry")


def upgrade() -> None:
    """Create the tables."""
    _version_table()
    _draft_table()
    _account_table()
    _grant_table()
    _session_table()
    _counter_table()
    _fund_table()
    _fund_entry_table()


def downgrade() -> None:
    """Drop them."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _version_table() -> None:
    op.create_table(
        "version",
        _text("digest"),
        _text("process"),
        _number("number"),
        _blob("archive"),
        _text("published_by"),
        _text("approved_by", null=True),
        _time("published_at"),
        sa.PrimaryKeyConstraint("digest", name="pk_version"),
    )
    op.create_index("ix_version_process", "version", ["process", "number"], unique=True)


def _draft_table() -> None:
    op.create_table(
        "draft",
        _text("process"),
        _number("revision"),
        _blob("archive"),
        _text("saved_by"),
        _text("saved_name"),
        _time("saved_at"),
        sa.PrimaryKeyConstraint("process", name="pk_draft"),
    )


def _account_table() -> None:
    op.create_table(
        "account",
        _text("id"),
        _text("name"),
        _text("password", null=True),
        _text("phone", null=True),
        _text("language"),
        _text("state"),
        _number("failures"),
        _time("locked_until", null=True),
        _time("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
    )


def _grant_table() -> None:
    op.create_table(
        "grant_",
        _text("account"),
        _text("role"),
        _text("area"),
        _text("department"),
        _text("valid_from", null=True),
        _text("valid_to", null=True),
        sa.PrimaryKeyConstraint("account", "role", "area", "department", name="pk_grant_"),
    )


def _session_table() -> None:
    op.create_table(
        "session",
        _text("token"),
        _text("account"),
        _time("created_at"),
        _time("expires_at"),
        sa.PrimaryKeyConstraint("token", name="pk_session"),
    )
    op.create_index("ix_session_account", "session", ["account"])


def _counter_table() -> None:
    op.create_table(
        "counter",
        _text("name"),
        _big("value"),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )


def _fund_table() -> None:
    op.create_table(
        "fund",
        _text("code"),
        _text("name"),
        _text("area"),
        _big("balance"),
        _big("reserved"),
        _big("annual"),
        _number("revision"),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_fund_balance")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_fund_reserved")),
        sa.PrimaryKeyConstraint("code", name="pk_fund"),
    )


def _fund_entry_table() -> None:
    op.create_table(
        "fund_entry",
        _text("id"),
        _text("fund"),
        _number("seq"),
        _text("kind"),
        _big("amount"),
        _big("balance"),
        _text("case_id", null=True),
        _text("reserve", null=True),
        _text("state"),
        _text("reason"),
        _text("actor", null=True),
        _time("at"),
        sa.PrimaryKeyConstraint("id", name="pk_fund_entry"),
    )
    op.create_index("ix_fund_entry_case", "fund_entry", ["case_id"])
    op.create_index("ix_fund_entry_fund", "fund_entry", ["fund", "seq"], unique=True)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null, autoincrement=False)


def _big(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null, autoincrement=False)


def _blob(name: str, *, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=null)


def _time(name: str, *, null: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, Instant, nullable=null)
