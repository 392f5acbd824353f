"""Nothing brings back a place that the server deleted: corrections, retellings, cards, restores (D-477 to D-479)."""

from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

from geo.verify import reasons
from server.database import open_database
from server.jobs import forget
from server.jobs.scrub import scrub
from server.models import retained
from server.services import organisations
from server.services.forget import forget as forget_batch
from server.store import retained as kept
from shared_schema.places import Verdict
from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.records.placing import Placing, PlacingState
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import Kind
from sync.device import Edit
from sync.forgetting import TELLING, tells
from sync.state import Key
from tests.integration.test_backup import restored, saved
from tests.integration.test_retention import APPLIED, CANARY, DAY_MS, LEFT, by_all_roads, check_in, pass_days, telling, wanted
from tests.integration.test_retention import team as team  # noqa: PLC0414 - the fixture
from tests.integration.test_visits import seen
from tests.prove.crash_rows import every
from tests.world import Phone, Team, words

WAITS: Final = ("parked", "rule_broken")


async def forgotten_visit(team: Team) -> bytes:
    """A visit of Ann's whose place is deleted; nobody's phone has heard it yet."""
    visit_id = check_in(team.ann, team.customer_id, note="as told")
    await team.step()
    await pass_days(team, 181)
    return visit_id


def open_cards(phone: Phone) -> list[InboxItem]:
    return [one for one in phone.inbox() if one.state == ItemState.open]


async def test_a_correction_and_a_withdrawal_of_such_a_visit_bear_no_place(team: Team) -> None:
    """D-477: made on a phone that still holds the place, which then learns that it is gone (P-136)."""
    visit_id = await forgotten_visit(team)
    await wanted(team, 730)
    assert seen(team.ann, visit_id).latitude_e6 == CANARY["latitude_e6"]
    more = [check_in(team.ann, team.customer_id, amends_id=visit_id, note="four boxes", **LEFT)]
    more.append(check_in(team.ann, team.customer_id, amends_id=visit_id, withdrawn=True))
    assert words(await team.ann.sync()) == [APPLIED] * 2
    await team.step()
    for one in (visit_id, *more):
        for phone in (team.ann, team.bo):
            found = seen(phone, one)
            assert (found.latitude_e6, found.left_latitude_e6, found.boot, found.forgotten_days) == (None, None, "", 180)
    assert await telling(team) == set()


async def test_a_correction_counts_from_the_visit_that_it_corrects(team: Team) -> None:
    """D-474: made on the last day, it is as old as the visit."""
    visit_id = check_in(team.ann, team.customer_id)
    await team.step()
    await pass_days(team, 179)
    check_in(team.ann, team.customer_id, amends_id=visit_id, **LEFT)
    await team.step()
    await pass_days(team, 2)
    assert await telling(team) == set()


async def test_the_same_visit_told_again_is_a_duplicate(team: Team) -> None:
    """D-477, P-320: by a phone that starts a new line and sends all that it still keeps; other content is refused as before."""
    visit_id = check_in(team.ann, team.customer_id, note="as told")
    told = seen(team.ann, visit_id)
    whole = {slot: getattr(told, slot) for slot in ("customer_id", "device_ms", "note", "boot", "uptime_ms", "fix_ms", *CANARY)}
    await team.step()
    await pass_days(team, 181)
    again = await team.world.phone(team.ann.user_id)
    again.enter(Edit(Kind.create, BY_NAME["visit"], visit_id, whole))
    assert words(await again.sync()) == [("duplicate", None)]
    again.enter(Edit(Kind.create, BY_NAME["visit"], visit_id, {**whole, "note": "another story"}))
    assert words(await again.sync()) == [("rejected", "id_taken")]
    assert seen(again, visit_id).latitude_e6 is None


async def test_a_card_that_lost_its_place_gives_none_when_it_is_entered_anew(team: Team) -> None:
    """D-476, D-477: by a phone that has not heard of it; nor when the record for which it waits comes."""
    first_id, second_id = next(team.world.ids), next(team.world.ids)
    waits = [check_in(team.ann, team.customer_id, amends_id=one) for one in (first_id, second_id)]
    assert words(await team.ann.sync()) == [WAITS] * 2
    await pass_days(team, 181)
    [card] = [one for one in open_cards(team.ann) if one.members[0].id == waits[0]]
    assert card.members[0].mine["latitude_e6"] == CANARY["latitude_e6"]
    firsts: dict[bytes, dict[str, Any]] = {
        one: {"customer_id": team.customer_id, "device_ms": team.world.now_ms} for one in (first_id, second_id)
    }
    team.ann.enter(Edit(Kind.create, BY_NAME["visit"], first_id, firsts[first_id]))
    await team.ann.answer(team.ann.ask())  # the server carries it out; the phone does not hear it
    mine = await team.world.phone(team.ann.user_id)
    mine.enter(Edit(Kind.create, BY_NAME["visit"], second_id, firsts[second_id]))
    mine.enter(Edit(Kind.create, BY_NAME["visit"], waits[1], {**card.members[0].mine, "amends_id": second_id}))
    await mine.sync()
    await team.step()
    for one in waits:
        assert (seen(team.bo, one).latitude_e6, seen(team.bo, one).boot) == (None, "")
    assert await telling(team) == set()


async def test_a_refused_visit_that_is_entered_again_bears_none(team: Team) -> None:
    """D-477: with *use mine*, from the card as the phone still holds it."""
    waits = check_in(team.ann, team.customer_id, amends_id=next(team.world.ids))
    await team.ann.sync()
    [card] = open_cards(team.ann)
    await pass_days(team, 181)
    team.ann.enter(Edit(Kind.create, BY_NAME["visit"], waits, {**card.members[0].mine, "amends_id": None}))
    assert words(await team.ann.sync()) == [APPLIED]
    assert (seen(team.ann, waits).latitude_e6, seen(team.ann, waits).forgotten_days) == (None, 180)
    assert await telling(team) == set()


async def test_the_days_are_those_of_the_organisation_and_of_the_servers_clock(team: Team) -> None:
    """D-474: a device's clock that is years ahead or back changes nothing; another setting holds from the next run on."""
    team.ann.ahead_ms = -9 * 365 * DAY_MS
    ids = [check_in(team.ann, team.customer_id, device_ms=team.world.now_ms + team.ann.ahead_ms)]
    await team.ann.sync()
    team.ann.ahead_ms = 0
    await pass_days(team, 60)
    ids.append(check_in(team.ann, team.customer_id))
    await team.step()
    await pass_days(team, 40)
    assert [seen(team.ann, one).latitude_e6 for one in ids] == [CANARY["latitude_e6"]] * 2
    await wanted(team, 90)
    assert await forget.run(team.world.database) == 1
    await team.step()
    assert [seen(team.ann, one).forgotten_days for one in ids] == [90, None]
    await team.world.database.write(organisations.set_visit_days, "org1", 30, team.world.now_ms)
    assert await forget.run(team.world.database) == 1
    await team.step()
    assert [seen(team.ann, one).forgotten_days for one in ids] == [90, 30]


async def test_a_visit_without_a_place_keeps_what_it_says_and_none_is_judged_anew(team: Team) -> None:
    """D-475: what was weak then is not called missing now."""
    bare = check_in(team.ann, team.customer_id, **dict.fromkeys(CANARY, None) | {"datum": 0})
    weak = check_in(team.ann, team.customer_id, accuracy_mm=900_000)
    await team.step()
    before = {one: (seen(team.ann, one).verdict, seen(team.ann, one).flags) for one in (bare, weak)}
    await pass_days(team, 181)
    await team.step()
    assert {one: (seen(team.ann, one).verdict, seen(team.ann, one).flags) for one in (bare, weak)} == before
    assert [(seen(team.ann, one).forgotten_days, reasons(seen(team.ann, one))) for one in (bare, weak)] == [(None, ("no_fix",)), (180, ())]
    assert before[weak][0] is Verdict.unverified


async def test_a_proposed_place_goes_and_a_given_one_stays(team: Team) -> None:
    """D-478: the proposal that waits is outdated; the customer's own place is nobody's whereabouts."""
    customer_id = team.bo.create("customer", name="Nowhere yet", latitude_e6=22_543_100, longitude_e6=114_057_900, datum=1)
    bare_id = team.bo.create("customer", name="Nowhere at all")
    for _ in range(3):
        team.world.now_ms += DAY_MS
        check_in(team.bo, bare_id)
        await team.bo.sync()
    [placing] = [team.bo.view("placing", key) for key, _ in team.bo.shelf.rows(BY_NAME["placing"].number)]
    assert isinstance(placing, Placing)
    assert (placing.state, placing.latitude_e6) == (PlacingState.proposed, CANARY["latitude_e6"])
    await pass_days(team, 181)
    await team.step()
    after = team.bo.view("placing", placing.id)
    assert isinstance(after, Placing)
    assert (after.state, after.latitude_e6, after.wgs_longitude_e6, after.forgotten_days) == (PlacingState.outdated, 0, 0, 180)
    assert team.bo.customer(customer_id).latitude_e6 == 22_543_100


async def test_a_restore_deletes_what_is_due_before_anybody_is_served(team: Team, migrated_url: str, tmp_path: Path) -> None:
    """D-479: the backup holds the places; the restored database does not, nor do its files, and its phones come to the same end."""
    await by_all_roads(team)
    path = tmp_path / "old.backup"
    await saved(team.world.database, path)
    team.world.now_ms += 200 * DAY_MS
    await team.world.database.close()
    await restored(migrated_url, path, replace=True, now_ms=team.world.now_ms)
    database = open_database(migrated_url)
    try:
        assert await scrub(database, "restore")
        team.world.database = database
        assert await telling(team) == set()
        assert await forget.run(database) == 0
    finally:
        await database.close()


async def test_a_run_that_stops_anywhere_goes_on(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-474: batch by batch; the end is that of one run, and a batch that fails is taken apart."""
    monkeypatch.setattr(kept, "BATCH_MAX", 2)
    for _ in range(5):
        check_in(team.ann, team.customer_id)
    await team.step()
    team.world.now_ms += 181 * DAY_MS
    batch = await team.world.database.read(kept.due, team.world.org_id, team.world.now_ms - 180 * DAY_MS)
    assert len(batch) == 2
    await team.world.database.write(forget_batch, team.world.org_id, [one.key for one in batch], 180, team.world.now_ms)
    assert await forget.run(team.world.database) == 3
    assert await telling(team) == set()
    await team.step()


async def test_what_tells_is_known_at_each_moment(team: Team) -> None:
    """The list of what tells somebody's place names each such record once, and no other."""
    await by_all_roads(team)

    def listed(conn: sa.Connection) -> set[Key]:
        return {(row.entity, bytes(row.id)) for row in conn.execute(sa.select(retained).where(retained.c.at_ms < kept.GONE_MS))}

    def told(conn: sa.Connection) -> set[Key]:
        kinds = ((number, BY_NUMBER[number].record) for number in TELLING)
        return {(number, one.id) for number, record in kinds for one in every(conn, team.world.org_id, record) if tells(one)}

    assert await team.world.database.read(listed) == await team.world.database.read(told) != set()
