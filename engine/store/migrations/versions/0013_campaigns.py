"""Campaigns: batches of cases over the items of a register."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "campaign",
        *(_text(name) for name in ("id", "process", "area", "period", "result")),
        sa.Column("total", sa.Integer(), nullable=False, autoincrement=False),
        _text("opened_by", null=True),
        _text("opened_name"),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
    )
    op.create_index("ix_campaign_process", "campaign", ["process", "period"])
    op.create_table(
        "campaign_item",
        *(
            _text(name)
            for name in ("process", "period", "subject", "campaign", "name", "area", "body", "state")
        ),
        _text("case_id", null=True),
        _text("error", null=True),
        sa.Column("due", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("process", "period", "subject", name="pk_campaign_item"),
    )
    op.create_index("ix_campaign_item_campaign", "campaign_item", ["campaign", "state"])
    op.create_index("ix_campaign_item_waiting", "campaign_item", ["state", "due"])
    op.create_index("ix_campaign_item_case", "campaign_item", ["case_id"])


def downgrade() -> None:
    """Take them away again."""
    for name in ("campaign_item", "campaign"):
        op.drop_table(name)
