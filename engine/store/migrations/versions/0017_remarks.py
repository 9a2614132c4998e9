"""Remarks of people about elements and files of processes in work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "remark",
        *(_text(name) for name in ("id", "process", "thread")),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        *(_text(name) for name in ("path", "element", "sha", "text")),
        _text("by", null=True),
        _text("by_name"),
        sa.Column("at", Instant(), nullable=False),
        _text("settled_by", null=True),
        _text("settled_name", null=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_remark"),
    )
    op.create_index("ix_remark_process", "remark", ["process", "at"])
    op.create_index("ix_remark_thread", "remark", ["thread", "place"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("remark")
