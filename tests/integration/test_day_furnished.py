"""Who takes the rep's phone after the demo's day finds something on every screen; what is there already is not made again."""

import os
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from mobile_api.phone.day import demo, furnishing
from mobile_api.phone.day.accounts import Accounts
from mobile_api.phone.day.people import ORGANISATION, POOL, TRIED
from mobile_api.phone.phone import Phone
from server import settings
from shared_schema.records.customer import FollowUp, Preference
from shared_schema.records.instruction import Instruction
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.records.quote import Quote, QuoteStatus
from shared_schema.records.team import TeamNote
from tests.integration.test_serve import free_port


@pytest.fixture
def opened(database_url: str, tmp_path: Path) -> Iterator[tuple[str, Accounts]]:
    """The demo's server without its day."""
    own = {"DATABASE_URL": database_url, "PORT": str(free_port())}
    with chdir(tmp_path):
        where = demo.place(os.environ | {settings.PREFIX + name: value for name, value in own.items()})
        told = demo.prepare(where)
        with demo.serving(where) as house:
            yield house.url, told


def found(url: str, told: Accounts, file: Path) -> dict[str, int]:
    """What a phone of the rep that has just signed in shows, by kind."""
    phone = Phone(file)
    phone.sign_in(url, ORGANISATION, TRIED, told.passwords[TRIED])
    phone.sync()
    days = sorted(one.due_day for one in phone.views(FollowUp) if not one.done)
    drafts = [one for one in phone.views(Quote) if one.status == QuoteStatus.draft]
    kinds = {kind.__name__: len(phone.views(kind)) for kind in (Instruction, TeamNote, Preference, PoolCard)}
    assert [one.name for one in phone.views(Pool)] == [POOL]
    assert len(days) == 2
    assert days[1] - days[0] == 2
    phone.close()
    return {**kinds, "drafts": len(drafts)}


def test_the_rep_has_work_on_every_screen_once(opened: tuple[str, Accounts], tmp_path: Path) -> None:
    url, told = opened
    for again in range(2):
        furnishing.furnish(url, told)
        shown = found(url, told, tmp_path / f"{again}.db")
        assert shown == {"Instruction": 1, "TeamNote": 1, "Preference": 1, "PoolCard": 10, "drafts": 1}
