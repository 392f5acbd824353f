"""Routes by which a device says where push reaches it."""

from typing import Any, Final

from litestar import Request, Response, delete, get, put
from litestar.di import NamedDependency

from mobile_api.codec import answer, read
from mobile_api.openapi import contract
from mobile_api.push_key import PublicKey
from server.chance import now_ms
from server.database import Database
from server.domain.tokens import Claims
from server.services import actors, targets
from server.settings import Settings
from shared_schema.rest import Done, PushKey, PushTargetRequest

HttpRequest = Request[Any, Any, Any]
PATH: Final = "/v1/device/push-target"


@put(PATH, status_code=200, opt=contract(takes=PushTargetRequest, gives=Done))
async def register(
    request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims], settings: NamedDependency[Settings]
) -> Response[bytes]:
    """Say where push reaches this device, until its session ends (P-810, P-811)."""
    asked = await read(request, PushTargetRequest)
    await database.write(targets.register, claims, asked, settings.push_services, now_ms())
    return answer(request, Done(server_ms=now_ms()))


@delete(PATH, status_code=200, opt=contract(gives=Done))
async def withdraw(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Want no push on this device any more (P-810)."""
    await database.write(targets.withdraw, claims, now_ms())
    return answer(request, Done(server_ms=now_ms()))


@get("/v1/device/push-key", opt=contract(gives=PushKey))
async def push_key(
    request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims], public_key: NamedDependency[PublicKey]
) -> Response[bytes]:
    """Get the key with which a browser subscribes (P-812)."""
    await database.read(actors.actor, claims, now_ms())
    return answer(request, PushKey(key=public_key.text))


HANDLERS: Final = (register, withdraw, push_key)
