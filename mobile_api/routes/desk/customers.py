"""Desk routes for who holds a customer, and what happened: transfer, pools, collaborators, hand-over, timeline."""

from typing import Any, Final

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from mobile_api.codec import answer, read
from mobile_api.openapi import contract
from mobile_api.routes.desk.places import id_after, id_in_path, id_in_query, number_in_query
from server.chance import new_id, now_ms
from server.database import Database
from server.domain.tokens import Claims
from server.services import catalogue, hand_over, ownership, pools, records
from shared_schema import rest, rest_moves
from shared_schema.commands import Release
from shared_schema.records.pool import Pool
from shared_schema.rest_pages import PoolPage

HttpRequest = Request[Any, Any, Any]


@post(
    "/v1/desk/customers/{customer_id:str}/transfer", status_code=200, opt=contract(takes=rest_moves.TransferRequest, gives=rest_moves.Moved)
)
async def transfer(
    request: HttpRequest, customer_id: FromPath[str], database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Give a customer, with everything that hangs on it, to another user (D-107)."""
    asked = await read(request, rest_moves.TransferRequest)
    move = ownership.Move(id_in_path(customer_id), asked.to_user_id, asked.epoch, asked.reason)
    return answer(request, await database.write(ownership.transfer, claims, move, now_ms()))


@post(
    "/v1/desk/customers/{customer_id:str}/collaborators",
    status_code=200,
    opt=contract(takes=rest_moves.CollaboratorRequest, gives=rest_moves.Moved),
)
async def add_collaborator(
    request: HttpRequest, customer_id: FromPath[str], database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Let another user follow up the customer too (D-107)."""
    asked = await read(request, rest_moves.CollaboratorRequest)
    wanted = ownership.Collaborate(new_id(), id_in_path(customer_id), asked.user_id, asked.until_ms)
    return answer(request, await database.write(ownership.add_collaborator, claims, wanted, now_ms()))


@delete("/v1/desk/customers/{customer_id:str}/collaborators/{user_id:str}", status_code=200, opt=contract(gives=rest_moves.Moved))
async def remove_collaborator(
    request: HttpRequest,
    customer_id: FromPath[str],
    user_id: FromPath[str],
    database: NamedDependency[Database],
    claims: NamedDependency[Claims],
) -> Response[bytes]:
    """End a collaboration (D-107)."""
    ended = await database.write(ownership.remove_collaborator, claims, id_in_path(customer_id), id_in_path(user_id), now_ms())
    return answer(request, ended)


@post(
    "/v1/desk/customers/{customer_id:str}/release", status_code=200, opt=contract(takes=rest_moves.ReleaseRequest, gives=rest_moves.Moved)
)
async def release(
    request: HttpRequest, customer_id: FromPath[str], database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Give a customer to a pool (D-125)."""
    asked = await read(request, rest_moves.ReleaseRequest)
    command = Release(asked.pool_id, asked.epoch, None, asked.reason)
    return answer(request, await database.write(ownership.release, claims, id_in_path(customer_id), command, now_ms()))


@post(
    "/v1/desk/users/{user_id:str}/hand-over", status_code=200, opt=contract(takes=rest_moves.HandOverRequest, gives=rest_moves.HandedOver)
)
async def hand_over_all(
    request: HttpRequest, user_id: FromPath[str], database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Give all that a leaver holds to somebody else, one customer after the other (D-109)."""
    asked = await read(request, rest_moves.HandOverRequest)
    return answer(request, await hand_over.all_of(database, claims, id_in_path(user_id), asked, now_ms()))


@get("/v1/desk/pools", opt=contract(gives=PoolPage, query=("after",)))
async def list_pools(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """List the pools, with who their members are and what their cards hide (D-121, D-122)."""
    items, after = await database.read(catalogue.pools, claims, id_after(request), now_ms())
    return answer(request, PoolPage(items=items, after=after))


@post("/v1/desk/pools", status_code=200, opt=contract(takes=rest_moves.PoolRequest, gives=Pool))
async def save_pool(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """Make a pool, or change who its members are and what its cards hide (D-121, D-123)."""
    asked = await read(request, rest_moves.PoolRequest)
    return answer(request, await database.write(pools.save, claims, asked, now_ms()))


@get("/v1/desk/timeline", opt=contract(gives=rest.Timeline, query=("since_ms", "customer_id")))
async def timeline(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """What happened on the caller's customers, or on one of them, since a moment, newest first."""
    since = records.Since(number_in_query(request, "since_ms"), id_in_query(request, "customer_id"))
    items = await database.read(records.timeline, claims, since, now_ms())
    return answer(request, rest.Timeline(items=items))


HANDLERS: Final = (transfer, add_collaborator, remove_collaborator, release, hand_over_all, list_pools, save_pool, timeline)
