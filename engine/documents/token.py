"""Seals whose keys lie in a token: PKCS#11, one key and certificate for each issuer, under the issuer's name.

The address is a PKCS#11 URI (RFC 7512) with module-path and, for the PIN, pin-source (a file):
`pkcs11:token=seals?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/etc/banjian/pin&trust=/etc/banjian/keys`.
`object` names one key for all issuers; without it the label is the issuer. `trust` is a folder as `pades.read_trust`
reads it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

import pkcs11
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.sign.general import SigningError
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

from engine.documents.pades import WrittenOnce, read_trust, seal_pdf
from engine.documents.refusal import DocumentRefused

if TYPE_CHECKING:
    from engine.documents.jobs import Sealing


@dataclass(frozen=True, slots=True)
class Address:
    """Where the token is, and how it opens."""

    token: str
    module: str
    pin: Path
    object: str | None = None
    trust: Path | None = None


def read_address(text: str) -> Address:
    """Take the URI apart; DocumentRefused `seal-failed` names what is missing."""
    path, _, query = text.removeprefix("pkcs11:").partition("?")
    names = dict(part.partition("=")[::2] for part in path.split(";") if part)
    more = dict(parse_qsl(query))
    for needed, place in (("token", names), ("module-path", more), ("pin-source", more)):
        if not place.get(needed):
            raise DocumentRefused("seal-failed", reason="address", missing=needed)
    return Address(
        token=unquote(names["token"]),
        module=more["module-path"],
        pin=Path(more["pin-source"].removeprefix("file:")),
        object=unquote(names["object"]) if "object" in names else None,
        trust=Path(more["trust"]) if "trust" in more else None,
    )


class _TokenSigner(WrittenOnce, PKCS11Signer):
    """The library's signer, without its detours."""


class TokenSealer:
    """Seals with keys that never leave their token. One session for the life of the printing process."""

    demonstration = False

    def __init__(self, address: str) -> None:
        self._address = read_address(address)
        self._trust = read_trust(self._address.trust or Path("/nonexistent"))
        self._signers: dict[str, _TokenSigner] = {}
        try:
            self._session = open_pkcs11_session(
                self._address.module,
                token_criteria=TokenCriteria(label=self._address.token),
                user_pin=self._address.pin.read_text(encoding="utf-8").strip(),
            )
        except (pkcs11.PKCS11Error, OSError, LookupError) as error:
            raise DocumentRefused("seal-failed", reason=f"token: {type(error).__name__}") from error

    def seal(self, pdf: bytes, sealing: Sealing) -> tuple[bytes, str]:
        """Seal with the issuer's key; `seal-failed` when the token has none under its name."""
        label = self._address.object or sealing.issuer
        signer = self._signers.get(label)
        if signer is None:
            signer = self._signers[label] = _TokenSigner(
                self._session, cert_label=label, key_label=label, embed_roots=False
            )
        try:
            certificate = signer.signing_cert
            if certificate is None:
                raise DocumentRefused("seal-failed", reason="no-key", label=label)
            sealed = seal_pdf(pdf, sealing, signer, self._trust)
        except (pkcs11.PKCS11Error, SigningError) as error:
            self._signers.pop(label, None)
            reason = f"{type(error).__name__}: {error}"
            raise DocumentRefused("seal-failed", reason=reason, label=label) from error
        return sealed, f"seal:{hashlib.sha256(certificate.dump()).hexdigest()[:16]}"
