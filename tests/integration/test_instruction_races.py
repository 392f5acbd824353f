"""An instruction about a customer is given, answered or decided while the customer changes hands, on PostgreSQL (D-811).

The first transaction is held where it has written all and not committed: at the heads of the scopes. The move must wait for it, and then
see what it did.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from server.models import scope
from server.services.act import act
from server.store import load
from shared_schema.records.instruction import Acknowledge, DecideInstruction, Finish, Instruct, Instruction
from shared_schema.registry import BY_RECORD
from sync.state import State
from tests.integration.test_coming_races import BEHIND, Call, engine, held, team, until
from tests.world import Team

__all__ = ["engine", "team"]
FIRST: Final = sa.text("SELECT pid FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")


async def asks(team: Team) -> Instruction:
    asked = Instruct(id=next(team.world.ids), rep_id=team.ann.user_id, text="Call the mill", customer_id=team.customer_id)
    given = await team.world.database.write(act, team.manager.claims, asked, team.world.now_ms)
    await team.ann.sync()
    return given.items[0]  # type: ignore[no-any-return]


async def acknowledged(team: Team) -> Call:
    team.ann.command("instruction", (await asks(team)).id, Acknowledge())
    return team.ann.sync


async def finished(team: Team) -> Call:
    team.ann.command("instruction", (await asks(team)).id, Finish(reply="done"))
    return team.ann.sync


async def cancelled(team: Team) -> Call:
    decision = DecideInstruction((await asks(team)).id, "cancel", 1)
    return lambda: team.world.database.write(act, team.manager.claims, decision, team.world.now_ms)


async def given(team: Team) -> Call:
    return lambda: asks(team)


@pytest.mark.parametrize(
    ("first", "left"),
    [
        (acknowledged, {("ann", ("sent", "acknowledged", "moved")), ("bo", ("sent",))}),
        (finished, {("ann", ("sent", "done"))}),
        (cancelled, {("ann", ("sent", "cancelled"))}),
        (given, {("ann", ("sent", "moved")), ("bo", ("sent",))}),
    ],
)
async def test_a_move_sees_what_came_just_before(
    team: Team, engine: AsyncEngine, first: Callable[[Team], Awaitable[Call]], left: set[tuple[str, tuple[str, ...]]]
) -> None:
    """D-811; docs/architecture.md, Locks."""
    call, database = await first(team), team.world.database
    async with held(engine, sa.select(scope.c.number).with_for_update()) as last:
        pid = (await last.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one()
        going = asyncio.create_task(call())
        await until(database, BEHIND, 1, going, pid=pid)
        first_pid = (await last.execute(FIRST)).scalar_one()
        moving = asyncio.create_task(team.move(team.bo))
        await until(database, BEHIND, 1, moving, pid=first_pid)
    await asyncio.gather(going, moving)
    assert await stand(team) == left


async def stand(team: Team) -> set[tuple[str, tuple[str, ...]]]:
    """Whose each instruction is, and its steps."""

    def read(conn: sa.Connection) -> list[Instruction]:
        state = State()
        load.every(conn, state, team.world.org_id, BY_RECORD[Instruction])
        return [held.record for held in state.held.values() if isinstance(held.record, Instruction)]

    names = {team.ann.user_id: "ann", team.bo.user_id: "bo"}
    return {(names[one.rep_id], tuple(step.state.name for step in one.steps)) for one in await team.world.database.read(read)}
