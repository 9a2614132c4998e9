"""COSE_Sign1 (RFC 9052) as small papers need it: one signer, ES256 or EdDSA with Ed25519, the key named by its print.

Signatures are deterministic, so that the same paper carries the same code whenever it is printed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

if TYPE_CHECKING:
    from collections.abc import Mapping

ES256, EDDSA = -7, -8
_ALGORITHM, _KEY = 1, 4
_SIGN1 = 18
#: No code that a paper can carry is larger; nothing longer is looked into.
LIMIT = 256 * 1024
PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
MALFORMED = (
    cbor2.CBORError,
    ValueError,
    TypeError,
    OverflowError,
    RecursionError,
    LookupError,
    AttributeError,
)


class NotSigned(ValueError):
    """The bytes are no COSE_Sign1 that could be judged."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A COSE_Sign1 taken apart, not judged yet."""

    algorithm: int
    key: bytes
    protected: bytes
    payload: bytes
    signature: bytes

    def holds(self, public: PublicKey) -> bool:
        """Whether this key made the signature, by the algorithm that belongs to the key."""
        if self.algorithm != algorithm_of(public):
            return False
        content = to_be_signed(self.protected, self.payload)
        try:
            if isinstance(public, ec.EllipticCurvePublicKey):
                if len(self.signature) != 64:
                    return False
                halves = (int.from_bytes(self.signature[at : at + 32], "big") for at in (0, 32))
                public.verify(encode_dss_signature(*halves), content, ec.ECDSA(hashes.SHA256()))
            else:
                public.verify(self.signature, content)
        except InvalidSignature:
            return False
        return True


def algorithm_of(key: PublicKey | PrivateKey) -> int:
    """The COSE algorithm that belongs to a key; ValueError for a curve that we do not use."""
    if isinstance(key, (ed25519.Ed25519PublicKey, ed25519.Ed25519PrivateKey)):
        return EDDSA
    if isinstance(key.curve, ec.SECP256R1):
        return ES256
    raise ValueError(f"unsupported curve: {key.curve.name}")


def key_print(public: PublicKey) -> bytes:
    """The name of a key: the first eight bytes of SHA-256 over its SubjectPublicKeyInfo."""
    return hashlib.sha256(public_bytes(public)).digest()[:8]


def public_bytes(public: PublicKey) -> bytes:
    """SubjectPublicKeyInfo in DER."""
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """The Sig_structure of one signer without outer data."""
    return cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)


def sign1(payload: Mapping[Any, Any], key: PrivateKey) -> bytes:
    """A tagged COSE_Sign1 over the claims; the same claims and key give the same bytes."""
    head = {_ALGORITHM: algorithm_of(key), _KEY: key_print(key.public_key())}
    protected = cbor2.dumps(head, canonical=True)
    body = cbor2.dumps(dict(payload), canonical=True)
    signature = raw_signature(to_be_signed(protected, body), key)
    return cbor2.dumps(cbor2.CBORTag(_SIGN1, [protected, {}, body, signature]), canonical=True)


def raw_signature(content: bytes, key: PrivateKey) -> bytes:
    """64 bytes: r and s of ES256 with the nonce of RFC 6979, or Ed25519."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(content)
    halves = decode_dss_signature(key.sign(content, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return b"".join(half.to_bytes(32, "big") for half in halves)


def open1(content: bytes) -> Signed:
    """Take a COSE_Sign1 apart (tagged or not); NotSigned says what is wrong with it."""
    if not 10 <= len(content) <= LIMIT:
        raise NotSigned("size")
    try:
        found = cbor2.loads(content)
        parts = found.value if isinstance(found, cbor2.CBORTag) and found.tag == _SIGN1 else found
        protected, loose, payload, signature = parts
        if not all(isinstance(part, bytes) for part in (protected, payload, signature)):
            raise NotSigned("parts")
        head = cbor2.loads(protected) if protected else {}
        algorithm = head[_ALGORITHM]
        key = head.get(_KEY, loose.get(_KEY, b""))
        if len(encoded(found)) != len(content):
            raise NotSigned("trailing")
    except MALFORMED as error:
        raise NotSigned("form") from error
    if type(algorithm) is not int or not isinstance(key, bytes) or 2 in head:
        # 2 is `crit`: something that must be understood and is not.
        raise NotSigned("head")
    return Signed(algorithm, key, protected, payload, signature)


def encoded(value: Any) -> bytes:
    """CBOR in its canonical form."""
    return cbor2.dumps(value, canonical=True)


def claims_of(signed: Signed) -> dict[Any, Any]:
    """The payload as a map; only to be asked after `holds`. NotSigned when it is none."""
    try:
        found = cbor2.loads(signed.payload)
    except MALFORMED as error:
        raise NotSigned("payload") from error
    if not isinstance(found, dict):
        raise NotSigned("payload")
    return found
