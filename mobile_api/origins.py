"""Web apps of other origins (P-710): which may call, and which headers they may send and read.

Credentials are allowed to none of them: a session is a token in a header, and nothing here rests on cookies.
"""

from collections.abc import Iterable, Sequence
from typing import Final

Headers = list[tuple[bytes, bytes]]

METHODS: Final = "GET, HEAD, POST, PUT, DELETE, OPTIONS"
"""All that any address answers."""
SENT: Final = "Authorization, Content-Type, Content-Encoding, Accept, Accept-Language, Last-Event-ID, Cache-Control"
READ: Final = "Retry-After, Content-Language, WWW-Authenticate, Allow, Date"
"""Headers that a script may read beyond those of every script: when to come back, the language of a problem, the server's clock."""
MAX_AGE_S: Final = 7_200
_ASKED: Final = b"access-control-request-method"
_PREFLIGHT_VARIES: Final = b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"


class Origins:
    """The origins that the operator named, exactly."""

    def __init__(self, named: Sequence[str]) -> None:
        self._named = frozenset(origin.encode() for origin in named)

    def preflight(self, headers: Iterable[tuple[bytes, bytes]]) -> Headers | None:
        """The answer to a browser that asks by OPTIONS whether it may call (204, without log-in); None: it does not ask that."""
        if not self._named:
            return None
        told = dict(headers)
        if told.get(b"origin") not in self._named or _ASKED not in told:
            return None
        return [
            (b"access-control-allow-methods", METHODS.encode()),
            (b"access-control-allow-headers", SENT.encode()),
            (b"access-control-max-age", str(MAX_AGE_S).encode()),
            (b"vary", _PREFLIGHT_VARIES),
        ]

    def add(self, asked: Iterable[tuple[bytes, bytes]], answered: Headers) -> None:
        """Say in an answer whether its reader may see it, and that this depends on the reader's origin."""
        if not self._named:
            return
        place, varies = next(((at, value) for at, (name, value) in enumerate(answered) if name.lower() == b"vary"), (None, b""))
        if place is None:
            answered.append((b"vary", b"Origin"))
        elif b"origin" not in varies.lower():
            answered[place] = (b"vary", varies + b", Origin")
        origin = next((value for name, value in asked if name == b"origin"), b"")
        if origin in self._named:
            answered += [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", READ.encode())]
