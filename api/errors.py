"""Codes become sentences and HTTP statuses, once: problem+json for programs, a page for people."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any

from litestar.exceptions import HTTPException

from api.words import knows, pick, say
from engine import errors as on
from engine.clock import ClockError
from engine.core.faults import CoreError
from engine.core.load import ModelError
from engine.dmn import DmnError
from engine.feel import FeelError

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger("banjian")

#: The first class that fits decides.
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (on.SignInRequired, 401),
    (on.Forbidden, 403),
    (on.NotFound, 404),
    (on.CommandReused, 422),
    (on.Conflict, 409),
    (on.FormInvalid, 422),
    (on.PackageBroken, 422),
    (on.TooLarge, 413),
    (on.Unreadable, 415),
    (on.LawMissing, 503),
    (on.StoreUnavailable, 503),
    (on.VaultFull, 507),
    (on.VaultDamaged, 500),
    (on.EngineError, 400),
    (ModelError, 422),
    (CoreError, 409),
    (ClockError, 503),
    (FeelError, 422),
    (DmnError, 422),
)
_BY_STATUS = {404: "not-found", 401: "sign-in-required", 405: "method", 413: "too-large", 403: "forbidden"}
_WORDS_OF_VALUES = {"kind": "change.{}"}


class Problem:
    """One refusal, ready to be told: status, code, sentence, and what is wrong at which field."""

    def __init__(
        self, status: int, code: str, sentence: str, faults: dict[str, str], values: Mapping[str, Any]
    ) -> None:
        self.status = status
        self.code = code
        self.sentence = sentence
        self.faults = faults
        self.values = values

    def json(self, instance: str) -> dict[str, Any]:
        """The body of an application/problem+json answer (RFC 9457)."""
        body: dict[str, Any] = {
            "type": f"urn:banjian:problem:{self.code}",
            "title": self.sentence,
            "status": self.status,
            "code": self.code,
            "instance": instance,
        }
        if self.faults:
            body["errors"] = [
                {"path": path, "pointer": "/" + path.replace(".", "/"), "detail": sentence}
                for path, sentence in self.faults.items()
            ]
        if self.values:
            body["values"] = {name: value for name, value in self.values.items() if name != "errors"}
        return body


def problem_of(error: Exception, language: str, limit: int = 0) -> Problem:
    """What to tell about an exception; unforeseen ones are logged under a reference that the person is given."""
    if isinstance(error, HTTPException):
        return _of_http(error, language)
    code = getattr(error, "code", None)
    status = next((number for kind, number in STATUS if isinstance(error, kind)), None)
    if status is None or not isinstance(code, str):
        reference = secrets.token_hex(4)
        log.error("unforeseen failure %s", reference, exc_info=error)
        return Problem(
            500,
            "internal",
            say(language, "error.internal", reference=reference),
            {},
            {"reference": reference},
        )
    values = dict(getattr(error, "values", {}))
    faults = faults_of(error, language) if isinstance(error, on.FormInvalid) else {}
    sentence = say(
        language, f"error.{code}", **_spoken(values, language), count=len(faults), limit_mb=limit // 2**20
    )
    if not knows(f"error.{code}"):
        sentence = str(error)
    return Problem(status, code, sentence, faults, values)


def faults_of(error: on.FormInvalid, language: str) -> dict[str, str]:
    """A sentence per field path, the first fault of each."""
    faults: dict[str, str] = {}
    for one in error.errors:
        values = dict(one.values)
        if "expected" in values:
            values["expected"] = say(language, f"field.expected-{values['expected']}")
        if isinstance(values.get("message"), dict):
            values["sentence"] = pick(values["message"], language)
        faults.setdefault(one.path, say(language, f"field.{one.code}", **values))
    return faults


def _spoken(values: dict[str, Any], language: str) -> dict[str, Any]:
    """Values as words: what the last change was, the title of a task."""
    spoken = dict(values)
    if "kind" in spoken:
        spoken["change"] = say(language, f"journal.{spoken['kind']}")
    if "title" in spoken:
        spoken["task"] = spoken["title"]
    if "by" in spoken:
        spoken["by"] = spoken["by"] or say(language, "system")
    return spoken


def _of_http(error: HTTPException, language: str) -> Problem:
    code = _BY_STATUS.get(error.status_code, "request-invalid")
    reason = error.detail
    extra = error.extra if isinstance(error.extra, list) else []
    if extra:
        reason = "; ".join(
            f"{one.get('key', '')}: {one.get('message', '')}" for one in extra if isinstance(one, dict)
        )
    status = 400 if error.status_code >= 500 else error.status_code
    return Problem(status, code, say(language, f"error.{code}", reason=reason), {}, {})
