"""What the clerks' verbs need: asked colleagues, urging, copies for reading, substitutes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TEXTS = ("changed_for", "delegated_to", "delegated_name")
_OPEN = sa.text("state = 'open'")


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def upgrade() -> None:
    """Add the columns and the tables."""
    for name in _TEXTS:
        op.add_column("task", _text(name, null=True))
    op.add_column("task", sa.Column("urged_at", Instant(), nullable=True))
    for name in ("scope", "urged"):
        op.add_column("task", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_task_open_delegated",
        "task",
        ["delegated_to", "due", "id"],
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    )
    op.create_table(
        "copy",
        _text("case_id"),
        _text("account"),
        _text("given_by", null=True),
        _text("given_name"),
        _text("note"),
        sa.Column("given_at", Instant(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "account", name="pk_copy"),
    )
    op.create_index("ix_copy_account", "copy", ["account", "given_at"])
    op.create_table(
        "substitute",
        *(_text(name) for name in ("id", "absent", "absent_name", "account", "role")),
        *(_text(name) for name in ("valid_from", "valid_to", "reason")),
        _text("set_by", null=True),
        sa.Column("set_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_substitute"),
    )
    op.create_index("ix_substitute_account", "substitute", ["account", "valid_to"])
    op.create_index("ix_substitute_absent", "substitute", ["absent", "valid_to"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("substitute")
    op.drop_table("copy")
    op.drop_index("ix_task_open_delegated", table_name="task")
    for name in (*_TEXTS, "urged_at", "scope", "urged"):
        op.drop_column("task", name)
