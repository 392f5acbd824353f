"""Customers from a file: a new one has an owner or a pool, or goes where the rules send it (D-184); values that a person wrote since stay
(D-705, D-706)."""

from collections.abc import Iterable, Sequence
from typing import Final

from server.domain import assignment, pools, positions
from server.domain.access import FIELD_ROLES
from server.domain.imports import cells
from server.domain.imports.columns import same_text
from server.domain.imports.frame import Asking, Column, Goal, Import, Logins, Named, Need, Planned, Row, filled, imported_id, unless
from server.domain.imports.reach import require_within
from server.domain.needs import Counter, Entering, Every, Many, Rows
from shared_schema.bands import CompanySize, Earnings, StockListing
from shared_schema.elements import Element
from shared_schema.external import ExternalId
from shared_schema.places import Datum
from shared_schema.records.assignment import AssignmentRule
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer, CustomerKind, Standing
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.records.reference import FieldDefinition, Organisation, Person
from shared_schema.records.region import City
from shared_schema.scalars import Line, Name, Text, Word

NAME: Final = "customers"
KIND_ZH: Final = {1: "门店", 2: "工厂", 3: "办公室"}
SIZE_ZH: Final = {1: "微型", 2: "小型", 3: "中型", 4: "大型"}
LISTING_ZH: Final = {1: "未上市", 2: "已上市"}
EARNINGS_ZH: Final = {1: "亏损", 2: "持平", 3: "盈利"}


def customer_id(asking: Asking, external_id: str) -> bytes:
    """The id of the customer that was, or will be, imported under an external id."""
    return imported_id(asking.actor.org_id, NAME, external_id)


def wants(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """The customers with their holders; owners by login; every pool, because one of them may show the customer's card."""
    ids = frozenset(customer_id(asking, *row.key) for row in rows)
    yield Logins(frozenset(row.values["owner"] for row in rows if "owner" in row.values))
    yield from (Every(record) for record in (Pool, Organisation, FieldDefinition))
    yield from (Entering(pool.id) for pool in asking.all(Pool))
    yield from (Rows(record, ids) for record in (Customer, Standing, PoolCard))
    led = [row for row in rows if _is_led(row)]
    if led:
        yield from _of_rules(asking, led)


def _is_led(row: Row) -> bool:
    """Whether the row leaves it to the rules whose the customer is."""
    return not {"owner", "pool"} & row.values.keys()


def _of_rules(asking: Asking, led: Sequence[Row]) -> Iterable[Need]:
    """The rules with the cities and the users that they name; of the users of each rule that fits, how many customers each owns."""
    yield from (Every(record) for record in (AssignmentRule, City))
    rules = [rule for rule in asking.all(AssignmentRule) if rule.active]
    yield Named(Person, "id", frozenset(user_id for rule in rules for user_id in rule.user_ids))
    fitting = {rule.id: rule for row in led if (rule := assignment.fitting(asking.state, _new(asking, row))) is not None}
    for user_id in sorted({user_id for rule in fitting.values() for user_id in assignment.able(asking.state, rule)}):
        yield from (Counter(f"owned:{user_id.hex()}"), Many(Standing, "owner_id", user_id))


def _new(asking: Asking, row: Row) -> Customer:
    """The customer as the row alone says it."""
    return filled(CUSTOMERS, Customer(customer_id(asking, *row.key), 0, row.values["name"]), row)


def plan(asking: Asking, row: Row) -> Planned:
    """The customer; a new one with its standing, and its card if it goes to a pool. No file says to whom a known one belongs (D-706)."""
    record_id = customer_id(asking, *row.key)
    known = asking.state.find(Customer, record_id)
    if known is not None:
        require_within(asking, asking.state.standing(record_id), "external_id")
        return Planned((filled(CUSTOMERS, known, row),))
    record = _new(asking, row)
    unless(not {"owner", "pool"} <= row.values.keys(), "owner_and_pool", "owner")
    if _is_led(row):
        to = _by_rule(asking, record)
        goal = Goal(None, to.id, to.name) if isinstance(to, Pool) else Goal(to.id, None, to.name)
        return _given(asking, record, to if isinstance(to, Pool) else to.id, goal)
    return _given(asking, record, _owner(asking, row.values["owner"]) if "owner" in row.values else _pool(asking, row.values["pool"]))


def _given(asking: Asking, record: Customer, to: bytes | Pool, goal: Goal | None = None) -> Planned:
    """A new customer of a user, or in a pool with its card."""
    if isinstance(to, Pool):
        pooled = Standing(record.id, 0, pool_id=to.id, epoch=1)
        require_within(asking, pooled, "pool" if goal is None else "owner")
        return Planned((record, pooled, pools.card(positions.placed(record), pooled, to, asking.now_ms)), goal=goal)
    owned = Standing(record.id, 0, owner_id=to, epoch=1, owned_since_ms=asking.now_ms)
    require_within(asking, owned, "owner")
    return Planned((record, owned), goal=goal)


def _by_rule(asking: Asking, record: Customer) -> Person | Pool:
    """Where the rules send a customer: earlier rows of the file count as customers of their users by then (D-184)."""
    unless(assignment.fitting(asking.state, record) is not None, "no_rule", "owner")
    to = assignment.receiver(asking.state, record)
    found = to if isinstance(to, Pool) else asking.state.find(Person, to)
    assert found is not None  # noqa: S101 - a rule gives to users who are loaded
    return found


def complete(asking: Asking, record: Record) -> tuple[Record, ...]:
    """The customer with its WGS-84 position; of one in a pool also its card, if it shows something else now."""
    assert isinstance(record, Customer)  # noqa: S101 - the record that the declaration below names
    placed = positions.placed(record)
    return (placed, *pools.followed(asking.state, placed))


def _owner(asking: Asking, login: str) -> bytes:
    account = asking.accounts.get(login)
    person = asking.state.find(Person, account.user_id) if account is not None else None
    unless(person is not None and person.active and person.role in FIELD_ROLES, "no_owner", "owner", text=login)
    assert person is not None  # noqa: S101 - said above
    return person.id


def _pool(asking: Asking, name: str) -> Pool:
    found = [pool for pool in asking.all(Pool) if pool.active and same_text(pool.name, name)]
    unless(found, "no_pool", "pool", text=name)
    unless(len(found) == 1, "names_many", "pool", text=name)
    return found[0]


CUSTOMERS: Final = Import(
    name=NAME,
    zh="客户",
    en="Customers",
    record=Customer,
    key=("external_id",),
    wants=wants,
    plan=plan,
    complete=complete,
    columns=(
        Column("external_id", "外部编号", "External id", cells.word(ExternalId), "C-1001", required=True, also=("客户编号", "customer no")),
        Column("name", "名称", "Name", cells.text(Name), "幸运面馆", required=True, slot="name", also=("客户名称", "客户")),
        Column("owner", "负责人账号", "Owner account", cells.login, "lin", also=("负责人", "owner")),
        Column("pool", "公海", "Pool", cells.text(Name), ""),
        Column("address", "地址", "Address", cells.text(Line), "南京西路 100 号", slot="address"),
        Column("city", "城市", "City", cells.text(Word), "上海", slot="city"),
        Column("latitude", "纬度", "Latitude", cells.degrees(90), "31.230416", slot="latitude_e6"),
        Column("longitude", "经度", "Longitude", cells.degrees(180), "121.473701", slot="longitude_e6"),
        Column("datum", "坐标系", "Datum", cells.member(Datum, {1: "WGS-84", 2: "GCJ-02", 3: "BD-09"}), "gcj02", slot="datum"),
        Column("kind", "类别", "Kind", cells.member(CustomerKind, KIND_ZH), "门店", slot="kind"),
        Column("industry", "行业", "Industry", cells.text(Word), "餐饮", slot="industry"),
        Column("phone", "电话", "Phone", cells.word(Word), "021-55550100", slot="phone"),
        Column(
            "registration_number",
            "统一社会信用代码",
            "Registration number",
            cells.word(Word),
            "91310000MA1FL0000X",
            slot="registration_number",
        ),
        Column("tags", "标签", "Tags", cells.words(Element), "重点;连锁", slot="tags"),
        Column("note", "备注", "Note", cells.text(Text), "", slot="note"),
        Column("size", "企业规模", "Company size", cells.member(CompanySize, SIZE_ZH), "小型", slot="size", also=("规模",)),
        Column(
            "stock_listing",
            "是否上市",
            "Stock listing",
            cells.member(StockListing, LISTING_ZH),
            "未上市",
            slot="stock_listing",
            also=("上市",),
        ),
        Column("earnings", "企业盈亏", "Own earnings", cells.member(Earnings, EARNINGS_ZH), "盈利", slot="earnings", also=("盈亏",)),
    ),
)
