"""The OpenAPI document, generated from `shared_schema` by way of the routes' contracts; the framework's own cannot name arrays."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from mobile_api.problems import PROBLEM_MEDIA
from shared_schema import export
from shared_schema.problem import CODES, Remedy
from shared_schema.wire import PROTOCOL, SCHEMA

JSON_MEDIA: Final = "application/json"
MSGPACK_MEDIA: Final = "application/vnd.msgpack"
_CONTRACT: Final = "contract"
_REFS: Final = "#/components/schemas/{name}"


class Contract(Struct, frozen=True):
    """The bodies that one route takes and gives: struct types (or `list[struct]`), and whether a bearer token is asked for."""

    takes: Any = None
    gives: Any = None
    signed: bool = True
    media: str | None = None
    """Media type of an answer which is not a struct."""
    query: tuple[str, ...] = ()
    """Names of optional query parameters."""


def contract(
    *, takes: Any = None, gives: Any = None, signed: bool = True, media: str | None = None, query: tuple[str, ...] = ()
) -> dict[str, Any]:
    """For a handler's `opt`: `@post("/v1/login", opt=contract(takes=LoginRequest, gives=Tokens, signed=False))`."""
    return {_CONTRACT: Contract(takes, gives, signed, media, query)}


def document(app: Litestar) -> dict[str, Any]:
    """The whole document of an application's routes, as JSON builtins; its version is protocol.schema."""
    operations = list(_operations(app))
    types = [type_ for _, _, handler in operations for type_ in (_contract(handler).takes, _contract(handler).gives) if type_ is not None]
    schemas = _schemas(tuple(types))
    paths: dict[str, dict[str, Any]] = {}
    for path, method, handler in operations:
        paths.setdefault(path, {})[method] = _operation(path, method, handler, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Outrider",
            "version": f"{PROTOCOL}.{SCHEMA}",
            "description": f"{MSGPACK_MEDIA} carries the same, ids as 16 bytes, sync envelopes and records as arrays: docs/protocol.md.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**schemas.components, "Problem": _PROBLEM_SCHEMA},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


@cache
def _schemas(types: tuple[Any, ...]) -> export.Schemas:
    """Most of the work, and the same for every application with these routes."""
    return export.Schemas(types, _REFS)


_PROBLEM_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "remedy", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"enum": sorted(CODES)},
        "remedy": {"enum": [remedy.value for remedy in Remedy]},
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"field": {"type": "string"}, "detail": {"type": "string"}}},
        },
        "retry_at_ms": {"type": "integer"},
    },
}


def _operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            for method in sorted(handler.http_methods) if isinstance(handler, HTTPRouteHandler) else ():
                if method not in ("OPTIONS", "HEAD"):
                    yield route.path_format, method.lower(), handler


def _contract(handler: HTTPRouteHandler) -> Contract:
    found = handler.opt.get(_CONTRACT)
    return found if isinstance(found, Contract) else Contract(media=JSON_MEDIA)


def _operation(path: str, method: str, handler: HTTPRouteHandler, schemas: export.Schemas) -> dict[str, Any]:
    promised = _contract(handler)
    words = (handler.fn.__doc__ or handler.handler_name).strip()
    operation: dict[str, Any] = {
        "operationId": f"{method}{path.replace('/', '_').replace('{', '').replace('}', '').replace('-', '_').replace('.', '_')}",
        "summary": words.splitlines()[0],
        "parameters": _parameters(path, promised),
        "responses": {"200": _answer(promised, schemas), "default": _PROBLEM_RESPONSE},
    }
    if promised.takes is not None:
        operation["requestBody"] = {"required": True, "content": _content(schemas.reference(promised.takes))}
    if promised.signed:
        operation["security"] = [{"bearer": []}]
    return operation


_PROBLEM_RESPONSE: Final = {
    "description": "A problem with its code and remedy",
    "content": {PROBLEM_MEDIA: {"schema": {"$ref": _REFS.format(name="Problem")}}},
}


def _parameters(path: str, promised: Contract) -> list[dict[str, Any]]:
    places = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in places] + [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}} for name in promised.query
    ]


def _answer(promised: Contract, schemas: export.Schemas) -> dict[str, Any]:
    if promised.media is not None:
        return {"description": "Done", "content": {promised.media: {}}}
    if promised.gives is None:
        return {"description": "Done"}
    return {"description": "Done", "content": _content(schemas.reference(promised.gives))}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    # The same fields on msgpack; its arrays and raw bytes are beyond JSON Schema.
    return {JSON_MEDIA: {"schema": schema}, MSGPACK_MEDIA: {"schema": {"description": "The same fields; see docs/protocol.md"}}}
