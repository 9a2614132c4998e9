"""Codes become sentences and HTTP statuses, once: problem+json for programs, a page for people."""

from __future__ import annotations

import logging
import secrets
import traceback
from typing import TYPE_CHECKING, Any

from litestar.exceptions import HTTPException

from api.auth import CodeOver, CodeWrong, PhoneWrong, SignInLocked, SignInWrong
from api.brakes import TooOften
from api.elsewhere import ElsewhereAway, ElsewhereRefused
from api.posted import TooManyAnswers
from api.words import knows, pick, say
from engine import errors as on
from engine.clock import ClockError
from engine.core.faults import CoreError
from engine.core.load import ModelError
from engine.core.reading.messages import sentence as model_sentence
from engine.dmn import DmnError
from engine.dmn.messages import sentence as decision_sentence
from engine.feel import FeelError
from engine.feel.messages import chinese, english

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger("banjian")


class Foreign(on.EngineError):
    """A browser posted from a page of another site."""

    code = "origin"


#: The first class that fits decides.
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (on.SignInRequired, 401),
    (SignInWrong, 401),
    (SignInLocked, 429),
    (on.CodeTooSoon, 429),
    (CodeWrong, 401),
    (CodeOver, 401),
    (PhoneWrong, 422),
    (on.IdentityUnknown, 403),
    (ElsewhereRefused, 403),
    (ElsewhereAway, 502),
    (TooOften, 429),
    (Foreign, 403),
    (on.Forbidden, 403),
    (on.NotFound, 404),
    (on.CommandReused, 422),
    (on.Conflict, 409),
    (on.NotOffered, 409),
    (on.FormInvalid, 422),
    (on.PackageBroken, 422),
    (on.TooLarge, 413),
    (TooManyAnswers, 413),
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
_BY_STATUS = {
    401: "sign-in-required",
    403: "forbidden",
    404: "not-found",
    405: "method",
    413: "too-large",
    415: "media-type",
    429: "rate",
}
#: Values that are for the log and the sentence only, or that would tell what the asker may not know.
_KEPT_BACK = frozenset({"errors", "object", "action", "area"})
#: Pure parts that bring a sentence for each of their codes.
_WITH_SENTENCES = (ModelError, DmnError, FeelError)
_TRY_AGAIN = {503: 5, 507: 60}


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

    @property
    def headers(self) -> dict[str, str]:
        """When to try again, where that is known; how to sign in, where that is missing."""
        if self.status == 401:
            return {"www-authenticate": "Bearer"}
        seconds = self.values.get("seconds") or _TRY_AGAIN.get(self.status)
        return {"retry-after": str(seconds)} if seconds else {}

    def json(self, instance: str) -> dict[str, Any]:
        """The body of an application/problem+json answer (RFC 9457); pointers follow RFC 6901 into the answers."""
        body: dict[str, Any] = {
            "type": f"urn:banjian:problem:{self.code}",
            "title": self.sentence,
            "status": self.status,
            "code": self.code,
            "instance": instance,
        }
        if self.faults:
            body["errors"] = [
                {"path": path, "pointer": f"/data/{path.replace('.', '/')}", "detail": sentence}
                for path, sentence in self.faults.items()
            ]
        if kept := {name: value for name, value in self.values.items() if name not in _KEPT_BACK}:
            body["values"] = kept
        return body


def problem_of(error: Exception, language: str, limit: int = 0) -> Problem:
    """What to tell about an exception; unforeseen ones are logged under a reference that the person is given."""
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _of_http(error, language, limit)
    code = getattr(error, "code", None)
    status = next((number for kind, number in STATUS if isinstance(error, kind)), None)
    if status is None or not isinstance(code, str):
        return _unforeseen(error, language)
    values = dict(getattr(error, "values", {}))
    faults = faults_of(error, language) if isinstance(error, on.FormInvalid) else {}
    spoken = {**_spoken(values, language), "count": len(faults), "limit_mb": limit // 2**20}
    key = f"error.{code}"
    own = isinstance(error, _WITH_SENTENCES) or not knows(key)
    sentence = _of_parts(error, code, values, language) if own else say(language, key, **spoken)
    return Problem(status, code, sentence, faults, values)


def _of_parts(error: Exception, code: str, values: dict[str, Any], language: str) -> str:
    """The sentence that a pure part has for its own code."""
    place = 1 if language == "en" else 0
    match error:
        case ModelError():
            return model_sentence(code, getattr(error, "element", None), values, place)
        case DmnError():
            return decision_sentence(code, values, language, element=getattr(error, "element", None))
        case FeelError():
            return (english if language == "en" else chinese)(code, values)
        case _:
            return str(error)


def _unforeseen(error: Exception, language: str) -> Problem:
    """Our own fault: logged once, with the places but without the message, which may quote what a person typed."""
    reference = secrets.token_hex(4)
    told: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        told.append(f"{type(seen).__module__}.{type(seen).__qualname__}")
        told += [line.rstrip() for line in traceback.format_tb(seen.__traceback__)]
        seen = seen.__cause__ or seen.__context__
    log.error("unforeseen failure %s\n%s", reference, "\n".join(told))
    sentence = say(language, "error.internal", reference=reference)
    return Problem(500, "internal", sentence, {}, {"reference": reference})


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
    """Values as words: what the last change was, the title of a task, and by whom."""
    spoken = dict(values)
    if "kind" in spoken:
        spoken["change"] = say(language, f"journal.{spoken['kind']}")
    if "title" in spoken:
        spoken["task"] = spoken["title"]
    if "by" in spoken:
        spoken["by"] = spoken["by"] or say(language, "system")
    return spoken


def _of_http(error: HTTPException, language: str, limit: int) -> Problem:
    """A refusal of the framework: the body could not be read, the address or method does not exist."""
    code = _BY_STATUS.get(error.status_code, "request-invalid")
    reason = error.detail
    extra = error.extra if isinstance(error.extra, list) else []
    if extra:
        reason = "; ".join(
            f"{one.get('key', '')}: {one.get('message', '')}" for one in extra if isinstance(one, dict)
        )
    sentence = say(language, f"error.{code}", reason=reason, limit_mb=limit // 2**20, seconds="…")
    return Problem(error.status_code, code, sentence, {}, {})
