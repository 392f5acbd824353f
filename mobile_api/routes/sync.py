"""The main door of a phone: its entries go in, new rows come out, in one round trip."""

from typing import Any, Final

from litestar import Request, Response, post
from litestar.di import NamedDependency
from msgspec import Raw, Struct

from mobile_api import auth
from mobile_api.admission import SyncGate
from mobile_api.codec import answer, receive, sync_request
from mobile_api.openapi import contract
from mobile_api.push import Taking
from server import chance
from server.database import Database
from server.domain.tokens import Claims, Signer
from server.services import devices, sync_pull, sync_push
from shared_schema.problem import Code, Problem
from shared_schema.wire import PROTOCOL, SyncAnswer, SyncRequest
from sync.cursor import digest


class Syncs(Struct, frozen=True):
    """The parts with which a sync works, under one name: the framework resolves several names side by side, in a task each, which costs
    more than the edge around them."""

    database: Database
    signer: Signer
    gate: SyncGate
    taking: Taking
    cursor_key: bytes


@post("/v1/sync", status_code=200, opt=contract(takes=SyncRequest, gives=SyncAnswer))
async def sync(request: Request[Any, Any, Any], syncs: NamedDependency[Syncs]) -> Response[bytes]:
    """Push, commit, then pull in a new snapshot (P-301)."""
    claims, gate = auth.claims(request, syncs.signer), syncs.gate
    received = await receive(request, gate.settings.push_bytes_max)
    asked = sync_request(received)
    page_bytes = min(asked.page_bytes, gate.settings.page_bytes)
    place = sync_pull.Asked(asked.cursor, page_bytes, asked.protocol, asked.schema, asked.tiles)
    try:
        async with gate.sync(claims, asked.cursor):
            pushed, pulled = await _exchange(syncs, claims, asked, place)
    except Problem as problem:
        if problem.code is Code.device_wipe:
            raise await syncs.database.write(devices.quarantine, claims, received.body, chance.now_ms()) from None
        raise
    gate.learn(claims.org_id, pulled.epoch)
    gate.metrics.pushed(pushed.counts, pushed.receipts)
    gate.metrics.pulled(sum(len(page.rows) for page in pulled.pages))
    return answer(request, _answer(asked, pushed, pulled))


def _answer(asked: SyncRequest, pushed: sync_push.Pushed, pulled: sync_pull.Pulled) -> SyncAnswer:
    return SyncAnswer(
        PROTOCOL, pulled.epoch, chance.now_ms(), digest(asked.cursor), pulled.cursor, pushed.last_n, pushed.backed_up_n,
        pushed.resend_from, [Raw(one) for one in pushed.outcomes], pulled.drop, pulled.pages, pulled.more,
        not pulled.more and pulled.problem is None, pulled.problem, pulled.anew,
        pulled.beyond,
    )  # fmt: skip


async def _exchange(syncs: Syncs, claims: Claims, asked: SyncRequest, place: sync_pull.Asked) -> tuple[sync_push.Pushed, sync_pull.Pulled]:
    """A device without new entries is answered from one snapshot; entries are committed before anything is read (P-301)."""
    key = syncs.cursor_key
    if not asked.mutations:
        idle = await syncs.database.read(sync_pull.idle, claims, asked, place, key, chance.now_ms())
        if idle is not None:
            return idle
    pushed = await syncs.taking.push(claims, asked)
    return pushed, await syncs.database.read(sync_pull.pull, claims, place, key, chance.now_ms())


HANDLERS: Final = (sync,)
