"""The records that every device of an organisation holds: its profile, people, products, prices and custom field definitions.

In a request a known `id` is changed, any other is made.
"""

from enum import IntEnum
from typing import Annotated, Final

from msgspec import Meta

from shared_schema.entity import Entity
from shared_schema.places import Precision
from shared_schema.policy import SEARCHED, SERVER, Lane, OfAll, Policy
from shared_schema.records.base import Asked, Record
from shared_schema.scalars import BasisPoints, Choice, Currency, Day, FenceM, Id, Key, Minute, MoneyMinor, Name, PriceMinor, Word

CadenceDays = Annotated[int, Meta(ge=1, le=3_650)]
VISIT_DAYS_LEAST: Final = 30
VISIT_DAYS_MOST: Final = 730
VisitDays = Annotated[int, Meta(ge=VISIT_DAYS_LEAST, le=VISIT_DAYS_MOST)]
VISIT_DAYS: Final = 180


class Role(IntEnum):
    """The rights of a user (docs/domain.md, roles)."""

    unknown = 0
    rep = 1
    manager = 2
    assistant = 3
    finance = 4
    admin = 5
    service = 6
    """A business system with a key of its own; it signs in nowhere (D-495)."""


class FieldKind(IntEnum):
    """Type of a custom field: text → string, number → integer thousandths, choice → one of its choices, date → Day."""

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
    follow_up_by_visit: Annotated[bool, SERVER] = True
    """A contact on or after the day of a follow-up completes it (D-924)."""
    cadence_days: Annotated[CadenceDays, SERVER] = 30
    """How often a customer is to be contacted."""
    festivals: Annotated[Word, SERVER] = ""
    """The calendar whose festivals users hear of the day before, by the code of its country; empty: none."""
    phone_region: Annotated[Word, SERVER] = "CN"
    """The region as whose telephone numbers without a country code are read (D-151)."""
    fence_shop_m: Annotated[FenceM, SERVER] = 100
    """How far from the customer a check-in still counts, by the customer's kind (D-203); `other`: of no known kind."""
    fence_office_m: Annotated[FenceM, SERVER] = 200
    fence_plant_m: Annotated[FenceM, SERVER] = 500
    fence_other_m: Annotated[FenceM, SERVER] = 300
    visit_precision: Annotated[Precision, SERVER] = Precision.exact
    """How exactly visits say where they were (D-473)."""
    visit_days: Annotated[VisitDays, SERVER] = VISIT_DAYS
    """For how many days the server keeps where visits were (D-474)."""
    quiet_from: Annotated[Minute | None, SERVER] = None
    quiet_until: Annotated[Minute | None, SERVER] = None
    """The quiet hours of users who set none of their own (D-905); both or none."""


class Department(Record, frozen=True, array_like=True):
    """A node of the department tree."""

    name: Annotated[Name, SERVER]
    parent_id: Annotated[Id | None, SERVER] = None


class Person(Record, frozen=True, array_like=True):
    """One entry of the user directory; the id is the user's."""

    name: Annotated[Name, SERVER]
    role: Annotated[Role, SERVER] = Role.unknown
    department_id: Annotated[Id | None, SERVER, SEARCHED] = None
    active: Annotated[bool, SERVER] = True


class Product(Record, frozen=True, array_like=True):
    """A thing that we sell. Cost and margin never reach a phone."""

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

    price_book_id: Annotated[Id, SERVER, SEARCHED]
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
    choices: Annotated[tuple[Choice, ...], Meta(max_length=100), SERVER] = ()
    active: Annotated[bool, SERVER] = True


class OrganisationRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/organisation: name, time zone and reminders; the currency and the way of pricing stay as they were founded."""

    name: Name
    time_zone: Name
    follow_up_by_visit: bool = True
    cadence_days: CadenceDays = 30
    festivals: Word = ""
    phone_region: Word = "CN"
    fence_shop_m: FenceM = 100
    fence_office_m: FenceM = 200
    fence_plant_m: FenceM = 500
    fence_other_m: FenceM = 300
    visit_precision: Precision = Precision.exact
    visit_days: VisitDays = VISIT_DAYS
    quiet_from: Minute | None = None
    quiet_until: Minute | None = None


class DepartmentRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/departments."""

    id: Id | None = None
    name: Name
    parent_id: Id | None = None


class ProductRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/products."""

    id: Id | None = None
    code: Word
    name: Name
    unit: Word = ""
    tax_bps: BasisPoints = 0
    grade: Word = ""
    active: bool = True


class PriceBookRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/price-books."""

    id: Id | None = None
    name: Name
    currency: Currency = "CNY"
    valid_from_day: Day = 0


class PriceRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/prices."""

    id: Id | None = None
    price_book_id: Id
    product_id: Id
    price_minor: PriceMinor
    floor_minor: PriceMinor = 0
    max_discount_bps: BasisPoints = 0


class FieldDefinitionRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/field-definitions. Entity, key and kind of a definition never change."""

    id: Id | None = None
    entity: Annotated[int, Meta(ge=1, le=255)]
    key: Key
    kind: FieldKind
    label_zh: Name
    label_en: Name
    choices: Annotated[tuple[Choice, ...], Meta(max_length=100)] = ()
    active: bool = True


ENTITIES: Final = (
    Entity(20, Organisation, Policy.server, Lane.reference, OfAll()),
    Entity(21, Department, Policy.server, Lane.reference, OfAll((Lane.team,))),
    Entity(22, Person, Policy.server, Lane.reference, OfAll((Lane.now, Lane.work, Lane.history))),
    Entity(23, Product, Policy.server, Lane.reference, OfAll()),
    Entity(24, PriceBook, Policy.server, Lane.reference, OfAll()),
    Entity(25, Price, Policy.server, Lane.reference, OfAll()),
    Entity(26, FieldDefinition, Policy.server, Lane.reference, OfAll()),
)
