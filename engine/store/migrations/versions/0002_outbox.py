"""What waits to be carried out, what went wrong, what was commanded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

if TYPE_CHECKING:
    from datetime import datetime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = ("outbox", "notice", "incident", "command")


def upgrade() -> None:
    """Create the tables."""
    _outbox_table()
    _notice_table()
    _incident_table()
    _command_table()


def downgrade() -> None:
    """Drop them."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _outbox_table() -> None:
    op.create_table(
        "outbox",
        _text("id"),
        _text("case_id"),
        _number("token"),
        _text("element"),
        _text("kind"),
        _text("name", null=True),
        _text("body"),
        _text("package"),
        _text("state"),
        _number("tries"),
        _text("error", null=True),
        _time("asked_at"),
        _time("due"),
        _text("answer", null=True),
        _time("done_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_case", "outbox", ["case_id"])
    _open_index("ix_outbox_open", "outbox", ["due", "id"])


def _notice_table() -> None:
    op.create_table(
        "notice",
        _text("id"),
        _text("case_id"),
        _text("event"),
        _text("channel"),
        _text("recipient"),
        _text("text"),
        _text("receipt", null=True),
        _time("sent_at"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
    )
    op.create_index("ix_notice_case", "notice", ["case_id"])


def _incident_table() -> None:
    op.create_table(
        "incident",
        _text("case_id"),
        _number("token"),
        _text("element"),
        _text("code"),
        _text("detail"),
        _text("process"),
        _text("area"),
        _time("raised_at"),
        sa.PrimaryKeyConstraint("case_id", "token", name="pk_incident"),
    )


def _command_table() -> None:
    op.create_table(
        "command",
        _text("id"),
        _text("kind"),
        _blob("digest"),
        _text("actor", null=True),
        _text("case_id", null=True),
        _text("answer"),
        _time("at"),
        sa.PrimaryKeyConstraint("id", name="pk_command"),
    )


def _open_index(name: str, table: str, columns: list[str]) -> None:
    where = sa.text("state = 'open'")
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null, autoincrement=False)


def _blob(name: str, *, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=null)


def _time(name: str, *, null: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, Instant, nullable=null)
