"""Issued documents as verification looks them up: by the hash of their bytes, or by the word in the QR code."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import orjson

from engine.documents.verify import Paper

if TYPE_CHECKING:
    from engine.store.session import Store

_COLUMNS = "id, code, number, title, token, sha256, state, issued_on, public, signed_by, valid_until, purpose, state_reason, replaced_by"


class StoreRegister:
    """The register in the database; needs no rights, because a verdict shows no more than the paper does."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def by_sha256(self, sha256: str) -> Paper | None:
        """The document with these bytes, or whose marked duplicate has them."""
        return self._find("sha256 = ? ORDER BY issued_at LIMIT 1", sha256) or self._duplicate(sha256)

    def _duplicate(self, sha256: str) -> Paper | None:
        with self._store.reading() as reader:
            made = reader.rows(
                "SELECT document, n FROM impression WHERE sha256 = ? AND state = 'made'", (sha256,)
            )
        paper = self._find("id = ?", made[0][0]) if made else None
        return replace(paper, duplicate=made[0][1]) if paper is not None else None

    def by_token(self, token: str) -> Paper | None:
        """The document with this verification word."""
        return self._find("token = ?", token)

    def _find(self, where: str, value: str) -> Paper | None:
        with self._store.reading() as reader:
            found = reader.rows(f"SELECT {_COLUMNS} FROM document WHERE {where}", (value,))  # noqa: S608 - our own text
        if not found:
            return None
        row = found[0]
        return Paper(
            id=row[0],
            code=row[1],
            number=row[2],
            title=orjson.loads(row[3]),
            token=row[4],
            sha256=row[5],
            state=row[6],
            issued_on=date.fromisoformat(row[7]),
            public=orjson.loads(row[8]),
            signed_by=row[9],
            valid_until=date.fromisoformat(row[10]) if row[10] else None,
            purpose=row[11],
            reason=row[12],
            replaced_by=row[13],
        )
