"""The questions of machines about this process: alive, ready, its numbers, its own description."""

import logging
from functools import cache
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency

from mobile_api import push_numbers
from mobile_api.metrics import Metrics
from mobile_api.openapi import JSON_MEDIA, contract
from mobile_api.proxies import Networks
from server.chance import now_ms
from server.database import Database, Unavailable
from server.settings import Settings
from server.store import outbox, probe, providers, schema
from shared_schema.problem import Code, Problem

_NO_STORE: Final = {"Cache-Control": "no-store"}
_THIS_MACHINE: Final = ("127.0.0.0/8", "::1")
_LOGGER: Final = logging.getLogger("outrider.metrics")
_head = cache(schema.head)


@get("/health", opt=contract(signed=False, media=JSON_MEDIA))
async def health() -> Response[bytes]:
    """Say that the process answers; asks nobody else."""
    return _told({"status": "alive"})


@get("/ready", opt=contract(signed=False, media=JSON_MEDIA))
async def ready(database: NamedDependency[Database]) -> Response[bytes]:
    """Say whether the database answers, can be written and has the tables of this program; 503 otherwise."""
    found = await database.read(schema.revision)
    if found != _head():
        raise Problem(Code.busy, "the database waits for its migrations")
    await database.write(probe.write_nothing if database.health.cause is None else probe.write_something)
    if database.health.cause is not None:
        raise Unavailable(database.health.cause)
    return _told({"status": "ready"})


@get("/metrics", opt=contract(signed=False, media=Metrics.media_type.partition(";")[0]))
async def metrics_text(
    request: Request[Any, Any, Any],
    metrics: NamedDependency[Metrics],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> Response[bytes]:
    """Prometheus metrics of this process, for this machine and the addresses that the operator named; each worker counts its own.

    Push is counted of all workers together. While the database is ill its part is left out.
    """
    host = "" if request.client is None else request.client.host
    if not settings.metrics or not _readers(settings.metrics_readers).hold(host):
        raise Problem(Code.not_found)
    return Response(metrics.text() + await _push_text(database), media_type=Metrics.media_type, headers=_NO_STORE)


@get("/schema/openapi.json", opt=contract(signed=False, media=JSON_MEDIA))
async def openapi_document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The OpenAPI document of these routes."""
    return _told(request.app.state.openapi)


async def _push_text(database: Database) -> bytes:
    try:
        due = await database.read(outbox.due_count, now_ms())
        return push_numbers.text(await database.read(providers.standings), due, now_ms())
    except Exception:
        _LOGGER.exception("the numbers of push were not read")
        return b""


@cache
def _readers(named: tuple[str, ...]) -> Networks:
    """Those that may read the numbers."""
    return Networks((*_THIS_MACHINE, *named))


def _told(value: object) -> Response[bytes]:
    return Response(msgspec.json.encode(value), media_type=JSON_MEDIA, headers=_NO_STORE)


HANDLERS: Final = (health, ready, metrics_text, openapi_document)
