"""Phone codes, identities elsewhere, representatives; sessions that can be told apart; notices that have a reader."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: table -> text columns that rows of before do not have.
_ADDED = {
    "account": ("email", "notify", "born_on"),
    "session": ("way", "agent"),
    "notice": ("account",),
}


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _time(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=null)


def upgrade() -> None:
    """Add the columns and the tables."""
    for table, names in _ADDED.items():
        for name in names:
            op.add_column(table, _text(name, null=True))
    op.add_column("notice", _time("read_at", null=True))
    op.create_index("ix_notice_account", "notice", ["account", "sent_at"])
    op.create_table(
        "identity",
        *(_text(name) for name in ("issuer", "subject", "account")),
        _time("added_at"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identity"),
    )
    op.create_index("ix_identity_account", "identity", ["account"])
    op.create_table(
        "code",
        *(_text(name) for name in ("id", "phone")),
        *(_time(name) for name in ("asked_at", "expires_at")),
        sa.Column("tries", sa.Integer(), nullable=False),
        _time("used_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_code"),
    )
    op.create_index("ix_code_phone", "code", ["phone", "asked_at"])
    op.create_table(
        "representation",
        *(_text(name) for name in ("id", "represented", "representative", "kind", "basis", "valid_from")),
        _text("valid_to", null=True),
        _text("state"),
        _text("declared_by", null=True),
        _time("declared_at"),
        _text("confirmed_by", null=True),
        *(_time(name, null=True) for name in ("confirmed_at", "ended_at")),
        sa.PrimaryKeyConstraint("id", name="pk_representation"),
    )
    for column in ("representative", "represented"):
        op.create_index(f"ix_representation_{column}", "representation", [column])


def downgrade() -> None:
    """Take them away again."""
    for table in ("representation", "code", "identity"):
        op.drop_table(table)
    op.drop_index("ix_notice_account", table_name="notice")
    op.drop_column("notice", "read_at")
    for table, names in _ADDED.items():
        for name in names:
            op.drop_column(table, name)
