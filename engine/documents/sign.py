"""Seals: a PAdES signature over the whole paper, by a key that only the printing process reads.

`Sealer` is the port. `file:<folder>` is the demonstration: a root and seals of its own making, keys in files.
`pkcs11:...` (RFC 7512) is a token or a hardware module, whose keys nobody can copy. Each issuer has its own key.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from engine.documents.refusal import DocumentRefused
from engine.documents.seal_ring import SEALS, Seal, seal_at

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer

    from engine.documents.jobs import Sealing


class Sealer(Protocol):
    """Seals finished PDFs with its issuers' keys."""

    demonstration: bool

    def seal(self, pdf: bytes, sealing: Sealing) -> tuple[bytes, str]:
        """The PDF with a signature that covers all of it, and the seal's name; DocumentRefused `seal-failed`."""
        ...


def open_sealer(address: str) -> Sealer:
    """The sealer at an address; a demonstration's keys are made when they are first needed."""
    kind, _, rest = address.partition(":")
    if kind == "file" and rest:
        return FileSealer(Path(rest))
    if kind == "pkcs11" and rest:
        from engine.documents.token import TokenSealer  # noqa: PLC0415 -- an optional library

        return TokenSealer(address)
    raise DocumentRefused("seal-failed", reason="unknown-address", kind=kind)


class FileSealer:
    """The demonstration sealer: RSA keys and certificates as PEM files below one folder."""

    demonstration = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._signers: dict[str, Signer] = {}

    def seal(self, pdf: bytes, sealing: Sealing) -> tuple[bytes, str]:
        """Seal with the issuer's key that is in force at the document's moment."""
        # pyHanko costs a third of a second to load; only a process that seals pays it.
        from engine.documents.pades import read_trust, seal_pdf  # noqa: PLC0415

        seal = seal_at(self._folder, sealing.issuer, sealing.at)
        if seal.name not in self._signers:
            self._signers[seal.name] = self._signer(seal)
        return seal_pdf(pdf, sealing, self._signers[seal.name], read_trust(self._folder)), seal.name

    def _signer(self, seal: Seal) -> Signer:
        from pyhanko.keys import load_cert_from_pemder, load_private_key_from_pemder  # noqa: PLC0415
        from pyhanko.sign.signers import SimpleSigner  # noqa: PLC0415
        from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415

        from engine.documents.pades import WrittenOnce  # noqa: PLC0415

        load: Any = load_cert_from_pemder
        path = self._folder / SEALS / f"{seal.file}.key.pem"
        key = cast("rsa.RSAPrivateKey", serialization.load_pem_private_key(path.read_bytes(), password=None))

        class KeptKeySigner(WrittenOnce, SimpleSigner):
            """Keeps the loaded key; loading checks its primes and costs more than signing."""

            def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
                """RSA with SHA-256, the only digest that `seal_pdf` asks for."""
                if digest_algorithm != "sha256":
                    raise DocumentRefused("seal-failed", reason="digest", digest=digest_algorithm)
                return key.sign(data, padding.PKCS1v15(), hashes.SHA256())

        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        registry.register(load(str(self._folder / "root.cert.pem")))
        # Without the root in it: whoever verifies brings the root, and its bytes would not be covered by the signature.
        return KeptKeySigner(
            signing_cert=load(str(path.with_name(f"{seal.file}.cert.pem"))),
            signing_key=load_private_key_from_pemder(str(path), passphrase=None),
            cert_registry=registry,
            embed_roots=False,
        )
