"""A customer whose number another one bears is taken and flagged; its author hears no more than that it exists (D-150 to D-155)."""

import asyncio
from typing import Final

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.alike import BEARERS_MAX
from server.domain.desk import LISTS
from server.domain.duplicates import TOLD_MAX
from server.domain.imports.sheet import COMMAND
from server.domain.tokens import Claims
from server.jobs.compare import run
from server.models import RECORD_TABLES
from server.services import import_file, tables
from server.services.act import act
from server.services.compare import compare
from server.services.import_file import Asked
from server.services.records import customers_of, desk_list
from server.sheets import files
from server.store.convert import from_row
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import CUSTOMER, NewCustomer, Standing
from shared_schema.records.duplicate import AlikeBy, DecideDuplicate, Duplicate, DuplicateState
from shared_schema.records.notification import Notification
from shared_schema.records.reference import DepartmentRequest, OrganisationRequest, Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import SyncAnswer
from tests.integration.test_sync_pools import admin, pool_of, put_into
from tests.world import Phone, Team, World, team_of, words

ROUNDS: Final = 8
MOBILE = "138 0013-8000"
SAME_MOBILE = "+8613800138000"
REGISTERED = "9131 0000-ma1fl0000x"
APPLIED = ("applied", None)


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def pairs(world: World) -> list[Duplicate]:
    table = RECORD_TABLES["duplicate"]
    entity = BY_NAME["duplicate"]

    def read(conn: sa.Connection) -> list[Duplicate]:
        chosen = sa.select(*(table.c[slot] for slot in entity.slots)).where(table.c.org_id == world.org_id).order_by(table.c.found_ms)
        return [from_row(entity, tuple(row)) for row in conn.execute(chosen)]  # type: ignore[misc]

    return await world.database.read(read)


async def standing_of(world: World, customer_id: bytes) -> Standing:
    table, entity = RECORD_TABLES["standing"], BY_NAME["standing"]

    def read(conn: sa.Connection) -> Standing:
        chosen = sa.select(*(table.c[slot] for slot in entity.slots)).where(table.c.org_id == world.org_id, table.c.id == customer_id)
        return from_row(entity, tuple(conn.execute(chosen).one()))  # type: ignore[return-value]

    return await world.database.read(read)


def heard(phone: Phone) -> list[tuple[str, dict[str, str]]]:
    rows = (phone.view("notification", record_id) for record_id, _ in phone.shelf.rows(BY_NAME["notification"].number))
    kinds = ("exists_owned", "exists_pooled", "duplicate_found")
    found = [(one.kind, one.facts) for one in rows if isinstance(one, Notification) and one.kind in kinds]
    return sorted(found, key=lambda one: (one[0], sorted(one[1].items())))


async def compared(world: World) -> int:
    """What the server does by itself some moment after pushes; how many there were."""
    return await world.database.write(compare, world.org_id, world.now_ms)


async def told(rep: Phone) -> list[SyncAnswer]:
    """The rep sends, the server compares, and the rep hears of it."""
    answers = await rep.sync()
    while await compared(rep.world):
        pass
    await rep.sync()
    return answers


async def entered(rep: Phone, name: str, **values: str) -> bytes:
    customer_id = rep.create("customer", name=name, **values)
    await told(rep)
    return customer_id


async def asks(team: Team, claims: Claims, asked: msgspec.Struct) -> Duplicate:
    return await team.world.database.write(act, claims, asked, team.world.now_ms)


def verdict(pair: Duplicate, said: str, pool_id: bytes | None = None) -> DecideDuplicate:
    return DecideDuplicate(pair.id, pair.first_id, pair.second_id, said, pool_id, "seen both")  # type: ignore[arg-type]


async def two(team: Team) -> Duplicate:
    """Ann's customer, and the one that Bo entered with the same number."""
    await entered(team.ann, "Lucky Noodles", phone=MOBILE)
    await entered(team.bo, "Noodles, lucky", phone=SAME_MOBILE)
    [pair] = await pairs(team.world)
    return pair


async def test_an_entered_customer_with_a_known_phone_is_taken_flagged_and_told(team: Team) -> None:
    """D-150, D-152, D-153: the entry stands; the manager is to decide; the author hears that it exists, and not whose it is."""
    first = await entered(team.ann, "Lucky Noodles", phone=MOBILE)
    second = team.bo.create("customer", name="Noodles, lucky", phone=SAME_MOBILE)
    assert words(await told(team.bo)) == [APPLIED]
    await team.step()
    [pair] = await pairs(team.world)
    assert (pair.first_id, pair.second_id, pair.alike_by) == (first, second, AlikeBy.by_phone)
    assert (pair.author_id, pair.decider_id, pair.state) == (team.bo.user_id, team.manager.user_id, DuplicateState.undecided)
    assert heard(team.bo) == [("exists_owned", {"customer": "Noodles, lucky"})]
    assert heard(team.ann) == []
    assert heard(team.manager) == [("duplicate_found", {"actor": "bo", "customer": "Noodles, lucky"})]
    assert (team.manager.view("duplicate", pair.id) is not None, team.bo.view("duplicate", pair.id)) == (True, None)


async def test_a_registration_number_is_compared_in_its_normal_form(team: Team) -> None:
    """D-151."""
    await entered(team.ann, "Lucky Noodles", registration_number=REGISTERED)
    await entered(team.bo, "Other", registration_number="９１３１００００MA1FL0000X", phone=MOBILE)
    await entered(team.bo, "None", registration_number="none")
    await entered(team.ann, "None too", registration_number="NONE", phone="110")
    [pair] = await pairs(team.world)
    assert pair.alike_by == AlikeBy.by_registration


async def test_two_in_one_push_and_one_entered_twice(team: Team) -> None:
    """D-152: the earlier entry was first; the same number again on the same customer is no news."""
    first = team.bo.create("customer", name="One", phone=MOBILE)
    second = team.bo.create("customer", name="Two", phone=SAME_MOBILE)
    await told(team.bo)
    team.bo.patch("customer", second, phone="138-0013-8000")
    await told(team.bo)
    assert [(one.first_id, one.second_id) for one in await pairs(team.world)] == [(first, second)]


async def test_a_change_of_the_phone_is_compared_and_an_old_number_is_free(team: Team) -> None:
    """D-150, D-155: what a customer bears no more meets nobody."""
    first = await entered(team.ann, "Lucky Noodles", phone=MOBILE)
    team.ann.patch("customer", first, phone="13900139000")
    await told(team.ann)
    second = await entered(team.bo, "Other", phone=MOBILE)
    assert await pairs(team.world) == []
    team.bo.patch("customer", second, phone="139 0013 9000")
    await told(team.bo)
    [pair] = await pairs(team.world)
    assert (pair.first_id, pair.second_id, pair.author_id) == (first, second, team.bo.user_id)


async def test_an_offline_create_after_the_release_meets_the_pooled_customer(team: Team) -> None:
    """D-153: who lost a customer and enters it again hears of the pool, and does not keep it once the manager decides."""
    pool = await pool_of(team)
    first = await entered(team.bo, "Lucky Noodles", phone=MOBILE)
    again = team.bo.create("customer", name="Lucky Noodles again", phone=SAME_MOBILE)
    await put_into(team, pool, first)
    assert words(await told(team.bo)) == [APPLIED]
    assert heard(team.bo) == [("exists_pooled", {"customer": "Lucky Noodles again", "pool": "East"})]
    [pair] = await pairs(team.world)
    with pytest.raises(Problem) as refused:
        await asks(team, team.manager.claims, verdict(pair, "same"))
    assert (refused.value.code, refused.value.field) == (Code.rule_broken, "pool_id")
    await asks(team, team.manager.claims, verdict(pair, "same", pool.id))
    standing = await standing_of(team.world, again)
    assert (standing.owner_id, standing.pool_id) == (None, pool.id)
    await team.bo.sync()
    assert team.bo.view("customer", again) is None


async def test_the_same_goes_to_the_owner_of_the_first(team: Team) -> None:
    """D-154: by the existing move; the flag says so, is closed for all devices, and the same request again changes nothing."""
    pair = await two(team)
    decided = await asks(team, team.manager.claims, verdict(pair, "same"))
    assert (decided.state, decided.decided_by, decided.reason) == (DuplicateState.same, team.manager.user_id, "seen both")
    standing = await standing_of(team.world, pair.second_id)
    assert (standing.owner_id, standing.epoch) == (team.ann.user_id, 2)
    assert await asks(team, team.manager.claims, verdict(pair, "same")) == decided
    assert (await standing_of(team.world, pair.second_id)).epoch == 2
    await team.step()
    assert team.bo.view("customer", pair.second_id) is None
    with pytest.raises(Problem) as refused:
        await asks(team, team.manager.claims, verdict(pair, "different"))
    assert refused.value.code == Code.state_wrong


async def test_different_ones_both_stand_and_are_never_flagged_again(team: Team) -> None:
    """D-154, D-152."""
    pair = await two(team)
    await asks(team, team.manager.claims, verdict(pair, "different"))
    team.bo.patch("customer", pair.second_id, phone="")
    await told(team.bo)
    team.bo.patch("customer", pair.second_id, phone=MOBILE)
    await told(team.bo)
    [stands] = await pairs(team.world)
    assert stands.state == DuplicateState.different
    assert (await standing_of(team.world, pair.second_id)).owner_id == team.bo.user_id


async def test_only_managers_above_and_admins_decide(team: Team) -> None:
    """D-154: to anybody else there is no such pair; a request that names other customers is refused."""
    pair = await two(team)
    for claims, code in ((team.bo.claims, Code.forbidden), (await stranger(team), Code.not_found)):
        with pytest.raises(Problem) as refused:
            await asks(team, claims, verdict(pair, "different"))
        assert refused.value.code == code
    with pytest.raises(Problem) as refused:
        await asks(team, team.manager.claims, msgspec.structs.replace(verdict(pair, "same"), second_id=team.customer_id))
    assert (refused.value.code, refused.value.field) == (Code.field_wrong, "second_id")
    assert (await asks(team, await admin(team), verdict(pair, "different"))).state == DuplicateState.different


async def stranger(team: Team) -> Claims:
    """A manager of another department."""
    world = team.world
    made = await world.database.write(tables.save, await admin(team), DepartmentRequest(name="West"), world.now_ms)
    user_id = await world.user("wu", Role.manager)
    await world.database.write(moved_to, world.org_id, user_id, made.id)
    return (await world.phone(user_id)).claims


def moved_to(conn: sa.Connection, org_id: int, user_id: bytes, department_id: bytes) -> None:
    person = RECORD_TABLES["person"]
    conn.execute(sa.update(person).where(person.c.org_id == org_id, person.c.id == user_id).values(department_id=department_id))


async def test_the_list_is_of_the_managers_pairs_and_an_admin_sees_all(team: Team) -> None:
    """D-154: the newest first, by author if the manager asks who enters what exists."""
    pair = await two(team)
    listing = next(one for one in LISTS if one.record is Duplicate)
    for claims, seen in ((team.manager.claims, [pair]), (await admin(team), [pair]), (await stranger(team), [])):
        items, _ = await team.world.database.read(
            desk_list, claims, listing, {"author_id": team.bo.user_id, "state": DuplicateState.undecided}, None, team.world.now_ms
        )
        assert items == seen
        named = await team.world.database.read(customers_of, claims, listing, items, team.world.now_ms)
        ids = {one.id for one in named}
        assert ids == ({pair.first_id, pair.second_id} if seen else set())
        assert all(one.name and one.standing is not None for one in named)


async def test_the_desk_is_compared_too(team: Team) -> None:
    """D-150, D-152: what a manager enters for a rep is decided above that manager, by an admin if there is none."""
    first = await entered(team.ann, "Lucky Noodles", phone=MOBILE)
    asked = NewCustomer(next(team.world.ids), CUSTOMER.create_type(name="Noodles", phone=SAME_MOBILE), team.bo.user_id)
    await team.world.database.write(act, team.manager.claims, asked, team.world.now_ms)
    await team.step()
    [pair] = await pairs(team.world)
    assert (pair.first_id, pair.second_id, pair.author_id, pair.decider_id) == (first, asked.id, team.manager.user_id, None)
    assert heard(team.manager) == [("exists_owned", {"customer": "Noodles"})]
    assert heard(team.bo) == []


async def test_an_import_flags_its_rows_and_tells_once_a_day(team: Team) -> None:
    """D-150, D-153: rows of one file meet each other and what stands; the owner's manager hears of it once."""
    await entered(team.ann, "Lucky Noodles", phone=MOBILE)
    sheet = files.read(f"外部编号,名称,负责人账号,电话\nC-1,One,bo,{SAME_MOBILE}\nC-2,Two,bo,13800138000\n".encode(), COMMAND)
    asked = Asked(await admin(team), "customers", dry_run=False, now_ms=team.world.now_ms)
    await import_file.take(team.world.database, asked, sheet, lambda _more, _all: None)
    await team.step()
    found = await pairs(team.world)
    assert len(found) == 3
    assert {one.decider_id for one in found} == {team.manager.user_id}
    assert len(heard(team.manager)) == 1
    assert heard(team.bo) == []


async def test_a_number_that_many_bear_is_compared_with_the_first_of_them(team: Team) -> None:
    """D-152: a switchboard's number flags each newcomer a bounded number of times."""
    for at in range(BEARERS_MAX + 2):
        await entered(team.ann, f"Counter {at}", phone=MOBILE)
    by_second: dict[bytes, int] = {}
    for one in await pairs(team.world):
        by_second[one.second_id] = by_second.get(one.second_id, 0) + 1
    assert sorted(by_second.values()) == [1, 2, BEARERS_MAX, BEARERS_MAX]


async def test_who_guesses_learns_little_and_the_manager_sees_each_try(team: Team) -> None:
    """D-153: one masked answer for each entered customer, and a few a day."""
    numbers = [f"1380013{at:04}" for at in range(TOLD_MAX + 3)]
    for at, number in enumerate(numbers):
        team.ann.create("customer", name=f"Shop {at}", phone=number)
    await told(team.ann)
    guess = await entered(team.bo, "Guess", phone=numbers[0])
    for number in numbers[1:4]:
        team.bo.patch("customer", guess, phone=number)
        await told(team.bo)
    assert len(heard(team.bo)) == 1
    for at, number in enumerate(numbers):
        await entered(team.bo, f"Guess {at}", phone=number)
    await team.step()
    assert len(heard(team.bo)) == TOLD_MAX
    assert len(heard(team.manager)) == len(await pairs(team.world)) == 4 + len(numbers) + 1


async def test_a_foreign_organisation_never_matches(team: Team) -> None:
    """D-150: nobody learns of another organisation's numbers."""
    await entered(team.ann, "Lucky Noodles", phone=MOBILE, registration_number=REGISTERED)
    other = await World(team.world.database, 2).open()
    rep = await other.phone(await other.user("rep"))
    await entered(rep, "Theirs", phone=MOBILE, registration_number=REGISTERED)
    assert (await pairs(other), await pairs(team.world), heard(rep)) == ([], [], [])


async def test_two_who_enter_a_number_at_once_are_flagged_once(team: Team) -> None:
    """D-152: two processes compare what two phones entered; each push counts once, and the pair is flagged once."""

    async def entering(rep: Phone) -> None:
        await rep.sync()
        await compared(team.world)

    for at in range(ROUNDS):
        for rep in (team.ann, team.bo):
            rep.create("customer", name=f"Shop {at}", phone=f"1380013{at:04}")
        await asyncio.gather(entering(team.ann), entering(team.bo))
    await compared(team.world)
    assert len(await pairs(team.world)) == ROUNDS


async def test_two_at_the_desk_at_once_meet(team: Team) -> None:
    """D-152: on PostgreSQL each waits for the other, so one of them meets the other's number."""
    for at in range(ROUNDS):
        asked = [
            NewCustomer(next(team.world.ids), CUSTOMER.create_type(name="Noodles", phone=f"1380013{at:04}"), team.bo.user_id) for _ in "ab"
        ]
        await asyncio.gather(*(team.world.database.write(act, team.manager.claims, one, team.world.now_ms) for one in asked))
    assert len(await pairs(team.world)) == ROUNDS


async def test_a_push_waits_and_the_first_to_send_was_first(team: Team) -> None:
    """D-150, D-152: of pushes that wait, two processes take each but once; a later turn flags nothing more."""
    await compared(team.world)
    sent = [rep.create("customer", name="Noodles", phone=MOBILE) for rep in (team.bo, team.ann)]
    for rep in (team.bo, team.ann):
        await rep.sync()
    assert await pairs(team.world) == []
    assert sum(await asyncio.gather(run(team.world.database), run(team.world.database))) == 2
    [pair] = await pairs(team.world)
    assert [pair.first_id, pair.second_id] == sent
    team.ann.patch("customer", sent[1], phone=SAME_MOBILE)
    await told(team.ann)
    assert await pairs(team.world) == [pair]


async def test_a_number_that_was_changed_again_before_it_was_compared_is_compared_too(team: Team) -> None:
    """D-150: whoever tries a number and takes it back at once is seen all the same; a number that was taken back is free."""
    first = await entered(team.ann, "Lucky Noodles", phone=MOBILE)
    second = team.bo.create("customer", name="Guess", phone=MOBILE)
    await team.bo.sync()
    team.bo.patch("customer", second, phone="13900139000")
    await team.bo.sync()
    team.ann.patch("customer", first, phone="13700137000")
    await team.ann.sync()
    team.ann.create("customer", name="Later", phone=MOBILE)
    await told(team.ann)
    assert [(one.first_id, one.second_id, one.author_id) for one in await pairs(team.world)] == [(first, second, team.bo.user_id)]


async def test_the_desk_meets_what_a_phone_sent_just_before(team: Team) -> None:
    """D-150, D-152: the desk's own entry is compared at once, behind the pushes that wait; the phone was first."""
    first = team.ann.create("customer", name="Lucky Noodles", phone=MOBILE)
    await team.ann.sync()
    asked = NewCustomer(next(team.world.ids), CUSTOMER.create_type(name="Noodles", phone=SAME_MOBILE), team.bo.user_id)
    await team.world.database.write(act, team.manager.claims, asked, team.world.now_ms)
    [pair] = await pairs(team.world)
    assert (pair.first_id, pair.second_id) == (first, asked.id)
    assert await compared(team.world) == 0


async def test_the_desk_and_a_comparison_at_once_flag_once(team: Team) -> None:
    """D-152: on PostgreSQL they take turns."""
    for at in range(ROUNDS):
        team.ann.create("customer", name=f"Shop {at}", phone=f"1380013{at:04}")
        await team.ann.sync()
        asked = NewCustomer(next(team.world.ids), CUSTOMER.create_type(name="Noodles", phone=f"1380013{at:04}"), team.bo.user_id)
        await asyncio.gather(team.world.database.write(act, team.manager.claims, asked, team.world.now_ms), compared(team.world))
    await compared(team.world)
    assert len(await pairs(team.world)) == ROUNDS


async def test_the_region_is_the_organisations(team: Team) -> None:
    """D-151: a number without a country code is one of the organisation's region."""
    asked = OrganisationRequest(name="Test", time_zone="Asia/Shanghai", phone_region="US")
    await team.world.database.write(tables.save, await admin(team), asked, team.world.now_ms)
    await entered(team.ann, "Lucky Noodles", phone="(415) 555-2671")
    await entered(team.bo, "Other", phone="+1 415 555 2671")
    assert len(await pairs(team.world)) == 1
    with pytest.raises(Problem) as refused:
        await team.world.database.write(
            tables.save, await admin(team), msgspec.structs.replace(asked, phone_region="XX"), team.world.now_ms
        )
    assert refused.value.field == "phone_region"
