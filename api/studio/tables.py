"""The editor of decision tables: its page, and what it asks while somebody types."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from litestar import Response
from litestar.response import Redirect

from api.errors import problem_of
from api.frame import Asked
from api.posted import Given
from api.routes import form, get, post
from api.studio.conflict import REFUSED
from api.studio.files import MOST_TYPED
from api.studio.frame import EDITOR_STYLES, Opened, opened, save_file, studio_page, words_of
from api.studio.table_view import checked, refusal, row_told
from engine.dmn import DmnError
from engine.dmn.picture import for_editor
from engine.drafts import LARGEST_FILE
from engine.table_rows import tests_of

_NAME = re.compile(r"[a-z][a-z0-9-]{0,59}")
_NO_STORE = {"cache-control": "no-store"}
#: A model as it is made: one decision with a table of one input and one output.
_NEW = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="{id}_model" name="{title}" namespace="urn:banjian:{process}">
  <decision id="{id}" name="{title}">
    <variable id="{id}_variable" name="{id}" />
    <decisionTable id="{id}_table" hitPolicy="UNIQUE">
      <input id="{id}_input_1" label="{input}">
        <inputExpression id="{id}_expression_1" typeRef="number">
          <text>amount</text>
        </inputExpression>
      </input>
      <output id="{id}_output_1" label="{output}" name="result" typeRef="string" />
      <annotation name="law" />
      <annotation name="note" />
      <rule id="{id}_rule_1">
        <inputEntry id="{id}_rule_1_in_1">
          <text>-</text>
        </inputEntry>
        <outputEntry id="{id}_rule_1_out_1">
          <text></text>
        </outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
"""


@dataclass(frozen=True, slots=True)
class Typed:
    """A model as it stands in the editor, with its test rows (a file's text) where they are wanted too."""

    text: str
    tests: str | None = None


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A rule (from 1) of a decision of a model as it stands in the editor."""

    text: str
    decision: str
    rule: int


def models(opened_: Opened) -> list[str]:
    """The paths of the decision models of a process."""
    return sorted(path for path in opened_.files if path.endswith(".dmn"))


@get("/studio/{process:str}/tables", include_in_schema=False)
def tables(asked: Asked, process: str, path: str = "") -> Response[str]:
    """The page; without `path` it opens the first model."""
    return _page(asked, opened(asked, process), path)


def _page(
    asked: Asked,
    found: Opened,
    path: str = "",
    *,
    typed: dict[str, str] | None = None,
    fault: str = "",
    status: int = 200,
) -> Response[str]:
    """The page; `typed` is the new model that could not be made, `fault` says why."""
    process = found.process
    paths = models(found)
    shown = path if path in paths else (paths[0] if paths else "")
    words = (
        words_of(asked, "studio-tables") | words_of(asked, "studio-saving") | words_of(asked, "studio-feel")
    )
    version = asked.request.query_params.get("version", "")
    answer = studio_page(
        asked,
        found,
        "studio/tables.html",
        tab="tables",
        status=status,
        fault=fault,
        typed=typed or {"title": "", "name": ""},
        paths=paths,
        path=shown,
        missing=bool(path and path != shown),
        words=words,
        articles=[{"id": one.id, "title": one.title} for one in asked.office.law.articles],
        settings={
            "process": process,
            "path": shown,
            "tests": tests_of(shown) if shown else "",
            "tested": tests_of(shown) in found.files,
            "editable": found.editable and not version,
            "version": version,
        },
    )
    answer.headers["content-security-policy"] += EDITOR_STYLES
    return answer


@form("/studio/{process:str}/tables")
def new_table(asked: Asked, process: str, given: Given) -> Response[Any]:
    """A new model with one empty table; what stands against it is told beside what was typed."""
    found = opened(asked, process)
    title = str(next(iter(given.get("title", ())), "")).strip()[:100]
    name = str(next(iter(given.get("name", ())), "")).strip().lower()
    path = f"workflows/dmn/{process}/{name}.dmn"
    fault = ""
    if not title:
        fault = "title-missing"
    elif not _NAME.fullmatch(name):
        fault = "name-wrong"
    elif path in found.files:
        fault = "name-taken"
    typed = {"title": title, "name": name}
    if fault:
        return _page(asked, found, typed=typed, fault=asked.say(f"tables.fault-{fault}"), status=422)
    words = {"input": asked.say("tables.new-input"), "output": asked.say("tables.new-output")}
    plain = {key: _escaped(value) for key, value in {**words, "title": title}.items()}
    content = _NEW.format(id=name.replace("-", "_"), process=process, **plain)
    try:
        save_file(asked, process, path, content.encode(), "")
    except REFUSED as refusal:
        told = problem_of(refusal, asked.language, LARGEST_FILE)
        now = opened(asked, process)
        return _page(asked, now, typed=typed, fault=told.sentence, status=told.status)
    return Redirect(f"/studio/{process}/tables?path={path}", status_code=303)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


@post(
    "/studio/{process:str}/tables/check",
    keyed=False,
    status_code=200,
    include_in_schema=False,
    request_max_body_size=MOST_TYPED,
)
def check(asked: Asked, process: str, data: Typed) -> Response[dict[str, Any]]:
    """Everything about a model and its test rows as they stand in the editor."""
    return Response(checked(asked, opened(asked, process), data.text, data.tests), headers=_NO_STORE)


@post(
    "/studio/{process:str}/tables/picture",
    keyed=False,
    status_code=200,
    include_in_schema=False,
    request_max_body_size=MOST_TYPED,
)
def picture(asked: Asked, process: str, data: Typed) -> Response[dict[str, Any]]:
    """The model as the editor takes it (`xml`), or why it does not (`refused`)."""
    opened(asked, process)
    try:
        return Response({"xml": for_editor(data.text.encode()).decode(), "refused": None}, headers=_NO_STORE)
    except DmnError as fault:
        return Response({"xml": None, "refused": refusal(asked, fault)}, headers=_NO_STORE)


@post(
    "/studio/{process:str}/tables/told",
    keyed=False,
    status_code=200,
    include_in_schema=False,
    request_max_body_size=MOST_TYPED,
)
def told(asked: Asked, process: str, data: TypedRow) -> Response[dict[str, Any]]:
    """One rule in plain words with the law it stands on."""
    found = opened(asked, process)
    try:
        return Response(row_told(asked, found, data.text, data.decision, data.rule), headers=_NO_STORE)
    except DmnError as fault:
        return Response({"refused": refusal(asked, fault)}, headers=_NO_STORE)


routes = (tables, new_table, check, picture, told)
