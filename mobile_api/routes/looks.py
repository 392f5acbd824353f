"""A route for each record that is read together with its children."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from mobile_api.codec import answer
from mobile_api.openapi import contract
from mobile_api.routes.desk.places import id_in_path
from server.chance import now_ms
from server.database import Database
from server.domain.desk import LOOKS
from server.domain.look import Look
from server.domain.tokens import Claims
from server.services import records
from shared_schema.registry import BY_RECORD

HttpRequest = Request[Any, Any, Any]


def route(look: Look[Any]) -> HTTPRouteHandler:
    """The handler of a look."""
    place = f"{BY_RECORD[look.record].name}_id"

    async def handle(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
        return answer(request, await database.read(records.look, claims, look, id_in_path(request.path_params[place]), now_ms()))

    handle.__doc__ = look.tells
    made: HTTPRouteHandler = get(look.path.replace("}", ":str}"), opt=contract(gives=look.gives))(handle)
    return made


HANDLERS: Final = tuple(route(look) for look in LOOKS)
