"""What is around a place: own, collaborated and pooled customers by distance, pooled ones by their masked squares alone."""

import random
from collections.abc import Iterator
from typing import Any, Final

import pytest

from geo.around import EVERY, Filters, Held
from geo.around import around as around_phone
from geo.distance import flat_distance_mm
from geo.grid import masked, tile
from geo.nearby import Near, tiles_around
from server.database import Database
from server.domain.nearby import Place
from server.services import nearby
from server.services.nearby import Wanted
from server.store import spots
from shared_schema.nearby import DistanceUnit, NearbyCustomer, NearbyPage, Relation
from shared_schema.places import Position
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Collaborator, Customer, CustomerKind, FollowUp, Standing, Tier
from shared_schema.records.pool import PoolCard
from shared_schema.registry import BY_RECORD
from sync import overlay
from tests.integration.site import Caller, site
from tests.integration.test_claim_rules import looking, rep
from tests.integration.test_sync_pools import card_of, claimed, pool_of, put_into
from tests.simulation.spots_oracle import misplaced
from tests.world import KEY, Phone, Team, team_of

HERE: Final = (31_230_400, 121_473_700)
MIDDLE: Final = {"latitude_e6": HERE[0], "longitude_e6": HERE[1], "datum": 1}


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def asked(phone: Phone, wanted: Wanted) -> NearbyPage:
    return await phone.world.database.read(nearby.around, phone.claims, wanted, KEY, phone.world.now_ms)


async def around(
    phone: Phone, radius_m: int = 50_000, limit: int = 200, at: tuple[int, int] = HERE, **filters: Any
) -> list[NearbyCustomer]:
    """All pages."""
    wanted, found = Wanted(phone.user_id, Place(*at, radius_m), Filters(**filters), limit), []
    while True:
        page = await asked(phone, wanted)
        found += page.items
        if page.after is None:
            return found
        wanted = nearby.opened(page.after, phone.user_id, KEY)


def ids(found: list[NearbyCustomer]) -> list[bytes]:
    return [one.id for one in found]


def on_phone(phone: Phone, radius_m: int, at: tuple[int, int], filters: Filters) -> list[tuple[bytes, Relation, int]]:
    """What this phone answers by itself."""
    records = (Customer, Standing, Collaborator, PoolCard, FollowUp)
    views: Any = [overlay.views(phone.shelf, BY_RECORD[one]) for one in records]
    found = around_phone(Held(phone.user_id, *views), Position(*at), radius_m, filters)
    return [(one.id, one.relation, one.distance_mm) for one in found]


async def true(team: Team) -> bool:
    """Whether the index says where everybody is."""
    return await team.world.database.read(misplaced, team.world.org_id) == []


def place(dice: random.Random, spread_e6: int) -> dict[str, int]:
    north, east = (dice.randrange(-spread_e6, spread_e6) for _ in range(2))
    return {"latitude_e6": HERE[0] + north, "longitude_e6": HERE[1] + east, "datum": 1}


async def test_pages_of_any_size_are_all_customers_by_distance(team: Team) -> None:
    """D-460: the same as when each is measured, wherever the middle is and whatever the page holds."""
    dice = random.Random(13)
    pool = await pool_of(team)
    given = [place(dice, 1 << dice.randrange(8, 19)) for _ in range(120)]
    places = {team.ann.create("customer", name="Shop", **one): (one["latitude_e6"], one["longitude_e6"]) for one in given}
    team.ann.create("customer", name="Nowhere")
    await team.ann.sync()
    pooled = set(dice.sample(sorted(places), 60))
    for customer_id in sorted(pooled):
        await put_into(team, pool, customer_id)
    assert await true(team)
    shown = {one: masked(*where) if one in pooled else where for one, where in places.items()}
    for radius_m, limit in ((50_000, 200), (50_000, 7), (3_000, 1), (800, 3), (1, 5)):
        at = (HERE[0] + dice.randrange(-9_000, 9_000), HERE[1] + dice.randrange(-9_000, 9_000))
        measured = sorted((flat_distance_mm(*at, *where), one) for one, where in shown.items())
        wanted = [one for far, one in measured if far <= radius_m * 1_000]
        found = await around(team.ann, radius_m, limit, at)
        assert ids(found) == wanted
        assert [one.distance_mm for one in found] == [far for far, _ in measured[: len(wanted)]]
    assert {one.relation for one in await around(team.ann)} == {Relation.own, Relation.pooled}
    assert set(ids(await around(team.bo))) == pooled, "what others own is nobody else's to find"


async def test_nothing_places_a_pooled_customer_within_its_square(team: Team) -> None:
    """D-462: two customers in one square answer alike to every question, so that no number of questions tells them apart."""
    pool, dice = await pool_of(team), random.Random(7)
    inside = [(HERE[0] + north, HERE[1] + east) for north in range(0, 3_600, 200) for east in range(0, 3_600, 200)]
    one, other = next((a, b) for a in inside for b in inside if masked(*a) == masked(*b) and abs(a[0] - b[0]) >= 1_200)
    answers = []
    for at in (one, other):
        customer_id = team.ann.create("customer", name="Shop", latitude_e6=at[0], longitude_e6=at[1], datum=1)
        await team.ann.sync()
        await put_into(team, pool, customer_id)
        dice.seed(7)
        told = []
        square = masked(*at)
        for _ in range(60):
            middle = (square.latitude_e6 + dice.randrange(-4_000, 4_000), square.longitude_e6 + dice.randrange(-4_000, 4_000))
            found = await around(team.bo, dice.randrange(1, 700), 1, middle)
            told.append([(each.distance_mm, each.latitude_e6, each.longitude_e6) for each in found if each.id == customer_id])
        assert any(told)
        answers.append(told)
    assert answers[0] == answers[1]
    assert await true(team)


async def test_each_filter_leaves_those_alone_that_fit(team: Team) -> None:
    """D-463."""
    pool = await pool_of(team)
    hidden = await pool_of(team, "Veiled", "industry")
    tea, inn, gone, veiled = (
        team.ann.create("customer", name=name, **MIDDLE, industry=industry, kind=kind)
        for name, industry, kind in (("Tea", "tea", 1), ("Inn", "food", 2), ("Gone", "tea", 1), ("Veiled", "tea", 1))
    )
    team.ann.create("follow_up", customer_id=tea, due_day=20_600)
    done = team.ann.create("follow_up", customer_id=inn, due_day=20_600)
    await team.ann.sync()
    team.ann.patch("follow_up", done, {"done": True})
    await team.ann.sync()
    await put_into(team, pool, gone)
    await put_into(team, hidden, veiled)
    cases: list[tuple[dict[str, Any], set[bytes]]] = [
        ({"industry": "tea"}, {tea, gone}),
        ({"kind": CustomerKind.plant}, {inn}),
        ({"tier": Tier.a}, set()),
        ({"pool_id": pool.id}, {gone}),
        ({"relations": frozenset({Relation.own})}, {tea, inn}),
        ({"relations": frozenset({Relation.pooled})}, {gone, veiled}),
        ({"due_by": 20_600}, {tea}),
        ({"due_by": 20_599}, set()),
    ]
    for filters, wanted in cases:
        assert set(ids(await around(team.ann, **filters))) == wanted, filters


async def test_a_phone_that_holds_the_tiles_answers_as_the_server(team: Team) -> None:
    """D-465: own, collaborated and pooled customers, with each filter."""
    dice, pool = random.Random(465), await pool_of(team)
    shops = [
        team.ann.create("customer", name="Shop", kind=dice.choice((1, 2)), industry=dice.choice(("tea", "food")), **place(dice, 30_000))
        for _ in range(40)
    ]
    for one in dice.sample(shops, 20):
        team.ann.create("follow_up", customer_id=one, due_day=20_600 + dice.randrange(3))
    await team.ann.sync()
    for one in shops[:12]:
        await team.collaborate(team.bo, one)
    for one in shops[8:24]:
        await put_into(team, pool, one)
    for phone in (team.ann, team.bo):
        await looking(phone, *tiles_around(Position(*HERE)))
        seen = set()
        for filters in (
            Filters(),
            *(Filters(relations=frozenset({one})) for one in EVERY),
            Filters(pool_id=pool.id),
            Filters(kind=CustomerKind.plant),
            Filters(industry="tea", kind=CustomerKind.shop),
            Filters(due_by=20_601),
        ):
            for radius_m in (50_000, 2_000):
                wanted = Wanted(phone.user_id, Place(*HERE, radius_m), filters, 200)
                page = await asked(phone, wanted)
                told = on_phone(phone, radius_m, HERE, filters)
                assert told == [(one.id, one.relation, one.distance_mm) for one in page.items], filters
                seen |= {one.relation for one in page.items}
        assert seen == ({Relation.own, Relation.pooled} if phone is team.ann else {Relation.collaborated, Relation.pooled})


async def test_the_index_follows_every_move(team: Team) -> None:
    """D-461: into a pool, by a claim, to another owner, to a collaborator, to another place, and to no place."""
    pool = await pool_of(team)
    customer_id = team.ann.create("customer", name="Shop", **MIDDLE)
    await team.ann.sync()
    await team.collaborate(team.bo, customer_id)
    assert [one.relation for one in await around(team.bo)] == [Relation.collaborated]
    await put_into(team, pool, customer_id)
    assert [one.relation for one in await around(team.ann)] == [Relation.pooled]
    cleo = await looking(await rep(team, "cleo"), tile(*masked(*HERE)))
    assert card_of(cleo, customer_id) is not None
    claimed(cleo, customer_id)
    await cleo.sync()
    assert ([one.relation for one in await around(cleo)], await around(team.ann)) == ([Relation.own], [])
    cleo.patch("customer", customer_id, {"latitude_e6": HERE[0] + 90_000, "longitude_e6": HERE[1], "datum": 1})
    await cleo.sync()
    assert (await around(cleo, 9_000), len(await around(cleo, 11_000))) == ([], 1)
    cleo.patch("customer", customer_id, {"latitude_e6": None, "longitude_e6": None, "datum": 0})
    await cleo.sync()
    assert await around(cleo) == []
    assert await true(team)


async def test_where_few_of_a_crowd_are_wanted_a_page_may_be_short_and_the_next_goes_on(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D-464: one request looks at a bounded number."""
    monkeypatch.setattr(nearby, "READ_MAX", 10)
    monkeypatch.setattr(nearby, "READ_AT_ONCE", 5)
    dice = random.Random(1)
    for at in range(40):
        team.ann.create("customer", name=f"Shop {at}", **place(dice, 3_000), industry="tea" if at % 13 == 0 else "food")
    await team.ann.sync()
    wanted = Wanted(team.ann.user_id, Place(*HERE, 50_000), Filters(industry="tea"), 50)
    first = await asked(team.ann, wanted)
    assert first.after is not None
    assert len(first.items) < 4
    assert len(await around(team.ann, limit=50, industry="tea")) == 4


async def test_a_cursor_is_of_one_user_and_of_this_server(team: Team) -> None:
    """D-464."""
    wanted = Wanted(team.ann.user_id, Place(*HERE, 500), Filters(), 5, Near(1, b"x" * 16))
    cursor = nearby.sealed(wanted, KEY)
    assert nearby.opened(cursor, team.ann.user_id, KEY) == wanted
    forged = [("", KEY), ("?", KEY), ("é", KEY), (cursor[:-3], KEY), ("A" * len(cursor), KEY), (cursor, b"other" * 8)]
    for text, key in forged:
        with pytest.raises(Problem) as refused:
            nearby.opened(text, team.ann.user_id, key)
        assert refused.value.code is Code.cursor_wrong
    with pytest.raises(Problem):
        nearby.opened(cursor, team.bo.user_id, KEY)


async def test_another_organisation_has_places_of_its_own(team: Team) -> None:
    """The same holder there has no customer here."""
    team.ann.create("customer", name="Shop", **MIDDLE)
    await team.ann.sync()
    found = [await team.world.database.read(spots.within, org_id, [team.ann.user_id], Position(*HERE), 500) for org_id in (1, 2)]
    assert [len(one) for one in found] == [1, 0]


async def test_a_distance_is_told_with_its_unit(team: Team) -> None:
    team.ann.create("customer", name="Shop", latitude_e6=HERE[0] + 10_000, longitude_e6=HERE[1], datum=1)
    await team.ann.sync()
    told = []
    for unit in DistanceUnit:
        page = await asked(team.ann, Wanted(team.ann.user_id, Place(*HERE, 5_000, unit), Filters(), 5))
        told += [one.distance for one in page.items]
    assert told == ["1.11 km", "0.69 mi"]


@pytest.fixture
def rita(migrated_url: str) -> Iterator[Caller]:
    """A rep over HTTP."""
    with site(migrated_url) as here:
        boss = here.admin()
        here.user(boss, "rita")
        caller = here.caller("alpha", "rita")
        caller.log_in()
        yield caller


WRONG: Final = (
    ("latitude=nan&longitude=1", "position_malformed", "latitude"),
    ("latitude=1", "position_malformed", "longitude"),
    ("latitude=1&longitude=inf", "position_malformed", "longitude"),
    ("latitude=90.1&longitude=1", "position_off_globe", "latitude"),
    ("latitude=1&longitude=-181", "position_off_globe", "longitude"),
    ("latitude=0&longitude=0", "position_nowhere", "latitude"),
    ("latitude=1&longitude=1&datum=mars", "datum_unknown", "datum"),
    ("latitude=1&longitude=1&datum=unknown", "datum_unknown", "datum"),
    ("latitude=1&longitude=1&radius_m=50001", "radius_wrong", "radius_m"),
    ("latitude=1&longitude=1&radius_m=0", "radius_wrong", "radius_m"),
    ("latitude=1&longitude=1&limit=201", "parameter_wrong", "limit"),
    ("latitude=1&longitude=1&tier=gold", "parameter_wrong", "tier"),
    ("latitude=1&longitude=1&due_by=never", "parameter_wrong", "due_by"),
    ("latitude=1&longitude=1&pool_id=east", "parameter_wrong", "pool_id"),
    ("after=AAAA", "cursor_wrong", "after"),
)


def test_each_wrong_question_has_its_own_code(rita: Caller) -> None:
    """D-460, D-464."""
    for query, code, field in WRONG:
        told = rita.get(f"/v1/nearby?{query}").json()
        assert (told["code"], [one["field"] for one in told["errors"]]) == (code, [field]), query


def test_a_place_may_be_named_in_the_datum_of_a_chinese_map(rita: Caller) -> None:
    """D-460: the same place in three datums."""
    answers = [rita.get(f"/v1/nearby?latitude=31.23&longitude=121.47&datum={datum}&unit=mi") for datum in ("wgs84", "gcj02", "bd09")]
    assert [(one.status_code, one.json()) for one in answers] == [(200, {"items": [], "after": None})] * 3
