"""Desk routes for the robot of an organisation."""

from typing import Any, Final

from litestar import Request, Response, delete, get, put
from litestar.di import NamedDependency

from mobile_api.codec import answer, read
from mobile_api.openapi import contract
from server.chance import now_ms
from server.database import Database
from server.domain.tokens import Claims
from server.services import robot
from server.settings import Settings
from shared_schema.rest import Done, RobotRequest, RobotTold

HttpRequest = Request[Any, Any, Any]
PATH: Final = "/v1/desk/robot"


@put(PATH, status_code=200, opt=contract(takes=RobotRequest, gives=RobotTold))
async def save_robot(
    request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims], settings: NamedDependency[Settings]
) -> Response[bytes]:
    """Say where the organisation's robot is, for users whom no other push reaches (admin, D-945)."""
    asked = await read(request, RobotRequest)
    return answer(request, await database.write(robot.save, claims, asked, settings.push_services, now_ms()))


@get(PATH, opt=contract(gives=RobotTold))
async def show_robot(
    request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims], settings: NamedDependency[Settings]
) -> Response[bytes]:
    """Show what kind of robot the organisation has, and no secret (admin, D-945)."""
    return answer(request, await database.read(robot.told, claims, settings.push_services, now_ms()))


@delete(PATH, status_code=200, opt=contract(gives=Done))
async def drop_robot(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Have no robot any more (admin, D-945)."""
    await database.write(robot.drop, claims, now_ms())
    return answer(request, Done(server_ms=now_ms()))


HANDLERS: Final = (save_robot, show_robot, drop_robot)
