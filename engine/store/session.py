"""What both databases offer: reading sessions, and writing sessions that end with one flush."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from engine.store.tx import WriteSet


class Reader(Protocol):
    """Answers selects; each sees what is committed at that moment."""

    def rows(
        self, sql: str, values: Sequence[object] = (), *, lock: bool = False
    ) -> Sequence[tuple[Any, ...]]:
        """The rows of a select with `?` for values; `lock` holds them in a locking session."""
        ...


class Session(Reader, Protocol):
    """One attempt at one command."""

    def next_number(self, counter: str) -> int:
        """Raise the counter by one and hold it until the session ends."""
        ...

    def flush(self, writes: WriteSet) -> None:
        """Write the set and make it lasting, at once; LostRaceError or StoreUnavailable leave nothing behind."""
        ...


class Store(Protocol):
    """A database. Thread-safe."""

    dialect: str

    def reading(self) -> AbstractContextManager[Reader]:
        """A session that only reads."""
        ...

    def writing(self, *, locking: bool = False) -> AbstractContextManager[Session]:
        """A session for one attempt; what is not flushed is forgotten at its end.

        With `locking` the rows read with `lock` are held, so that this attempt cannot lose a race for them.
        """
        ...

    def run(self, sql: str, values: Sequence[object] = ()) -> Sequence[tuple[Any, ...]]:
        """One statement on its own that changes book-keeping rows (leases of the relay), with what it returns."""
        ...

    def close(self) -> None:
        """Give all connections back."""
        ...
