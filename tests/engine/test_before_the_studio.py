"""An office from before the studio: versions, pinned cases and drafts come through the migration, forth and back."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text

from engine.commands.versions import Versions
from engine.package import pack
from engine.queries.processes import process_view
from engine.store import migrate, open_store
from engine.store.schema import configuration, connected
from engine.verify import verify
from tests.engine.small import NOON, open_small, relief


def test_versions_and_drafts_come_through(store_url: str) -> None:
    small = open_small(store_url, relief())
    case = small.submit()["case"]
    small.close()
    drafted = relief()
    drafted = type(drafted)("relief", {**drafted.files, "forms/relief/start.json": b"{}"})
    with connected(store_url) as connection:
        command.downgrade(configuration(connection), "0015")
        rows = connection.execute(text("SELECT digest, number, published_by FROM version")).all()
        assert [tuple(row) for row in rows] == [(relief().digest, 1, "system:installation")]
        values = {
            "archive": pack(drafted),
            "at": NOON if "postgres" in store_url else "2026-08-03T04:00:00.000000Z",
        }
        statement = (
            "INSERT INTO draft (process, revision, archive, saved_by, saved_name, saved_at)"
            " VALUES ('relief', 3, :archive, 'anne', '安', :at)"
        )
        connection.execute(text(statement), values)
        connection.commit()
    migrate(store_url)
    store = open_store(store_url)
    versions = Versions(store)
    with store.reading() as reader:
        view = process_view(reader, "relief")
        assert versions.current(reader, "relief").digest == relief().digest
        pinned = reader.rows("SELECT package FROM cases WHERE id = ?", (case,))[0][0]
        assert versions.at(pinned, reader).files == relief().files
    assert [(one.number, one.origin) for one in view.versions] == [(1, "tree")]
    assert view.working is not None
    assert (view.working.revision, view.working.saved_name) == (3, "安")
    assert versions.at(view.working.base).files == drafted.files
    assert list(verify(store)) == []
    store.close()
