"""An authority of this machine for the phones of its network: its certificate, and one for an address; each file is its owner's alone."""

import os
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

YEARS: Final = 5
ADDRESS_DAYS: Final = 397
"""Longer than this, phones refuse a server's certificate."""
PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8")
"""The authority speaks for these networks and for no name: a thief of its key cannot pose as a site of the internet."""
_CERTIFICATE: Final = "authority.crt"
_KEY: Final = "authority.key"


def speaks_for(address: IPv4Address) -> bool:
    """Whether the authority may sign a certificate for an address."""
    return any(address in IPv4Network(network) for network in PRIVATE)


def authority(folder: Path, now: datetime) -> bytes:
    """The certificate of the authority in `folder`, as PEM; made with its key when there is none, or when it ends within a year."""
    certificate = folder / _CERTIFICATE
    if certificate.exists() and (folder / _KEY).exists():
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        if found.not_valid_after_utc > now + timedelta(days=ADDRESS_DAYS):
            return certificate.read_bytes()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Outrider on this network")])
    permitted = [x509.IPAddress(IPv4Network(network)) for network in PRIVATE]
    made = (
        _certificate(name, key.public_key(), name, now, 365 * YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, [x509.DNSName("")]), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _keep(folder / _KEY, _pem(key))
    _keep(certificate, made.public_bytes(serialization.Encoding.PEM))
    return certificate.read_bytes()


def for_address(folder: Path, address: IPv4Address, now: datetime) -> Path:
    """A file with key and certificate of a server at `address`, signed by the authority in `folder`; made anew each time."""
    issuer = x509.load_pem_x509_certificate(authority(folder, now))
    signer = serialization.load_pem_private_key((folder / _KEY).read_bytes(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is of another kind")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Outrider demo server")])
    made = (
        _certificate(name, key.public_key(), issuer.subject, now, ADDRESS_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(address)]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    file = folder / "server.pem"
    _keep(file, _pem(key) + made.public_bytes(serialization.Encoding.PEM))
    return file


def _certificate(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, issuer: x509.Name, now: datetime, days: int
) -> x509.CertificateBuilder:
    started = now.astimezone(UTC) - timedelta(days=1)  # phones whose clocks are slow
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(started)
        .not_valid_after(started + timedelta(days=days))
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    nothing = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, nothing)


def _keep(file: Path, content: bytes) -> None:
    """Made readable by its owner alone before anything is in it."""
    draft = file.with_name(f"{file.name}.draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
    draft.replace(file)
