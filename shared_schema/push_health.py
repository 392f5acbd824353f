"""What an admin reads of push: how each way to the devices stands, and what came of the notices of the last 24 hours."""

from shared_schema.records.base import Told
from shared_schema.scalars import EpochMs, Id


class ChannelHealth(Told, frozen=True, kw_only=True):
    """One way, for one organisation. Counts are of the last 24 hours, but `targets`, `due` and `waiting`: of this moment.

    `on`: this server, or for the robot this organisation, has it. `targets`: devices that it reaches. `due`: pushes that wait for a worker;
    `waiting`: refused, and tried again later. `sent`: given to the provider, `accepted`: it took them, `failed`: given up. `delivered`,
    `seen`, `opened`: of the notices that it took. `lag_half_ms`, `lag_most_ms`: how late half of the pushes, and 99 %, went out at most.
    `breaker`: closed, open (nothing goes there, but a push now and then), paused (the provider wants to be left alone), platform (a
    provider behind it refuses our keys). `since_ms`: since when it is not closed; `until_ms`: when it is tried again. `word`: the last
    refusal.
    """

    channel: str
    on: bool
    targets: int
    due: int
    waiting: int
    sent: int
    accepted: int
    failed: int
    delivered: int
    seen: int
    opened: int
    lag_half_ms: int | None
    lag_most_ms: int | None
    breaker: str
    since_ms: EpochMs | None
    until_ms: EpochMs | None
    word: str


class DeadTarget(Told, frozen=True, kw_only=True):
    """A device that its provider named as gone in the last 7 days. `word`: gone, ended or invalid. `again`: it is reached anew since."""

    user_id: Id
    name: str
    channel: str
    word: str
    at_ms: EpochMs
    again: bool


class PushHealth(Told, frozen=True, kw_only=True):
    """GET /v1/desk/push/health. `made`, `delivered`, `seen`, `opened`: the notices of the last 24 hours, by push or without. `dead`: the
    latest 50."""

    server_ms: EpochMs
    made: int
    delivered: int
    seen: int
    opened: int
    channels: list[ChannelHealth]
    dead: list[DeadTarget]
