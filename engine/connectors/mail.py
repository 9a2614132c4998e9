"""E-mail over SMTP with TLS: `smtps://user:password@host:465` (TLS from the start) or `smtp://...:587` (STARTTLS, required).

SMTP knows no idempotency key; a repeated letter carries the same Message-ID, by which mail boxes know it again. The server
is asked once for each letter; one that takes the letter and dies before saying so may get it twice.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from engine.effects import LaterError, Sent

if TYPE_CHECKING:
    from datetime import datetime

    from engine.settings import Settings

EMAIL = "email"
TIMEOUT_SECONDS = 15.0
#: Answers of a server by which this letter can never go out (RFC 5321: 5yz to the recipient or the letter).
_FOR_GOOD = range(500, 600)


@dataclass(frozen=True, slots=True)
class PostOffice:
    """Where letters are handed in, and in whose name."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    tls_first: bool = False
    #: Certificates of the server's authority; None is the machine's own list.
    authority: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The post office of `BANJIAN_MAIL` and `BANJIAN_MAIL_FROM`, or none; MailMisconfigured is a ValueError."""
        if not settings.mail:
            return None
        parts = urlsplit(settings.mail)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or "@" not in settings.mail_from:
            raise ValueError("BANJIAN_MAIL wants smtp:// or smtps://, and BANJIAN_MAIL_FROM an address")
        first = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if first else 587),
            sender=settings.mail_from,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls_first=first,
            authority=settings.mail_authority,
        )

    def send(self, key: str, to: str, subject: str, text: str, now: datetime) -> Sent:
        """Hand in one letter under its key; LaterError when it is to be tried again, or never (final)."""
        letter = self._letter(key, to, subject, text, now)
        try:
            with self._line() as line:
                if self.user:
                    line.login(self.user, self.password)
                line.send_message(letter, self.sender, [to])
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            final = all(code in _FOR_GOOD for code in codes)
            raise LaterError("mail-refused", final=final, status=codes[0]) from error
        except smtplib.SMTPAuthenticationError as error:
            raise LaterError("mail-misconfigured", status=error.smtp_code) from error
        except smtplib.SMTPResponseException as error:
            raise LaterError(
                "mail-refused", final=error.smtp_code in _FOR_GOOD, status=error.smtp_code
            ) from error
        except smtplib.SMTPServerDisconnected as error:
            raise LaterError("line-down", reason="disconnected") from error
        except (smtplib.SMTPException, ssl.SSLError) as error:
            raise LaterError("mail-misconfigured", reason=type(error).__name__) from error
        except OSError as error:
            raise LaterError("line-down", reason=type(error).__name__) from error
        return Sent(EMAIL, to, text, receipt=str(letter["Message-ID"]))

    def _line(self) -> smtplib.SMTP:
        trust = ssl.create_default_context(cafile=self.authority)
        if self.tls_first:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=trust)
        line = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        try:
            line.starttls(context=trust)
        except (smtplib.SMTPException, OSError):
            line.close()
            raise
        return line

    def _letter(self, key: str, to: str, subject: str, text: str, now: datetime) -> EmailMessage:
        letter = EmailMessage(policy=POLICY)
        letter["From"] = self.sender
        letter["To"] = Address(addr_spec=to)
        letter["Subject"] = " ".join(subject.split())
        letter["Date"] = now
        letter["Message-ID"] = f"<{key.replace(':', '.')}@{self.sender.rpartition('@')[2].rstrip('>')}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(text)
        return letter
