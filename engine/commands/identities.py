"""Signing in with a provider elsewhere (OpenID Connect): which account a subject is, and that it may be none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.commands import sessions
from engine.commands.codes import account_of, add_account
from engine.commands.frame import ENGINE_ONLY, Command, Right, Verb
from engine.errors import IdentityUnknown

if TYPE_CHECKING:
    from engine.commands.frame import Work
    from engine.commands.sessions import Opening


@dataclass(frozen=True, slots=True)
class SignInElsewhere(Command):
    """The edge has judged the provider's word that this is `subject`; a session begins.

    A subject that is not known yet becomes the account `claimed` (by the provider, for staff), else a new one of the name
    `fresh` (for the public); with neither it is refused. What a subject once was, it stays.
    """

    issuer: str
    subject: str
    opening: Opening
    claimed: str = ""
    fresh: str = ""
    name: str = ""
    language: str = "zh"


def _find(work: Work, command: SignInElsewhere) -> tuple[Right, str | None]:
    sql = "SELECT account FROM identity WHERE issuer = ? AND subject = ?"
    known = work.tx.rows(sql, command.issuer, command.subject)
    return ENGINE_ONLY, str(known[0][0]) if known else None


def _sign_in(work: Work, command: SignInElsewhere, known: str | None) -> dict[str, Any]:
    account = known or command.claimed or command.fresh
    is_new = known is None and not command.claimed
    if not account:
        raise IdentityUnknown
    if not is_new:
        state = work.tx.rows("SELECT state FROM account WHERE id = ?", account)
        if not state or state[0][0] != "active":
            raise IdentityUnknown
    if known is None:
        account_of(work, command.issuer, command.subject, account)
    if is_new:
        name = command.name.strip()[:100] or account
        add_account(work, account, name=name, language=command.language)
    change = "account-begun" if is_new else "identity-linked" if known is None else sessions.SIGNED_IN
    sessions.begin(work, account, command.opening, change)
    return {"account": account, "new": is_new}


VERBS = {SignInElsewhere: Verb(_find, _sign_in)}
