"""An organisation to measure on: reps with customers as people write them, and the pushes of their phones."""

import random
from collections.abc import Sequence
from typing import Final

import msgspec
import sqlalchemy as sa
from msgspec import Raw

from server import chance
from server.database import Database
from server.domain.tokens import Claims, Signer
from server.models import RECORD_TABLES, scope
from server.services import device_lines, sync_pull, sync_push
from server.store import identity
from server.store.convert import statements, to_row
from server.store.load import dialect_of
from shared_schema.policy import Lane
from shared_schema.records.reference import Organisation, Role
from shared_schema.registry import BY_NAME, BY_RECORD
from shared_schema.wire import ENCODER, PAGE_BYTES_MAX, PROTOCOL, SCHEMA, GroupPlace, Kind, Mutation, SyncRequest
from sync.scope import REFERENCE, Reader

CUSTOMER: Final = BY_NAME["customer"]
PUSH_MAX: Final = 500
SECRET: Final = chance.secret()
CURSOR_KEY: Final = Signer(SECRET).cursor_key
PAGE_BYTES: Final = PAGE_BYTES_MAX
_CITIES: Final = (("上海", 31_230_000, 121_470_000), ("苏州", 31_300_000, 120_580_000), ("杭州", 30_270_000, 120_150_000))
_FAMILIES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗"
_GIVEN: Final = "伟芳娜敏静强磊洋艳勇军杰娟涛明超霞平刚桂英华玉兰志建国文辉"
_TRADES: Final = ("便利店", "五金行", "汽修厂", "食品有限公司", "建材经营部", "药房", "文具店", "机电设备厂")
_STREETS: Final = ("人民路", "解放路", "中山东路", "建设大道", "新华街", "科技园南路", "长江路", "青年路")
_NOTES: Final = ("", "", "周二上午不在", "先打电话再上门", "付款慢，注意账期", "老板娘管采购", "要求月底前送样品")


class Rep(msgspec.Struct):
    """One rep with one phone. `customer_ids` in the order of creation; `next_n`: the number of the rep's next mutation."""

    claims: Claims
    now_scope: int
    customer_ids: list[bytes]
    next_n: int = 1


class World:
    """One organisation in one database; everything but people and lines enters through real pushes."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.org_id = 0
        self._random = random.Random(20)

    async def open(self) -> "World":
        """Make the organisation."""
        self.org_id = await self.database.write(_open, chance.now_ms())
        return self

    async def rep(self, customers: int) -> Rep:
        """A rep with a phone and that many customers."""
        rep = await self.database.write(_rep, self.org_id, chance.now_ms())
        for start in range(0, customers, PUSH_MAX):
            ids = [chance.new_id() for _ in range(min(PUSH_MAX, customers - start))]
            rep.customer_ids += ids
            await self.take(rep, asked(rep, [(Kind.create, one, self._customer()) for one in ids]))
        return rep

    async def patch(self, rep: Rep, customer_ids: Sequence[bytes]) -> None:
        """One push: a new phone number for each of these customers."""
        await self.take(rep, self.patches(rep, customer_ids))

    async def take(self, rep: Rep, request: SyncRequest) -> sync_push.Pushed:
        """One push through the door."""
        return await self.database.write(sync_push.push, rep.claims, request, CURSOR_KEY, chance.now_ms())

    def patches(self, rep: Rep, customer_ids: Sequence[bytes]) -> SyncRequest:
        """The request of such a push; it confirms the outcomes of the one before."""
        return asked(rep, [(Kind.patch, one, {"phone": self._phone()}) for one in customer_ids])

    async def pull(self, rep: Rep, cursor: bytes) -> sync_pull.Pulled:
        """One page after the cursor; the empty cursor asks for everything."""
        place = sync_pull.Asked(cursor, PAGE_BYTES)
        return await self.database.read(sync_pull.pull, rep.claims, place, CURSOR_KEY, chance.now_ms())

    def _phone(self) -> str:
        return f"1{self._random.randint(3_000_000_000, 9_999_999_999)}"

    def _customer(self) -> dict[str, object]:
        some = self._random
        city, latitude_e6, longitude_e6 = some.choice(_CITIES)
        owner = some.choice(_FAMILIES) + "".join(some.sample(_GIVEN, 2))
        return {
            "name": f"{city}{owner}{some.choice(_TRADES)}", "address": f"{some.choice(_STREETS)}{some.randint(1, 1999)}号", "city": city,
            "latitude_e6": latitude_e6 + some.randint(-90_000, 90_000), "longitude_e6": longitude_e6 + some.randint(-90_000, 90_000),
            "datum": 2, "kind": some.randint(1, 3), "phone": self._phone(), "note": some.choice(_NOTES),
            "registration_number": f"9131{some.randint(10**13, 10**14 - 1)}" if some.random() < 0.5 else "",
        }  # fmt: skip


def asked(rep: Rep, entries: Sequence[tuple[Kind, bytes, dict[str, object]]]) -> SyncRequest:
    """A request with these entries, each alone in its group."""
    now_ms = chance.now_ms()
    raws = []
    for n, (kind, record_id, values) in enumerate(entries, rep.next_n):
        bases = dict.fromkeys(values, 1) if kind == Kind.patch else {}
        body = Raw(ENCODER.encode(values))
        raws.append(Raw(ENCODER.encode(Mutation(n, GroupPlace(n, 0, 1), int(kind), CUSTOMER.number, record_id, bases, body, now_ms))))
    acked_n = rep.next_n - 1
    rep.next_n += len(raws)
    return SyncRequest(PROTOCOL, SCHEMA, "bench", b"", acked_n, now_ms, raws)


def _open(conn: sa.Connection, now_ms: int) -> int:
    org_id = identity.insert_org(conn, "bench", False, now_ms)
    identity.insert_scopes(conn, org_id, [REFERENCE])
    entity = BY_RECORD[Organisation]
    conn.exec_driver_sql(statements(entity, dialect_of(conn)).insert, [to_row(entity, org_id, Organisation(chance.new_id(), 1, "Bench"))])
    return org_id


def _rep(conn: sa.Connection, org_id: int, now_ms: int) -> Rep:
    user_id = chance.new_id()
    row = {"login": user_id.hex(), "password_hash": "-", "language": "zh", "created_ms": now_ms}
    identity.put_account(conn, org_id, user_id, new=True, **row)
    conn.execute(sa.insert(RECORD_TABLES["person"]).values(org_id=org_id, id=user_id, rev=1, name="rep", role=int(Role.rep), active=True))
    identity.insert_scopes(conn, org_id, [Reader(lane, user_id) for lane in BY_NAME["person"].opens])
    line = device_lines.opened(conn, org_id, user_id, device_lines.Phone(chance.new_id(), "bench", "bench"), "active", now_ms)
    where = (scope.c.org_id == org_id, scope.c.subject_id == user_id, scope.c.lane == int(Lane.now))
    number = int(conn.execute(sa.select(scope.c.number).where(*where)).scalar_one())
    return Rep(Claims(org_id, user_id, line.line_no), number, [])
