"""The clock and the dice of the server; everything below the services gets time, ids and secrets as arguments."""

import secrets

from server import clock

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


def now_ms() -> int:
    """Milliseconds since 1970-01-01T00:00Z by the server's clock."""
    return clock.now_ms()


def new_id() -> bytes:
    """A UUIDv7 as 16 raw bytes: 48 bits of milliseconds, then 74 random bits (RFC 9562, 5.7)."""
    high = secrets.randbits(12)
    low = secrets.randbits(62)
    return ((now_ms() << 80) | _VERSION_7 | (high << 64) | _VARIANT | low).to_bytes(16, "big")


def up_to(limit: int) -> int:
    """A whole number from 1 to `limit`, each as likely."""
    return secrets.randbelow(limit) + 1


def secret(size_bytes: int = 32) -> bytes:
    """Bytes nobody can guess."""
    return secrets.token_bytes(size_bytes)
