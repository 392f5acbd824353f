"""Importing customers: by an admin alone, all or nothing, fed to their owners with the event from which they own."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from mobile_api.phone.day import seeding
from mobile_api.phone.day.people import ADMIN, ORGANISATION
from mobile_api.phone.day.places import DISTRICTS, PER_CITY
from server import chance
from server.database import open_database
from server.domain.devices import ACTIVE
from server.domain.tokens import Claims
from server.models import RECORD_TABLES, feed, ownership_event, scope
from server.services import device_lines
from server.services.import_customers import CUSTOMERS_MAX, Import, import_customers
from server.store import identity
from shared_schema.places import Datum
from shared_schema.problem import Problem
from shared_schema.records.customer import Contact, Customer
from shared_schema.registry import BY_NAME

REP = "wang.fang"
CUSTOMER = RECORD_TABLES["customer"]


def claims_of(conn: sa.Connection, login: str) -> Claims:
    org = identity.org_by_login(conn, ORGANISATION)
    assert org is not None
    account = identity.account_by_login(conn, org.org_id, login)
    assert account is not None
    line = device_lines.opened(conn, org.org_id, account.user_id, device_lines.Phone(chance.new_id(), "test", "test"), ACTIVE, 1)
    return Claims(org.org_id, account.user_id, line.line_no)


def one(owner_id: bytes, **changed: object) -> Import:
    customer_id = chance.new_id()
    customer = Customer(customer_id, 0, "新客户", latitude_e6=31_231_700, longitude_e6=121_484_700, datum=Datum.gcj02)
    return Import(msgspec.structs.replace(customer, **changed), owner_id, (Contact(chance.new_id(), 0, customer_id, "张"),))


def count(conn: sa.Connection) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(CUSTOMER)).scalar_one())


def check(conn: sa.Connection) -> None:
    admin, rep = claims_of(conn, ADMIN), claims_of(conn, REP)
    assert count(conn) == len(DISTRICTS) * PER_CITY
    for by, asked, code in refusals(admin, rep):
        with pytest.raises(Problem) as caught:
            import_customers(conn, by, asked, 5)
        assert caught.value.code.word == code
    assert count(conn) == len(DISTRICTS) * PER_CITY

    taken = one(rep.user_id)
    assert import_customers(conn, admin, [taken], 5) == 1
    of_it = (feed.c.org_id == admin.org_id, feed.c.id == taken.customer.id, feed.c.entity == BY_NAME["customer"].number)
    readers = (
        sa.select(scope.c.subject_id).join(feed, sa.and_(scope.c.org_id == feed.c.org_id, scope.c.number == feed.c.scope_no)).where(*of_it)
    )
    assert conn.execute(readers).scalars().all() == [rep.user_id]
    event = conn.execute(sa.select(ownership_event).where(ownership_event.c.customer_id == taken.customer.id)).one()
    assert (event.epoch, event.owner_id) == (1, rep.user_id)
    stored = conn.execute(sa.select(CUSTOMER).where(CUSTOMER.c.id == taken.customer.id)).one()
    assert (stored.latitude_e6, stored.wgs_latitude_e6 < stored.latitude_e6 + 5_000) == (31_231_700, True)
    assert stored.wgs_latitude_e6 != stored.latitude_e6
    assert import_customers(conn, admin, [taken, one(rep.user_id)], 6) == 1  # asked again: what exists is left alone
    assert conn.execute(sa.select(CUSTOMER.c.rev).where(CUSTOMER.c.id == taken.customer.id)).scalar_one() == stored.rev


def refusals(admin: Claims, rep: Claims) -> list[tuple[Claims, Sequence[Import], str]]:
    good = one(rep.user_id)
    astray = msgspec.structs.replace(good, contacts=one(rep.user_id).contacts)
    return [
        (rep, [good], "forbidden"),
        (admin, [good, one(chance.new_id())], "rule_broken"),
        (admin, [good, one(rep.user_id, longitude_e6=None)], "rule_broken"),
        (admin, [astray], "rule_broken"),
        (admin, [good] * (CUSTOMERS_MAX + 1), "rule_broken"),
    ]


async def played(url: str, folder: Path) -> None:
    await seeding.prepare(url, folder / "accounts.json")
    database = open_database(url)
    try:
        await database.write(check)
    finally:
        await database.close()


def test_customers_are_imported(database_url: str, tmp_path: Path) -> None:
    asyncio.run(played(database_url, tmp_path))
