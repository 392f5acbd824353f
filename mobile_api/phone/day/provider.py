"""A certificate for 127.0.0.1 that a test or a demo trusts, and a service account that nobody issued."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

PROJECT: Final = "outrider-test"
_NAME: Final = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])


def certificate(folder: Path) -> Path:
    """Key and certificate in one file, valid for a day; it signs itself, so that a client may trust it by this file.

    One for all providers of a folder.
    """
    file = folder / "provider.pem"
    if file.exists():
        return file
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(_NAME)
        .issuer_name(_NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(_private(key) + made.public_bytes(serialization.Encoding.PEM))
    return file


def service_account(token_uri: str) -> dict[str, Any]:
    """What a provider hands out as JSON; its tokens are exchanged at `token_uri`."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    return {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "1",
        "private_key": _private(key).decode(),
        "client_email": f"sender@{PROJECT}.example.com",
        "client_id": "1",
        "token_uri": token_uri,
    }


def _private(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
