"""How push stands for one organisation, as its admin sees it: of others nothing but whether a provider that all share is well."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct

from notifications.breaker import Breaker
from notifications.push import CHANNEL_OF, ChannelName, TargetKind
from server.domain.tokens import Claims
from server.services import actors
from server.store import providers, push_health, robots, targets
from server.store.providers import SERVER, Standing, quantile_ms
from server.store.push_health import RECEIPTS
from shared_schema.push_health import ChannelHealth, DeadTarget, PushHealth

DAY_MS: Final = 86_400_000
DEAD_DAYS: Final = 7
TALLIES: Final = ("due", "waiting", "sent", "accepted", "failed")


class _Counted(Struct, frozen=True):
    """By channel."""

    targets: Mapping[str, int]
    tallies: Mapping[str, Any]
    receipts: Mapping[str, Any]
    lags_ms: Mapping[str, list[int]]


def told(conn: sa.Connection, claims: Claims, ways: Collection[ChannelName], now_ms: int) -> PushHealth:
    """How it stands now. `ways`: those that this server has. Raises Problem(forbidden)."""
    org_id = actors.entitled(conn, claims, now_ms, "GET /v1/desk/push/health").org_id
    since_ms = now_ms - DAY_MS
    made = push_health.made(conn, org_id, since_ms)
    counted, standings = _counted(conn, org_id, since_ms, now_ms), providers.standings(conn)
    has_robot = robots.find(conn, org_id) is not None
    channels = []
    for name in ChannelName:
        whose = org_id if name is ChannelName.robot else SERVER
        is_on = has_robot if name is ChannelName.robot else name in ways
        channels.append(_channel(name.value, is_on, counted, standings.get((whose, name.value), Standing()), now_ms))
    received = {name: getattr(made, name) for name in RECEIPTS}
    return PushHealth(server_ms=now_ms, made=made.made, **received, channels=channels, dead=list(_dead(conn, org_id, now_ms)))


def _counted(conn: sa.Connection, org_id: int, since_ms: int, now_ms: int) -> _Counted:
    living: dict[str, int] = {}
    for kind, count in targets.counts(conn, org_id).items():
        channel = CHANNEL_OF[TargetKind(kind)].value
        living[channel] = living.get(channel, 0) + count
    late: dict[str, list[int]] = {}
    for row in push_health.lags(conn, org_id, since_ms):
        late.setdefault(row.channel, []).append(row.lag_ms)
    return _Counted(
        living,
        {row.channel: row for row in push_health.tallies(conn, org_id, since_ms, now_ms)},
        {row.channel: row for row in push_health.receipts(conn, org_id, since_ms)},
        late,
    )


def _channel(name: str, is_on: bool, counted: _Counted, standing: Standing, now_ms: int) -> ChannelHealth:
    lags_ms, breaker = tuple(counted.lags_ms.get(name, ())), standing.breaker
    stands, until_ms = state_of(breaker, now_ms)
    return ChannelHealth(
        channel=name,
        on=is_on,
        targets=counted.targets.get(name, 0),
        **{one: int(getattr(counted.tallies.get(name), one, 0)) for one in TALLIES},
        **{one: int(getattr(counted.receipts.get(name), one, 0)) for one in RECEIPTS},
        lag_half_ms=quantile_ms(lags_ms, 0.5) if lags_ms else None,
        lag_most_ms=quantile_ms(lags_ms, 0.99) if lags_ms else None,
        breaker=stands,
        since_ms=breaker.since_ms or None if stands != "closed" else None,
        until_ms=until_ms,
        word=standing.word,
    )


def state_of(breaker: Breaker, now_ms: int) -> tuple[str, int | None]:
    """How a breaker stands, in a word; and when its provider is tried again."""
    if now_ms < breaker.paused_until_ms:
        return "paused", breaker.paused_until_ms
    if breaker.is_ill:
        return "open", breaker.open_until_ms if now_ms < breaker.open_until_ms else None
    return ("platform" if breaker.is_platform_ill else "closed"), None


def _dead(conn: sa.Connection, org_id: int, now_ms: int) -> Iterable[DeadTarget]:
    """A device stands once, with its latest death."""
    rows = push_health.died(conn, org_id, now_ms - DEAD_DAYS * DAY_MS)
    newest = {row.line_no: row for row in reversed(rows)}
    alive = targets.since(conn, org_id, newest)
    for line_no, row in sorted(newest.items(), key=lambda one: -one[1].tried_ms):
        yield DeadTarget(
            user_id=bytes(row.user_id),
            name=row.name,
            channel=row.channel,
            word=row.state.removeprefix("dead_"),
            at_ms=row.tried_ms,
            again=alive.get(line_no, 0) > row.tried_ms,
        )
