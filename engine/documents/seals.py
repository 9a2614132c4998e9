"""Reading a seal: does the signature in a PDF hold, and does it come from a root that we trust.

Independent of the register, for whoever has the file and the root certificate only.
"""

from __future__ import annotations

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel

from engine.documents.seal_check import SealCheck

if TYPE_CHECKING:
    from engine.documents.pades import Trust

#: What pyHanko and asn1crypto raise on broken files; their own errors are ValueErrors. They read hostile bytes with
#: code made for good ones: files from outside are read in a process of its own (`judge`).
MALFORMED = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
    NotImplementedError,
    struct.error,
    zlib.error,
    PdfError,
    SignatureValidationError,
)


def check_seal(pdf: bytes, trust: Trust) -> SealCheck:
    """Judge the first signature of a PDF; a file that is no PDF, or broken, has none. Nothing is fetched.

    In a thread of its own: the library runs an event loop, and the caller's thread may have one already.
    """
    with ThreadPoolExecutor(1, "seal") as pool:
        return pool.submit(_judge, pdf, trust).result()


def _judge(pdf: bytes, trust: Trust) -> SealCheck:
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        signatures = reader.embedded_regular_signatures
        if not signatures:
            return SealCheck()
        status = validate_pdf_signature(signatures[0], trust.context(), trust.context())
        whole = _whole(pdf, signatures[0], status.coverage) or _stamped_over(pdf, reader, status, trust)
    except MALFORMED:
        return SealCheck()
    stamp = status.timestamp_validity
    return SealCheck(
        found=True,
        intact=status.intact and status.valid,
        whole=whole,
        trusted=status.trusted,
        signer=status.signing_cert.subject.native.get("common_name"),
        signed_at=status.signer_reported_dt,
        stamped_at=stamp.timestamp if stamp is not None and stamp.valid and stamp.trusted else None,
    )


def _whole(pdf: bytes, signature: Any, coverage: Any) -> bool:
    return coverage == SignatureCoverageLevel.ENTIRE_FILE and _filled(pdf, signature)


def _stamped_over(pdf: bytes, reader: PdfFileReader, status: Any, trust: Trust) -> bool:
    """Whether only what proves the signature was added after it, and a trusted stamp covers the file to its end."""
    stamps = reader.embedded_timestamp_signatures
    signatures = reader.embedded_regular_signatures
    if not stamps or len(signatures) != 1 or not status.docmdp_ok:
        return False
    if status.modification_level not in (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES):
        return False
    last = validate_pdf_timestamp(stamps[-1], trust.context())
    kept = all(_filled(pdf, one) for one in (*signatures, *stamps))
    return (
        kept
        and last.intact
        and last.valid
        and last.trusted
        and last.coverage == SignatureCoverageLevel.ENTIRE_FILE
    )


def _filled(pdf: bytes, signature: Any) -> bool:
    """Whether the gap that the signature leaves out of itself holds the signature and zeros, written our way.

    Without this look, bytes could be changed in the unused end of the gap and the signature would still hold.
    """
    begin, length, rest, _ = (int(number) for number in signature.byte_range)
    content = bytes(signature.pkcs7_content)
    room = (rest - begin - length - 2) // 2
    meant = content.rstrip(b"\0").ljust(room, b"\0").hex().upper()
    written = pdf[begin + length : rest] == f"<{meant}>".encode()
    return written and len(content.rstrip(b"\0")) <= _der_length(content)


def _der_length(content: bytes) -> int:
    """Length of the DER value that begins here, head included."""
    first = content[1]
    if first < 0x80:
        return 2 + first
    figures = first & 0x7F
    return 2 + figures + int.from_bytes(content[2 : 2 + figures], "big")
