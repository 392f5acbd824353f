"""The caller: the bearer token as proven claims, and passwords checked in threads, few at a time."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

from litestar import Request
from litestar.di import NamedDependency, Provide

from mobile_api.key_rates import KeyRates
from server import chance
from server.domain import passwords, service_keys, tokens
from server.domain.tokens import Claims, Signer
from shared_schema.problem import Code, Problem

P = ParamSpec("P")
R = TypeVar("R")
_SCHEME: Final = "bearer"
_AT_ONCE: Final = 2
_WAITING_MAX: Final = 64


def claims(request: Request[Any, Any, Any], signer: NamedDependency[Signer]) -> Claims:
    """Prove the caller's token, or read the key of a service account; also left at `request.state.claims` for the access log.

    Raises Problem(signed_out | token_expired).
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != _SCHEME or not token:
        raise Problem(Code.signed_out, "the request carries no bearer token")
    token = token.strip()
    proven = service_keys.read(token) if token.startswith(service_keys.PREFIX) else tokens.read(signer, token, chance.now_ms())
    request.state.claims = proven
    return proven


class PasswordGate:
    """Slow hashing beside the event loop: 19 MiB each, so at most two at once and a bounded queue before them."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def matches(self, password_hash: str, password: str) -> bool:
        """Say whether the password made the hash. Raises Problem(busy)."""
        return await self._run(passwords.matches, password_hash, password)

    async def hashed(self, password: str) -> str:
        """Return the argon2id text of a new password. Raises Problem(busy)."""
        return await self._run(passwords.hashed, password, chance.secret(passwords.SALT_BYTES))

    async def _run(self, work: Callable[P, R], *args: P.args, **kw: P.kwargs) -> R:
        if self._waiting >= _WAITING_MAX:
            raise Problem(Code.busy, "too many people sign in at this moment")
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work, *args, **kw)
        finally:
            self._waiting -= 1


def dependencies(signer: Signer, gate: PasswordGate) -> dict[str, Provide]:
    """The names for which routes may ask: `claims`, `signer`, `gate`."""
    rates = KeyRates()

    def counted(request: Request[Any, Any, Any], signer: NamedDependency[Signer]) -> Claims:
        """The caller. Raises Problem(signed_out | token_expired | too_many_attempts)."""
        proven = claims(request, signer)
        if proven.key_hash is not None:
            rates.admit(proven.key_hash, chance.now_ms())
        return proven

    return {
        "claims": Provide(counted, sync_to_thread=False),
        "signer": Provide(lambda: signer, sync_to_thread=False),
        "gate": Provide(lambda: gate, sync_to_thread=False),
    }
