"""Long work of the studio: scenario runs and simulations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, autoincrement=False)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "job",
        *(_text(name) for name in ("id", "process", "kind", "input")),
        sa.Column("archive", sa.LargeBinary(), nullable=False),
        _text("state"),
        _text("asked_by", null=True),
        _text("asked_name"),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("due", Instant(), nullable=False),
        *(_number(name) for name in ("tries", "done", "total", "stopping")),
        _text("error", null=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index("ix_job_state", "job", ["state", "due"])
    op.create_index("ix_job_process", "job", ["process", "kind", "asked_at"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("job")
