"""What scenarios play in, inside a running office: its law, the current versions of its other processes, nothing of its data."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from engine.documents.proof import proof_handler
from engine.scenarios.stage import Surroundings, make_template

if TYPE_CHECKING:
    from engine.office import Office

_MAKING = Lock()


def surroundings_of(office: Office) -> Surroundings:
    """The office's law and policies, and every published process; documents come as proofs, and nothing is written."""
    policies = office.settings.root / "policies"
    with office.store.reading() as reader:
        names = [row[0] for row in reader.rows("SELECT DISTINCT process FROM version ORDER BY process")]
        tree = {name: office.versions.current(reader, name) for name in names}
    return Surroundings(
        law=office.law,
        calendar=office.calendar,
        model=(policies / "model.conf").read_text(),
        base=(policies / "base.csv").read_text(),
        document=proof_handler(office.settings),
        template=template(),
        tree=tree,
    )


def template() -> Path:
    """The empty database that every stage copies, made once in the life of this server."""
    with _MAKING:
        return _template()


@lru_cache(maxsize=1)
def _template() -> Path:
    folder = tempfile.mkdtemp(prefix="banjian-template-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make_template(Path(folder))
