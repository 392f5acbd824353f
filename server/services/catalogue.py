"""What the desk keeps for every device: profile, departments, products, price books, prices, custom field definitions."""

import msgspec
import sqlalchemy as sa

from server import chance
from server.domain import catalogue, departments, time_zones
from server.domain.tokens import Claims
from server.services import actors, keep
from server.store import identity, reference
from shared_schema.policy import Lane
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import (
    Department,
    DepartmentRequest,
    FieldDefinition,
    FieldDefinitionRequest,
    Organisation,
    OrganisationRequest,
    Price,
    PriceBook,
    PriceBookRequest,
    PriceRequest,
    Product,
    ProductRequest,
)
from sync.scope import Reader


def organisation(conn: sa.Connection, claims: Claims, now_ms: int) -> Organisation:
    """The organisation's profile.

    Raises Problem(forbidden).
    """
    return _profile(conn, actors.admin(conn, claims, now_ms).org_id)


def save_organisation(conn: sa.Connection, claims: Claims, asked: OrganisationRequest, now_ms: int) -> Organisation:
    """Rename the organisation, or correct its time zone (D-001).

    Raises Problem(forbidden | rule_broken).
    """
    org_id = actors.admin(conn, claims, now_ms).org_id
    time_zones.require_known(asked.time_zone)
    changed = msgspec.structs.replace(_profile(conn, org_id), name=asked.name, time_zone=asked.time_zone)
    return keep.one(conn, org_id, changed, now_ms)


def _profile(conn: sa.Connection, org_id: int) -> Organisation:
    (profile,) = reference.page(conn, org_id, Organisation, None, 1)
    return profile


def save_department(conn: sa.Connection, claims: Claims, asked: DepartmentRequest, now_ms: int) -> Department:
    """Make, rename or move a department.

    Raises Problem(forbidden | rule_broken).
    """
    org_id = actors.admin(conn, claims, now_ms).org_id
    department = Department(_id(asked.id), 0, asked.name, asked.parent_id)
    # One tree, one lock: two moves at once could close a circle that neither sees.
    identity.next_number(conn, org_id, "departments")
    parents = identity.departments(conn, org_id)
    departments.place(parents, department.id, department.parent_id)
    if department.id not in parents:
        identity.insert_scopes(conn, org_id, [Reader(Lane.team, department.id)])
    return keep.one(conn, org_id, department, now_ms)


def save_product(conn: sa.Connection, claims: Claims, asked: ProductRequest, now_ms: int) -> Product:
    """Make or change a product.

    Raises Problem(forbidden).
    """
    org_id = actors.admin(conn, claims, now_ms).org_id
    product = Product(_id(asked.id), 0, asked.code, asked.name, asked.unit, asked.tax_bps, asked.grade, asked.active)
    return keep.one(conn, org_id, product, now_ms)


def save_price_book(conn: sa.Connection, claims: Claims, asked: PriceBookRequest, now_ms: int) -> PriceBook:
    """Make or change a price book.

    Raises Problem(forbidden).
    """
    org_id = actors.admin(conn, claims, now_ms).org_id
    return keep.one(conn, org_id, PriceBook(_id(asked.id), 0, asked.name, asked.currency, asked.valid_from_day), now_ms)


def save_price(conn: sa.Connection, claims: Claims, asked: PriceRequest, now_ms: int) -> Price:
    """Make or change the price of one product in one book.

    Raises Problem(forbidden | rule_broken).
    """
    org_id = actors.admin(conn, claims, now_ms).org_id
    if reference.find(conn, org_id, PriceBook, asked.price_book_id) is None:
        raise Problem(Code.rule_broken, "there is no such price book", field="price_book_id")
    if reference.find(conn, org_id, Product, asked.product_id) is None:
        raise Problem(Code.rule_broken, "there is no such product", field="product_id")
    price = Price(_id(asked.id), 0, asked.price_book_id, asked.product_id, asked.price_minor, asked.floor_minor, asked.max_discount_bps)
    return keep.one(conn, org_id, price, now_ms)


def save_field_definition(conn: sa.Connection, claims: Claims, asked: FieldDefinitionRequest, now_ms: int) -> FieldDefinition:
    """Define a custom field, or change its labels, its choices and whether it is offered.

    Raises Problem(forbidden | rule_broken | fixed_field).
    """
    org_id = actors.admin(conn, claims, now_ms).org_id
    definition = FieldDefinition(
        _id(asked.id), 0, asked.entity, asked.key, asked.kind, asked.label_zh, asked.label_en, asked.choices, asked.active
    )
    # Two definitions at once of one key must take turns: the second sees the first.
    identity.next_number(conn, org_id, "field_definitions")
    before = reference.find(conn, org_id, FieldDefinition, definition.id)
    catalogue.define(definition, before, reference.definition(conn, org_id, asked.entity, asked.key))
    return keep.one(conn, org_id, definition, now_ms)


def _id(asked_id: bytes | None) -> bytes:
    return asked_id if asked_id is not None else chance.new_id()
