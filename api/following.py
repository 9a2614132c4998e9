"""A browser that follows one case without account: number and query code in a cookie, until the browser is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.frame import CASE_COOKIE

if TYPE_CHECKING:
    from litestar import Response

    from api.frame import Asked


#: Number of the case for whose applicant the browser's user acts.
HELPER_COOKIE = "banjian-helper"


def keep_case(asked: Asked, answer: Response[Any], number: str, code: str) -> None:
    """Let the browser follow the case."""
    secure = asked.office.settings.base_url.startswith("https")
    answer.set_cookie(CASE_COOKIE, f"{number}.{code}", httponly=True, samesite="lax", secure=secure)


def code_of(asked: Asked, number: str) -> str:
    """The query code that the browser holds for the case; nothing when it holds none, or a wrong one."""
    known, _, code = (asked.request.cookies.get(CASE_COOKIE) or "").partition(".")
    return code if known == number and asked.holds(number) else ""
