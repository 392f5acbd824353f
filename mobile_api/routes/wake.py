"""The bell of a phone: hints that there is something to sync, as an event stream or by one long request after the other."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.response import Stream

from mobile_api.codec import answer, answer_media
from mobile_api.openapi import contract
from mobile_api.routes.desk.places import number_in_query
from mobile_api.wake import Hint, Hub
from server.domain.tokens import Claims
from server.settings import Settings
from shared_schema import rest
from shared_schema.problem import Code, Problem

EVENTS: Final = "text/event-stream"
POLL_S_MAX: Final = 25
MARK_LETTERS_MAX: Final = 32
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_BEGIN: Final = b"retry: 3000\n\n"
_ALIVE: Final = b":\n\n"


@get("/v1/wake", opt=contract(gives=rest.Wake, query=("wait_s", "mark")))
async def wake(
    request: Request[Any, Any, Any],
    claims: NamedDependency[Claims],
    hub: NamedDependency[Hub],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Tell a device to sync when something moved (P-801): events while it listens, or one answer within `wait_s` seconds."""
    if EVENTS in request.headers.get("accept", "").lower():
        hints = hub.hints(claims, _mark(request.headers.get("last-event-id", "")), settings.access_minutes * 60)
        first = await anext(hints)
        return Stream(_events(first, hints), media_type=EVENTS, headers=_HEADERS)
    answer_media(request)
    wait_s = number_in_query(request, "wait_s")
    if wait_s > POLL_S_MAX:
        raise Problem(Code.parameter_wrong, f"wait_s is at most {POLL_S_MAX}", field="wait_s")
    last = Hint(moved=False, mark=_mark(request.query_params.get("mark", "")))
    async with aclosing(hub.hints(claims, last.mark, wait_s)) as hints:
        async for last in hints:
            if last.moved:
                break
    return answer(request, rest.Wake(wake=last.moved, mark=last.mark))


async def _events(first: Hint, hints: AsyncGenerator[Hint, None]) -> AsyncGenerator[bytes, None]:
    """The first hint was taken outside, where a problem is still an answer; later ones end the stream, and the device asks anew."""
    async with aclosing(hints):
        yield _BEGIN + _event(first)
        try:
            async for hint in hints:
                yield _event(hint)
        except Problem:
            return


def _event(hint: Hint) -> bytes:
    """An event has data, or a browser drops it."""
    return f"id: {hint.mark}\nevent: wake\ndata: {{}}\n\n".encode() if hint.moved else _ALIVE


def _mark(told: str) -> str:
    if len(told) > MARK_LETTERS_MAX:
        raise Problem(Code.parameter_wrong, "this is no mark", field="mark")
    return told


HANDLERS: Final = (wake,)
