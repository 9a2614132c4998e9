"""What a service task may ask for inside the building: operations that are answered within the command's transaction.

Everything else that a model names (`pay`, `check.household`, documents, notices) goes through the outbox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import dossier, ledger, papers, pool, ratings, register

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Operation

#: Outbox kind by which one case opens another (`engine.openings`): {process, area?, data, applicant?} -> {case, process}
CASE_START = "case.start"
OPERATIONS: Mapping[str, Operation] = {
    **ledger.OPERATIONS,
    **dossier.OPERATIONS,
    **papers.OPERATIONS,
    **register.OPERATIONS,
    **pool.OPERATIONS,
    **ratings.OPERATIONS,
}
