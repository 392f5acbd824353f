"""Record the driver statements of our own push, and make them new for a replay by the bare driver."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from bench.driver import Parameters, Statement
from bench.world import CURSOR_KEY, Rep, World
from server import chance
from server.domain.tokens import Claims
from server.services import sync_push
from shared_schema.wire import SyncRequest


class Recording:
    """Two pushes of one device with equal content: every integer that differs between them counts on from push to push.

    So a replay writes what a third, fourth … push would have written: new seqs, revs and numbers, no key twice.
    """

    def __init__(self, first: Sequence[Statement], second: Sequence[Statement]) -> None:
        if [one.sql for one in first] != [one.sql for one in second]:
            raise ValueError("two pushes of equal content sent different statements")
        self._pairs = list(zip(first, second, strict=True))
        self._step = 1

    def next(self, *, beginning: tuple[str, ...] = ()) -> list[Statement]:
        """The statements of the next push, all or those that begin so."""
        self._step += 1
        return [
            Statement(new.sql, [_extrapolated(*pair, self._step) for pair in zip(old.rows, new.rows, strict=True)], new.many)
            for old, new in self._pairs
            if not beginning or new.sql.startswith(beginning)
        ]


def _extrapolated(old: Parameters, new: Parameters, step: int) -> Parameters:
    return tuple(a + (b - a) * step if type(a) is int and type(b) is int else b for a, b in zip(old, new, strict=True))


async def record(world: World, rep: Rep, customer_ids: Sequence[bytes]) -> Recording:
    """Push twice as the rep would, after a first push that made the confirmations regular."""
    pushes = []
    for _ in range(3):
        request = world.patches(rep, customer_ids)
        pushes.append(await world.database.write(_recorded, rep.claims, request, chance.now_ms()))
    return Recording(pushes[1], pushes[2])


def _recorded(conn: sa.Connection, claims: Claims, request: SyncRequest, now_ms: int) -> list[Statement]:
    heard: list[Statement] = []

    def hear(_: Any, __: Any, sql: str, parameters: Any, ___: Any, many: bool) -> None:
        heard.append(Statement(sql, list(parameters) if many else [tuple(parameters)], many))

    sa.event.listen(conn, "before_cursor_execute", hear)
    try:
        sync_push.push(conn, claims, request, CURSOR_KEY, now_ms)
    finally:
        sa.event.remove(conn, "before_cursor_execute", hear)
    return heard
