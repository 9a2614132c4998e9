"""Cases and what commands write for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

if TYPE_CHECKING:
    from datetime import datetime

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None

_TABLES = ("cases", "task", "timer", "document", "material", "journal", "root")


def upgrade() -> None:
    """Create the tables."""
    _cases_table()
    _task_table()
    _timer_table()
    _document_table()
    _material_table()
    _journal_table()
    _root_table()


def downgrade() -> None:
    """Drop them."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _cases_table() -> None:
    op.create_table(
        "cases",
        _text("id"),
        _text("process"),
        _text("package"),
        _text("area"),
        _text("a4", null=True),
        _text("a6", null=True),
        _text("a9", null=True),
        _text("a12", null=True),
        _text("channel"),
        _text("applicant", null=True),
        _text("query_code"),
        _text("title"),
        _text("application"),
        _text("state"),
        _number("revision"),
        _blob("marking"),
        _blob("variables"),
        _number("journal_seq"),
        _blob("journal_head"),
        _time("submitted_at"),
        _time("changed_at"),
        _time("ended_at", null=True),
        _number("incidents"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
    )
    op.create_index("ix_cases_applicant", "cases", ["applicant", "submitted_at"])
    _open_index("ix_cases_open", "cases", ["process", "a6", "submitted_at"])


def _task_table() -> None:
    op.create_table(
        "task",
        _text("id"),
        _text("case_id"),
        _number("token"),
        _text("element"),
        _text("process"),
        _text("lane"),
        _text("object"),
        _text("area"),
        _text("a4", null=True),
        _text("a6", null=True),
        _text("a9", null=True),
        _text("a12", null=True),
        _text("department", null=True),
        _text("account", null=True),
        _text("title"),
        _text("case_title"),
        _text("state"),
        _number("revision"),
        _text("local"),
        _text("filed", null=True),
        _time("opened_at"),
        _time("due"),
        _text("claimed_by", null=True),
        _text("claimed_name", null=True),
        _text("change"),
        _text("changed_by", null=True),
        _text("changed_name"),
        _time("changed_at"),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
    )
    op.create_index("ix_task_case", "task", ["case_id", "token"])
    _open_index("ix_task_open_a12", "task", ["object", "a12", "due", "id"])
    _open_index("ix_task_open_a4", "task", ["object", "a4", "due", "id"])
    _open_index("ix_task_open_a6", "task", ["object", "a6", "due", "id"])
    _open_index("ix_task_open_a9", "task", ["object", "a9", "due", "id"])
    _open_index("ix_task_open_claimed", "task", ["claimed_by", "due", "id"])
    _open_index("ix_task_open_due", "task", ["due", "id"])
    _open_index("ix_task_open_object", "task", ["object", "due", "id"])


def _timer_table() -> None:
    op.create_table(
        "timer",
        _text("case_id"),
        _number("token"),
        _text("element"),
        _text("kind"),
        _time("due"),
        _time("held_until"),
        sa.PrimaryKeyConstraint("case_id", "token", "element", "kind", name="pk_timer"),
    )
    op.create_index("ix_timer_held", "timer", ["held_until"])


def _document_table() -> None:
    op.create_table(
        "document",
        _text("id"),
        _text("case_id"),
        _text("code"),
        _text("element"),
        _text("number", null=True),
        _text("title"),
        _text("token"),
        _text("sha256"),
        _big("size"),
        _text("media_type"),
        _text("public"),
        _text("signed_by", null=True),
        _text("state"),
        _text("issued_on"),
        _time("issued_at"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
    )
    op.create_index("ix_document_case", "document", ["case_id"])
    op.create_index("ix_document_sha256", "document", ["sha256"])
    op.create_index("ix_document_token", "document", ["token"], unique=True)


def _material_table() -> None:
    op.create_table(
        "material",
        _text("id"),
        _text("case_id"),
        _text("name"),
        _text("field", null=True),
        _text("sha256"),
        _big("size"),
        _text("media_type"),
        _text("added_by", null=True),
        _time("added_at"),
        sa.PrimaryKeyConstraint("id", name="pk_material"),
    )
    op.create_index("ix_material_case", "material", ["case_id"])
    op.create_index("ix_material_sha256", "material", ["sha256"])


def _journal_table() -> None:
    op.create_table(
        "journal",
        _text("chain"),
        _number("seq"),
        _time("at"),
        _text("actor", null=True),
        _text("actor_name"),
        _text("kind"),
        _text("command"),
        _text("body"),
        _blob("hash"),
        sa.PrimaryKeyConstraint("chain", "seq", name="pk_journal"),
    )


def _root_table() -> None:
    op.create_table(
        "root",
        _text("day"),
        _number("chains"),
        _blob("hash"),
        _blob("signature", null=True),
        _time("made_at"),
        sa.PrimaryKeyConstraint("day", name="pk_root"),
    )


def _open_index(name: str, table: str, columns: list[str]) -> None:
    where = sa.text("state = 'open'")
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null, autoincrement=False)


def _big(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null, autoincrement=False)


def _blob(name: str, *, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=null)


def _time(name: str, *, null: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, Instant, nullable=null)
