"""A page of an editor as a browser without scripts has it: what its form would post, and pressing one of its buttons."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.api.conftest import Caller


class Form(HTMLParser):
    """The controls of one form (by its id, or the first), also those outside that name it."""

    def __init__(self, html: str, wanted: str = "") -> None:
        super().__init__(convert_charrefs=True)
        self.wanted = wanted
        self.action = ""
        self.values: dict[str, list[str]] = {}
        self._inside = self._area = False
        self._select = ""
        self._text: str | None = None
        self._off = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "form":
            self._inside = known.get("id", "") == self.wanted or (not self.wanted and not self.action)
            if self._inside:
                self.action = known.get("action") or ""
        mine = (self._inside and "form" not in known) or (self.wanted and known.get("form") == self.wanted)
        name = known.get("name") or ""
        if tag == "textarea" and mine:
            self._text = name
            self.values.setdefault(name, []).append("")
        elif tag == "select" and mine:
            self._select = name
        elif tag == "option" and self._select and ("selected" in known or self._select not in self.values):
            self.values[self._select] = [known.get("value") or ""]
        elif tag == "input" and mine and name:
            kind = known.get("type", "text")
            if kind in {"checkbox", "radio"} and "checked" not in known:
                return
            self.values.setdefault(name, []).append(
                known.get("value") or ("on" if kind == "checkbox" else "")
            )

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._text = None
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self.values[self._text][-1] += data


class Editor:
    """A page in somebody's browser."""

    def __init__(self, caller: Caller, address: str, form: str = "edit") -> None:
        self.caller, self.form = caller, form
        self.answer = caller.get(address)
        assert self.answer.status_code == 200, self.answer.text

    @property
    def html(self) -> str:
        """What is shown."""
        return str(self.answer.text)

    @property
    def values(self) -> dict[str, list[str]]:
        """What the form holds."""
        return Form(self.html, self.form).values

    def press(self, do: str, form: str | None = None, **typed: str | list[str] | None) -> Editor:
        """Type (`None` empties a control) and press a button."""
        shown = Form(self.html, self.form if form is None else form)
        values: dict[str, Any] = {**shown.values, **{k: v for k, v in typed.items() if v is not None}}
        for name, value in typed.items():
            if value is None:
                values.pop(name, None)
        return self.send(shown.action, {**values, "do": do})

    def send(self, action: str, values: dict[str, Any]) -> Editor:
        """Post values to an address."""
        self.answer = self.caller.client.post(
            action, data=values, headers={**self.caller.headers, "accept": "text/html"}, follow_redirects=True
        )
        return self


def posted(caller: Caller, path: str, *, follow: bool = True, **typed: str | list[str]) -> Any:
    """POST a form with the caller's session, and follow where that leads; a list is a field that comes several times."""
    return caller.client.post(path, data=typed, headers=caller.headers, follow_redirects=follow)
