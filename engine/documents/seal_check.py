"""What a look at a PDF's seal tells; plain values, so that they can cross from one process to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 -- decoders read the types of the fields


@dataclass(frozen=True, slots=True)
class SealCheck:
    """`intact`: the signed bytes are as they were; `whole`: they are the whole file; `trusted`: by a root of ours."""

    found: bool = False
    intact: bool = False
    whole: bool = False
    trusted: bool = False
    signer: str | None = None
    signed_at: datetime | None = None
    #: The moment that a time stamping authority vouches for, where there is one that we trust.
    stamped_at: datetime | None = None

    @property
    def good(self) -> bool:
        """All of it holds."""
        return self.found and self.intact and self.whole and self.trusted
