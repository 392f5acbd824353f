"""A route for each list of the desk: its filters and where the page begins stand in the query."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from mobile_api.codec import answer
from mobile_api.openapi import contract
from mobile_api.routes.desk.places import filters_in_query, place_in_query, place_told
from server.chance import now_ms
from server.database import Database
from server.domain.desk import LISTS
from server.domain.feature import Listing
from server.domain.tokens import Claims
from server.services import records
from shared_schema.rest import page_of

HttpRequest = Request[Any, Any, Any]
Handle = Callable[..., Coroutine[Any, Any, Response[bytes]]]


def route(listing: Listing) -> HTTPRouteHandler:
    """The handler of a list."""
    page = page_of(listing.record, listing.newest, listing.part, named=bool(listing.about))

    async def handle(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
        chosen, after = filters_in_query(request, listing), place_in_query(request, listing)
        items, place = await database.read(records.desk_list, claims, listing, chosen, after, now_ms())
        named = {"customers": await database.read(records.customers_of, claims, listing, items, now_ms())} if listing.about else {}
        return answer(request, page(items=items, after=place_told(place, listing), **named))

    handle.__doc__ = listing.tells
    made: HTTPRouteHandler = get(
        listing.path, opt=contract(gives=page, query=("after", *listing.words, *listing.filters, *listing.bounds))
    )(handle)
    return made


HANDLERS: Final = tuple(route(listing) for listing in LISTS)
