"""A route for each verb of the desk: the ids in its path and its body make the request."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

import msgspec
from litestar import Request, Response, delete, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from mobile_api.codec import answer, read
from mobile_api.openapi import contract
from mobile_api.routes.desk.places import id_in_path
from server.chance import now_ms
from server.database import Database
from server.domain.desk import VERBS
from server.domain.feature import Verb
from server.domain.tokens import Claims
from server.services.act import act

HttpRequest = Request[Any, Any, Any]
Handle = Callable[..., Coroutine[Any, Any, Response[bytes]]]
METHODS: Final = {"POST": post, "DELETE": delete}


def places(verb: Verb[Any]) -> list[str]:
    """The fields of the request that the path names."""
    return [part[1:-1] for part in verb.path.split("/") if part.startswith("{")]


def body_of(verb: Verb[Any]) -> type[msgspec.Struct] | None:
    """The body of the request: the fields that the path does not name; None where it names them all."""
    named = places(verb)
    fields = [one for one in msgspec.structs.fields(verb.asks) if one.name not in named]
    shaped = [(one.name, one.type) if one.required else (one.name, one.type, _default(one)) for one in fields]
    if not shaped:
        return None
    body = msgspec.defstruct(f"{verb.asks.__name__}Request", shaped, forbid_unknown_fields=True, frozen=True, kw_only=True)
    body.__doc__ = verb.asks.__doc__
    return body


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default is not msgspec.NODEFAULT else msgspec.field(default_factory=field.default_factory)


def route(verb: Verb[Any]) -> HTTPRouteHandler:
    """The handler of a verb."""
    body, named = body_of(verb), places(verb)

    async def handle(request: HttpRequest, database: NamedDependency[Database], claims: NamedDependency[Claims]) -> Response[bytes]:
        given = msgspec.structs.asdict(await read(request, body)) if body is not None else {}
        ids = {name: id_in_path(request.path_params[name]) for name in named}
        return answer(request, await database.write(act, claims, verb.asks(**ids, **given), now_ms()))

    handle.__doc__ = verb.asks.__doc__
    path = verb.path.replace("}", ":str}")
    made: HTTPRouteHandler = METHODS[verb.method](path, status_code=200, opt=contract(takes=body, gives=verb.gives))(handle)
    return made


HANDLERS: Final = tuple(route(verb) for verb in VERBS)
