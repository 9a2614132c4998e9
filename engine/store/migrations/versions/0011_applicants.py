"""Applications begun, ratings, helpers of a case, and papers that stay in the office."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _time(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=null)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def upgrade() -> None:
    """Add the columns and the tables."""
    op.add_column("cases", _text("helper", null=True))
    op.add_column("document", sa.Column("internal", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "application_draft",
        *(_text(name) for name in ("id", "process", "code")),
        *(_text(name, null=True) for name in ("phone", "account", "area")),
        _text("channel"),
        _text("helper", null=True),
        *(_text(name) for name in ("answers", "steps", "state")),
        _text("case_id", null=True),
        _number("revision"),
        *(_time(name) for name in ("begun_at", "saved_at", "expires_at")),
        sa.PrimaryKeyConstraint("id", name="pk_application_draft"),
    )
    for column in ("account", "phone"):
        op.create_index(f"ix_application_draft_{column}", "application_draft", [column, "saved_at"])
    op.create_index("ix_application_draft_expires", "application_draft", ["expires_at"])
    op.create_table(
        "rating",
        *(_text(name) for name in ("case_id", "process", "area")),
        _number("grade"),
        *(_text(name) for name in ("reasons", "comment")),
        _text("rated_by", null=True),
        _time("rated_at"),
        _text("state"),
        *(_text(name, null=True) for name in ("answered_by", "answer")),
        _time("answered_at", null=True),
        sa.PrimaryKeyConstraint("case_id", name="pk_rating"),
    )
    op.create_index("ix_rating_rated", "rating", ["rated_at"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("rating")
    op.drop_table("application_draft")
    op.drop_column("document", "internal")
    op.drop_column("cases", "helper")
