"""Migrations of open cases: plans, and what became of each case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, autoincrement=False)


def _time(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=null)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "migration",
        *(_text(name) for name in ("id", "process", "target", "names", "state")),
        _number("revision"),
        _text("note"),
        _text("asked_by", null=True),
        _text("asked_name"),
        _time("asked_at"),
        _text("started_by", null=True),
        _text("started_name", null=True),
        _time("started_at", null=True),
        _text("changed_name"),
        _time("changed_at"),
        _text("listed_to"),
        _number("listed"),
        sa.PrimaryKeyConstraint("id", name="pk_migration"),
    )
    op.create_index("ix_migration_process", "migration", ["process", "asked_at"])
    op.create_index("ix_migration_state", "migration", ["state"])
    op.create_table(
        "migration_case",
        *(_text(name) for name in ("migration", "case_id", "area", "was", "state")),
        _number("revision"),
        _number("tries"),
        *(_text(name, null=True) for name in ("reason", "element", "detail")),
        _time("due"),
        _time("tried_at", null=True),
        sa.PrimaryKeyConstraint("migration", "case_id", name="pk_migration_case"),
    )
    op.create_index("ix_migration_case_state", "migration_case", ["migration", "state", "due"])
    op.create_index("ix_migration_case_case", "migration_case", ["case_id"])


def downgrade() -> None:
    """Take them away again."""
    for name in ("migration_case", "migration"):
        op.drop_table(name)
