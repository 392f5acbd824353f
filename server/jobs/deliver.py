"""Deliver notices: lease, put into words, send, settle. A worker that dies leaves a lease that ends."""

import logging
from typing import Final

from notifications.channels import Channel, Notice, Reaction
from notifications.messages import message
from notifications.plan import language_of
from server import chance
from server.database import Database
from server.domain.notices import NOTICES
from server.store import outbox
from server.store.outbox import TRIES_MAX, Leased

LOGGER: Final = logging.getLogger("outrider.jobs")
BATCH_MAX: Final = 20
RETRY_MS: Final = 10_000
WORTH_MS: Final = 24 * 3_600_000
"""A notice older than this is dropped: its reader has long seen the thing itself by sync."""


async def deliver(database: Database, channel: Channel) -> int:
    """Send the notices that are due, of every organisation; how many were sent."""
    sent = 0
    for org_id in await database.read(outbox.organisations):
        for one in await database.write(outbox.lease, org_id, BATCH_MAX, chance.now_ms()):
            reaction = await _send(channel, one)
            sent += reaction is Reaction.sent
            state, again_ms = _settled(reaction, one)
            await database.write(outbox.settle, one, state, again_ms)
    return sent


async def _send(channel: Channel, one: Leased) -> Reaction:
    if chance.now_ms() > one.created_ms + WORTH_MS:
        return Reaction.drop
    language = language_of(one.language)
    try:
        words = message(NOTICES[one.kind][language], one.facts)
    except (KeyError, ValueError):
        LOGGER.exception("notice without words", extra={"facts": {"org": one.org_id, "kind": one.kind}})
        return Reaction.drop
    notice = Notice(
        id=one.id,
        kind=one.kind,
        user_id=one.user_id,
        language=language,
        title=words.title,
        body=words.body,
        deadline_ms=one.created_ms + WORTH_MS,
    )
    try:
        return await channel.deliver(notice)
    except Exception:  # one notice that a channel chokes on holds up none of the others
        LOGGER.exception("notice not delivered", extra={"facts": {"org": one.org_id, "kind": one.kind, "tries": one.tries}})
        return Reaction.retry


def _settled(reaction: Reaction, one: Leased) -> tuple[str, int]:
    if reaction is Reaction.sent:
        return "sent", 0
    if reaction is Reaction.drop or one.tries >= TRIES_MAX:
        return "dropped", 0
    return "queued", chance.now_ms() + RETRY_MS * 2**one.tries
