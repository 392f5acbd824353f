"""Bring the demo organisation into a database, once and whole: people, goods, three hundred customers, and a pool with some more."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from mobile_api.phone.day import accounts
from mobile_api.phone.day.accounts import Accounts
from mobile_api.phone.day.day_clock import DayClock
from mobile_api.phone.day.goods import CUSTOM_FIELDS, GOODS
from mobile_api.phone.day.people import (
    ADMIN,
    COLLEAGUES,
    DEPARTMENTS,
    EAST,
    FALLING,
    ORGANISATION,
    ORGANISATION_NAME,
    POOL,
    REPS,
    TIME_ZONE,
)
from mobile_api.phone.day.places import Shop, pooled, shops
from server import chance
from server.database import Database, open_database
from server.domain import passwords
from server.domain.devices import ACTIVE
from server.domain.imports.frame import Row
from server.domain.local_times import local_day
from server.domain.needs import Whole
from server.domain.tokens import Claims
from server.services import device_lines, imports, organisations, tables, users
from server.services.act import NOBODY, Deciding, act, carried_out
from server.services.imports import Chunk
from server.store import devices, identity, load, outbox, schema
from shared_schema.places import Datum
from shared_schema.records.customer import Standing, Tier
from shared_schema.records.pool import PoolRequest
from shared_schema.records.reference import DepartmentRequest, FieldDefinitionRequest, PriceBookRequest, PriceRequest, ProductRequest, Role
from shared_schema.records.tier_policy import NewTierPolicy
from shared_schema.registry import BY_NAME
from shared_schema.rest import UserRequest
from sync.rules import Actor
from sync.state import State

FLOOR_BPS: Final = 8_500
MAX_DISCOUNT_BPS: Final = 1_500
POLICY: Final[Mapping[str, Any]] = {"contact_days": (30, 14, 30, 90), "credit_limits_minor": (0, 20_000_000, 5_000_000, 0)}
"""Customers without a tier are contacted as often as without a policy."""
DESK: Final = "demo desk"
Connection = Any
"""The connection that a unit of `Database.write` is given; only the server may name its type."""


async def prepare(url: str, path: Path, clock: DayClock | None = None) -> Accounts:
    """Migrate, and seed the missing parts. Returns the passwords, kept at `path`. A clock is set to a morning.

    Raises the driver's error, Problem(busy) when the database is not to be had.
    """
    await schema.migrate(url)
    kept = accounts.load(path)
    told = kept or accounts.invent()
    if kept is None:
        accounts.keep(path, told)  # before the commit: nobody knows a password that is nowhere
    database = open_database(url)
    try:
        if clock is not None:
            clock.begin(await database.read(_latest_ms))
        await _seed(database, told)
        await database.write(_forget_pushes, chance.now_ms())
        await database.write(_tiers, chance.now_ms())
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


def _forget_pushes(conn: Connection, now_ms: int) -> None:
    """Those of the days before, which would count to the pushes that a reader gets in an hour."""
    org = identity.org_by_login(conn, ORGANISATION)
    if org is not None:
        outbox.forget(conn, org.org_id, now_ms)


def _tiers(conn: Connection, now_ms: int) -> None:
    """Each rep of `FALLING` owns one customer of tier A, and nobody else does. Nothing computes tiers yet; the day needs two."""
    org = identity.org_by_login(conn, ORGANISATION)
    if org is None:
        return
    known = State()
    load.every(conn, known, org.org_id, BY_NAME["standing"])
    standings = [held.record for held in known.held.values() if isinstance(held.record, Standing)]
    standings.sort(key=lambda one: (one.tier is not Tier.a, one.id))
    accounts_of = [identity.account_by_login(conn, org.org_id, login) for login in FALLING]
    owners = [one.user_id for one in accounts_of if one is not None]
    first = {next(one.id for one in standings if one.owner_id == owner_id) for owner_id in owners}
    changed = [replace(one, tier=tier) for one in standings if one.tier is not (tier := Tier.a if one.id in first else Tier.unknown)]

    def write(state: State) -> None:
        for one in changed:
            state.write(one)

    if changed:
        acting = Actor(org.org_id, NOBODY, 0, Role.unknown)
        carried_out(conn, acting, Deciding(lambda _asking: [Whole(one.id) for one in changed], write), now_ms)


def _latest_ms(conn: Connection) -> int | None:
    """The last moment at which the organisation heard of a device; None: there is no organisation yet."""
    org = identity.org_by_login(conn, ORGANISATION)
    return devices.latest_ms(conn, org.org_id) if org is not None else None


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
    asked = organisations.NewOrganisation(login=ORGANISATION, name=ORGANISATION_NAME, account=ADMIN, time_zone=TIME_ZONE)
    founded = organisations.create(conn, asked, hashes[ADMIN], now_ms)
    desk = device_lines.opened(conn, founded.org_id, founded.user_id, device_lines.Phone(chance.new_id(), DESK, DESK), ACTIVE, now_ms)
    claims = Claims(founded.org_id, founded.user_id, desk.line_no)
    departments = _people(conn, claims, hashes, now_ms)
    _goods(conn, claims, now_ms)
    act(conn, claims, NewTierPolicy(id=chance.new_id(), effective_from_day=local_day(now_ms, TIME_ZONE), **POLICY), now_ms)
    for rep in REPS:
        _bring(conn, claims, rep.login, {"owner": rep.login}, list(shops(rep.city)), now_ms)
    tables.save(conn, claims, PoolRequest(name=POOL, department_id=departments[EAST]), now_ms)
    _bring(conn, claims, "pool", {"pool": POOL}, list(pooled()), now_ms)


def _bring(conn: Connection, claims: Claims, prefix: str, whose: Mapping[str, str], brought: Sequence[Shop], now_ms: int) -> None:
    """Import shops with their buyers. `prefix`: of the external ids; `whose`: the owner or the pool."""
    for kind, row in (("customers", _customer), ("contacts", _buyer)):
        rows = tuple(row(f"{prefix}-{at}", at, shop, whose) for at, shop in enumerate(brought, 1))
        imports.take(conn, claims, Chunk(kind, rows, now_ms))


def _people(conn: Connection, claims: Claims, hashes: dict[str, str], now_ms: int) -> dict[str, bytes]:
    """The departments by name, with their people."""
    departments = {name: tables.save(conn, claims, DepartmentRequest(name=name, parent_id=None), now_ms).id for name in DEPARTMENTS}
    for one in COLLEAGUES:
        asked = UserRequest(login=one.login, name=f"{one.chinese} {one.latin}", role=one.role, department_id=departments[one.department])
        users.save(conn, claims, asked, hashes[one.login], now_ms)
    return departments


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


def _customer(external_id: str, at: int, shop: Shop, whose: Mapping[str, str]) -> Row:
    """A row of an import, as it was read."""
    values = {
        **whose,
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
    return Row(at, (external_id,), values)


def _buyer(external_id: str, at: int, shop: Shop, _whose: Mapping[str, str]) -> Row:
    return Row(at, (external_id,), {"customer": external_id, "name": shop.buyer, "title": "采购", "phone": shop.phone})
