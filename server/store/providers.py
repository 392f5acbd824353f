"""SQL of the providers of push: how it stands with each, one row that all workers share."""

from collections.abc import Mapping
from typing import Final

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from notifications.breaker import Breaker
from server.models import provider

SERVER: Final = 0
"""Stands for the organisation where a provider is the server's own."""
LAGS_MAX: Final = 500
SERVICES_MAX: Final = 50
Name = tuple[int, str]
"""(organisation, channel)."""


class Standing(Struct, frozen=True, array_like=True):
    """How it stands. `lags_ms`: of the last pushes taken, from when each could have gone out; the others count since the beginning."""

    breaker: Breaker = Breaker()
    sent: int = 0
    taken: int = 0
    dead: int = 0
    retired: int = 0
    lags_ms: tuple[int, ...] = ()
    word: str = ""
    """The last refusal."""
    served: Mapping[str, int] = {}
    """Service → when it last took a push; of a provider that is one service its name is empty."""


_DECODER: Final = msgspec.msgpack.Decoder(Standing)


def standings(conn: sa.Connection) -> dict[Name, Standing]:
    """Every provider's, and every robot's; for workers and operators."""
    return {(row.org_id, row.name): _DECODER.decode(row.body) for row in conn.execute(sa.select(provider))}


def add(conn: sa.Connection, news: Mapping[Name, Standing]) -> dict[Name, Standing]:
    """Add what one worker counted since it told last, and join its breakers with those of the others; how it stands now, of all."""
    for (org_id, name), one in sorted(news.items()):
        mine = (provider.c.org_id == org_id, provider.c.name == name)
        found = conn.execute(sa.select(provider.c.body).where(*mine).with_for_update()).scalar()
        body = msgspec.msgpack.encode(joined(_DECODER.decode(found) if found is not None else Standing(), one))
        if found is None:
            conn.execute(sa.insert(provider).values(org_id=org_id, name=name, body=body))
        else:
            conn.execute(sa.update(provider).where(*mine).values(body=body))
    return standings(conn)


def joined(before: Standing, news: Standing) -> Standing:
    """The counts together; of the breakers the one that heard last of a push that was taken, else the one that is open longer."""
    ours, theirs = news.breaker, before.breaker
    if ours.taken_ms > theirs.taken_ms and not ours.openings:
        newer = ours
    else:
        newer = max(theirs, ours, key=lambda one: (one.open_until_ms, one.openings, one.refusals))
    breaker = msgspec.structs.replace(
        newer,
        paused_until_ms=max(ours.paused_until_ms, theirs.paused_until_ms),
        taken_ms=max(ours.taken_ms, theirs.taken_ms),
        platform_refusals=_platform_refusals(theirs, ours),
        since_ms=newer.since_ms or ours.since_ms or theirs.since_ms,
    )
    return Standing(
        breaker,
        before.sent + news.sent,
        before.taken + news.taken,
        before.dead + news.dead,
        before.retired + news.retired,
        (*before.lags_ms, *news.lags_ms)[-LAGS_MAX:],
        news.word or before.word,
        newest(before.served, news.served),
    )


def _platform_refusals(theirs: Breaker, ours: Breaker) -> int:
    """Those in a row since the last push that was taken, whichever worker heard of it."""
    if ours.taken_ms == theirs.taken_ms:
        return max(ours.platform_refusals, theirs.platform_refusals)
    return max(ours, theirs, key=lambda one: one.taken_ms).platform_refusals


def newest(before: Mapping[str, int], news: Mapping[str, int]) -> dict[str, int]:
    """Of both the later moment of each service; those that served last, so many."""
    later = {name: max(before.get(name, 0), news.get(name, 0)) for name in (*before, *news)}
    return dict(sorted(later.items(), key=lambda one: -one[1])[:SERVICES_MAX])


def quantile_ms(lags_ms: tuple[int, ...], part: float) -> int:
    """The lag that this part of the pushes did not exceed; 0 without any."""
    ordered = sorted(lags_ms)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0
