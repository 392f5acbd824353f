"""Visits propose a place for a customer, and a manager confirms or declines it (D-216 to D-219)."""

from typing import Any, Final

import msgspec
import pytest

from geo.datum import from_wgs84
from server.database import Database
from server.domain.desk import LISTS
from server.domain.placings import placing_id
from server.domain.tokens import Claims
from server.services import records
from server.services.act import act
from shared_schema.places import Datum, Position, VisitFlag
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer
from shared_schema.records.placing import ConfirmPlacing, DeclinePlacing, PlaceValues, Placing, PlacingKind, PlacingState
from tests.integration.test_duplicates import stranger
from tests.world import Phone, Team, team_of

SHOP: Final = Position(31_230_400, 121_473_700)
DAY_MS: Final = 86_400_000
STEP_E6: Final = 90


@pytest.fixture
async def team(database: Database) -> Team:
    """The team, whose customer has no place."""
    return await team_of(database)


async def visited(team: Team, phone: Phone, at: Position = SHOP, **more: Any) -> bytes:
    """A good visit, sent; then a day passes."""
    now_ms = team.world.now_ms
    place = {"latitude_e6": at.latitude_e6, "longitude_e6": at.longitude_e6, "datum": int(Datum.wgs84), "accuracy_mm": 12_000}
    visit_id = phone.create("visit", customer_id=team.customer_id, **{"device_ms": now_ms, "fix_ms": now_ms, **place, **more})
    await phone.sync()
    team.world.now_ms += DAY_MS
    return visit_id


async def thrice(team: Team, at: Position = SHOP) -> None:
    for phone, north in ((team.ann, 0), (team.bo, STEP_E6), (team.ann, 2 * STEP_E6)):
        await visited(team, phone, Position(at.latitude_e6 + north, at.longitude_e6))


async def placing(team: Team) -> Placing | None:
    """As the list of the manager shows it."""
    [listing] = [one for one in LISTS if one.record is Placing]
    claims, now_ms = team.manager.claims, team.world.now_ms
    found, _ = await team.world.database.read(records.desk_list, claims, listing, {}, None, now_ms)
    assert len(found) < 2
    return found[0] if found else None  # type: ignore[return-value]


async def waiting(team: Team) -> Placing:
    found = await placing(team)
    assert found is not None
    assert (found.id, found.state) == (placing_id(team.customer_id), PlacingState.proposed)
    return found


async def desk(team: Team, asked: msgspec.Struct, claims: Claims | None = None) -> Any:
    return await team.world.database.write(act, claims or team.manager.claims, asked, team.world.now_ms)


async def refused(team: Team, asked: msgspec.Struct, claims: Claims | None = None) -> Code:
    with pytest.raises(Problem) as found:
        await desk(team, asked, claims)
    return found.value.code


async def customer(team: Team) -> Customer:
    found = await team.world.database.read(records.one, team.manager.claims, "customer", team.customer_id, team.world.now_ms)
    assert isinstance(found, Customer)
    return found


def values(found: Placing) -> PlaceValues:
    return PlaceValues(found.latitude_e6, found.longitude_e6, found.datum)


async def test_visits_of_three_days_propose_a_place_and_the_manager_gives_it(team: Team) -> None:
    """D-216, D-218: of whichever rep; the place reaches the phones as any change of the desk."""
    await visited(team, team.ann)
    await visited(team, team.bo, Position(SHOP.latitude_e6 + STEP_E6, SHOP.longitude_e6))
    assert await placing(team) is None
    await visited(team, team.ann, Position(SHOP.latitude_e6 + 2 * STEP_E6, SHOP.longitude_e6))
    found = await waiting(team)
    assert (found.placing, found.visits, found.days, found.datum) == (PlacingKind.learned, 3, 3, Datum.wgs84)
    assert (found.latitude_e6, found.longitude_e6) == (SHOP.latitude_e6 + STEP_E6, SHOP.longitude_e6)
    asked = ConfirmPlacing(team.customer_id, values(found), {"position": (await customer(team)).rev})
    done = await desk(team, asked)
    assert await desk(team, asked) == done, "the same decision again changes nothing"
    assert (done.state, done.decided_by, done.decided_ms) == (PlacingState.confirmed, team.manager.user_id, team.world.now_ms)
    await team.step()
    for phone in (team.ann, team.bo):
        held = phone.view("customer", team.customer_id)
        assert isinstance(held, Customer)
        assert (held.wgs_latitude_e6, held.wgs_longitude_e6) == (SHOP.latitude_e6 + STEP_E6, SHOP.longitude_e6)


async def test_weak_mocked_and_withdrawn_visits_and_those_of_one_day_propose_nothing(team: Team) -> None:
    """D-216."""
    await visited(team, team.ann)
    team.world.now_ms -= DAY_MS
    await visited(team, team.bo)
    await visited(team, team.ann, accuracy_mm=90_000)
    await visited(team, team.ann, mocked=2)
    taken_back = await visited(team, team.ann)
    assert await placing(team) is None
    await visited(team, team.ann, amends_id=taken_back, withdrawn=True)
    await visited(team, team.bo)
    assert await placing(team) is None
    await visited(team, team.bo)
    assert (await waiting(team)).days == 3


async def test_a_change_that_the_desk_has_not_seen_is_not_overwritten(team: Team) -> None:
    """D-218: neither a place that a rep entered meanwhile, nor one that another screen proposes."""
    await thrice(team)
    found, seen = await waiting(team), (await customer(team)).rev
    moved = PlaceValues(found.latitude_e6 + 1, found.longitude_e6, found.datum)
    assert await refused(team, ConfirmPlacing(team.customer_id, moved, {"position": seen})) is Code.state_wrong
    assert await refused(team, DeclinePlacing(team.customer_id, moved)) is Code.state_wrong
    team.ann.patch("customer", team.customer_id, {"latitude_e6": 31_000_000, "longitude_e6": 121_000_000, "datum": int(Datum.wgs84)})
    await team.step()
    assert await refused(team, ConfirmPlacing(team.customer_id, values(found), {"position": seen})) is Code.conflict
    assert (await customer(team)).latitude_e6 == 31_000_000
    assert (await waiting(team)).state is PlacingState.proposed
    await visited(team, team.ann)
    last = await placing(team)
    assert last is not None
    assert last.state is PlacingState.outdated


async def test_a_declined_place_comes_again_by_new_visits_alone(team: Team) -> None:
    """D-218: two of them and the three before are not enough."""
    await thrice(team)
    asked = DeclinePlacing(team.customer_id, values(await waiting(team)))
    assert (await desk(team, asked)).state is PlacingState.declined
    once = await placing(team)
    await desk(team, asked)
    assert await placing(team) == once
    assert (await customer(team)).latitude_e6 is None
    for _ in range(2):
        await visited(team, team.bo)
    assert await placing(team) == once
    await visited(team, team.bo)
    assert (await waiting(team)).days == 3
    assert await refused(team, DeclinePlacing(team.customer_id, PlaceValues(1, 1, Datum.wgs84))) is Code.state_wrong


async def test_visits_at_the_offset_of_a_datum_propose_that_datum(team: Team) -> None:
    """D-217: the pair that somebody entered stays, and is read as what it was."""
    pair = from_wgs84(Datum.gcj02, *SHOP)
    entered = {"latitude_e6": pair.latitude_e6, "longitude_e6": pair.longitude_e6, "datum": int(Datum.wgs84)}
    team.ann.patch("customer", team.customer_id, entered)
    await team.ann.sync()
    await thrice(team)
    found = await waiting(team)
    assert (found.placing, found.datum, found.latitude_e6) == (PlacingKind.other_datum, Datum.gcj02, pair.latitude_e6)
    await desk(team, ConfirmPlacing(team.customer_id, values(found), {"position": (await customer(team)).rev}))
    now = await customer(team)
    assert (now.latitude_e6, now.longitude_e6, now.datum) == (*pair, Datum.gcj02)
    assert abs((now.wgs_latitude_e6 or 0) - SHOP.latitude_e6) < 10
    visit_id = await visited(team, team.ann)
    visit: Any = team.ann.view("visit", visit_id)
    assert not visit.flags & VisitFlag.datum_mix
    last = await placing(team)
    assert last is not None
    assert last.state is PlacingState.confirmed


async def test_only_a_manager_of_its_followers_decides(team: Team) -> None:
    """D-218, D-219: to anybody else the customer is out of reach, and the list is empty."""
    await thrice(team)
    found = await waiting(team)
    other = await stranger(team)
    assert await refused(team, DeclinePlacing(team.customer_id, values(found)), other) is Code.out_of_scope
    confirm = ConfirmPlacing(team.customer_id, values(found), {"position": (await customer(team)).rev})
    assert await refused(team, confirm, other) in {Code.out_of_scope, Code.not_found}
    [listing] = [one for one in LISTS if one.record is Placing]
    assert await team.world.database.read(records.desk_list, other, listing, {}, None, team.world.now_ms) == ([], None)
    assert await refused(team, confirm, team.ann.claims) is Code.forbidden
    assert (await customer(team)).latitude_e6 is None
