"""Contacts from a file: each names its customer by the external id under which that was imported."""

from collections.abc import Iterable, Sequence
from typing import Final

from server.domain.imports import cells
from server.domain.imports.birthdays import birthday
from server.domain.imports.customers import customer_id
from server.domain.imports.frame import Asking, Column, Import, Need, Planned, Row, filled, imported_id, unless
from server.domain.imports.reach import require_within
from server.domain.needs import Every, Rows
from shared_schema.bands import Seniority
from shared_schema.elements import Element
from shared_schema.external import ExternalId
from shared_schema.records.customer import Contact, Standing
from shared_schema.records.reference import FieldDefinition, Organisation
from shared_schema.scalars import Line, Name, Text, Word

NAME: Final = "contacts"
SENIORITY_ZH: Final = {1: "员工", 2: "主管", 3: "高管"}


def wants(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """The contacts, and the standings of the customers that the rows name."""
    for record in (Organisation, FieldDefinition):
        yield Every(record)
    yield Rows(Contact, frozenset(imported_id(asking.actor.org_id, NAME, *row.key) for row in rows))
    yield Rows(Standing, frozenset(customer_id(asking, row.values["customer"]) for row in rows))


def plan(asking: Asking, row: Row) -> Planned:
    """The contact, of a customer that is there; it never moves to another."""
    record_id, named = imported_id(asking.actor.org_id, NAME, *row.key), row.values["customer"]
    of_customer = customer_id(asking, named)
    unless(asking.state.standing(of_customer) is not None, "no_customer", "customer", text=named)
    require_within(asking, asking.state.standing(of_customer), "customer")
    known = asking.state.find(Contact, record_id)
    unless(known is None or known.customer_id == of_customer, "other_customer", "customer")
    return Planned((filled(CONTACTS, known or Contact(record_id, 0, of_customer, row.values["name"]), row),))


CONTACTS: Final = Import(
    name=NAME,
    zh="联系人",
    en="Contacts",
    record=Contact,
    key=("external_id",),
    wants=wants,
    plan=plan,
    columns=(
        Column(
            "external_id", "外部编号", "External id", cells.word(ExternalId), "P-2001", required=True, also=("联系人编号", "contact no")
        ),
        Column(
            "customer",
            "客户外部编号",
            "Customer external id",
            cells.word(ExternalId),
            "C-1001",
            required=True,
            also=("客户编号", "customer no"),
        ),
        Column("name", "姓名", "Name", cells.text(Name), "王芳", required=True, slot="name", also=("联系人",)),
        Column("title", "职务", "Title", cells.text(Word), "店长", slot="title"),
        Column("phone", "电话", "Phone", cells.word(Word), "13900000001", slot="phone", also=("手机", "mobile")),
        Column("phones", "其他电话", "Further phones", cells.words(Element), "", slot="phones"),
        Column("email", "邮箱", "Email", cells.word(Line), "wang.fang@example.com", slot="email"),
        Column("note", "备注", "Note", cells.text(Text), "", slot="note"),
        Column("birthday", "生日", "Birthday", birthday, "1985-03-12", slot="birthday", also=("出生日期", "date of birth")),
        Column("seniority", "职级", "Seniority", cells.member(Seniority, SENIORITY_ZH), "主管", slot="seniority"),
    ),
)
