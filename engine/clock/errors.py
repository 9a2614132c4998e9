"""What can go wrong with statutory time and dated law: one class, a stable code, the facts."""

from __future__ import annotations

from typing import Any

_SENTENCES = {
    "calendar-missing": "there is no working-day calendar for {year}",
    "calendar-invalid": "{file}: {reason}",
    "law-missing": "no value of {parameter!r} is in force on {on} for area {area!r}",
    "law-invalid": "{file}, line {line}: {reason}",
    "list-missing": "no list {list!r} is in force on {on}",
    "clock-act": "the clock's act {act!r} is not complete: {reason}",
    "clock-not-running": "the clock does not run ({state}), so {act!r} means nothing",
    "clock-stop-not-listed": "the law does not let this clock stop for {reason!r}",
    "clock-extension-over": "this clock may be extended by {most} at the most, not {asked}",
}


class ClockError(Exception):
    """A day cannot be judged or a dated value not found; `code` is stable, `values` fill the sentence.

    Codes: calendar-missing {year}, calendar-invalid {file, reason}, law-missing {parameter, on, area},
    law-invalid {file, line, reason}, list-missing {list, on}; of clocks: clock-act {act, reason}, clock-not-running
    {act, state}, clock-stop-not-listed {reason}, clock-extension-over {most, asked}.
    """

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values: dict[str, Any] = values

    def __str__(self) -> str:
        return _SENTENCES[self.code].format(**self.values)
