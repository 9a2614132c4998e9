"""What a service task may ask for inside the building: operations that are answered within the command's transaction.

Everything else that a model names (`pay`, `check.household`, documents, notices) goes through the outbox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import dossier, ledger, papers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from engine.commands.frame import Work

    #: (work, case number, evaluated input) -> answer for the result variable, or a refusal that the model may catch.
    Operation = Callable[[Work, str, Mapping[str, Any]], ledger.Answer]

OPERATIONS: Mapping[str, Operation] = {**ledger.OPERATIONS, **dossier.OPERATIONS, **papers.OPERATIONS}
