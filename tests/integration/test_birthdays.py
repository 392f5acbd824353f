"""A birthday of a contact: entered by phone, told to the owner the day before, ended with its cause (D-118, D-931 to D-933)."""

from datetime import date

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.local_times import DAY_MS, EPOCH
from server.models import due
from server.services.act import act
from shared_schema.problem import Problem
from shared_schema.records.customer import CONTACT, ChangeContact, Contact, NewContact
from shared_schema.records.notification import NotificationState
from sync import device
from tests.integration.test_reminders import all_of, set_zone, tick
from tests.integration.test_sync_pools import PLACE, TILE, claimed, pool_of, put_into
from tests.world import Phone, Team, team_of, words

HOUR_MS = 3_600_000


@pytest.fixture
async def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Team:
    made = await team_of(database)
    monkeypatch.setattr("server.chance.now_ms", lambda: made.world.now_ms)
    return made


def eve(month: int, day: int, year: int = 2026) -> int:
    """08:00 in Shanghai of a day, which is midnight in UTC."""
    return (date(year, month, day) - EPOCH).days * DAY_MS


async def born(phone: Phone, customer_id: bytes, birthday: str, name: str = "Ms Lin") -> bytes:
    """A contact with a birthday, entered by phone."""
    made = phone.create("contact", customer_id=customer_id, name=name, birthday=birthday)
    assert words(await phone.sync()) == [("applied", None)]
    return made


async def heard(phone: Phone) -> list[tuple[str, str, str, bool]]:
    """(kind, month, day, whether it is over) of each birthday told."""
    found = [one for one in await all_of(phone) if one.kind.startswith("birthday")]
    return [(one.kind, one.facts["month"], one.facts["day"], one.state == NotificationState.done) for one in found]


async def rows(team: Team) -> list[int]:
    """When contacts are judged next."""
    chosen = sa.select(due.c.at_ms).where(due.c.rule == "birthday").order_by(due.c.at_ms)
    return [row[0] for row in await team.world.database.read(lambda conn: conn.execute(chosen).all())]


async def test_a_birthday_is_told_the_day_before_in_every_year(team: Team) -> None:
    """D-931: to the owner alone, once, by the reader's clock; the notice leads to the contact and lasts until the day is over."""
    contact_id = await born(team.ann, team.customer_id, "1985-06-10")
    await tick(team, eve(6, 9) - 1)
    assert await heard(team.ann) == []
    assert await rows(team) == [eve(6, 9)]
    await tick(team, eve(6, 9))
    assert await heard(team.ann) == [("birthday", "6", "10", False)]
    (one,) = (one for one in await all_of(team.ann) if one.kind == "birthday")
    assert (one.subject_id, one.facts["contact"], one.facts["customer"]) == (contact_id, "Ms Lin", "Corner Shop")
    assert one.deadline_ms == eve(6, 10) + 16 * HOUR_MS
    assert await heard(team.bo) == [] == await heard(team.manager)
    assert await rows(team) == [eve(6, 9, 2027)]
    await tick(team, eve(6, 9, 2027))
    assert await heard(team.ann) == [("birthday", "6", "10", False)] * 2


async def test_a_lunar_birthday_is_told_by_its_calendar(team: Team) -> None:
    """D-933: the 15th of the eighth month is 2026-09-25, and 2027-09-15."""
    await born(team.ann, team.customer_id, "lunar 08-15")
    await tick(team, eve(9, 24) - 1)
    assert await heard(team.ann) == []
    await tick(team, eve(9, 24))
    assert await heard(team.ann) == [("birthday_lunar", "8", "15", False)]
    await tick(team, eve(9, 14, 2027))
    assert await heard(team.ann) == [("birthday_lunar", "8", "15", False)] * 2


async def test_the_29th_of_february_is_told_in_a_common_year(team: Team) -> None:
    """D-932."""
    await born(team.ann, team.customer_id, "02-29")
    await tick(team, eve(2, 27, 2027) - 1)
    assert await heard(team.ann) == []
    await tick(team, eve(2, 27, 2027))
    assert await heard(team.ann) == [("birthday", "2", "29", False)]


async def test_the_readers_clock_counts(team: Team) -> None:
    """D-921, D-931: 08:00 in New York is noon in UTC, when it is the next day's midnight in Auckland already."""
    await set_zone(team.ann, "America/New_York")
    await born(team.ann, team.customer_id, "06-10")
    await tick(team, eve(6, 9) + 12 * HOUR_MS - 1)
    assert await heard(team.ann) == []
    await tick(team, eve(6, 9) + 12 * HOUR_MS)
    assert await heard(team.ann) == [("birthday", "6", "10", False)]


async def test_another_date_ends_the_notice_and_is_told_on_its_own(team: Team) -> None:
    """D-931, D-904."""
    contact_id = await born(team.ann, team.customer_id, "06-10")
    await tick(team, eve(6, 9))
    await team.bo.sync()
    team.bo.patch("contact", contact_id, birthday="06-20")
    assert words(await team.bo.sync()) == [("applied", None)]
    assert await heard(team.ann) == [("birthday", "6", "10", True)]
    await tick(team, eve(6, 19))
    assert await heard(team.ann) == [("birthday", "6", "10", True), ("birthday", "6", "20", False)]
    team.ann.patch("contact", contact_id, birthday="")
    await team.ann.sync()
    assert [over for *_, over in await heard(team.ann)] == [True, True]
    await tick(team, eve(6, 19, 2027))
    assert len(await heard(team.ann)) == 2
    assert await rows(team) == []


async def test_a_birthday_entered_for_tomorrow_after_the_hour_waits_a_year(team: Team) -> None:
    """D-922."""
    team.world.now_ms = eve(6, 9) + HOUR_MS
    await born(team.ann, team.customer_id, "06-10")
    await tick(team, eve(6, 9) + 2 * HOUR_MS)
    assert await heard(team.ann) == []
    assert await rows(team) == [eve(6, 9, 2027)]


async def test_a_deleted_contact_has_no_birthday(team: Team) -> None:
    """D-931, D-904."""
    contact_id = await born(team.ann, team.customer_id, "06-10")
    later = await born(team.ann, team.customer_id, "06-20")
    await tick(team, eve(6, 9))
    for each in (contact_id, later):
        team.ann.delete("contact", each)
    await team.ann.sync()
    assert await heard(team.ann) == [("birthday", "6", "10", True)]
    await tick(team, eve(6, 19))
    await tick(team, eve(6, 9, 2027))
    assert len(await heard(team.ann)) == 1
    assert await rows(team) == []


async def test_a_birthday_goes_on_to_the_new_owner(team: Team) -> None:
    """D-931: the old owner's notice ends."""
    await team.part(team.bo)
    await born(team.ann, team.customer_id, "06-10")
    await born(team.ann, team.customer_id, "06-20")
    await tick(team, eve(6, 9))
    await team.move(team.bo)
    assert await heard(team.ann) == [("birthday", "6", "10", True)]
    await tick(team, eve(6, 19))
    assert len(await heard(team.ann)) == 1
    assert await heard(team.bo) == [("birthday", "6", "20", False)]


async def test_nobody_hears_of_a_customer_in_a_pool_and_the_next_owner_does(team: Team) -> None:
    """D-931."""
    shop_id = team.ann.create("customer", name="Shop", **PLACE)
    device.keep_tiles(team.bo.shelf, (TILE,))
    await team.ann.sync()
    await born(team.ann, shop_id, "06-10")
    await born(team.ann, shop_id, "06-20")
    pool = await pool_of(team)
    await put_into(team, pool, shop_id)
    await tick(team, eve(6, 9))
    assert await heard(team.ann) == []
    assert await rows(team) == []
    await team.bo.sync()
    claimed(team.bo, shop_id)
    await team.bo.sync()
    await tick(team, eve(6, 19))
    assert await heard(team.bo) == [("birthday", "6", "20", False)]


@pytest.mark.parametrize("birthday", ["02-30", "lunar 01-31", "soon"])
async def test_a_date_that_is_none_is_refused_at_its_field(team: Team, birthday: str) -> None:
    """D-118: a phone's entry waits as a card that names the field, the desk's request is refused; nothing is stored."""
    contact_id = await born(team.ann, team.customer_id, "06-10")
    team.ann.patch("contact", contact_id, birthday=birthday)
    assert words(await team.ann.sync()) == [("parked", "rule_broken")]
    (card,) = (one for one in team.ann.inbox() if one.code == "rule_broken")
    assert card.field == "birthday"
    values = CONTACT.create_type(customer_id=team.customer_id, name="Ms Wu", birthday=birthday)
    for asked in (
        NewContact(next(team.world.ids), values),
        ChangeContact(contact_id, CONTACT.patch_type(birthday=birthday), {"birthday": 1}),
    ):
        with pytest.raises(Problem) as refused:
            await team.world.database.write(act, team.manager.claims, asked, team.world.now_ms)
        assert (refused.value.code.word, refused.value.field) == ("rule_broken", "birthday")
    await team.bo.sync()
    found = team.bo.view("contact", contact_id)
    assert isinstance(found, Contact)
    assert found.birthday == "06-10"
