"""What can go wrong in the core: inputs that do not fit (raised), and faults of models (kept as incidents)."""

from __future__ import annotations

from typing import Any, Final

_ENGLISH: Final = {
    "no-such-token": "the case has no such token (it has moved on, or was dropped)",
    "not-waiting": "this element does not wait for that",
    "nobody-waits": "nothing in this case waits for that message",
    "no-plain-start": "the process has no start that needs no trigger; name the start event",
    "no-such-start": "the process has no such start event",
    "already-started": "the case runs already",
    "not-started": "the case has not been started",
    "case-ended": "the case has ended",
    "no-incident": "that token has no incident",
    "naive-time": "the moment has no zone",
    "not-a-value": "this is no FEEL value and cannot be stored",
    "damaged-state": "the stored state cannot be read",
    "no-such-target": "this element cannot be returned or moved to",
    "not-before": "the element does not lie before this work",
    "elsewhere": "the element lies in another scope than this work and what is around it",
    "irrevocable": "something that cannot be taken back was done since",
    "complex-join": "a complex gateway in between cannot be set back",
    "scope-interrupted": "the scope is being interrupted",
    "undoing": "the scope is being compensated",
    "nothing-to-take-back": "nothing that followed is still there to be taken away",
    "no-signers": "this work takes no further signers, or that one is not asked",
    "signed": "that signer has signed, or signs no more",
    "last-signer": "somebody must sign",
    "cannot-migrate": "the case cannot go on with that version of its model",
    "foreign-state": "the stored state names an element that the definition lacks",
}


#: Why a verb does not fit the marking (`verbs`).
REFUSALS: Final = frozenset(
    {
        "no-such-target",
        "not-before",
        "elsewhere",
        "irrevocable",
        "complex-join",
        "scope-interrupted",
        "undoing",
        "nothing-to-take-back",
        "no-signers",
        "signed",
        "last-signer",
    }
)


class CoreError(Exception):
    """An input that does not fit the case: nothing has happened. `code` is stable, `values` name what was meant."""

    def __init__(self, code: str, /, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values: dict[str, Any] = values

    def __str__(self) -> str:
        text = _ENGLISH.get(self.code, self.code)
        return f"{text}: {self.values}" if self.values else text


class Fault(Exception):
    """A token cannot go on; the loop in `run` turns it into an incident that keeps the token.

    `token` and `job` say who cannot go on and what to try again, where that is not the micro-step that failed.
    """

    def __init__(self, code: str, /, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values: dict[str, Any] = values
        self.token = 0
        self.job = ""
