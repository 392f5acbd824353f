"""Keys of service accounts: their text, which a scanner of secrets finds, and the hash that is kept of it (D-495)."""

import base64
import binascii
import hashlib
import zlib
from typing import Final

import msgspec

from server.domain.tokens import Claims
from shared_schema.problem import Code, Problem

PREFIX: Final = "outrider_sk_"
SECRET_BYTES: Final = 32
_ORG_BYTES: Final = 8
_SUM_BYTES: Final = 4
NOBODY: Final = b""


class ServiceKey(msgspec.Struct, frozen=True):
    """A key: its organisation rides in the text, so that a request is looked up in that organisation alone."""

    org_id: int
    secret: bytes

    @property
    def text(self) -> str:
        """The text for the business system; the sum at its end tells a scanner that it is a key and no accident."""
        return PREFIX + base64.urlsafe_b64encode(self._raw + zlib.crc32(self._raw).to_bytes(_SUM_BYTES, "big")).rstrip(b"=").decode()

    @property
    def hash(self) -> bytes:
        """What the database keeps. The secret is random and long, so a fast hash is enough."""
        return hashlib.sha256(b"outrider-key:" + self._raw).digest()

    @property
    def _raw(self) -> bytes:
        return self.org_id.to_bytes(_ORG_BYTES, "big") + self.secret

    def __repr__(self) -> str:
        return "ServiceKey(…)"


def read(text: str) -> Claims:
    """What a request with this key claims: an organisation and a key, no user and no device. The database says whose it is.

    Raises Problem(signed_out) for a text that is no key.
    """
    body = text.removeprefix(PREFIX)
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _unknown() from error
    raw, told = raw[:-_SUM_BYTES], raw[-_SUM_BYTES:]
    org_id = int.from_bytes(raw[:_ORG_BYTES], "big")
    if len(raw) != _ORG_BYTES + SECRET_BYTES or told != zlib.crc32(raw).to_bytes(_SUM_BYTES, "big") or org_id >= 2**63:
        raise _unknown()
    return Claims(org_id, NOBODY, 0, key_hash=ServiceKey(org_id, raw[_ORG_BYTES:]).hash)


def _unknown() -> Problem:
    return Problem(Code.signed_out, "this is no key of a service account; an admin makes a new one")
