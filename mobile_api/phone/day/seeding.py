"""Bring the demo organisation into a database, once and whole: people, goods, three hundred customers."""

from pathlib import Path
from typing import Any, Final

from mobile_api.phone.day import accounts
from mobile_api.phone.day.accounts import Accounts
from mobile_api.phone.day.goods import CUSTOM_FIELDS, GOODS
from mobile_api.phone.day.people import ADMIN, COLLEAGUES, DEPARTMENTS, ORGANISATION, ORGANISATION_NAME, REPS
from mobile_api.phone.day.places import Shop, shops
from server import chance
from server.database import Database, open_database
from server.domain import passwords
from server.domain.devices import ACTIVE
from server.domain.imports.frame import Row
from server.domain.tokens import Claims
from server.services import device_lines, imports, organisations, tables, users
from server.services.imports import Chunk
from server.store import identity, schema
from shared_schema.places import Datum
from shared_schema.records.reference import DepartmentRequest, FieldDefinitionRequest, PriceBookRequest, PriceRequest, ProductRequest
from shared_schema.registry import BY_NAME
from shared_schema.rest import UserRequest

FLOOR_BPS: Final = 8_500
MAX_DISCOUNT_BPS: Final = 1_500
DESK: Final = "demo desk"
Connection = Any
"""The connection that a unit of `Database.write` is given; only the server may name its type."""


async def prepare(url: str, path: Path) -> Accounts:
    """Migrate, and seed the missing parts. Returns the passwords, kept at `path`.

    Raises the driver's error, Problem(busy) when the database is not to be had.
    """
    await schema.migrate(url)
    kept = accounts.load(path)
    told = kept or accounts.invent()
    if kept is None:
        accounts.keep(path, told)  # before the commit: nobody knows a password that is nowhere
    database = open_database(url)
    try:
        await _seed(database, told)
    finally:
        await database.close()
    return told


async def _seed(database: Database, told: Accounts) -> None:
    known = await database.read(_admin_hash)
    if known is not None and passwords.matches(known, told.passwords[ADMIN]):
        return
    hashes = {login: passwords.hashed(text, chance.secret(passwords.SALT_BYTES)) for login, text in told.passwords.items()}
    if known is None:
        await database.write(seed, hashes, chance.now_ms())
    else:
        await database.write(_reset, hashes)


def _admin_hash(conn: Connection) -> str | None:
    org = identity.org_by_login(conn, ORGANISATION)
    admin = identity.account_by_login(conn, org.org_id, ADMIN) if org is not None else None
    return str(admin.password_hash) if admin is not None else None


def _reset(conn: Connection, hashes: dict[str, str]) -> None:
    """The file of passwords was removed or is another's: everybody gets a new one."""
    for login, password_hash in hashes.items():
        users.reset_password(conn, ORGANISATION, login, password_hash)


def seed(conn: Connection, hashes: dict[str, str], now_ms: int) -> None:
    """The whole organisation in one transaction: it is there, or nothing of it is."""
    asked = organisations.NewOrganisation(login=ORGANISATION, name=ORGANISATION_NAME, account=ADMIN)
    founded = organisations.create(conn, asked, hashes[ADMIN], now_ms)
    desk = device_lines.opened(conn, founded.org_id, founded.user_id, device_lines.Phone(chance.new_id(), DESK, DESK), ACTIVE, now_ms)
    claims = Claims(founded.org_id, founded.user_id, desk.line_no)
    _people(conn, claims, hashes, now_ms)
    _goods(conn, claims, now_ms)
    for rep in REPS:
        brought = list(shops(rep.city))
        imports.take(conn, claims, Chunk("customers", tuple(_customer(rep.login, at, shop) for at, shop in enumerate(brought, 1)), now_ms))
        imports.take(conn, claims, Chunk("contacts", tuple(_buyer(rep.login, at, shop) for at, shop in enumerate(brought, 1)), now_ms))


def _people(conn: Connection, claims: Claims, hashes: dict[str, str], now_ms: int) -> None:
    departments = {name: tables.save(conn, claims, DepartmentRequest(name=name, parent_id=None), now_ms).id for name in DEPARTMENTS}
    for one in COLLEAGUES:
        asked = UserRequest(login=one.login, name=f"{one.chinese} {one.latin}", role=one.role, department_id=departments[one.department])
        users.save(conn, claims, asked, hashes[one.login], now_ms)


def _goods(conn: Connection, claims: Claims, now_ms: int) -> None:
    book = tables.save(conn, claims, PriceBookRequest(name="标准价 Standard"), now_ms)
    for good in GOODS:
        product = ProductRequest(code=good.code, name=good.name, unit=good.unit, tax_bps=good.tax_bps)
        product_id = tables.save(conn, claims, product, now_ms).id
        floor_minor = good.price_minor * FLOOR_BPS // 10_000
        price = PriceRequest(
            price_book_id=book.id,
            product_id=product_id,
            price_minor=good.price_minor,
            floor_minor=floor_minor,
            max_discount_bps=MAX_DISCOUNT_BPS,
        )
        tables.save(conn, claims, price, now_ms)
    for field in CUSTOM_FIELDS:
        asked = FieldDefinitionRequest(
            entity=BY_NAME[field.entity].number,
            key=field.key,
            kind=field.kind,
            label_zh=field.chinese,
            label_en=field.english,
            choices=field.choices,
        )
        tables.save(conn, claims, asked, now_ms)


def _customer(login: str, at: int, shop: Shop) -> Row:
    """A row of an import, as it was read. `login`: of its owner."""
    values = {
        "owner": login,
        "name": shop.name,
        "address": shop.address,
        "city": shop.city,
        "latitude": shop.latitude_e6,
        "longitude": shop.longitude_e6,
        "datum": Datum.wgs84,
        "kind": shop.kind,
        "industry": shop.industry,
        "phone": shop.phone,
    }
    return Row(at, (f"{login}-{at}",), values)


def _buyer(login: str, at: int, shop: Shop) -> Row:
    return Row(at, (f"{login}-{at}",), {"customer": f"{login}-{at}", "name": shop.buyer, "title": "采购", "phone": shop.phone})
