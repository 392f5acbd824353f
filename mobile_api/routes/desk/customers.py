"""Desk routes for who holds a customer, and what happened: transfer, collaborators, timeline (managers)."""

from typing import Any, Final

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from mobile_api.codec import answer, read
from mobile_api.openapi import contract
from mobile_api.routes.desk.places import id_in_path, number_in_query
from server.chance import new_id, now_ms
from server.database import Database
from server.domain.tokens import Claims
from server.services import ownership, records
from shared_schema import rest

HttpRequest = Request[Any, Any, Any]


@post("/v1/desk/customers/{customer_id:str}/transfer", status_code=200, opt=contract(takes=rest.TransferRequest, gives=rest.Moved))
async def transfer(
    request: HttpRequest, customer_id: FromPath[str], database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Give a customer, with everything that hangs on it, to another user (D-106)."""
    asked = await read(request, rest.TransferRequest)
    move = ownership.Move(id_in_path(customer_id), asked.to_user_id, asked.epoch, asked.reason)
    return answer(request, await database.write(ownership.transfer, claims, move, now_ms()))


@post("/v1/desk/customers/{customer_id:str}/collaborators", status_code=200, opt=contract(takes=rest.CollaboratorRequest, gives=rest.Moved))
async def add_collaborator(
    request: HttpRequest, customer_id: FromPath[str], database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Let another user follow up the customer too."""
    asked = await read(request, rest.CollaboratorRequest)
    wanted = ownership.Collaborate(new_id(), id_in_path(customer_id), asked.user_id)
    return answer(request, await database.write(ownership.add_collaborator, claims, wanted, now_ms()))


@delete("/v1/desk/customers/{customer_id:str}/collaborators/{user_id:str}", status_code=200, opt=contract(gives=rest.Moved))
async def remove_collaborator(
    request: HttpRequest,
    customer_id: FromPath[str],
    user_id: FromPath[str],
    database: NamedDependency[Database],
    claims: NamedDependency[Claims],
) -> Response[bytes]:
    """End a collaboration."""
    ended = await database.write(ownership.remove_collaborator, claims, id_in_path(customer_id), id_in_path(user_id), now_ms())
    return answer(request, ended)


@get("/v1/desk/timeline", opt=contract(gives=rest.Timeline, query=("since_ms",)))
async def timeline(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """What happened on the caller's customers since a moment, newest first."""
    items = await database.read(records.timeline, claims, number_in_query(request, "since_ms"), now_ms())
    return answer(request, rest.Timeline(items=items))


HANDLERS: Final = (transfer, add_collaborator, remove_collaborator, timeline)
