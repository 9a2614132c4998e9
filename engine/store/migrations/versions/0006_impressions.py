"""Prints of documents, with the serial numbers of their paper; the list of everything issued in order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and the index."""
    op.create_table(
        "impression",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("batch", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=True),
        sa.Column("made_name", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_impression"),
    )
    op.create_index("ix_impression_document", "impression", ["document", "n"], unique=True)
    op.create_index("ix_impression_serial", "impression", ["serial"], unique=True)
    op.create_index("ix_impression_sha256", "impression", ["sha256"])
    op.create_index("ix_document_issued", "document", ["issued_at", "id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_document_issued", table_name="document")
    op.drop_table("impression")
