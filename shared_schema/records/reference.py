"""What every device of an organisation holds: its profile, people, products, prices and custom field definitions."""

from enum import IntEnum
from typing import Annotated

from msgspec import Meta

from shared_schema.policy import SERVER
from shared_schema.records.base import Record
from shared_schema.scalars import BasisPoints, Currency, Day, Id, Key, MoneyMinor, Name, Word


class Role(IntEnum):
    """What a user may do (docs/domain.md, roles)."""

    unknown = 0
    rep = 1
    manager = 2
    assistant = 3
    finance = 4
    admin = 5


class FieldKind(IntEnum):
    """Type of a custom field: text → string, number → integer thousandths, choice → key, date → Day."""

    unknown = 0
    text = 1
    number = 2
    choice = 3
    date = 4


class Organisation(Record, frozen=True, array_like=True):
    """The tenant's public profile."""

    name: Annotated[Name, SERVER]
    currency: Annotated[Currency, SERVER] = "CNY"
    time_zone: Annotated[Name, SERVER] = "Asia/Shanghai"
    prices_include_tax: Annotated[bool, SERVER] = True


class Department(Record, frozen=True, array_like=True):
    """A node of the department tree."""

    name: Annotated[Name, SERVER]
    parent_id: Annotated[Id | None, SERVER] = None


class Person(Record, frozen=True, array_like=True):
    """One entry of the user directory; the id is the user's."""

    name: Annotated[Name, SERVER]
    role: Annotated[Role, SERVER] = Role.unknown
    department_id: Annotated[Id | None, SERVER] = None
    active: Annotated[bool, SERVER] = True


class Product(Record, frozen=True, array_like=True):
    """What we sell. Cost and margin never reach a phone."""

    code: Annotated[Word, SERVER]
    name: Annotated[Name, SERVER]
    unit: Annotated[Word, SERVER] = ""
    tax_bps: Annotated[BasisPoints, SERVER] = 0
    grade: Annotated[Word, SERVER] = ""
    active: Annotated[bool, SERVER] = True


class PriceBook(Record, frozen=True, array_like=True):
    """A dated list of prices."""

    name: Annotated[Name, SERVER]
    currency: Annotated[Currency, SERVER] = "CNY"
    valid_from_day: Annotated[Day, SERVER] = 0


class Price(Record, frozen=True, array_like=True):
    """The price of one product in one price book."""

    price_book_id: Annotated[Id, SERVER]
    product_id: Annotated[Id, SERVER]
    price_minor: Annotated[MoneyMinor, SERVER]
    floor_minor: Annotated[MoneyMinor, SERVER] = 0
    max_discount_bps: Annotated[BasisPoints, SERVER] = 0


class FieldDefinition(Record, frozen=True, array_like=True):
    """A typed custom field of an organisation on one entity."""

    entity: Annotated[int, Meta(ge=1, le=255), SERVER]
    key: Annotated[Key, SERVER]
    kind: Annotated[FieldKind, SERVER]
    label_zh: Annotated[Name, SERVER]
    label_en: Annotated[Name, SERVER]
    choices: Annotated[tuple[Key, ...], Meta(max_length=100), SERVER] = ()
    active: Annotated[bool, SERVER] = True
