"""The main door of a phone: what it entered goes in, what is new comes out, in one round trip."""

import logging
from typing import Any, Final

from litestar import Request, Response, post
from litestar.di import NamedDependency
from msgspec import Raw

from mobile_api.codec import Received, answer, receive, sync_request
from mobile_api.metrics import Metrics
from mobile_api.openapi import contract
from server import chance
from server.database import Database
from server.domain.tokens import Claims, Signer
from server.services import devices, sync_pull, sync_push
from server.settings import Settings
from shared_schema.problem import Code, Problem
from shared_schema.wire import PROTOCOL, SyncAnswer, SyncRequest
from sync.cursor import digest

LOGGER: Final = logging.getLogger("outrider.sync")


@post("/v1/sync", status_code=200, opt=contract(takes=SyncRequest, gives=SyncAnswer))
async def sync(
    request: Request[Any, Any, Any],
    claims: NamedDependency[Claims],
    database: NamedDependency[Database],
    signer: NamedDependency[Signer],
    settings: NamedDependency[Settings],
    metrics: NamedDependency[Metrics],
) -> Response[bytes]:
    """Push, commit, then pull in a new snapshot (P-301)."""
    received = await receive(request, settings.push_bytes_max)
    asked = sync_request(received)
    pushed = await _push(database, claims, asked, received)
    metrics.pushed(pushed.counts)
    pulled = await _pull(database, claims, asked, (signer.cursor_key, settings.page_bytes))
    metrics.pulled(sum(len(page.rows) for page in pulled.pages))
    return answer(request, _answer(asked, pushed, pulled))


def _answer(asked: SyncRequest, pushed: sync_push.Pushed, pulled: sync_pull.Pulled) -> SyncAnswer:
    return SyncAnswer(
        PROTOCOL, pulled.epoch, chance.now_ms(), digest(asked.cursor), pulled.cursor, pushed.last_n, pushed.backed_up_n,
        pushed.resend_from, [Raw(one) for one in pushed.outcomes], pulled.drop, pulled.pages, pulled.more,
        not pulled.more and pulled.problem is None, pulled.problem,
    )  # fmt: skip


async def _pull(database: Database, claims: Claims, asked: SyncRequest, how: tuple[bytes, int]) -> sync_pull.Pulled:
    """A phone too old to pull may still push: what it entered is safe, and it is told to upgrade (P-213)."""
    cursor_key, page_bytes = how
    place = sync_pull.Asked(asked.cursor, min(asked.page_bytes, page_bytes), asked.protocol, asked.schema)
    return await database.read(sync_pull.pull, claims, place, cursor_key, chance.now_ms())


async def _push(database: Database, claims: Claims, asked: SyncRequest, received: Received) -> sync_push.Pushed:
    try:
        idle = await database.read(sync_push.unchanged, claims, asked, chance.now_ms()) if not asked.mutations else None
        return idle if idle is not None else await database.write(sync_push.push, claims, asked, chance.now_ms())
    except Problem as problem:
        if problem.code is Code.device_wipe:
            raise await database.write(devices.quarantine, claims, received.body, chance.now_ms()) from None
        raise
    except Exception:
        LOGGER.exception("push failed", extra={"facts": {"org": claims.org_id, "line": claims.line_no}})
        await database.write(sync_push.note_failure, claims, asked)
        raise Problem(
            Code.server_error, "the server failed on this; it will be tried again, and kept for you if it cannot be taken"
        ) from None


HANDLERS: Final = (sync,)
