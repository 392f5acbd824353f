"""Routes that begin, renew and end the session of a device line."""

from typing import Any, Final, TypeVar

from litestar import Request, Response, post
from litestar.di import NamedDependency

from mobile_api.auth import PasswordGate
from mobile_api.codec import answer, read
from mobile_api.openapi import contract
from server.chance import now_ms
from server.database import Database
from server.domain.throttle import counted_address
from server.domain.tokens import Claims, Signer
from server.services import devices, enrol, login, sessions
from server.services.device_lines import Phone
from shared_schema.problem import Problem
from shared_schema.rest import Done, EnrolRequest, LoginRequest, RefreshRequest, SignedIn

T = TypeVar("T")
HttpRequest = Request[Any, Any, Any]


@post("/v1/login", status_code=200, opt=contract(takes=LoginRequest, gives=SignedIn, signed=False))
async def log_in(
    request: HttpRequest, database: NamedDependency[Database], signer: NamedDependency[Signer], gate: NamedDependency[PasswordGate]
) -> Response[bytes]:
    """Sign in with organisation, account and password."""
    asked = await read(request, LoginRequest)
    credential = await database.write(login.admit, asked.organisation, asked.account, _address(request), now_ms())
    matched = await gate.matches(credential.password_hash, asked.password)
    return answer(request, settled(await database.write(login.finish, signer, credential, _phone(asked), matched, now_ms())))


@post("/v1/enrol", status_code=200, opt=contract(takes=EnrolRequest, gives=SignedIn, signed=False))
async def enrol_device(
    request: HttpRequest, database: NamedDependency[Database], signer: NamedDependency[Signer], gate: NamedDependency[PasswordGate]
) -> Response[bytes]:
    """Sign in with a one-time code; the device becomes active and the account may get a new password."""
    asked = await read(request, EnrolRequest)
    attempt = settled(await database.write(enrol.admit, asked.organisation, asked.code, _address(request), now_ms()))
    password_hash = None if asked.new_password is None else await gate.hashed(asked.new_password)
    return answer(request, settled(await database.write(enrol.finish, signer, attempt, _phone(asked), password_hash, now_ms())))


@post("/v1/refresh", status_code=200, opt=contract(takes=RefreshRequest, gives=SignedIn, signed=False))
async def refresh(request: HttpRequest, database: NamedDependency[Database], signer: NamedDependency[Signer]) -> Response[bytes]:
    """Exchange a refresh token; the old one works until its successor is first used."""
    asked = await read(request, RefreshRequest)
    return answer(request, settled(await database.write(sessions.renew, signer, asked.refresh_token, now_ms())))


@post("/v1/logout", status_code=200, opt=contract(takes=RefreshRequest, gives=Done, signed=False))
async def log_out(request: HttpRequest, database: NamedDependency[Database]) -> Response[bytes]:
    """End the sessions of the device line; its data and queue stay on the device."""
    asked = await read(request, RefreshRequest)
    await database.write(sessions.end, asked.refresh_token)
    return answer(request, Done(server_ms=now_ms()))


@post("/v1/device/fork", status_code=200, opt=contract(gives=SignedIn))
async def fork(
    request: HttpRequest, database: NamedDependency[Database], signer: NamedDependency[Signer], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Close this device line and go on with a new one of the same installation and user."""
    return answer(request, settled(await database.write(devices.fork, signer, claims, now_ms())))


HANDLERS: Final = (log_in, enrol_device, refresh, log_out, fork)


def settled(result: T | Problem) -> T:
    """Return a service's result; a refusal that had to be committed is raised here, after its commit."""
    if isinstance(result, Problem):
        raise result
    return result


def _phone(asked: LoginRequest | EnrolRequest) -> Phone:
    return Phone(asked.installation_id, asked.device_name, asked.app)


def _address(request: HttpRequest) -> str:
    return counted_address(request.client.host if request.client is not None else "")
