"""What stands between people, for the pictures: a hold, a request for more time, a lock, the archive, an erased contact, a contest."""

import time
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from msgspec.structs import replace

from geo.datum import from_wgs84
from mobile_api.phone.day.desk import Desk
from mobile_api.phone.phone import Phone
from server.store import load
from server.store.write import save
from shared_schema.places import Datum
from shared_schema.records.activity import Channel
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.inbox import Values
from shared_schema.records.pool import PoolCard
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from sync.rules import Actor
from sync.state import State
from tests.integration.site import beside

DAY_MS: Final = 86_400_000
CUSTOMERS: Final = "/v1/desk/customers"
ERASED: Final = "钱老板"


def text_of(record_id: bytes) -> str:
    """An id as the desk writes it."""
    return str(UUID(bytes=record_id))


def today() -> int:
    """Days since 1970 in Shanghai."""
    return (round(time.time() * 1000) + 8 * 3_600_000) // DAY_MS


def hold(rep: Desk, phone: Phone) -> None:
    """The rep holds the first pooled customer of the phone."""
    card = min(phone.views(PoolCard), key=lambda one: one.id)
    asked = {"hold_id": text_of(phone.new_id()), "epoch": card.epoch, "hours": 8}
    rep.post(f"/v1/pool-cards/{text_of(card.id)}/hold", asked)


def ask_for_time(phone: Phone, customer: Customer) -> None:
    """The rep asks for more time with a customer."""
    values: Values = {"customer_id": customer.id, "until_day": today() + 30, "reason": "正在谈年度框架合同，等对方董事会"}
    phone.enter([Edit(Kind.create, BY_NAME["extension"], phone.new_id(), values)])
    phone.sync()


def lock(leader: Desk, customer: Customer) -> None:
    """The manager locks a customer, takes the lock off again, and locks it anew: three lines of its history."""
    path = f"{CUSTOMERS}/{text_of(customer.id)}/lock"
    for until_day, reason in ((today() + 30, "续约谈判中"), (None, "谈判结束"), (today() + 60, "新项目立项")):
        leader.post(path, {"until_day": until_day, "reason": reason})


def archive(leader: Desk, customer: Customer) -> None:
    """The manager archives a customer."""
    leader.post(f"{CUSTOMERS}/{text_of(customer.id)}/archive", {"reason": "已停业"})


def unplaced(leader: Desk, phone: Phone, customer: Customer) -> None:
    """A customer loses its position; good visits of three days tell it: a manager is to confirm."""
    away: Values = {"latitude_e6": None, "longitude_e6": None, "datum": int(Datum.unknown)}
    leader.post(f"{CUSTOMERS}/{text_of(customer.id)}", {"values": away, "bases": {"position": customer.rev}})
    visits_at(phone, customer)


def misread(leader: Desk, phone: Phone, customer: Customer) -> None:
    """The pair of a customer's position was typed in as WGS-84, and is one of GCJ-02: the visits lie as far away as the two differ."""
    place = from_wgs84(Datum.gcj02, customer.wgs_latitude_e6 or 0, customer.wgs_longitude_e6 or 0)
    typed: Values = {"latitude_e6": place.latitude_e6, "longitude_e6": place.longitude_e6, "datum": int(Datum.wgs84)}
    leader.post(f"{CUSTOMERS}/{text_of(customer.id)}", {"values": typed, "bases": {"position": customer.rev}})
    visits_at(phone, customer)


def visits_at(phone: Phone, customer: Customer) -> None:
    """Good visits of three days at one place."""
    now = round(time.time() * 1000)
    for days in (5, 4, 3):
        at_ms = now - days * DAY_MS
        there: Values = {"latitude_e6": (customer.wgs_latitude_e6 or 0) + days * 30, "longitude_e6": customer.wgs_longitude_e6}
        fix: Values = {"datum": int(Datum.wgs84), "accuracy_mm": 9_000, "fix_ms": at_ms}
        values: Values = {"customer_id": customer.id, "device_ms": at_ms, "note": "看新品陈列", **there, **fix}
        phone.enter([Edit(Kind.create, BY_NAME["visit"], phone.new_id(), values)])
    phone.sync()


def erase(leader: Desk, phone: Phone, customer: Customer) -> None:
    """A contact is made, and erased for good."""
    contact = text_of(phone.new_id())
    values = {"customer_id": text_of(customer.id), "name": ERASED, "phone": "13900001111"}
    leader.post("/v1/desk/contacts", {"id": contact, "values": values})
    leader.post(f"/v1/desk/contacts/{contact}/erase", {"name": ERASED})


def contest(admin: Desk, database_url: str, former: Phone, pool_id: str) -> None:
    """A rep's contact from before the reclaim arrives after it: the manager is to decide."""
    owner_id = former.seat().user_id
    shop = min((one for one in former.views(Standing) if one.owner_id == owner_id), key=lambda one: one.id)
    log: Values = {
        "customer_id": shop.id,
        "device_ms": round(time.time() * 1000),
        "channel": int(Channel.phone),
        "note": "电话里约好周五看样",
    }
    former.enter([Edit(Kind.create, BY_NAME["contact_log"], former.new_id(), log)])
    admin.post(f"{CUSTOMERS}/{text_of(shop.id)}/release", {"pool_id": pool_id, "reason": "久未跟进"})
    beside(database_url, lambda database: database.write(reclaimed, shop.id, owner_id))
    former.sync()


def reclaimed(conn: sa.Connection, customer_id: bytes, owner_id: bytes) -> None:
    """Say of a customer in a pool that it was reclaimed just now."""
    org_id = conn.execute(sa.text("SELECT org_id FROM standing WHERE id = :id"), {"id": customer_id}).scalar_one()
    now_ms, state = time.time_ns() // 1_000_000, State(load.rev_floor(conn, org_id))
    load.standings(conn, state, org_id, {customer_id})
    known = state.standing(customer_id)
    assert known is not None
    state.write(replace(known, reclaimed_from_id=owner_id, reclaimed_ms=now_ms))
    save(conn, state, Actor(org_id, bytes(16), 0, Role.unknown), now_ms)
