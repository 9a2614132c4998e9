"""What people change of their own account: how they are reached, in which language, and the password."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands import sessions
from engine.commands.frame import Command, Right, Verb
from engine.errors import CommandInvalid, Forbidden, NotFound

if TYPE_CHECKING:
    from engine.commands.frame import Work

_OBJECT = "office"
#: Ways by which a notice goes out beside the inbox, where it always lies.
CHANNELS = ("sms", "email")
LANGUAGES = ("zh", "en")
LONGEST_NAME = 50
_MAIL = re.compile(r"[^@\s<>,;]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}")


@dataclass(frozen=True, slots=True)
class ChangeProfile(Command):
    """The actor's own account: name, e-mail address ("" is none), channels of notices, language."""

    name: str
    email: str
    notify: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class ChangePassword(Command):
    """The edge has compared the old password; from now on this hash counts, and only the session `keep` goes on."""

    password: str
    keep: str | None = None


class Profile(NamedTuple):
    """What a person may change."""

    id: str
    name: str
    phone: str | None
    email: str | None
    notify: str | None
    language: str


def is_mail(text: str) -> bool:
    """Whether a text can be an address of e-mail."""
    return len(text) <= 200 and _MAIL.fullmatch(text) is not None


def _find(work: Work, _: Command) -> tuple[Right, Profile]:
    found = work.tx.one(Profile, "account", "id = ?", work.actor.id or "", lock=True)
    if found is None:
        raise NotFound(kind="account", id=work.actor.id)
    return Right("own-account", _OBJECT, None), found


def _change(work: Work, command: ChangeProfile, old: Profile) -> dict[str, Any]:
    name = command.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise CommandInvalid(reason="name")
    if name != old.name and work.actor.grants:
        raise Forbidden(action="rename", object=_OBJECT)
    if command.email and not is_mail(command.email):
        raise CommandInvalid(reason="email")
    if set(command.notify) - set(CHANNELS) or command.language not in LANGUAGES:
        raise CommandInvalid(reason="profile")
    new = {
        "name": name,
        "email": command.email or None,
        "notify": " ".join(one for one in CHANNELS if one in command.notify),
        "language": command.language,
    }
    changed = sorted(key for key, value in new.items() if value != getattr(old, key))
    if changed:
        work.tx.update("account", (old.id,), new)
        work.note(f"account:{old.id}", "profile-changed", fields=changed)
    return {"account": old.id, "changed": changed}


def _change_password(work: Work, command: ChangePassword, old: Profile) -> dict[str, Any]:
    work.tx.update("account", (old.id,), {"password": command.password})
    ended = sessions.end_all(work, old.id, command.keep)
    work.note(f"account:{old.id}", "password-changed", ended=ended)
    return {"account": old.id, "ended": ended}


VERBS = {ChangeProfile: Verb(_find, _change), ChangePassword: Verb(_find, _change_password)}
