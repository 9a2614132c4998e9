"""A mail server for tests: aiosmtpd over real sockets and TLS, with a certificate of an authority of its own."""

from __future__ import annotations

import asyncio
import ssl
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

USER, PASSWORD = "notices", "correct horse"


@dataclass
class Boxes:
    """What came, and what the server says to the letters to come (each answer is used up)."""

    port: int = 0
    letters: list[tuple[str, EmailMessage]] = field(default_factory=list)
    #: Answers to RCPT and to the end of DATA; None takes the letter, "drop" takes it and hangs up.
    recipients: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.recipients:
            return self.recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250") or answer == "drop":
            letter = message_from_bytes(envelope.content, policy=policy.default)
            self.letters += [(to, letter) for to in envelope.rcpt_tos]  # type: ignore[misc]
        if answer == "drop":
            server.transport.abort()
        return answer

    def __call__(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """The authenticator."""
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (
            USER.encode(),
            PASSWORD.encode(),
        )
        self.logins.append(mechanism)
        return AuthResult(success=right, handled=right)


def certificates(folder: Path, host: str = "127.0.0.1") -> tuple[Path, ssl.SSLContext]:
    """An authority's certificate (a file), and a server's surroundings with a certificate of that authority."""
    now = datetime.now(UTC)

    def certificate(name: str, key: Any, issuer: str, signer: Any, *, root: bool) -> x509.Certificate:
        about = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        by = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)])
        made = x509.CertificateBuilder(by, about, key.public_key(), x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
        made = made.add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
        made = made.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        if root:
            usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
            made = made.add_extension(usage, critical=True)
        else:
            names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))])
            made = made.add_extension(names, critical=False)
        return made.sign(signer, hashes.SHA256())

    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    pem = serialization.Encoding.PEM
    root, server = folder / "root.pem", folder / "server.pem"
    root.write_bytes(certificate("root", root_key, "root", root_key, root=True).public_bytes(pem))
    server.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate("mail", key, "root", root_key, root=False).public_bytes(pem)
    )
    surroundings = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    surroundings.load_cert_chain(server)
    return root, surroundings


@contextmanager
def running_post_office(tls: ssl.SSLContext | None, *, first: bool = False) -> Iterator[Boxes]:
    """A server on a free port: TLS from the `first` byte, by STARTTLS, or (`tls` None) not at all."""
    boxes = Boxes()
    told: dict[str, Any] = {"authenticator": boxes, "auth_required": tls is not None}
    if first:
        told["auth_require_tls"] = False
    elif tls is not None:
        told |= {"tls_context": tls, "require_starttls": True}
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def served() -> SMTP:
        with warnings.catch_warnings():
            # It does not know that TLS is there from the first byte.
            warnings.simplefilter("ignore")
            return SMTP(boxes, hostname="mail.test", loop=loop, **told)

    async def begin() -> asyncio.Server:
        return await loop.create_server(served, "127.0.0.1", 0, ssl=tls if first else None)

    async def end() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    boxes.port = server.sockets[0].getsockname()[1]
    try:
        yield boxes
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
