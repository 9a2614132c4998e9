"""Processes that one may start, their forms, and applications (JSON)."""

from __future__ import annotations

from typing import Any

import msgspec

from api.frame import Asked
from api.routes import get, post
from api.titles import process_title
from engine.commands import SubmitApplication
from engine.commands.applications import ONLINE
from engine.errors import CommandInvalid, Forbidden, NotFound, ProcessRetired
from engine.forms import json_schema
from engine.package import START, Package
from engine.queries.processes import retirement


class Item(msgspec.Struct, frozen=True):
    """A process that the asker may start."""

    process: str
    name: str
    version: str


class Application(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An application: the process, the place (12-digit area code) and the answers of its start form."""

    process: str
    area: str
    data: dict[str, Any] = {}
    channel: str = ONLINE
    #: The account the case is for, when somebody else hands it in.
    applicant: str | None = None


class Submitted(msgspec.Struct, frozen=True):
    """The new case: its number, and the code with which it can be followed without an account."""

    case: str
    query_code: str


def startable(asked: Asked) -> list[tuple[Package, str]]:
    """The current packages whose process the asker may start and which take cases, with the process's name."""
    office = asked.office
    found = []
    with office.store.reading() as reader:
        for process in office.versions.published(reader):
            if office.bus.access.may(asked.actor, "start", process, None):
                package = office.versions.current(reader, process)
                found.append((package, process_title(asked, package)))
    return found


def current(asked: Asked, process: str) -> Package:
    """The current version of a process."""
    with asked.office.store.reading() as reader:
        return asked.office.versions.current(reader, process)


def retired(asked: Asked, process: str) -> ProcessRetired | None:
    """What somebody is told who wants to apply for what is not offered any more; None while it is."""
    with asked.office.store.reading() as reader:
        row = retirement(reader, process)
    if row is None:
        return None
    at = row.changed_at.astimezone(asked.office.settings.zone).date().isoformat()
    return ProcessRetired(process=process, by=row.changed_name, at=at, why=row.note)


@get("/api/processes", tags=["applications"], summary="Processes that the asker may start")
def list_processes(asked: Asked) -> list[Item]:
    """The current version of every process that the asker may start."""
    return [Item(package.name, name, package.digest) for package, name in startable(asked)]


@get(
    "/api/processes/{process:str}/forms/{form:str}",
    tags=["applications"],
    summary="A form as an ordered field list",
)
def read_form(asked: Asked, process: str, form: str) -> dict[str, Any]:
    """The field list of a form (`start` or the id of a task), in the current version."""
    found = current(asked, process).form(form)
    if found is None:
        raise NotFound(kind="form", id=form)
    return msgspec.to_builtins(found)  # type: ignore[no-any-return]  # a Struct becomes a dict


@get(
    "/api/processes/{process:str}/forms/{form:str}/schema",
    tags=["applications"],
    summary="A form as JSON Schema 2020-12",
)
def read_schema(asked: Asked, process: str, form: str = START) -> dict[str, Any]:
    """What the answers of a form must look like; conditions in FEEL are judged by the server only."""
    found = current(asked, process).form(form)
    if found is None:
        raise NotFound(kind="form", id=form)
    return json_schema(found, asked.language)


@post("/api/applications", tags=["applications"], summary="Submit an application")
def submit(asked: Asked, data: Application) -> Submitted:
    """Begin a case. Keep the query code: with it and the number the case can be followed without an account."""
    asked.brake_strangers("apply")
    if not asked.actor.grants and (data.channel != ONLINE or data.applicant is not None):
        # Only an office may enter a case for somebody else: it would appear among that person's own.
        raise Forbidden(action="start", object=data.process)
    if asked.office.law.area(data.area, asked.today) is None:
        raise CommandInvalid(reason="area", area=data.area)
    command = SubmitApplication(
        asked.command_id(), data.process, data.area, data.data, data.channel, data.applicant
    )
    answer = asked.execute(command)
    return Submitted(str(answer["case"]), str(answer["query_code"]))


routes = (list_processes, read_form, read_schema, submit)
