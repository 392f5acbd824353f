"""Desk routes for hand-over, and the timeline of customers."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from mobile_api.codec import answer, read
from mobile_api.openapi import contract
from mobile_api.routes.desk.places import id_in_path, id_in_query, number_in_query
from server.chance import now_ms
from server.database import Database
from server.domain.tokens import Claims
from server.services import hand_over, records
from shared_schema import rest
from shared_schema.records.customer import HandedOver, HandOverRequest

HttpRequest = Request[Any, Any, Any]


@post("/v1/desk/users/{user_id:str}/hand-over", status_code=200, opt=contract(takes=HandOverRequest, gives=HandedOver))
async def hand_over_all(
    request: HttpRequest, user_id: FromPath[str], database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """Give all that a leaver holds to somebody else, one customer after the other (D-109)."""
    asked = await read(request, HandOverRequest)
    return answer(request, await hand_over.all_of(database, claims, id_in_path(user_id), asked, now_ms()))


@get("/v1/desk/timeline", opt=contract(gives=rest.Timeline, query=("since_ms", "customer_id")))
async def timeline(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
    """List the events on the caller's customers, or on one of them, since a moment, newest first."""
    since = records.Since(number_in_query(request, "since_ms"), id_in_query(request, "customer_id"))
    items = await database.read(records.timeline, claims, since, now_ms())
    return answer(request, rest.Timeline(items=items))


HANDLERS: Final = (hand_over_all, timeline)
