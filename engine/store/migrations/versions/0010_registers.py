"""Registers that cases write, and numbers drawn from allotted pools."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, autoincrement=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=False)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "register_item",
        *(_text(name) for name in ("register", "key", "name", "status", "area", "state")),
        _number("revision"),
        _time("changed_at"),
        sa.PrimaryKeyConstraint("register", "key", name="pk_register_item"),
    )
    op.create_index("ix_register_item_name", "register_item", ["register", "name"])
    op.create_index("ix_register_item_area", "register_item", ["register", "area", "status"])
    op.create_table(
        "register_entry",
        *(_text(name) for name in ("register", "key")),
        _number("seq"),
        *(_text(name) for name in ("event", "happened_on", "case_id", "body")),
        _text("recorded_by", null=True),
        _time("recorded_at"),
        sa.PrimaryKeyConstraint("register", "key", "seq", name="pk_register_entry"),
    )
    op.create_index("ix_register_entry_case", "register_entry", ["case_id"])
    op.create_table(
        "register_word",
        *(_text(name) for name in ("register", "word", "key")),
        sa.PrimaryKeyConstraint("register", "word", "key", name="pk_register_word"),
    )
    op.create_table(
        "pool_number",
        *(_text(name) for name in ("pool", "number", "case_id", "purpose")),
        _time("taken_at"),
        sa.PrimaryKeyConstraint("pool", "number", name="pk_pool_number"),
    )
    op.create_index("ix_pool_number_case", "pool_number", ["case_id"])


def downgrade() -> None:
    """Take them away again."""
    for name in ("pool_number", "register_word", "register_entry", "register_item"):
        op.drop_table(name)
