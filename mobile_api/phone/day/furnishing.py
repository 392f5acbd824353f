"""What waits for the reader who takes a rep's phone after the day: steps, a draft, words of the manager; only what is missing."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from mobile_api.phone.day.accounts import Accounts
from mobile_api.phone.day.desk import Desk
from mobile_api.phone.day.people import EAST, MANAGER, ORGANISATION, TRIED
from mobile_api.phone.phone import Phone
from server import chance, clock
from shared_schema.records.customer import Customer, FollowUp, Preference, Standing
from shared_schema.records.instruction import Instruction
from shared_schema.records.quote import Quote, QuoteStatus
from shared_schema.records.reference import Department, PriceBook, Product
from shared_schema.records.team import TeamNote
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit

FIRST_DAY: Final = date(1970, 1, 1)
DAY_MS: Final = 86_400_000
URGENT: Final = 2


def furnish(url: str, told: Accounts) -> None:
    """Enter it as the people do who would. Raises DayFailedError, UnreachableError, Problem."""
    with tempfile.TemporaryDirectory(prefix="outrider-furnishing-") as folder, _phone(url, told, Path(folder), TRIED) as rep:
        first, second, third, *_ = _own(rep)
        _steps(rep, first, second)
        _draft(rep, first, third)
        rep.sync()
        if not rep.views(Instruction):
            _instruct(url, told, rep, second)
        if not rep.views(TeamNote):
            _tell_the_team(url, told, Path(folder))


@contextmanager
def _phone(url: str, told: Accounts, folder: Path, login: str) -> Iterator[Phone]:
    """A phone of this user, as far as the server is."""
    phone = Phone(folder / f"{login}.db")
    try:
        phone.sign_in(url, ORGANISATION, login, told.passwords[login], f"{login} furnishing")
        phone.sync()
        yield phone
    finally:
        phone.close()


def _own(rep: Phone) -> list[Customer]:
    user_id = rep.seat().user_id
    mine = {one.id for one in rep.views(Standing) if one.owner_id == user_id}
    return sorted((one for one in rep.views(Customer) if one.id in mine), key=lambda one: (one.name, one.id))


def _new(phone: Phone, entity: str, **values: Any) -> tuple[bytes, Edit]:
    record_id = phone.new_id()
    return record_id, Edit(Kind.create, BY_NAME[entity], record_id, values)


def _steps(rep: Phone, first: Customer, second: Customer) -> None:
    """One step that is due today by the reader's own clock, one that is overdue, and what a customer likes."""
    today = (datetime.fromtimestamp(clock.machine_ms() / 1000).astimezone().date() - FIRST_DAY).days
    open_days = {one.due_day for one in rep.views(FollowUp) if not one.done}
    if today not in open_days:
        rep.enter([_new(rep, "follow_up", customer_id=first.id, due_day=today, purpose="送样品，谈月度供货")[1]])
    if not any(day < today for day in open_days):
        rep.enter([_new(rep, "follow_up", customer_id=second.id, due_day=today - 2, purpose="催上月货款")[1]])
    if not rep.views(Preference):
        rep.enter([_new(rep, "preference", customer_id=first.id, subject="送货时间", wish="周四下午，走后门")[1]])


def _draft(rep: Phone, customer: Customer, sampled: Customer) -> None:
    """A quote that is not submitted yet, and a sample that was left."""
    if any(one.status == QuoteStatus.draft for one in rep.views(Quote)):
        return
    book, product = rep.views(PriceBook)[0], rep.views(Product)[0]
    about = {"customer_id": customer.id, "currency": book.currency, "price_book_id": book.id}
    quote_id, quote = _new(rep, "quote", title="秋季补货（草稿）", **about)
    _, line = _new(
        rep,
        "quote_line",
        quote_id=quote_id,
        customer_id=customer.id,
        product_id=product.id,
        unit=product.unit,
        quantity_thousandths=12_000,
        price_minor=1_880,
        list_price_minor=1_880,
        tax_bps=product.tax_bps,
        position="a",
    )
    rep.enter([quote, line])
    rep.enter([_new(rep, "sample_entry", customer_id=sampled.id, product_id=product.id, quantity=3, device_ms=chance.now_ms())[1]])


def _instruct(url: str, told: Accounts, rep: Phone, customer: Customer) -> None:
    """The manager asks for something at a customer until tomorrow."""
    desk = Desk(url, ORGANISATION, MANAGER.login, told.passwords[MANAGER.login])
    try:
        people = {"rep_id": str(UUID(bytes=rep.seat().user_id)), "customer_id": str(UUID(bytes=customer.id))}
        asked = {"id": str(UUID(bytes=chance.new_id())), "text": "清点货架，拍下竞品价格", "priority": URGENT}
        desk.post("/v1/desk/instructions", {**asked, **people, "due_ms": chance.now_ms() + DAY_MS})
    finally:
        desk.close()


def _tell_the_team(url: str, told: Accounts, folder: Path) -> None:
    """The manager writes a note to the department."""
    with _phone(url, told, folder, MANAGER.login) as manager:
        department = next(one for one in manager.views(Department) if one.name == EAST)
        note = {
            "department_id": department.id,
            "device_ms": chance.now_ms(),
            "text": "周一九点开会，请带上月度计划。公海里新放了一批苏州和上海的客户。",
        }
        manager.enter([_new(manager, "team_note", **note)[1]])
        manager.sync()
