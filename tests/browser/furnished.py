"""What the demo's day leaves empty is filled, so that no screen is looked at without anything on it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from mobile_api.phone.day.desk import Desk
from mobile_api.phone.day.people import ADMIN, EAST, MANAGER, ORGANISATION, REPS, TRIED
from mobile_api.phone.phone import Phone
from shared_schema.elements import WordChange
from shared_schema.records.activity import ContactLog
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.inbox import Values
from shared_schema.records.instruction import Finish
from shared_schema.records.reference import Department, Person, PriceBook, Product
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Kind
from sync.device import Edit
from tests.browser import furnished_cases as cases

DAY_MS: Final = 86_400_000
EAST_MS: Final = 8 * 3_600_000
"""The phones of the pictures live by the time of Shanghai."""
WGS84: Final = 1
INSTRUCTIONS: Final = "/v1/desk/instructions"
NEAR_E6: Final = (31_338_400, 120_611_600)
"""Where the rep stands in the pictures."""


def fill(url: str, passwords: Mapping[str, str], folder: Path) -> None:
    """Enter it all as the people do who would."""
    admin = Desk(url, ORGANISATION, ADMIN, passwords[ADMIN])
    leader = Desk(url, ORGANISATION, MANAGER.login, passwords[MANAGER.login])
    with (
        switched_on(url, passwords, folder, TRIED) as rep,
        switched_on(url, passwords, folder, REPS[0].login) as former,
        switched_on(url, passwords, folder, MANAGER.login) as manager,
    ):
        seen = {one.customer_id for one in rep.views(ContactLog)}
        own = sorted((one for one in rep.views(Customer) if one.city == "苏州"), key=lambda one: (one.id not in seen, one.name))
        plan(rep, own)
        instruct(leader, rep, own[1])
        tell(manager)
        disagree(admin, rep, own[2])
        edit_late(admin, former, rep)
        release(admin, own[-2:])
        rule(admin, rep)
        enter_again(rep, former)
        stand_between(url, passwords[TRIED], folder, (admin, leader), (rep, former))
    for desk in (admin, leader):
        desk.close()


def stand_between(url: str, password: str, folder: Path, desks: tuple[Desk, Desk], phones: tuple[Phone, Phone]) -> None:
    """What is open between people: held, asked for, locked, archived, erased, contested."""
    (admin, leader), (rep, former) = desks, phones
    rep.sync()
    held = {one.id for one in rep.views(Standing) if one.owner_id == rep.seat().user_id}
    far = sorted((one for one in rep.views(Customer) if one.id in held and one.city == "苏州"), key=lambda one: one.name, reverse=True)
    asking = Desk(url, ORGANISATION, TRIED, password)
    cases.hold(asking, rep)
    asking.close()
    cases.ask_for_time(rep, far[3])
    cases.lock(leader, far[4])
    cases.erase(leader, rep, far[4])
    cases.archive(leader, far[5])
    cases.unplaced(leader, rep, far[0])
    cases.misread(leader, rep, far[1])
    pool = next(one for one in admin.get("/v1/desk/pools")["items"] if one["name"] == "苏州公海")
    cases.contest(admin, f"sqlite:///{folder}/demo.db", former, pool["id"])


@contextmanager
def switched_on(url: str, passwords: Mapping[str, str], folder: Path, login: str) -> Iterator[Phone]:
    """A phone of this person, as far as the server is."""
    phone = Phone(folder / f"{login}.furnished.sqlite")
    phone.sign_in(url, ORGANISATION, login, passwords[login])
    phone.sync()
    yield phone
    phone.close()


def made(phone: Phone, entity: str, **values: Any) -> bytes:
    """A new record of this phone, sent."""
    record_id = phone.new_id()
    phone.enter([Edit(Kind.create, BY_NAME[entity], record_id, values)])
    phone.sync()
    return record_id


def plan(rep: Phone, own: list[Customer]) -> None:
    """Steps that are overdue and due, an open quote, and what is known of a customer."""
    now = round(time.time() * 1000)
    for away, customer, purpose in ((-2, own[0], "催回款"), (0, own[0], "送样品"), (0, own[3], "签合同")):
        made(rep, "follow_up", customer_id=customer.id, due_day=(now + EAST_MS) // DAY_MS + away, purpose=purpose)
    book, product = rep.views(PriceBook)[0], rep.views(Product)[0]
    quote: Values = {"customer_id": own[0].id, "currency": book.currency, "title": "秋季补货", "price_book_id": book.id}
    line: Values = {"customer_id": own[0].id, "product_id": product.id, "quantity_thousandths": 12_000, "unit": product.unit}
    quote_id = made(rep, "quote", **quote)
    made(rep, "quote_line", **line, quote_id=quote_id, price_minor=88_00, list_price_minor=88_00, tax_bps=1_300, position="a")
    made(rep, "preference", customer_id=own[0].id, subject="送货时间", wish="周四下午")
    made(rep, "sample_entry", customer_id=own[0].id, product_id=product.id, quantity=3, device_ms=now)
    rep.enter([Edit(Kind.patch, BY_NAME["customer"], own[0].id, {"tags": WordChange(("重点", "连锁"))})])
    rep.sync()


def instruct(leader: Desk, rep: Phone, customer: Customer) -> None:
    """The manager gives instructions: one urgent about a customer, one to two reps, one that came back, one that wants a decision."""
    mine, other = (text_of(next(one.id for one in rep.views(Person) if one.name.startswith(name))) for name in ("李强", "王芳"))
    soon = {"due_ms": round(time.time() * 1000) + DAY_MS}
    give(leader, rep, "清点货架，拍下竞品价格", rep_id=mine, priority=2, customer_id=text_of(customer.id), requires=3, **soon)
    give(leader, rep, "本周内拜访三家新店", user_ids=[mine, other], place="工业园区", **soon)
    for text, decision in (("整理样品间", "return"), ("提交下月计划", "")):
        rep.sync()
        (given,) = give(leader, rep, text, rep_id=mine, requires=2)
        rep.sync()
        finished = ENCODER.encode(Finish(reply="已完成，照片稍后补", round=1))
        rep.enter([Edit(Kind.command, BY_NAME["instruction"], UUID(given["id"]).bytes, command=finished)])
        rep.sync()
        if decision:
            leader.post(f"{INSTRUCTIONS}/{given['id']}/decisions", {"decision": decision, "round": 1, "reason": "请补充清单"})


def give(leader: Desk, rep: Phone, words: str, **more: Any) -> list[dict[str, Any]]:
    """One instruction; those of its recipients."""
    items: list[dict[str, Any]] = leader.post(INSTRUCTIONS, {"id": text_of(rep.new_id()), "text": words, **more})["items"]
    return items


def text_of(record_id: bytes) -> str:
    """An id as the desk writes it."""
    return str(UUID(bytes=record_id))


def tell(manager: Phone) -> None:
    """The manager writes a note to the department."""
    [department] = [one for one in manager.views(Department) if one.name == EAST]
    made(manager, "team_note", department_id=department.id, device_ms=round(time.time() * 1000), text="周一九点开会，带上月度计划。")


def disagree(admin: Desk, rep: Phone, customer: Customer) -> None:
    """The rep's telephone number meets another one: a card waits."""
    path = f"/v1/desk/customers/{UUID(bytes=customer.id)}"
    admin.post(path, {"values": {"phone": "0512-60001111"}, "bases": {"phone": customer.rev}})
    rep.enter([Edit(Kind.patch, BY_NAME["customer"], customer.id, {"phone": "0512-60002222"})])
    rep.sync()


def edit_late(admin: Desk, former: Phone, rep: Phone) -> None:
    """A colleague's edit arrives when the customer is the rep's."""
    customer = next(one for one in former.views(Standing) if one.owner_id == former.seat().user_id)
    former.enter([Edit(Kind.patch, BY_NAME["customer"], customer.id, {"note": "先打电话再上门"})])
    admin.post(f"/v1/desk/customers/{UUID(bytes=customer.id)}/transfer", {"to_user_id": str(UUID(bytes=rep.seat().user_id))})
    former.sync()


def release(admin: Desk, own: list[Customer]) -> None:
    """Two customers go to a pool."""
    pool = admin.post("/v1/desk/pools", {"name": "苏州公海"})
    for one in own:
        admin.post(f"/v1/desk/customers/{UUID(bytes=one.id)}/release", {"pool_id": pool["id"]})


def rule(admin: Desk, rep: Phone) -> None:
    """A rule by which neglected customers fall into the pool."""
    pool = admin.get("/v1/desk/pools")["items"][-1]
    today = (round(time.time() * 1000) + EAST_MS) // DAY_MS
    admin.post("/v1/desk/reclaim-rules", {"id": text_of(rep.new_id()), "pool_id": pool["id"], "effective_from_day": today})


def enter_again(rep: Phone, former: Phone) -> None:
    """A colleague enters a customer whose telephone number another one bears: the manager is to decide."""
    for phone, name in ((rep, "吴江茶庄"), (former, "吴江茶叶店")):
        values: Values = {"name": name, "city": "苏州", "phone": "0512-63001234"}
        phone.enter([Edit(Kind.create, BY_NAME["customer"], phone.new_id(), values)])
        phone.sync()
