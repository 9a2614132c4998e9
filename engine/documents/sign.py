"""Seals: a PAdES signature over the whole paper, by a key that only the printing process reads.

`Sealer` is the port. `FileSealer` is the demonstration: a root and a seal certificate of its own making, keys in files.
A seal service or PKCS#11 token is another `Sealer`, named by another address (`file:/path` so far).
The signature's moment is the document's own, not the machine's: sealing the same paper again gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from engine.documents.keys import make_keys
from engine.documents.refusal import DocumentRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyhanko.sign.signers.pdf_signer import PdfSigningSession

    from engine.documents.jobs import Sealing

#: Room for the signature in the file, in hexadecimal digits; fixed, so that its size tells nothing and no dry run is needed.
RESERVED = 12 * 1024


class Sealer(Protocol):
    """Signs finished PDFs with one certificate."""

    name: str
    demonstration: bool

    def seal(self, pdf: bytes, sealing: Sealing) -> bytes:
        """The PDF with a signature that covers all of it; DocumentRefused `seal-failed`."""
        ...


def open_sealer(address: str) -> Sealer:
    """The sealer at `file:<folder>`; its keys are made at the first use."""
    kind, _, rest = address.partition(":")
    if kind == "file" and rest:
        return FileSealer(Path(rest))
    raise DocumentRefused("seal-failed", reason="unknown-address", kind=kind)


class FileSealer:
    """The demonstration sealer: RSA keys and certificates as PEM files below one folder."""

    demonstration = True

    def __init__(self, folder: Path) -> None:
        # pyHanko costs a third of a second to load; only a process that seals pays it.
        from pyhanko.keys import load_cert_from_pemder, load_private_key_from_pemder  # noqa: PLC0415
        from pyhanko.sign.signers import SimpleSigner  # noqa: PLC0415
        from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415

        make_keys(folder)
        loaded = serialization.load_pem_private_key((folder / "seal.key.pem").read_bytes(), password=None)
        if not isinstance(loaded, rsa.RSAPrivateKey):
            raise DocumentRefused("seal-failed", reason="no-rsa-key")
        key: rsa.RSAPrivateKey = loaded

        class KeptKeySigner(SimpleSigner):
            """Keeps the loaded key; loading checks its primes and costs more than signing."""

            def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
                """RSA with SHA-256, the only digest that `seal` asks for."""
                if digest_algorithm != "sha256":
                    raise DocumentRefused("seal-failed", reason="digest", digest=digest_algorithm)
                return key.sign(data, padding.PKCS1v15(), hashes.SHA256())

        seal, root = (
            _certificate(load_cert_from_pemder, folder / f"{name}.cert.pem") for name in ("seal", "root")
        )
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        registry.register(root)
        private = load_private_key_from_pemder(str(folder / "seal.key.pem"), passphrase=None)
        # Without the root in it: whoever verifies brings the root, and its bytes would not be covered by the signature.
        self._signer = KeptKeySigner(
            signing_cert=seal, signing_key=private, cert_registry=registry, embed_roots=False
        )
        self.name = f"seal:{hashlib.sha256(seal.dump()).hexdigest()[:16]}"

    def seal(self, pdf: bytes, sealing: Sealing) -> bytes:
        """A certifying PAdES-B signature that allows no change afterwards."""
        from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject  # noqa: PLC0415 -- see __init__
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
        from pyhanko.pdf_utils.misc import PdfError  # noqa: PLC0415
        from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter  # noqa: PLC0415
        from pyhanko.sign.general import SigningError  # noqa: PLC0415
        from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner  # noqa: PLC0415

        class PinnedSigner(PdfSigner):
            """Signs at the document's moment."""

            def init_signing_session(
                self, pdf_out: Any, existing_fields_only: bool = False
            ) -> PdfSigningSession:
                session = super().init_signing_session(pdf_out, existing_fields_only=existing_fields_only)
                session.system_time = sealing.at
                return session

        class StillWriter(IncrementalPdfFileWriter):
            """Leaves the metadata as printed; pyHanko would write the machine's time into it."""

            def _update_meta(self) -> None:
                return

        writer = StillWriter(io.BytesIO(pdf))
        # The second half of a file's identifier is random by default; equal input must give equal bytes.
        writer._document_id = ArrayObject(  # noqa: SLF001
            [ByteStringObject(writer.document_id[0]), ByteStringObject(hashlib.sha256(pdf).digest()[:16])]
        )
        metadata = PdfSignatureMetadata(
            field_name="Seal",
            name=sealing.issuer,
            reason=sealing.reason,
            md_algorithm="sha256",
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            subfilter=SigSeedSubFilter.PADES,
        )
        try:
            signed = PinnedSigner(metadata, signer=self._signer).sign_pdf(writer, bytes_reserved=RESERVED)
        except (SigningError, PdfError, ValueError) as error:
            raise DocumentRefused("seal-failed", reason=str(error)) from error
        return bytes(signed.getvalue())


def _certificate(load: Callable[[str], Any], path: Path) -> Any:
    """A certificate through pyHanko's loader, which carries no types."""
    return load(str(path))
