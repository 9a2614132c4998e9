"""Versions by number over packages by digest; drafts file by file, with every step they took."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import sqlalchemy as sa
from alembic import op

from engine.store.columns import Instant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null, autoincrement=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=False)


def upgrade() -> None:
    """Take versions apart into packages and numbers; drafts of before become packages that a draft began from."""
    _packages()
    _versions()
    _drafts()
    op.create_table(
        "process",
        *(_text(name) for name in ("name", "state", "note")),
        _text("changed_by", null=True),
        _text("changed_name"),
        _time("changed_at"),
        sa.PrimaryKeyConstraint("name", name="pk_process"),
    )
    op.create_table("blob", _text("sha"), _bytes("content"), sa.PrimaryKeyConstraint("sha", name="pk_blob"))
    op.create_table(
        "trial",
        *(_text(name) for name in ("digest", "process")),
        *(_number(name) for name in ("cases", "failed")),
        _text("told"),
        _time("at"),
        sa.PrimaryKeyConstraint("digest", name="pk_trial"),
    )


def _packages() -> None:
    op.create_table(
        "package",
        *(_text(name) for name in ("digest", "process")),
        _bytes("archive"),
        sa.PrimaryKeyConstraint("digest", name="pk_package"),
    )
    op.execute("INSERT INTO package (digest, process, archive) SELECT digest, process, archive FROM version")


def _versions() -> None:
    op.drop_index("ix_version_process", table_name="version")
    op.rename_table("version", "version_before")
    # PostgreSQL keeps the name of the key with the old table; names are one set per schema there.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE version_before RENAME CONSTRAINT pk_version TO pk_version_before")
    op.create_table(
        "version",
        _text("process"),
        _number("number"),
        *(_text(name) for name in ("digest", "origin", "note", "published_by", "published_name")),
        _text("approved_by", null=True),
        _text("approved_name"),
        _time("published_at"),
        sa.PrimaryKeyConstraint("process", "number", name="pk_version"),
    )
    op.create_index("ix_version_digest", "version", ["digest"])
    op.execute(
        "INSERT INTO version (process, number, digest, origin, note, published_by, published_name, approved_by,"
        " approved_name, published_at) SELECT process, number, digest, CASE WHEN published_by LIKE 'system:%'"
        " THEN 'tree' ELSE 'studio' END, '', published_by, published_by, approved_by, COALESCE(approved_by, ''),"
        " published_at FROM version_before"
    )
    op.drop_table("version_before")


def _drafts() -> None:
    rows = op.get_bind().execute(sa.text("SELECT * FROM draft")).mappings().all()
    op.drop_table("draft")
    op.create_table(
        "draft",
        _text("process"),
        _number("revision"),
        *(_text(name) for name in ("state", "base")),
        _number("number", null=True),
        _number("begun"),
        *(_text(name) for name in ("files", "note")),
        _text("asked_by", null=True),
        *(_text(name) for name in ("asked_name", "returned", "returned_name", "saved_by", "saved_name")),
        _time("saved_at"),
        sa.PrimaryKeyConstraint("process", name="pk_draft"),
    )
    op.create_table(
        "draft_step",
        _text("process"),
        _number("revision"),
        *(_text(name) for name in ("kind", "base", "files", "note")),
        _text("by", null=True),
        _text("by_name"),
        _time("at"),
        sa.PrimaryKeyConstraint("process", "revision", name="pk_draft_step"),
    )
    for row in rows:
        _carry(dict(row))


def _carry(row: dict[str, Any]) -> None:
    """A draft of before: its files become the package that the draft begins from."""
    with zipfile.ZipFile(io.BytesIO(row["archive"])) as archive:
        files = {name: archive.read(name) for name in sorted(archive.namelist()) if not name.endswith("/")}
    total = hashlib.sha256()
    for path, content in sorted(files.items()):
        total.update(f"{path}\0{len(content)}\0".encode())
        total.update(content)
    shas = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    who = (row["saved_by"], row["saved_name"], row["saved_at"])
    at = str(who[2]) if isinstance(who[2], str) else who[2].isoformat()
    listed = {path: [sha, who[0], who[1], at] for path, sha in shas.items()}
    given = {**row, "digest": total.hexdigest(), "files": json.dumps(listed), "shas": json.dumps(shas)}
    for statement in (
        (
            "INSERT INTO package (digest, process, archive) VALUES (:digest, :process, :archive)"
            " ON CONFLICT (digest) DO NOTHING"
        ),
        (
            "INSERT INTO draft (process, revision, state, base, begun, files, note, asked_name, returned,"
            " returned_name, saved_by, saved_name, saved_at) VALUES (:process, :revision, 'draft', :digest, :revision,"
            " :files, '', '', '', '', :saved_by, :saved_name, :saved_at)"
        ),
        (
            "INSERT INTO draft_step (process, revision, kind, base, files, note, by, by_name, at)"
            " VALUES (:process, :revision, 'begun', :digest, :shas, '', :saved_by, :saved_name, :saved_at)"
        ),
    ):
        op.get_bind().execute(sa.text(statement), given)


def downgrade() -> None:
    """Put the newest version of each package back into one table; drafts, notes and steps are given up."""
    for name in ("trial", "blob", "process", "draft_step", "draft"):
        op.drop_table(name)
    op.drop_index("ix_version_digest", table_name="version")
    op.rename_table("version", "version_after")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE version_after RENAME CONSTRAINT pk_version TO pk_version_after")
    op.create_table(
        "version",
        *(_text(name) for name in ("digest", "process")),
        _number("number"),
        _bytes("archive"),
        _text("published_by"),
        _text("approved_by", null=True),
        _time("published_at"),
        sa.PrimaryKeyConstraint("digest", name="pk_version"),
    )
    op.execute(
        "INSERT INTO version (digest, process, number, archive, published_by, approved_by, published_at)"
        " SELECT v.digest, v.process, v.number, p.archive, v.published_by, v.approved_by, v.published_at"
        " FROM version_after v JOIN package p ON p.digest = v.digest WHERE v.number ="
        " (SELECT max(o.number) FROM version_after o WHERE o.digest = v.digest)"
    )
    op.create_index("ix_version_process", "version", ["process", "number"], unique=True)
    op.create_table(
        "draft",
        _text("process"),
        _number("revision"),
        _bytes("archive"),
        *(_text(name) for name in ("saved_by", "saved_name")),
        _time("saved_at"),
        sa.PrimaryKeyConstraint("process", name="pk_draft"),
    )
    op.drop_table("version_after")
    op.drop_table("package")
