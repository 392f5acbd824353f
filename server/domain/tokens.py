"""Access tokens (JWT, HS256 and nothing else), refresh tokens and one-time codes: their text, their hashes, their claims."""

import base64
import binascii
import hashlib
import hmac
from functools import lru_cache
from typing import Final

import jwt
import msgspec
from jwt.types import Options

from shared_schema.problem import Code, Problem

AUDIENCE: Final = "outrider"
ALGORITHM: Final = "HS256"
SECRET_BYTES: Final = 32
CODE_BYTES: Final = 10
CODE_MS: Final = 10 * 60_000
PROVEN_MAX: Final = 4_096
"""Access tokens whose proof a process remembers: to prove one costs a tenth of an empty pull, and a phone brings its own for minutes."""
_ORG_BYTES: Final = 8
_FAMILY_BYTES: Final = 16
_MOMENT_BYTES: Final = 8
_MAC_BYTES: Final = 16
_TAIL_BYTES: Final = (_MOMENT_BYTES + SECRET_BYTES + _MAC_BYTES, SECRET_BYTES)
"""After organisation and family: the moment of a token, its secret and a MAC; of an older version's the secret alone."""
# The clock comes in as an argument, so the library may not look at its own.
_CHECKS: Final[Options] = {"require": ["aud", "jti", "exp", "org", "sub", "line"], "verify_exp": False}


class Claims(msgspec.Struct, frozen=True):
    """The user whom a request claims, proven by the token's signature. The database is asked each time whether this user still may."""

    org_id: int
    user_id: bytes
    line_no: int
    session_id: bytes | None = None
    """None: the server's own work on a line that nobody has signed in on. No token says so."""
    key_hash: bytes | None = None
    """Of the key of a service account, which is no user and has no device line (D-495)."""


class Signer(msgspec.Struct, frozen=True):
    """The process' signing secret (≥ 32 bytes) and the lifetimes of the tokens it signs."""

    secret: bytes
    access_ms: int = 15 * 60_000
    refresh_ms: int = 90 * 24 * 3_600_000

    def __repr__(self) -> str:
        return "Signer(…)"

    @property
    def cursor_key(self) -> bytes:
        """Key of the cursors' MAC: derived, so that a cursor never speaks for a token."""
        return hmac.digest(self.secret, b"cursor", hashlib.sha256)


class _Body(msgspec.Struct, frozen=True):
    org: int
    sub: str
    line: int
    exp: int
    ses: str | None = None


def sign(signer: Signer, claims: Claims, jti: bytes, now_ms: int) -> tuple[str, int]:
    """Return an access token and the moment it expires in ms."""
    expires_s = (now_ms + signer.access_ms) // 1000
    body = {
        "aud": AUDIENCE,
        "jti": jti.hex(),
        "org": claims.org_id,
        "sub": claims.user_id.hex(),
        "line": claims.line_no,
        "ses": claims.session_id.hex() if claims.session_id is not None else None,
        "exp": expires_s,
    }
    return jwt.encode(body, signer.secret, algorithm=ALGORITHM), expires_s * 1000


def read(signer: Signer, token: str, now_ms: int) -> Claims:
    """Check an access token. One that names no session is of an older version of this program and counts as expired.

    Raises Problem(token_expired | signed_out).
    """
    try:
        claims, expires_s = _proven(signer.secret, token)
    except (jwt.InvalidTokenError, msgspec.ValidationError, ValueError) as error:
        raise Problem(Code.signed_out, "this server did not make the access token") from error
    if now_ms >= expires_s * 1000 or claims.session_id is None:
        raise Problem(Code.token_expired, "the access token has expired; refresh it")
    return claims


@lru_cache(PROVEN_MAX)
def _proven(secret: bytes, token: str) -> tuple[Claims, int]:
    """The claims of a token, and the second in which it expires. Only a token that was proven is remembered; a refusal is an exception."""
    body = msgspec.convert(jwt.decode(token, secret, [ALGORITHM], _CHECKS, audience=AUDIENCE), _Body)
    session_id = None if body.ses is None else bytes.fromhex(body.ses)
    return Claims(body.org, bytes.fromhex(body.sub), body.line, session_id), body.exp


class RefreshToken(msgspec.Struct, frozen=True):
    """A refresh token: opaque text for the device, a hash for the database. Its organisation and family ride in the text,
    so that a token which is no longer kept still names the family it was stolen from; and so does its moment, which the
    signing key vouches for, so that one which a restore forgot is known again (P-018)."""

    org_id: int
    family_id: bytes
    tail: bytes

    @property
    def text(self) -> str:
        """The text for the device."""
        return base64.urlsafe_b64encode(self._raw).rstrip(b"=").decode()

    @property
    def hash(self) -> bytes:
        """The row for the database."""
        return hashlib.sha256(self._raw).digest()

    @property
    def _raw(self) -> bytes:
        return self.org_id.to_bytes(_ORG_BYTES, "big") + self.family_id + self.tail

    def made_ms(self, signer: Signer) -> int | None:
        """When it was given out, if this key vouches for it."""
        body, mac = self._raw[:-_MAC_BYTES], self._raw[-_MAC_BYTES:]
        vouched = len(self.tail) == _TAIL_BYTES[0] and hmac.compare_digest(mac, _refresh_mac(signer, body))
        return int.from_bytes(self.tail[:_MOMENT_BYTES], "big") if vouched else None

    def __repr__(self) -> str:
        return "RefreshToken(…)"


def new_refresh_token(signer: Signer, org_id: int, family_id: bytes, secret: bytes, now_ms: int) -> RefreshToken:
    """Return a token with SECRET_BYTES random bytes."""
    told = now_ms.to_bytes(_MOMENT_BYTES, "big") + secret
    mac = _refresh_mac(signer, org_id.to_bytes(_ORG_BYTES, "big") + family_id + told)
    return RefreshToken(org_id, family_id, told + mac)


def _refresh_mac(signer: Signer, body: bytes) -> bytes:
    return hmac.digest(signer.secret, b"refresh:" + body, hashlib.sha256)[:_MAC_BYTES]


def refresh_token(text: str) -> RefreshToken:
    """Read a refresh token's text.

    Raises Problem(signed_out) when it is not one of ours.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Problem(Code.signed_out, "this server did not make the refresh token") from error
    org_id, tail = int.from_bytes(raw[:_ORG_BYTES], "big"), raw[_ORG_BYTES + _FAMILY_BYTES :]
    if len(tail) not in _TAIL_BYTES or org_id >= 2**63:
        raise Problem(Code.signed_out, "this server did not make the refresh token")
    return RefreshToken(org_id, raw[_ORG_BYTES : _ORG_BYTES + _FAMILY_BYTES], tail)


def code_text(secret: bytes) -> str:
    """Return a one-time code as people read it out: CODE_BYTES random bytes as four blocks of base32."""
    letters = base64.b32encode(secret).decode()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def code_hash(text: str) -> bytes:
    """Return the hash a one-time code is kept under; blanks, dashes and case do not count."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    return hashlib.sha256(b"outrider-code:" + letters.encode()).digest()
