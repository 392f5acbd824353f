"""The owner hears three days before a lock, or more time with a customer, ends (D-927)."""

from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from notifications.messages import Message, message
from server.database import Database
from server.domain.local_times import DAY_MS, date_of, moment_ms
from server.domain.notices import NOTICES
from shared_schema.notices import Language
from shared_schema.records.customer import Collaborate, GiveToPool, LockCustomer
from shared_schema.records.notification import Notification, NotificationState
from tests.integration.test_extensions import ZONE, asks, denied, desk, granted, request
from tests.integration.test_reminders import NUMBER, TODAY, at, set_zone, tick
from tests.integration.test_sync_pools import admin, pool_of
from tests.world import Phone, Team, team_of

END: Final = TODAY + 10
"""The first day on which nothing keeps the customer any more."""
MORNING: Final = moment_ms(END - 3, 8 * 60, ZONE)
KINDS: Final = ("lock_ending", "extension_ending")
Keep = Callable[[Team, int], Awaitable[None]]


@pytest.fixture
async def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Team:
    made = await team_of(database)
    monkeypatch.setattr("server.chance.now_ms", lambda: made.world.now_ms)
    return made


async def lock(team: Team, day: int) -> None:
    await desk(team, LockCustomer(team.customer_id, day, "a tender"))


async def more_time(team: Team, day: int) -> None:
    await desk(team, granted(await request(team), day))


KEEPS: Final[dict[str, Keep]] = {"lock_ending": lock, "extension_ending": more_time}


async def every(phone: Phone) -> list[Notification]:
    """The notices of these kinds on a phone, the oldest first."""
    await phone.sync()
    found = (phone.view("notification", record_id) for record_id, _ in phone.shelf.rows(NUMBER))
    return sorted((one for one in found if isinstance(one, Notification) and one.kind in KINDS), key=lambda one: one.made_ms)


async def told(phone: Phone) -> list[str]:
    """The kinds of those that are open."""
    return [one.kind for one in await every(phone) if one.state is not NotificationState.done]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_owner_alone_hears_at_eight_three_days_before(team: Team, kind: str) -> None:
    """D-927, D-922: not a minute before, once, until it ends; neither the collaborator nor the manager."""
    await KEEPS[kind](team, END)
    await tick(team, MORNING - 60_000)
    assert await told(team.ann) == []
    await tick(team, MORNING)
    assert await told(team.ann) == [kind]
    await tick(team, MORNING + DAY_MS)
    [one] = await every(team.ann)
    assert (one.subject_id, one.deadline_ms, one.facts["until"]) == (team.customer_id, moment_ms(END, 0, ZONE), date_of(END))
    assert await every(team.bo) == await every(team.manager) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_eight_by_the_owners_own_clock(team: Team, kind: str) -> None:
    """D-921: in Paris it is 02:00 when it is 09:00 in Shanghai."""
    await set_zone(team.ann, "Europe/Paris")
    await KEEPS[kind](team, END)
    await tick(team, moment_ms(END - 3, 8 * 60, "Europe/Paris") - 60_000)
    assert await told(team.ann) == []
    await tick(team, moment_ms(END - 3, 8 * 60, "Europe/Paris"))
    assert await told(team.ann) == [kind]


@pytest.mark.parametrize("kind", KINDS)
async def test_who_is_kept_for_two_days_hears_nothing(team: Team, kind: str) -> None:
    """D-922: the moment is past when the customer begins to be kept."""
    await KEEPS[kind](team, TODAY + 2)
    await tick(team, at("23:59", 1))
    assert await told(team.ann) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_the_reader_reads_it_in_both_languages(team: Team, kind: str) -> None:
    """D-927: with the customer's name and the day, from what the notice bears; a locked screen shows neither."""
    await KEEPS[kind](team, END)
    await tick(team, MORNING)
    [one] = await every(team.ann)
    zh, en = ("锁定", "The lock of this customer ends") if kind == "lock_ending" else ("延期", "Your time with this customer ends")
    words = NOTICES[kind]
    assert message(words[Language.zh], one.facts) == Message(f"{zh}将在3天后结束：Corner Shop", f"该客户的{zh}将于{date_of(END)}结束。")
    assert message(words[Language.en], one.facts) == Message("3 more days: Corner Shop", f"{en} on {date_of(END)}.")
    assert "Corner" not in words[Language.en].line + words[Language.zh].line


async def locked_longer(team: Team) -> None:
    await lock(team, END + 20)


async def unlocked(team: Team) -> None:
    await desk(team, LockCustomer(team.customer_id, None, "won"))


async def handed_on(team: Team) -> None:
    await team.move(team.bo)


async def pooled(team: Team) -> None:
    pool = await pool_of(team)
    await desk(team, GiveToPool(team.customer_id, pool.id, None, "no use"), await admin(team))


async def still_more_time(team: Team) -> None:
    await more_time(team, END + 20)


ENDED_BY: Final = [
    ("lock_ending", locked_longer, ["lock_ending"]),
    ("lock_ending", unlocked, []),
    ("lock_ending", handed_on, []),
    ("lock_ending", pooled, []),
    ("extension_ending", still_more_time, ["extension_ending"]),
    ("extension_ending", handed_on, []),
    ("extension_ending", pooled, []),
]


@pytest.mark.parametrize(("kind", "change", "later"), ENDED_BY)
async def test_another_end_or_another_owner_closes_it(
    team: Team, kind: str, change: Callable[[Team], Awaitable[None]], later: list[str]
) -> None:
    """D-927, D-904: in the transaction of the change; three days before the other end the owner hears again, of that one."""
    await KEEPS[kind](team, END)
    await tick(team, MORNING)
    assert await told(team.ann) == [kind]
    await change(team)
    assert await told(team.ann) == []
    await tick(team, MORNING + 20 * DAY_MS)
    assert await told(team.ann) == later
    assert await told(team.bo) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_what_changes_neither_end_nor_owner_leaves_it(team: Team, kind: str) -> None:
    """D-927: a contact, a collaborator, a request that is refused, and the other of the two."""
    await KEEPS[kind](team, END)
    await tick(team, MORNING)
    team.ann.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms)
    await team.ann.sync()
    await team.part(team.bo)
    await desk(team, Collaborate(team.customer_id, team.bo.user_id))
    if kind == "lock_ending":
        await desk(team, denied(await request(team)))
        await more_time(team, END + 20)
    else:
        await asks(team, team.ann, 40)
        await lock(team, END + 20)
    assert await told(team.ann) == [kind]
