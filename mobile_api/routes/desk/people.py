"""Desk routes for users, their devices and one-time codes."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from mobile_api.auth import PasswordGate
from mobile_api.codec import answer, read
from mobile_api.openapi import contract
from mobile_api.routes.desk.places import id_after, number_after, number_in_path
from server.chance import now_ms
from server.database import Database
from server.domain.tokens import Claims
from server.services import devices, enrol, users
from shared_schema.rest import CodeRequest, Device, DevicePage, EnrolmentCode, User, UserPage, UserRequest

HttpRequest = Request[Any, Any, Any]


@get("/v1/desk/users", opt=contract(gives=UserPage, query=("after",)))
async def list_users(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """List the organisation's users (admin)."""
    return answer(request, await database.read(users.listed, claims, id_after(request), now_ms()))


@post("/v1/desk/users", status_code=200, opt=contract(takes=UserRequest, gives=User))
async def save_user(
    request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims], gate: NamedDependency[PasswordGate]
) -> Response[bytes]:
    """Make or change a user (admin)."""
    asked = await read(request, UserRequest)
    password_hash = None if asked.password is None else await gate.hashed(asked.password)
    return answer(request, await database.write(users.save, claims, asked, password_hash, now_ms()))


@post("/v1/desk/codes", status_code=200, opt=contract(takes=CodeRequest, gives=EnrolmentCode))
async def issue_code(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Make a one-time code for a user (admin)."""
    asked = await read(request, CodeRequest)
    return answer(request, await database.write(enrol.issue, claims, asked, now_ms()))


@get("/v1/desk/devices", opt=contract(gives=DevicePage, query=("after",)))
async def list_devices(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """List device lines: all of them (admin), those of one's reports (manager)."""
    return answer(request, await database.read(devices.listed, claims, number_after(request), now_ms()))


@post("/v1/desk/devices/{line_no:int}/approve", status_code=200, opt=contract(gives=Device))
async def approve_device(
    request: HttpRequest, line_no: FromPath[int], database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Let a pending device in (admin)."""
    return answer(request, await database.write(devices.approve, claims, number_in_path(line_no), now_ms()))


@post("/v1/desk/devices/{line_no:int}/revoke", status_code=200, opt=contract(gives=Device))
async def revoke_device(
    request: HttpRequest, line_no: FromPath[int], database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Shut a device out and have it wiped (admin)."""
    return answer(request, await database.write(devices.revoke, claims, number_in_path(line_no), now_ms()))


HANDLERS: Final = (list_users, save_user, issue_code, list_devices, approve_device, revoke_device)
