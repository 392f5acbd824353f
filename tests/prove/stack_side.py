"""T3: everything that reaches the server in memory reaches the real application too, and both must do the same.

Compared at every request: the answer, byte for byte as far as its maps are in the same order, else by what it says: outcomes with
their places, cursor, pages, drops, numbers. Ids, line and scope numbers, epochs and the key of the cursors are the same on both sides,
so nothing is left out of an answer. At the end the whole organisation is read back (`stack_store.py`), compared, and judged.
Phones hear the real answers. Each history is an organisation of its own; those before it stay a while, with the same record ids.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from server.domain.desk import JOBS, TABLE_OF
from server.domain.devices import ACTIVE
from server.domain.tokens import Claims
from server.jobs.compact import DAY_MS, purge
from server.models import metadata, org
from server.services import backup, device_lines, hand_over, restore, sync_push, tables, users
from server.services.act import act, turn
from server.services.escalation import hand_items
from server.services.forget import forget_due
from server.services.remind import remind
from server.store import archive, devices, dues, feed, identity, retained, schema
from server.store.convert import statements, to_row
from server.store.feed import FeedRow
from server.store.load import dialect_of
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import HandOverRequest, Transfer
from shared_schema.records.reference import Person, Role
from shared_schema.registry import BY_NUMBER
from shared_schema.rest import UserRequest
from shared_schema.wire import ANSWER_DECODER, REQUEST_DECODER, ROWS_DECODER
from tests.prove.desk import Expire, Forget, HandOver, Own, Regroup, Remind
from tests.prove.reminded import RULES
from tests.prove.side import Side
from tests.prove.stack_app import App
from tests.prove.stack_store import differences, read_store
from tests.prove.store import PERSON, Store
from tests.prove.watch import Break, need
from tests.simulation.spots_oracle import misplaced

EQUAL: Final = "44 equal answers"
TOMBSTONE_DAYS: Final = 90
SESSION: Final = bytes(range(16))
"""Every line is signed in for good."""
NEIGHBOURS: Final = 1
"""Organisations of earlier histories that stay in the database."""


class Stack(Side):
    """The real application beside the store in memory, for one history."""

    def __init__(self, app: App, org_id: int) -> None:
        self.app = app
        self.org_id = org_id
        self.owners: dict[int, bytes] = {}
        self.hash = hashlib.sha256()

    # making

    def open(self, store: Store) -> None:
        self.store = store
        store.key = self.app.signer.cursor_key
        self.app.write(_clear, self.org_id)
        self.app.write(_seed, self.org_id, store)

    def line_opened(self, line_no: int, user_id: bytes, now_ms: int) -> None:
        self.app.now_ms = now_ms
        phone = device_lines.Phone(user_id, "stack", "stack")
        made = self.app.write(device_lines.opened, self.org_id, user_id, phone, ACTIVE, now_ms)
        need(made.line_no == line_no, EQUAL, f"line {made.line_no} was opened, not {line_no}")
        self.app.write(devices.put_session, self.org_id, line_no, SESSION)
        self.owners[line_no] = user_id

    # requests

    def answered(self, raw: bytes, line_no: int, now_ms: int, answer: bytes | None) -> bytes | None:
        self.app.now_ms = now_ms
        reply = self.app.sync(raw, self._claims(line_no))
        if answer is None:
            need(reply.status == 401, EQUAL, f"an unknown line is told {reply.status}: {reply.body!r}")
            return None
        need(reply.status == 200, EQUAL, f"line {line_no} is told {reply.status}: {reply.body!r}")
        if reply.body != answer and _told(reply.body) != _told(answer):
            raise Break(EQUAL, _difference(answer, reply.body))
        self.hash.update(reply.body)
        return reply.body

    def fingerprint(self) -> str:
        """Names every answer of this history."""
        return self.hash.hexdigest()[:16]

    def refused(self, raw: bytes, line_no: int, now_ms: int) -> None:
        self.app.now_ms = now_ms
        reply = self.app.sync(raw, self._claims(line_no))
        need(reply.status == 400, EQUAL, f"what nobody can read is told {reply.status}")

    def died(self, raw: bytes, line_no: int, now_ms: int) -> None:
        self.app.die(sync_push.push, self._claims(line_no), REQUEST_DECODER.decode(raw), self.store.key, now_ms)

    def _claims(self, line_no: int) -> Claims:
        return Claims(self.org_id, self.owners[line_no], line_no, SESSION)

    # the desk

    def desk(self, asked: Any, done: bool, now_ms: int) -> None:
        self.app.now_ms = now_ms
        try:
            self.app.write(SERVICES.get(type(asked), _ask), self, asked, now_ms)
        except Problem as problem:
            need(not done, EQUAL, f"{asked}: refused, {problem.code.word}")
        else:
            need(done, EQUAL, f"{asked}: done, and in memory not")

    def claims_of(self, role: Role) -> Claims:
        """The director's, whom all report to, or the admin's: the last lines that were opened with their users."""
        users_of = {user.id: user for user in self.store.users.values()}
        found = [(line_no, user_id) for line_no, user_id in self.owners.items() if users_of[user_id].role == role]
        line_no, user_id = max(found, key=lambda one: (len(users_of[one[1]].report_ids), one[0]))
        return Claims(self.org_id, user_id, line_no, SESSION)

    def purged(self, now_ms: int) -> None:
        self.app.now_ms = now_ms + TOMBSTONE_DAYS * DAY_MS + 1
        self.app.run(purge(self.app.database, TOMBSTONE_DAYS))

    def backed_up(self, now_ms: int) -> None:
        self.app.now_ms = now_ms
        with archive.created(self.app.archive, replace=True) as file:
            saved = self.app.read(backup.save, file, "stack", now_ms, _unheard)
        self.app.run(backup.mark(self.app.database, saved.lines))

    def restored(self, now_ms: int) -> None:
        """The whole database is replaced, those organisations too that earlier histories left."""
        self.app.now_ms = now_ms
        header = archive.verified(self.app.archive, _unheard)
        self.app.shut()
        self.app.run(schema.alone(self.app.url, restore.restore, self.app.archive, header, _unheard, now_ms, restore.Into(replace=True)))
        self.app.open()

    # the end

    def read_back(self, store: Store) -> Store:
        found = self.app.read(read_store, self.org_id, store)
        wrong = differences(store, found) + self.app.read(misplaced, self.org_id)
        need(not wrong, EQUAL, f"in memory and in the database: {wrong[:3]}")
        return found


def _unheard(_more: int, _all: int) -> None:
    """Nobody looks at the progress of one history's backup."""


def _ask(conn: sa.Connection, side: Stack, asked: Any, now_ms: int) -> None:
    act(conn, side.claims_of(Role.manager), asked, now_ms)


def _own(conn: sa.Connection, side: Stack, asked: Own, now_ms: int) -> None:
    line_no = max(line_no for line_no, user_id in side.owners.items() if user_id == asked.user_id)
    act(conn, side._claims(line_no), asked.asked, now_ms)


def _expire(conn: sa.Connection, side: Stack, asked: Expire, now_ms: int) -> None:
    job = next(one for one in JOBS if one.name == asked.job)
    if not turn(conn, side.org_id, job, asked.id, now_ms):
        raise Problem(Code.state_wrong)


def _remind(conn: sa.Connection, side: Stack, _: Remind, now_ms: int) -> None:
    come = [one for one in dues.waiting(conn, now_ms) if one.org_id == side.org_id and one.rule in RULES]
    if not come:
        raise Problem(Code.state_wrong)
    remind(conn, side.org_id, list(dict.fromkeys((one.rule, one.subject_id) for one in come)), now_ms)


def _forget(conn: sa.Connection, side: Stack, _: Forget, now_ms: int) -> None:
    days = retained.visit_days(conn)[side.org_id]
    if not retained.due(conn, side.org_id, now_ms - days * DAY_MS):
        raise Problem(Code.state_wrong)
    forget_due(conn, side.org_id, days, now_ms)


def _hand_over(conn: sa.Connection, side: Stack, asked: HandOver, now_ms: int) -> None:
    claims = side.claims_of(Role.manager)
    left = hand_over.left(conn, claims, asked.leaver_id, HandOverRequest(to_user_id=asked.to_user_id), now_ms)
    for customer_id in left.owned:
        hand_over.give(conn, claims, Transfer(customer_id, asked.to_user_id), asked.leaver_id, now_ms)
    for customer_id in left.shared:
        hand_over.part(conn, claims, customer_id, asked.leaver_id, now_ms)
    hand_items(conn, side.org_id, asked.leaver_id, now_ms)


def _put(conn: sa.Connection, side: Stack, asked: Any, now_ms: int) -> None:
    tables.save(conn, side.claims_of(Role.admin), asked, now_ms)


def _regroup(conn: sa.Connection, side: Stack, asked: Regroup, now_ms: int) -> None:
    person = side.store.records[PERSON.number, asked.user_id].record
    assert isinstance(person, Person)
    wanted = UserRequest(id=person.id, login=_login(person.id), name=person.name, role=person.role, department_id=asked.department_id)
    users.save(conn, side.claims_of(Role.admin), wanted, None, now_ms)


SERVICES: Final[Mapping[type, Callable[[sa.Connection, Stack, Any, int], None]]] = {
    **dict.fromkeys(TABLE_OF, _put),
    Expire: _expire,
    HandOver: _hand_over,
    Own: _own,
    Regroup: _regroup,
    Remind: _remind,
    Forget: _forget,
}
"""What is no verb of the desk yet."""


def _clear(conn: sa.Connection, org_id: int) -> None:
    """Nothing of this organisation, and of the others only the last."""
    known = sorted(conn.execute(sa.select(org.c.org_id).where(org.c.org_id != org_id)).scalars())
    gone = [org_id, *known[: max(0, len(known) - NEIGHBOURS)]]
    for table in metadata.sorted_tables:
        if "org_id" in table.c:
            conn.execute(sa.delete(table).where(table.c.org_id.in_(gone)))


def _seed(conn: sa.Connection, org_id: int, store: Store) -> None:
    """The organisation as the history opens it: people, scopes, and what every device holds."""
    values = {"org_id": org_id, "login": f"org{org_id}", "epoch": store.epoch, "device_approval": False, "created_ms": 0}
    conn.execute(sa.insert(org).values(rev_floor=store.rev_floor, **values))
    identity.insert_scopes(conn, org_id, list(store.scopes))
    for user_id in store.users:
        row = {"login": _login(user_id), "password_hash": "", "language": "en", "created_ms": 0}
        identity.put_account(conn, org_id, user_id, new=True, **row)
    for (number, _), held in store.records.items():
        entity = BY_NUMBER[number]
        conn.exec_driver_sql(statements(entity, dialect_of(conn)).insert, [to_row(entity, org_id, held.record)])
    for scope_no, told in store.feed.items():
        feed.publish(conn, org_id, [FeedRow(scope_no, *key, row.reason, row.body) for key, row in told.items()], 0)


def _login(user_id: bytes) -> str:
    return f"u{int.from_bytes(user_id, 'big')}"


def _told(raw: bytes) -> dict[str, Any]:
    """What an answer says, outcomes first, rows and outcomes decoded."""
    answer = ANSWER_DECODER.decode(raw)
    rows = [
        (page.scope, row.entity, msgspec.msgpack.decode(row.body), row.reason)
        for page in answer.pages
        for row in ROWS_DECODER.decode(page.rows)
    ]
    return {
        "outcomes": [msgspec.msgpack.decode(one) for one in answer.outcomes],
        "rows": rows,
        "pages": [(page.scope, page.lane, page.begin, page.position, page.head, page.done) for page in answer.pages],
        **msgspec.structs.asdict(msgspec.structs.replace(answer, pages=[], outcomes=[])),
    }


def _difference(memory: bytes, real: bytes) -> str:
    """The first thing two answers say differently."""
    pairs = zip(_told(memory).items(), _told(real).values(), strict=True)
    name, left, right = next((name, left, right) for (name, left), right in pairs if left != right)
    if isinstance(left, list) and isinstance(right, list):
        at = next((at for at, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), min(len(left), len(right)))
        return f"{name}: {len(left)} in memory, {len(right)} really; the first to differ: {left[at : at + 1]}, really {right[at : at + 1]}"
    return f"{name}: in memory {left!r}, really {right!r}"
