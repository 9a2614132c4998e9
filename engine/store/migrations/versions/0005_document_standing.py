"""How long a document holds, what for, and what became of it; who relied on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TEXTS = ("valid_until", "purpose", "replaced_by", "state_reason")


def upgrade() -> None:
    """Add the columns and the table."""
    for name in _TEXTS:
        op.add_column("document", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("document", sa.Column("state_at", Instant(), nullable=True))
    op.add_column("document", sa.Column("relied", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_document_number", "document", ["number"])
    op.create_table(
        "verification",
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("document", "case_id", "day", "outcome", name="pk_verification"),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("verification")
    op.drop_index("ix_document_number", table_name="document")
    for name in (*_TEXTS, "state_at", "relied"):
        op.drop_column("document", name)
