"""What happens at once: one line twice, a transfer beside its customer's children, a collaboration that ends under a push, a crowd."""

import asyncio
import itertools
import random
from collections.abc import Awaitable
from typing import Any, Final

import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import RECORD_TABLES
from server.services.act import act
from server.services.sync_push import Pushed
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Collaborate, EndCollaboration, Transfer
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import OUTCOME_DECODER, Kind
from tests.simulation.feed_oracle import differences
from tests.world import START_MS, Entry, Phone, Team, World, team_of

pytestmark = pytest.mark.anyio
ROUNDS: Final = 12
WRITERS: Final = 8
CUSTOMERS: Final = 4


@pytest.fixture
async def team(database: Database) -> Team:
    made = await team_of(database)
    await asyncio.gather(*(database.read(lambda conn: conn.execute(sa.text("SELECT 1")).scalar()) for _ in range(8)))  # open the pool
    return made


def log(team: Team, n: int, customer_id: bytes | None = None, note: str = "") -> bytes:
    """A contact log, the n-th entry of its line."""
    values: dict[str, object] = {"customer_id": customer_id or team.customer_id, "device_ms": START_MS, "note": note}
    return Entry(n, Kind.create, "contact_log", next(team.world.ids), values).raw()


async def right(world: World) -> None:
    """The feed says what the tables say."""
    assert await world.database.read(differences, world.org_id) == {}


async def count(database: Database, table: str) -> int:
    """Rows of one entity."""
    return await database.read(lambda conn: int(conn.execute(sa.select(sa.func.count()).select_from(RECORD_TABLES[table])).scalar_one()))


async def test_the_same_request_twice_at_once_is_one_request(team: Team) -> None:
    """A phone that lost patience and sent again while the first still ran. P-310, P-311."""
    phone = await team.world.phone(team.ann.user_id)
    for n in range(1, ROUNDS):
        raw = log(team, n)
        answers = await asyncio.gather(*(phone.push(raw) for _ in range(4)))
        assert len({tuple(one.outcomes) for one in answers}) == 1
        assert [one.last_n for one in answers] == [n] * 4
        assert await count(team.world.database, "contact_log") == n
    await right(team.world)


async def test_two_histories_under_one_number_at_once_are_told_apart(team: Team) -> None:
    """Two restored copies of one phone: one is taken, the other forks, whoever comes first. P-312."""
    phone = await team.world.phone(team.ann.user_id)
    for n in range(1, ROUNDS):
        answers = await asyncio.gather(phone.push(log(team, n, note="one")), phone.push(log(team, n, note="other")))
        said = sorted(OUTCOME_DECODER.decode(raw).result.name for one in answers for raw in one.outcomes)
        assert said == ["applied", "forked"]
        assert await count(team.world.database, "contact_log") == n
    await right(team.world)


async def test_numbers_that_overtake_each_other_are_sent_again(team: Team) -> None:
    """Two halves of one queue at once: what came too early is asked for again, nothing is taken twice or left out. P-313."""
    phone = await team.world.phone(team.ann.user_id)
    for first in range(1, 2 * ROUNDS, 2):
        early, late = log(team, first), log(team, first + 1)
        told, _ = await asyncio.gather(phone.push(late), phone.push(early))
        assert told.resend_from in (None, first)
        again = told if told.resend_from is None else await phone.push(late)
        assert again.last_n == first + 1
        assert await count(team.world.database, "contact_log") == first + 1
    await right(team.world)


async def test_a_collaboration_that_ends_under_a_push_leaves_nothing_behind(team: Team) -> None:
    """Bo enters while he is taken off: each entry is taken or parked, and afterwards his scopes hold nothing of the customer. P-121."""
    bo = await team.world.phone(team.bo.user_id)
    results: list[str] = []
    for n in range(1, 2 * ROUNDS, 2):
        fields: dict[str, object] = {"customer_id": team.customer_id, "name": "Ms Lin"}
        raws = [log(team, n), Entry(n + 1, Kind.create, "contact", next(team.world.ids), fields).raw()]
        moves: list[Awaitable[Any]] = [bo.push(*raws), team.part(team.bo)]
        pushed = (await asyncio.gather(*(moves if n % 4 == 1 else reversed(moves))))[0 if n % 4 == 1 else 1]
        assert isinstance(pushed, Pushed)
        results += [OUTCOME_DECODER.decode(raw).result.name for raw in pushed.outcomes]
        await right(team.world)
        fresh = await team.world.phone(team.bo.user_id)
        await fresh.sync()
        assert team.customer_id not in {
            getattr(_read(key, body), "customer_id", key[1]) for key, body in fresh.holds().items() if key[0] != 11
        }
        await team.collaborate(team.bo)
    assert set(results) <= {"applied", "parked"}


def _read(key: tuple[int, bytes], body: bytes) -> Any:
    return next(entity for entity in BY_NAME.values() if entity.number == key[0]).body_decoder.decode(body)


async def test_a_crowd_on_few_customers_meets_no_deadlock_and_everybody_holds_what_is_his(database: Database) -> None:
    """Eight writers on four customers while a manager gives them away and shares them: no refusal but by rule. P-123, P-130."""
    world = await World(database).open()
    manager = await world.phone(await world.user("manager", Role.manager))
    reps = [await world.phone(await world.user(f"rep{at}")) for at in range(WRITERS)]
    customers = [rep.create("customer", name=f"Shop {at}") for at, rep in enumerate(reps[:CUSTOMERS])]
    for rep in reps:
        await rep.sync()
    refused: list[Code] = []
    writers = [_writes(rep, customers, random.Random(at)) for at, rep in enumerate(reps)]
    await asyncio.gather(*writers, _moves(world, manager, reps, customers, refused))
    assert set(refused) <= {Code.state_wrong}, "a desk call is refused by rule alone, never as busy"
    await right(world)
    for rep in (*reps, manager):
        fresh = await world.phone(rep.user_id)
        await rep.sync()
        await fresh.sync()
        assert fresh.holds() == rep.holds()
    logs = await count(database, "contact_log")
    assert logs > ROUNDS, "some of the crowd's facts were taken"


async def _writes(rep: Phone, customers: list[bytes], dice: random.Random) -> None:
    """Facts and edits on every customer, in any order, some of them in groups; what is no longer his is refused, not failed."""
    for turn in range(ROUNDS):
        for customer_id in dice.sample(customers, 3):
            rep.create("contact_log", customer_id=customer_id, device_ms=START_MS)
            rep.patch("customer", customer_id, note=f"{turn} {dice.random()}")
        rep.create("contact", customer_id=dice.choice(customers), name="Ms Lin")
        await rep.sync()


async def _moves(world: World, manager: Phone, reps: list[Phone], customers: list[bytes], refused: list[Code]) -> None:
    """Give away, share and part, several at once."""
    dice, turns = random.Random(99), itertools.count()
    for _ in range(ROUNDS):
        calls = [_move(world, manager, dice.choice(customers), dice.choice(reps), next(turns)) for _ in range(4)]
        for told in await asyncio.gather(*calls, return_exceptions=True):
            if isinstance(told, Problem):
                refused.append(told.code)
            elif isinstance(told, BaseException):
                raise told


async def _move(world: World, manager: Phone, customer_id: bytes, to: Phone, turn: int) -> None:
    write, now_ms = world.database.write, world.now_ms
    if turn % 3 == 0:
        await write(act, manager.claims, Transfer(customer_id, to.user_id), now_ms)
    elif turn % 3 == 1:
        await write(act, manager.claims, Collaborate(customer_id, to.user_id), now_ms)
    else:
        await write(act, manager.claims, EndCollaboration(customer_id, to.user_id), now_ms)
