"""The operator's key pair with which pushes to browsers are signed (VAPID): a PEM in a file of the operator's."""

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key


def made_keys() -> bytes:
    """A new key pair as PEM."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_key(pem: bytes) -> str:
    """What a browser needs to subscribe: the public key as base64url of its point. Raises ValueError."""
    try:
        key = load_pem_private_key(pem, None)
    except Exception as error:  # the library raises whatever its parser raises
        raise ValueError("no VAPID key can be read there") from error
    if not (isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)):
        raise ValueError("the VAPID key is not of the curve P-256")  # noqa: TRY004 - a wrong file, not a wrong argument
    return _base64url(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def _base64url(octets: bytes) -> str:
    return msgspec.json.encode(octets).decode()[1:-1].replace("+", "-").replace("/", "_").rstrip("=")
