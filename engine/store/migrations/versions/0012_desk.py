"""The clerks' desks: drafts, saved views, phrases, presence, judgements of papers, and whom cases are about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=False)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "task_draft",
        *(_text(name) for name in ("task", "account", "answers")),
        sa.Column("revision", sa.Integer(), nullable=False, autoincrement=False),
        _time("saved_at"),
        sa.PrimaryKeyConstraint("task", "account", name="pk_task_draft"),
    )
    op.create_table(
        "saved_view",
        *(_text(name) for name in ("id", "account", "name", "query")),
        _time("saved_at"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
    )
    op.create_index("ix_saved_view_account", "saved_view", ["account", "saved_at"])
    op.create_table(
        "phrase",
        _text("id"),
        _text("account", null=True),
        *(_text(name) for name in ("area", "process", "element", "field", "text")),
        _text("added_by", null=True),
        _time("added_at"),
        sa.PrimaryKeyConstraint("id", name="pk_phrase"),
    )
    op.create_index("ix_phrase_account", "phrase", ["account"])
    op.create_index("ix_phrase_area", "phrase", ["area"])
    op.create_table(
        "presence",
        *(_text(name) for name in ("case_id", "account", "name")),
        _time("seen_at"),
        sa.PrimaryKeyConstraint("case_id", "account", name="pk_presence"),
    )
    op.create_table(
        "judgement",
        *(_text(name) for name in ("case_id", "sha256", "state", "reason", "task", "by_account", "by_name")),
        _time("at"),
        sa.PrimaryKeyConstraint("case_id", "sha256", name="pk_judgement"),
    )
    op.create_table(
        "case_subject",
        *(_text(name) for name in ("subject", "case_id", "name")),
        sa.PrimaryKeyConstraint("subject", "case_id", name="pk_case_subject"),
    )
    op.create_index("ix_case_subject_case", "case_subject", ["case_id"])


def downgrade() -> None:
    """Take them away again."""
    for name in ("case_subject", "judgement", "presence", "phrase", "saved_view", "task_draft"):
        op.drop_table(name)
