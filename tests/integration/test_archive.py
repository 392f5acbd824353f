"""The desk takes a customer out of work and brings it back; nothing that was entered is lost meanwhile (D-164 to D-168)."""

import asyncio
from typing import Any, Final

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.desk import LISTS
from server.domain.tokens import Claims
from server.models import RECORD_TABLES, ownership_event
from server.services.records import desk_list
from server.store.convert import from_row
from shared_schema.problem import Code, Problem
from shared_schema.records.archival import Archival, ArchivalState, ArchiveCustomer, UnarchiveCustomer
from shared_schema.records.base import Record
from shared_schema.records.contest import Contest, ContestState, DecideContest
from shared_schema.records.contribution import ContributionState
from shared_schema.records.customer import Collaborate, FollowUp, GiveToPool, LockCustomer, Standing, Transfer
from shared_schema.records.duplicate import Duplicate, DuplicateState
from shared_schema.records.extension import Extension, ExtensionState
from shared_schema.records.inbox import ItemState
from shared_schema.records.instruction import Instruct, Instruction, InstructionState
from shared_schema.records.pool import Claim
from shared_schema.records.quote import DecideQuote, Quote, QuoteStatus
from shared_schema.registry import BY_RECORD
from sync import device
from tests.integration.test_contests import comes_late, fallen
from tests.integration.test_duplicates import MOBILE, SAME_MOBILE, entered, stranger, verdict
from tests.integration.test_extensions import desk, refused
from tests.integration.test_quote_decisions import hash_on, submitted
from tests.integration.test_reclaim import Scene, at, heard
from tests.integration.test_sync_contributions import contributions
from tests.integration.test_sync_pools import TILE, admin, card_of, claimed, pool_of, put_into, whole_customer
from tests.integration.test_sync_scopes import held, right
from tests.world import Phone, Team, team_of, words

LISTING: Final = next(one for one in LISTS if one.record is Archival)
ROUNDS: Final = 6


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


@pytest.fixture
async def scene(database: Database, monkeypatch: pytest.MonkeyPatch) -> Scene:
    team = await team_of(database)
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    return Scene(team, await pool_of(team), await admin(team))


async def archived(team: Team, customer_id: bytes | None = None, claims: Claims | None = None) -> Any:
    return await desk(team, ArchiveCustomer(customer_id or team.customer_id, "closed down"), claims)


async def stored(team: Team, record: type[Record]) -> list[Any]:
    table, entity = RECORD_TABLES[BY_RECORD[record].name], BY_RECORD[record]
    chosen = sa.select(*(table.c[slot] for slot in entity.slots)).where(table.c.org_id == team.world.org_id).order_by(table.c.id)
    return await team.world.database.read(lambda conn: [from_row(entity, tuple(row)) for row in conn.execute(chosen)])


async def standing(team: Team, customer_id: bytes | None = None) -> Any:
    from_all = await stored(team, Standing)
    return next(one for one in from_all if one.id == (customer_id or team.customer_id))


async def events(team: Team, customer_id: bytes) -> list[tuple[str, int]]:
    chosen = sa.select(ownership_event.c.kind, ownership_event.c.epoch).where(ownership_event.c.customer_id == customer_id)
    rows = await team.world.database.read(lambda conn: conn.execute(chosen.order_by(ownership_event.c.epoch)).all())
    return [(row.kind, row.epoch) for row in rows]


def told(phone: Phone, kind: str) -> list[dict[str, str]]:
    return [one.facts for one in heard(phone, kind)]


# into the archive


async def test_it_leaves_every_phone_and_its_followers_are_told(team: Team) -> None:
    """D-164: owner and collaborator lose it whole; a lock ends; the last owner has the record that tells why. Again changes nothing."""
    customer_id = await whole_customer(team)
    await team.collaborate(team.bo, customer_id)
    await desk(team, LockCustomer(customer_id, (team.world.now_ms // 86_400_000) + 30, "a tender"))
    await team.step()
    before = await standing(team, customer_id)
    done = await archived(team, customer_id)
    after = await standing(team, customer_id)
    assert (after.owner_id, after.pool_id, after.epoch, done.epoch) == (None, None, before.epoch + 1, before.epoch + 1)
    assert (after.last_owner_id, after.locked_until_ms, after.lock_reason) == (team.ann.user_id, None, "")
    assert (await events(team, customer_id))[-1] == ("archived", after.epoch)
    await team.step()
    for phone in (team.ann, team.bo, team.manager):
        assert held(phone, customer_id) == {}
        facts = {"customer": "Family", "actor": "manager", "reason": "closed down"}
        assert told(phone, "archived") == ([facts] if phone is not team.manager else [])
    [one] = await stored(team, Archival)
    assert (one.customer_id, one.by_id, one.owner_id, one.state) == (
        *(customer_id, team.manager.user_id, team.ann.user_id),
        ArchivalState.archived,
    )
    assert (one.customer_name, one.reason, one.epoch) == ("Family", "closed down", after.epoch)
    assert (team.ann.view("archival", one.id), team.manager.view("archival", one.id)) == (one, one)
    assert team.bo.view("archival", one.id) is None
    assert (await archived(team, customer_id)).moved == {}
    assert (await standing(team, customer_id)).epoch == after.epoch
    await right(team)


async def test_a_reason_and_the_epoch_on_the_screen(team: Team) -> None:
    """D-164"""
    assert await refused(team, ArchiveCustomer(team.customer_id, " ")) == (Code.rule_broken, "reason")
    assert await refused(team, ArchiveCustomer(team.customer_id, "x", 1)) == (Code.stale_epoch, None)
    assert await stored(team, Archival) == []


async def test_one_in_a_pool_leaves_its_tile_and_nobody_claims_it(team: Team) -> None:
    """D-164, D-165: the card leaves; a claim from an old screen is refused, and what was entered beneath it waits with it."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    device.keep_tiles(team.bo.shelf, (TILE,))
    await put_into(team, pool, customer_id)
    await team.step()
    claimed(team.bo, customer_id)
    team.bo.create("contact_log", customer_id=customer_id, device_ms=team.world.now_ms, note="was there")
    await archived(team, customer_id)
    outcomes = words(await team.bo.sync())
    assert outcomes[0] == ("rejected", Code.not_in_pool.word)
    assert {card.code for card in team.bo.inbox()} == {Code.not_in_pool.word}
    assert sum(len(card.members) for card in team.bo.inbox()) == 2, "the contact waits with the claim"
    assert card_of(team.bo, customer_id) is None
    [one] = await stored(team, Archival)
    assert one.owner_id is None
    await right(team)


async def test_who_archives_and_who_brings_back(team: Team) -> None:
    """D-107, D-166: a rep and a manager of others do neither; the manager and an admin do both."""
    far, admins = await stranger(team), await admin(team)
    assert (await refused(team, ArchiveCustomer(team.customer_id, "x"), team.ann.claims))[0] is Code.forbidden
    assert (await refused(team, ArchiveCustomer(team.customer_id, "x"), far))[0] is Code.out_of_scope
    await archived(team, claims=admins)
    back = UnarchiveCustomer(team.customer_id, team.bo.user_id)
    assert await refused(team, UnarchiveCustomer(team.customer_id, far.user_id), far) == (Code.out_of_scope, None)
    await desk(team, back)
    await archived(team)
    assert (await desk(team, back, admins)).epoch == (await standing(team)).epoch


async def test_nothing_but_the_archive_moves_it(team: Team) -> None:
    """D-165"""
    pool = await pool_of(team)
    await archived(team)
    day = team.world.now_ms // 86_400_000 + 30
    for asked in (
        Transfer(team.customer_id, team.bo.user_id),
        GiveToPool(team.customer_id, pool.id),
        Collaborate(team.customer_id, team.bo.user_id),
        LockCustomer(team.customer_id, day, "x"),
    ):
        assert await refused(team, asked) == (Code.state_wrong, None)
    assert (await standing(team)).epoch == (await stored(team, Archival))[0].epoch


# what hangs on it


async def test_what_its_holders_enter_meanwhile_waits_and_is_carried_out_when_it_comes_back(team: Team) -> None:
    """D-165, D-167: a late fact is taken at once; an edit waits as a card, and beside the customer; its author gets the customer back."""
    await archived(team)
    team.ann.patch("customer", team.customer_id, phone="1")
    team.ann.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms, note="they move out")
    assert words(await team.ann.sync()) == [("parked", Code.moved.word), ("applied", None)]
    assert len(team.ann.inbox()) == 1
    await desk(team, UnarchiveCustomer(team.customer_id, team.ann.user_id, reason="open again"))
    await team.step()
    assert [card.state for card in team.ann.inbox()] == [ItemState.judged_anew]
    assert team.ann.customer(team.customer_id).phone == "1"
    assert [one.state for one in contributions(team.ann)] == [ContributionState.returned]
    assert (await events(team, team.customer_id))[-1][0] == "unarchived"
    await right(team)


async def test_the_next_owner_finds_what_the_former_one_entered(team: Team) -> None:
    """D-165: the contribution stands beside the customer while nobody sees it."""
    await archived(team)
    team.ann.patch("customer", team.customer_id, phone="1")
    await team.ann.sync()
    await desk(team, UnarchiveCustomer(team.customer_id, team.bo.user_id))
    await team.step()
    [late] = contributions(team.bo)
    assert (late.author_id, [one.mine for one in late.members]) == (team.ann.user_id, [{"phone": "1"}])
    assert told(team.bo, "assigned") == [{"actor": "manager", "customer": "Corner Shop"}]
    assert len(team.ann.inbox()) == 1


async def test_its_follow_ups_quotes_instructions_and_requests(team: Team) -> None:
    """D-165: a follow-up and a submitted quote stay as they are, and come back; an instruction goes to its author; a request lapses."""
    quote_id = await submitted(team)
    plan_id = team.ann.create("follow_up", customer_id=team.customer_id, due_day=team.world.now_ms // 86_400_000 + 5)
    team.ann.create("extension", customer_id=team.customer_id, until_day=team.world.now_ms // 86_400_000 + 30, reason="harvest")
    await team.ann.sync()
    seen = hash_on(team.ann, quote_id)
    asked = Instruct(id=bytes(15) + b"i", rep_id=team.ann.user_id, customer_id=team.customer_id, text="look in")
    await desk(team, asked)
    await archived(team)
    [instruction] = await stored(team, Instruction)
    assert instruction.state is InstructionState.moved
    assert [one.state for one in await stored(team, Extension)] == [ExtensionState.lapsed]
    decide = DecideQuote(quote_id, "approve", seen, "ok", QuoteStatus.submitted)
    assert (await refused(team, decide))[0] is Code.out_of_scope
    await desk(team, UnarchiveCustomer(team.customer_id, team.bo.user_id))
    await team.step()
    plan, quote = team.bo.view("follow_up", plan_id), team.bo.view("quote", quote_id)
    assert isinstance(plan, FollowUp)
    assert isinstance(quote, Quote)
    assert (plan.done, quote.status) == (False, QuoteStatus.submitted)
    await desk(team, decide)
    assert len(await stored(team, Instruction)) == 1, "the next owner gets no instruction of before"


async def test_no_clock_finds_it(scene: Scene) -> None:
    """D-165: neither a warning, nor a reminder of its follow-up, nor the fall; when it is back, its days count from then."""
    await scene.rule()
    team = scene.team
    team.ann.create("follow_up", customer_id=team.customer_id, due_day=at(5) // 86_400_000)
    await team.ann.sync()
    await archived(team)
    for day in (5, 6, 13, 19, 20, 25):
        await scene.tick(at(day), team.ann, team.manager)
    assert [told(team.ann, kind) for kind in ("follow_up_today", "follow_up_overdue", "reclaim_warning", "reclaimed")] == [[]] * 4
    await desk(team, UnarchiveCustomer(team.customer_id, team.ann.user_id))
    await scene.tick(at(26), team.ann)
    assert await scene.is_owned()
    assert told(team.ann, "reclaim_warning") == []


async def test_a_contest_of_an_archived_customer_gives_nothing_back(scene: Scene) -> None:
    """D-165: it may be turned down; to restore it the customer is brought back first."""
    team = scene.team
    await fallen(scene, visited_ms=at(15))
    await comes_late(scene, at(21))
    await archived(team, claims=scene.desk)
    [known] = await stored(team, Contest)
    restore = DecideContest(known.id, team.customer_id, "restored")
    assert await refused(team, restore) == (Code.state_wrong, None)
    await desk(team, UnarchiveCustomer(team.customer_id, pool_id=scene.pool.id), scene.desk)
    await desk(team, restore)
    assert [one.state for one in await stored(team, Contest)] == [ContestState.restored]
    assert await scene.is_owned()


async def test_the_number_of_an_archived_customer_exists(team: Team) -> None:
    """D-168, D-154: its author hears that it is archived; a decision moves neither of the two."""
    first = await entered(team.ann, "Lucky Noodles", phone=MOBILE)
    await archived(team, first)
    second = await entered(team.bo, "Noodles, lucky", phone=SAME_MOBILE)
    await team.step()
    assert told(team.bo, "exists_archived") == [{"customer": "Noodles, lucky"}]
    [pair] = await stored(team, Duplicate)
    assert (pair.first_id, pair.second_id) == (first, second)
    await desk(team, verdict(pair, "same"))
    assert [one.state for one in await stored(team, Duplicate)] == [DuplicateState.same]
    assert (await standing(team, second)).owner_id == team.bo.user_id
    assert (await standing(team, first)).owner_id is None


# and back


async def test_back_into_a_pool(team: Team) -> None:
    """D-167: with its card, and claimed as any other; the notices of the archive end."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    device.keep_tiles(team.bo.shelf, (TILE,))
    await archived(team, customer_id)
    await desk(team, UnarchiveCustomer(customer_id, pool_id=pool.id))
    assert (await desk(team, UnarchiveCustomer(customer_id, pool_id=pool.id))).moved == {}
    await archived(team, customer_id)
    await desk(team, UnarchiveCustomer(customer_id, pool_by_fit=True))
    await team.step()
    card = card_of(team.bo, customer_id)
    assert card is not None
    team.bo.command("pool_card", customer_id, Claim(epoch=card.epoch))
    assert words(await team.bo.sync()) == [("applied", None)]
    told_of = {(one.state, one.back_by_id) for one in await stored(team, Archival)}
    assert told_of == {(ArchivalState.back, team.manager.user_id)}
    assert [each.state.name for each in heard(team.ann, "archived")] == ["done"]
    await right(team)


async def test_to_whom_and_from_which_screen_it_comes_back(team: Team) -> None:
    """D-167"""
    pool, far = await pool_of(team), await stranger(team)
    assert (await refused(team, UnarchiveCustomer(team.customer_id, team.bo.user_id)))[0] is Code.state_wrong
    await archived(team)
    [one] = await stored(team, Archival)
    for to_user_id, pool_id, field in (
        *((None, None, "to_user_id"), (team.bo.user_id, pool.id, "to_user_id")),
        (None, bytes(16), "pool_id"),
    ):
        assert await refused(team, UnarchiveCustomer(team.customer_id, to_user_id, pool_id)) == (Code.rule_broken, field)
    assert await refused(team, UnarchiveCustomer(team.customer_id, far.user_id)) == (Code.out_of_scope, "to_user_id")
    stale = UnarchiveCustomer(team.customer_id, team.bo.user_id, epoch=one.epoch - 1)
    assert await refused(team, stale) == (Code.stale_epoch, None)
    done = await desk(team, UnarchiveCustomer(team.customer_id, team.bo.user_id, epoch=one.epoch))
    assert done.epoch == one.epoch + 1
    assert (await desk(team, UnarchiveCustomer(team.customer_id, team.bo.user_id))).moved == {}
    await archived(team)
    assert sorted(each.state for each in await stored(team, Archival)) == [ArchivalState.archived, ArchivalState.back]


async def test_the_desk_lists_what_is_archived(team: Team) -> None:
    """D-166: to the manager above, to an admin, and to no manager of others."""
    admins, far = await admin(team), await stranger(team)
    await archived(team, claims=admins)

    async def listed(claims: Claims) -> list[str]:
        chosen = {"state": ArchivalState.archived}
        items, _ = await team.world.database.read(desk_list, claims, LISTING, chosen, None, team.world.now_ms)
        return [one.customer_name for one in items if isinstance(one, Archival)]

    assert await listed(team.manager.claims) == await listed(admins) == ["Corner Shop"]
    assert await listed(far) == []


async def test_a_claim_and_the_archive_at_the_same_moment(team: Team) -> None:
    """D-164: under the lock of the family one of the two is first, and the other sees it."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    device.keep_tiles(team.bo.shelf, (TILE,))
    for _ in range(ROUNDS):
        await put_into(team, pool, customer_id)
        await team.bo.sync()
        claimed(team.bo, customer_id)
        epoch = (await standing(team, customer_id)).epoch
        asked = ArchiveCustomer(customer_id, "closed down", epoch)
        both: list[object] = await asyncio.gather(desk(team, asked), team.bo.sync(), return_exceptions=True)
        done = both[0]
        after = await standing(team, customer_id)
        first = not isinstance(done, BaseException)
        assert (after.owner_id is None, after.epoch) == (first, epoch + 1)
        if first:
            await desk(team, UnarchiveCustomer(customer_id, team.ann.user_id))
        else:
            assert isinstance(done, Problem)
            assert done.code is Code.stale_epoch
