"""Facts are listed by kind and day: monthly filings look at all of an area.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_fact_kind", "fact", ["kind", "happened_on"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("ix_fact_kind", table_name="fact")
