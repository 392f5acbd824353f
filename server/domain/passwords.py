"""Passwords: argon2id at 19 MiB, two passes, one lane; slow on purpose, so run it in a thread. Salts come in as arguments."""

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SALT_BYTES: Final = 16
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=SALT_BYTES)
NOBODY: Final = _HASHER.hash("", salt=bytes(SALT_BYTES))
"""The password of an unknown account is compared with this, so that it costs the same; a match with it is never believed."""


def hashed(password: str, salt: bytes) -> str:
    """Return the argon2id text of `password` (~20 ms); `salt` is SALT_BYTES random bytes."""
    return _HASHER.hash(password, salt=salt)


def matches(password_hash: str, password: str) -> bool:
    """Say whether `password` made `password_hash`; an empty or broken hash is compared as NOBODY's and matches nothing."""
    known = password_hash.startswith("$argon2id$")
    try:
        _HASHER.verify(password_hash if known else NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return known
