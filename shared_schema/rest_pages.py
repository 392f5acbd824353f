"""One page of each desk list: at most `rest.PAGE_ITEMS` items in order of their key; `after` asks for the next page, None = the last."""

import msgspec

from shared_schema.records.pool import Pool
from shared_schema.records.reference import Department, FieldDefinition, Price, PriceBook, Product
from shared_schema.rest import Device, User
from shared_schema.scalars import Id


class UserPage(msgspec.Struct, frozen=True, kw_only=True):
    """At most PAGE_ITEMS users in id order; `after` asks for the next page, None = the last."""

    items: list[User]
    after: Id | None


class DevicePage(msgspec.Struct, frozen=True, kw_only=True):
    """At most PAGE_ITEMS device lines in order of their number."""

    items: list[Device]
    after: int | None


class DepartmentPage(msgspec.Struct, frozen=True, kw_only=True):
    """Departments in id order."""

    items: list[Department]
    after: Id | None


class ProductPage(msgspec.Struct, frozen=True, kw_only=True):
    """Products in id order."""

    items: list[Product]
    after: Id | None


class PriceBookPage(msgspec.Struct, frozen=True, kw_only=True):
    """Price books in id order."""

    items: list[PriceBook]
    after: Id | None


class PricePage(msgspec.Struct, frozen=True, kw_only=True):
    """Prices in id order."""

    items: list[Price]
    after: Id | None


class PoolPage(msgspec.Struct, frozen=True, kw_only=True):
    """Pools in id order, those no longer in use too."""

    items: list[Pool]
    after: Id | None


class FieldDefinitionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Custom field definitions in id order."""

    items: list[FieldDefinition]
    after: Id | None
