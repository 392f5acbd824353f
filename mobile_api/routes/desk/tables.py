"""Routes for each table that the desk keeps: POST makes or changes a record; GET shows it where the organisation has but one."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from mobile_api.codec import answer, read
from mobile_api.openapi import contract
from server.chance import now_ms
from server.database import Database
from server.domain.desk import TABLES
from server.domain.feature import Table
from server.domain.tokens import Claims
from server.services import tables

HttpRequest = Request[Any, Any, Any]
Handle = Callable[..., Coroutine[Any, Any, Response[bytes]]]


def showing(table: Table[Any, Any]) -> HTTPRouteHandler:
    """The handler that shows the only record of a table."""

    async def handle(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
        return answer(request, await database.read(tables.single, claims, table, now_ms()))

    return _named(table.shows, handle, get(table.path, opt=contract(gives=table.record)))


def keeping(table: Table[Any, Any]) -> HTTPRouteHandler:
    """The handler that makes or changes a record of a table."""

    async def handle(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
        return answer(request, await database.write(tables.save, claims, await read(request, table.asks), now_ms()))

    return _named(table.tells, handle, post(table.path, status_code=200, opt=contract(takes=table.asks, gives=table.record)))


def _named(words: str, handle: Handle, route: Callable[[Handle], Any]) -> HTTPRouteHandler:
    handle.__doc__ = words
    made: HTTPRouteHandler = route(handle)
    return made


HANDLERS: Final = (*map(keeping, TABLES), *(showing(table) for table in TABLES if table.is_single))
