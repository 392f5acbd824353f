"""Customers are evaluated by the worker, and what a phone holds of it are points and bands (D-650 to D-663)."""

import asyncio
from typing import Any, Final

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.local_times import DAY_MS, local_day
from server.domain.profit import month_of
from server.domain.tier_setting import END
from server.jobs import evaluate, turn
from server.models import RECORD_TABLES, change, evaluated, evaluation, evaluation_wait, feed, profit_month
from server.services import evaluate as service
from server.services import evaluation_models
from server.services.act import act
from shared_schema.bands import CompanySize, Lifecycle, Seniority
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import GiveToPool, Rate, Standing, Tier
from shared_schema.records.order import SalesOrder
from shared_schema.records.tier import SetTier
from shared_schema.rest_evaluation import STANDARD, Band, EvaluationShown, Factor, FactorTerms, NewEvaluationModel
from shared_schema.wire import ENCODER
from tests.integration.test_sync_pools import admin, pool_of
from tests.world import Phone, Team, put, team_of, words

ZONE: Final = "Asia/Shanghai"
CANARY_MINOR: Final = 73_519_311_743
SIZE: Final = (
    FactorTerms(
        factor=Factor.size,
        weight=90,
        bands=tuple(Band(from_value=size, points=points) for size, points in ((1, 10), (2, 36), (3, 45), (4, 90))),
    ),
    FactorTerms(factor=Factor.contact, weight=5, bands=(Band(from_value=3, points=5),)),
    FactorTerms(factor=Factor.rating, weight=5, bands=tuple(Band(from_value=one, points=one) for one in range(1, 6))),
)
"""A model by what a customer says of itself: nothing here needs an order."""


@pytest.fixture
async def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Team:
    team = await team_of(database)
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    return team


def today(team: Team) -> int:
    return local_day(team.world.now_ms, ZONE)


async def model(team: Team, number: int = 1, **terms: Any) -> None:
    """A version that begins today."""
    given = {"effective_from_day": today(team), "factors": SIZE, "known_min": 0, **terms}
    asked = NewEvaluationModel(id=bytes([number]) * 16, **given)
    boss = await admin(team)
    await team.world.database.write(evaluation_models.make, boss, asked, team.world.now_ms)


async def turned(team: Team) -> int:
    return await evaluate.run(team.world.database)


async def next_day(team: Team) -> None:
    team.world.now_ms += DAY_MS
    await turned(team)


def on_phone(phone: Phone, customer_id: bytes) -> Standing:
    found = phone.view("standing", customer_id)
    assert isinstance(found, Standing)
    return found


async def standing(team: Team) -> Standing:
    await team.ann.sync()
    return on_phone(team.ann, team.customer_id)


async def size(team: Team, size: CompanySize) -> None:
    team.ann.patch("customer", team.customer_id, size=int(size))
    assert words(await team.ann.sync()) == [("applied", None)]


async def shown(team: Team) -> EvaluationShown:
    return await team.world.database.read(evaluation_models.shown, team.manager.claims, team.customer_id, team.world.now_ms)


async def rows(team: Team, table: sa.Table) -> int:
    return int(await team.world.database.read(lambda conn: conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()))


async def test_points_and_bands_reach_the_phone_and_the_desk_says_why(team: Team) -> None:
    """D-650, D-653, D-658, D-661: what is unknown counts for nobody, and the parts add up."""
    await model(team)
    await turned(team)
    assert (await standing(team)).points is None
    await size(team, CompanySize.small)
    assert await turned(team) == 1
    found = await standing(team)
    assert (found.tier, found.points, found.next_points, found.provisional) == (Tier.b, 40, 30, True)
    why = await shown(team)
    assert (why.tier, why.next_points, len(why.history)) == (Tier.b, 30, 2)
    assert sum(part.points for part in why.history[0].parts) == 40
    assert [part.value for part in why.history[0].parts] == [2, None, None]
    assert await turned(team) == 0


async def test_the_best_contact_and_the_owners_rating_count(team: Team) -> None:
    """D-662: the rating adds no more than its own weight; a contact of a rep's phone counts within the next turn."""
    await model(team)
    await size(team, CompanySize.small)
    contact = team.ann.create("contact", customer_id=team.customer_id, name="Wang", seniority=int(Seniority.executive))
    team.ann.command("standing", team.customer_id, Rate(5))
    assert words(await team.ann.sync()) == [("applied", None)] * 2
    await turned(team)
    assert (await standing(team)).points == 36 + 5 + 5
    team.bo.command("standing", team.customer_id, Rate(1))
    assert words(await team.bo.sync()) == [("rejected", "forbidden")]
    team.ann.delete("contact", contact)
    await team.ann.sync()
    await turned(team)
    assert (await standing(team)).points == 36 * 95 // 90 + 5


async def test_a_tier_falls_after_two_nights_and_no_import_counts_as_one(team: Team) -> None:
    """D-654."""
    await model(team)
    await size(team, CompanySize.medium)
    await turned(team)
    assert (await standing(team)).tier is Tier.b
    await size(team, CompanySize.micro)
    for _ in range(3):
        await turned(team)
        team.ann.command("standing", team.customer_id, Rate(2))
        team.ann.command("standing", team.customer_id, Rate(1))
        await team.ann.sync()
    assert ((await standing(team)).tier, (await shown(team)).low_periods) == (Tier.b, 0)
    await next_day(team)
    assert ((await standing(team)).tier, (await shown(team)).low_periods) == (Tier.b, 1)
    await turned(team)
    assert (await shown(team)).low_periods == 1
    await next_day(team)
    assert ((await standing(team)).tier, (await shown(team)).low_periods) == (Tier.c, 0)


async def test_a_manager_sets_a_tier_until_a_day(team: Team) -> None:
    """D-656: the evaluation goes on beneath, and has its word again at the end."""
    await model(team)
    await size(team, CompanySize.micro)
    await turned(team)
    assert (await standing(team)).tier is Tier.c
    for wrong in ({"reason": "big plans"}, {"until_day": today(team) + 9}, {"until_day": today(team) + 900, "reason": "x"}):
        with pytest.raises(Problem) as refused:
            await desk(team, SetTier(team.customer_id, Tier.a, **wrong))
        assert refused.value.code is Code.rule_broken
    told = await desk(team, SetTier(team.customer_id, Tier.a, today(team) + 2, "big plans"))
    assert (told.tier, told.earned_tier) == (Tier.a, Tier.c)
    await size(team, CompanySize.small)
    await next_day(team)
    found = await standing(team)
    assert (found.tier, found.earned_tier, found.points, found.next_points) == (Tier.a, Tier.b, 40, None)
    assert (await shown(team)).set_reason == "big plans"
    team.world.now_ms += DAY_MS
    assert await turn.run(team.world.database, END) == 1
    await turned(team)
    found = await standing(team)
    assert (found.tier, found.tier_set_until_ms, found.next_points) == (Tier.b, None, 30)


async def desk(team: Team, asked: msgspec.Struct) -> Any:
    return await team.world.database.write(act, team.manager.claims, asked, team.world.now_ms)


async def test_the_card_of_a_pooled_customer_shows_the_tier(team: Team) -> None:
    """D-122, D-650: as far as its pool shows it."""
    await model(team)
    pool = await pool_of(team)
    await desk(team, GiveToPool(team.customer_id, pool.id))
    await desk_size(team)
    await turned(team)
    table = RECORD_TABLES["pool_card"]
    tier = await team.world.database.read(lambda conn: conn.execute(sa.select(table.c.tier)).scalar_one())
    assert tier == Tier.c


async def desk_size(team: Team) -> None:
    """A size that no phone entered: the next pass finds it."""
    table = RECORD_TABLES["customer"]
    await team.world.database.write(lambda conn: conn.execute(sa.update(table).values(size=1)))
    team.world.now_ms += DAY_MS


async def test_without_a_model_nobody_is_evaluated_and_nothing_waits(team: Team) -> None:
    """D-651."""
    await size(team, CompanySize.large)
    assert await turned(team) == 0
    assert [await rows(team, table) for table in (evaluation, evaluated, evaluation_wait)] == [0, 0, 0]
    assert (await standing(team)).tier is Tier.unknown


async def test_a_version_that_begins_later_waits_for_its_day(team: Team) -> None:
    """D-651, D-659: then it judges everybody straight, both ways."""
    await model(team)
    await size(team, CompanySize.medium)
    await turned(team)
    assert (await standing(team)).tier is Tier.b
    await model(team, 2, effective_from_day=today(team) + 1, b_from=60, margin=50)
    await turned(team)
    assert (await standing(team)).tier is Tier.b
    await next_day(team)
    assert (await standing(team)).tier is Tier.c


async def test_workers_beside_each_other_take_turns_and_a_still_night_writes_nothing(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-664: each customer once a night, whoever asks; a worker that was killed goes on where it was."""
    monkeypatch.setattr("server.services.evaluate.BATCH_MAX", 3)
    for _ in range(10):
        team.ann.create("customer", name="Quay", size=int(CompanySize.medium))
    await team.ann.sync()
    await model(team)
    database, org_id = team.world.database, team.ann.claims.org_id
    assert await database.write(service.scheduled, org_id, team.world.now_ms) == 3
    assert await rows(team, evaluation) == 3
    await asyncio.gather(*(evaluate.run(database) for _ in range(3)))
    there = await rows(team, RECORD_TABLES["standing"])
    assert await rows(team, evaluation) == await rows(team, evaluated) == there > 10
    seen = await standing(team)
    await next_day(team)
    assert await rows(team, evaluation) == there
    assert (await standing(team)).rev == seen.rev


async def test_no_profit_reaches_a_phone_or_the_history(team: Team) -> None:
    """D-663, D-664: an order alone lets its customer be evaluated; neither the feed nor the history holds a figure of it, the desk does."""
    await model(team, factors=STANDARD, known_min=65)
    database, org_id, day = team.world.database, team.ann.claims.org_id, today(team)

    def bought(conn: sa.Connection) -> None:
        kept = {column.name: 0 for column in profit_month.columns}
        key = {"org_id": org_id, "customer_id": team.customer_id, "product_id": bytes(16), "month": month_of(day)}
        conn.execute(sa.insert(profit_month).values({**kept, **key, "profit": CANARY_MINOR, "revenue": CANARY_MINOR}))
        put(conn, org_id, SalesOrder(next(team.world.ids), 1, team.customer_id, "1", day - 9, "CNY", 1), team.world.now_ms)

    await turned(team)
    await database.write(bought)
    assert await turned(team) == 1
    found, why = await standing(team), (await shown(team)).history[0]
    assert (found.tier, found.lifecycle, found.provisional) == (Tier.a, Lifecycle.buying, False)
    assert [part.value for part in why.parts][:4] == [CANARY_MINOR, 1, None, day - 9]
    written = ENCODER.encode(CANARY_MINOR)
    for column in (feed.c.body, change.c.before, change.c.after):
        bodies = await database.read(_bodies, column)
        assert bodies
        assert not [one for one in bodies if written in one]
    assert [one for one in await database.read(_bodies, evaluation.c.body) if written in one]


def _bodies(conn: sa.Connection, column: sa.Column[Any]) -> list[bytes]:
    return [bytes(one) for one in conn.execute(sa.select(column)).scalars() if one is not None]


async def test_a_version_is_made_once(team: Team) -> None:
    """D-651: the same request again changes nothing, another one with its id is refused."""
    await model(team)
    await model(team)
    with pytest.raises(Problem) as refused:
        await model(team, a_from=80)
    assert refused.value.code is Code.id_taken
    listed = await team.world.database.read(evaluation_models.listed, await admin(team), team.world.now_ms)
    assert [one.version for one in listed.items] == [1]


async def test_only_the_desk_of_the_customer_reads_why(team: Team) -> None:
    """D-661: a rep reads no explanation; an admin makes the model, a manager none."""
    with pytest.raises(Problem) as kept:
        await team.world.database.read(evaluation_models.shown, team.ann.claims, team.customer_id, team.world.now_ms)
    assert kept.value.code is Code.forbidden
    assert (await shown(team)).history == []
    asked = NewEvaluationModel(id=b"m" * 16, effective_from_day=today(team))
    with pytest.raises(Problem) as refused:
        await team.world.database.write(evaluation_models.make, team.manager.claims, asked, team.world.now_ms)
    assert refused.value.code is Code.forbidden
    with pytest.raises(Problem) as gone:
        await team.world.database.read(evaluation_models.shown, team.manager.claims, b"x" * 16, team.world.now_ms)
    assert gone.value.code is Code.not_found
