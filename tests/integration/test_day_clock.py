"""The demo moves its clock forward by days: sessions, times of entries and jobs go on as if the days had passed (P-005, P-440, D-923)."""

import os
import time
from collections.abc import Iterator
from contextlib import chdir, closing
from pathlib import Path
from typing import NamedTuple

import pytest

from mobile_api.phone.day import demo
from mobile_api.phone.day.accounts import Accounts
from mobile_api.phone.day.day_clock import LEFT_OUT_DAYS, DayClock, simulated
from mobile_api.phone.day.desk import Desk
from mobile_api.phone.day.orders import Entered, Reach
from mobile_api.phone.day.people import MANAGER, ORGANISATION, TIME_ZONE, TRIED
from mobile_api.phone.day.player import Player
from mobile_api.phone.phone import Phone
from server import chance, clock, settings
from server.domain.local_times import DAY_MS, local_day
from shared_schema.records.activity import Visit
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.notification import Notification
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from tests.integration.test_serve import free_port

WAIT_S = 30
"""The scheduler comes every ten seconds without a jump."""


class Open(NamedTuple):
    """The demo's server without its day."""

    url: str
    told: Accounts
    clock: DayClock


@pytest.fixture
def opened(database_url: str, tmp_path: Path) -> Iterator[Open]:
    """On PostgreSQL it has two processes."""
    own = {"DATABASE_URL": database_url, "PORT": str(free_port()), "WORKERS": "2" if "postgres" in database_url else "1"}
    with chdir(tmp_path), simulated() as moved:
        where = demo.place(os.environ | {settings.PREFIX + name: value for name, value in own.items()})
        told = demo.prepare(where, moved)
        with demo.serving(where, clock=moved) as house:
            yield Open(house.url, told, moved)


@pytest.fixture
def phone(opened: Open, tmp_path: Path) -> Iterator[Phone]:
    with closing(Phone(tmp_path / "phone.db")) as made:
        made.sign_in(opened.url, ORGANISATION, TRIED, opened.told.passwords[TRIED])
        made.sync()
        yield made


def entered(phone: Phone, entity: str, **values: object) -> bytes:
    mine = {one.id for one in phone.views(Standing) if one.owner_id == phone.seat().user_id}
    customer = next(one for one in phone.views(Customer) if one.id in mine)
    record_id = phone.new_id()
    phone.enter([Edit(Kind.create, BY_NAME[entity], record_id, {"customer_id": customer.id, **values})])  # type: ignore[dict-item]
    return record_id


def heard(phone: Phone, subject_id: bytes) -> set[str]:
    """The kinds of notices about a record on the phone, as soon as there are some."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        phone.sync()
        if found := {one.kind for one in phone.views(Notification) if one.subject_id == subject_id}:
            return found
        time.sleep(0.05)
    return set()


def test_days_pass_at_once_for_server_phones_and_desk(opened: Open, phone: Phone) -> None:
    begun_ms = chance.now_ms()
    assert -(LEFT_OUT_DAYS + 1) * DAY_MS <= begun_ms - clock.machine_ms() <= -LEFT_OUT_DAYS * DAY_MS
    with closing(Desk(opened.url, ORGANISATION, MANAGER.login, opened.told.passwords[MANAGER.login])) as desk:
        step_id = entered(phone, "follow_up", due_day=local_day(begun_ms, TIME_ZONE) + 3, purpose="samples")
        phone.sync()
        visit_id = entered(phone, "visit", device_ms=chance.now_ms(), note="before the jump")
        opened.clock.move_to(begun_ms + 3 * DAY_MS + 3_600_000)
        assert heard(phone, step_id) == {"follow_up_today"}
        visit = phone.view(Visit, visit_id)
        assert visit is not None
        assert abs(visit.occurred_ms - begun_ms) < 600_000, "an entry keeps the time at which it was made"
        token = phone.session.tokens()
        opened.clock.move_to(chance.now_ms() + 8 * DAY_MS)
        opened.clock.move_to(begun_ms)  # never back
        assert chance.now_ms() >= begun_ms + 11 * DAY_MS
        assert desk.get("/v1/records/customer")["items"]
        assert Player(phone, TRIED).obey(Reach("fcm_fid", "address")) == Entered()
        assert phone.sync().complete
        assert phone.session.tokens() != token
