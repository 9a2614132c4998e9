"""How a PDF is sealed, whoever holds the key: a certifying PAdES signature that allows no change afterwards.

Without a time stamping authority the signature's moment is the document's own, and sealing the same paper again gives the
same bytes. With one, the paper carries the authority's moment, the certificates and revocation lists that prove it, and
a second stamp over all of that (PAdES-B-LTA): it can be judged when the certificates have long ended.
"""

from __future__ import annotations

import hashlib
import io
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from asn1crypto import cms, crl, pem, tsp, x509
from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.attributes import CMSAttributeProvider, SigningCertificateV2Provider
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError, as_signing_certificate_v2, simple_cms_attribute
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, TimestampDSSContentSettings
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError, set_tsp_headers
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from engine.documents.keys import trust_bundle
from engine.documents.refusal import DocumentRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyhanko.sign.signers.pdf_signer import PdfSigningSession

    from engine.documents.jobs import Sealing

#: Room for the signature in the file, in hexadecimal digits; fixed, so that its size tells nothing and no dry run is needed.
RESERVED = 12 * 1024
#: A time stamp with its certificates stands in the same room.
RESERVED_STAMPED = 32 * 1024
#: Whatever proves signature and stamps is added before the last stamp, so that the stamp covers the file to its end.
_PROOFS = DSSContentSettings(
    include_vri=False,
    next_ts_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
)


@dataclass(frozen=True, slots=True)
class Trust:
    """Roots and revocation lists that signatures and stamps are judged by."""

    roots: tuple[x509.Certificate, ...]
    lists: tuple[crl.CertificateList, ...] = ()

    def context(self, **more: Any) -> ValidationContext:
        """Ready to judge; nothing is ever fetched."""
        return ValidationContext(
            trust_roots=list(self.roots), crls=list(self.lists), allow_fetching=False, **more
        )


def read_trust(keys: Path) -> Trust:
    """What an installation trusts, from the public files of its folder of keys."""
    return parse_trust(trust_bundle(keys))


def parse_trust(bundle: bytes) -> Trust:
    """Roots and lists from PEM."""
    roots, lists = [], []
    for kind, _, der in pem.unarmor(bundle, multiple=True) if bundle.strip() else ():
        if kind == "CERTIFICATE":
            roots.append(x509.Certificate.load(der))
        elif kind == "X509 CRL":
            lists.append(crl.CertificateList.load(der))
    return Trust(tuple(roots), tuple(lists))


class StampClient(TimeStamper):
    """Asks a time stamping authority by RFC 3161 over HTTP."""

    def __init__(self, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """One question, one answer; within ten seconds."""
        headers = set_tsp_headers({})
        try:
            async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
                answer = await client.post(self.url, content=req.dump(), headers=headers)
                answer.raise_for_status()
        except httpx.HTTPError as error:
            raise TimestampRequestError(f"{type(error).__name__} from the time stamping authority") from error
        return tsp.TimeStampResp.load(answer.content)


class _Finished(CMSAttributeProvider):
    """An attribute that is always the same, as finished bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def get_attribute(self, dry_run: bool = False) -> cms.CMSAttribute:  # noqa: ARG002
        """The attribute; as a tree of values the library would write it hundreds of times on its way into the file."""
        return cms.CMSAttribute.load(self._content)


class WrittenOnce(Signer):
    """Keeps the attribute that names its certificate: making it takes half of the time of a signature."""

    _named: bytes | None = None

    def _signed_attr_providers(self, *args: Any, **kwargs: Any) -> Iterator[CMSAttributeProvider]:
        providers: Iterator[CMSAttributeProvider] = super()._signed_attr_providers(*args, **kwargs)
        for one in providers:
            if isinstance(one, SigningCertificateV2Provider):
                if self._named is None:
                    value = as_signing_certificate_v2(one.signing_cert)
                    make: Any = simple_cms_attribute  # carries no types
                    self._named = make(one.attribute_type, value).dump()
                yield _Finished(self._named)
            else:
                yield one


@contextmanager
def _metadata_kept() -> Iterator[None]:
    """Leave the metadata as printed: pyHanko would write the machine's time and its own name into them.

    It makes further writers of its own for what is added after the seal, so the class itself is quiet meanwhile; sealing
    is done one paper after another, in a process that does nothing else.
    """
    kind: Any = IncrementalPdfFileWriter
    writes = kind._update_meta  # noqa: SLF001
    kind._update_meta = lambda _writer: None  # noqa: SLF001
    try:
        yield
    finally:
        kind._update_meta = writes  # noqa: SLF001


def seal_pdf(pdf: bytes, sealing: Sealing, signer: Signer, trust: Trust) -> bytes:
    """The sealed PDF; DocumentRefused `seal-failed` says why not, and nothing is issued then."""

    class PinnedSigner(PdfSigner):
        """Signs at the document's moment."""

        def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> PdfSigningSession:
            session = super().init_signing_session(pdf_out, existing_fields_only=existing_fields_only)
            session.system_time = sealing.at
            return session

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    # The second half of a file's identifier is random by default; equal input must give equal bytes.
    writer._document_id = ArrayObject(  # noqa: SLF001
        [ByteStringObject(writer.document_id[0]), ByteStringObject(hashlib.sha256(pdf).digest()[:16])]
    )
    stamped = sealing.stamps is not None
    metadata = PdfSignatureMetadata(
        field_name="Seal",
        name=sealing.issuer,
        reason=sealing.reason,
        md_algorithm="sha256",
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=stamped,
        use_pades_lta=stamped,
        validation_context=trust.context() if stamped else None,
        dss_settings=_PROOFS,
    )
    stamper = StampClient(sealing.stamps) if sealing.stamps is not None else None
    room = RESERVED_STAMPED if stamped else RESERVED
    try:
        with _metadata_kept():
            done = PinnedSigner(metadata, signer=signer, timestamper=stamper).sign_pdf(
                writer, bytes_reserved=room
            )
    except (SigningError, PdfError, TimestampRequestError, ValidationError, PathError, ValueError) as error:
        raise DocumentRefused("seal-failed", reason=str(error)) from error
    return bytes(done.getvalue())
