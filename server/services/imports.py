"""One chunk of an import, one transaction: lock, load, decide, write, feed, tell; or the same without writing (docs/domain.md, D-7xx)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
import sqlalchemy as sa

from server.domain.imports.columns import offered
from server.domain.imports.frame import Account, Asking, Column, Fault, Import, Logins, Named, Need, Row
from server.domain.imports.kinds import BY_NAME as KINDS
from server.domain.imports.settle import Settled, taken
from server.domain.imports.sheet import FlawError
from server.domain.needs import Beside, Counter, Entering, Every, InTurn, Many, Rows, Unsettled
from server.domain.tokens import Claims
from server.services import actors, alike, returns
from server.services.needs import counted
from server.services.notices import tell
from server.store import books, comings, families, identity, load, named
from server.store.write import publish, save_records
from shared_schema.entity import Entity
from shared_schema.policy import OfAll
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import FieldDefinition
from shared_schema.registry import BY_NUMBER, BY_RECORD
from sync.rules import Actor
from sync.state import Held, Key, State

NAME_ROUNDS_MAX: Final = 3
"""A row names a product, by it a price; rules name users, by them the users who take customers: no noun needs more."""

BESIDE_ROUNDS_MAX: Final = 5
"""A receivable names what paid it, that the collections, these what else they paid."""


class Operator(msgspec.Struct, frozen=True):
    """The importer at the machine itself: in the name of an admin of the organisation, whose word the history keeps."""

    organisation: str
    account: str


Who = Claims | Operator


class Chunk(msgspec.Struct, frozen=True):
    """Rows of one transaction. `moment_ms`: when the import began; the same for all its chunks."""

    kind: str
    rows: tuple[Row, ...]
    now_ms: int


class Done(msgspec.Struct, frozen=True):
    """The results of a chunk: by line of each row taken; and why others were not."""

    settled: Mapping[int, Settled]
    faults: tuple[Fault, ...]


class Trial(msgspec.Struct, frozen=True):
    """The rows that earlier chunks of a dry run would have written; of these `made` are new."""

    held: dict[Key, Held] = {}
    accounts: dict[str, Account] = {}
    made: frozenset[Key] = frozenset()

    def counted(self, number: int, slot: str, named_id: bytes) -> int:
        """How many of the new ones of an entity name the id in a slot."""
        return sum(key[0] == number and getattr(self.held[key].record, slot) == named_id for key in self.made)


def columns(conn: sa.Connection, who: Who, kind: str, now_ms: int) -> tuple[Column, ...]:
    """The columns of an import in this organisation, its custom fields among them. Raises Problem(forbidden | not_found)."""
    acting = _acting(conn, who, KINDS[kind], now_ms)
    state = State()
    load.every(conn, state, acting.org_id, BY_RECORD[FieldDefinition])
    return offered(KINDS[kind], [one.record for one in state.held.values() if isinstance(one.record, FieldDefinition)])


def take(conn: sa.Connection, who: Who, chunk: Chunk) -> Done:
    """Write a chunk: each row whole or not at all, all rows in one transaction. Raises Problem(forbidden | not_found)."""
    kind = KINDS[chunk.kind]
    importing = _acting(conn, who, kind, chunk.now_ms)
    comings.lock(conn, importing.org_id)
    asking = _loaded(conn, importing, kind, chunk, locked=True)
    known = {account.user_id for account in asking.accounts.values()}
    before = dict(asking.accounts)
    done = _settled(asking, kind, chunk.rows)
    _write_accounts(conn, asking, before, known)
    acting, org_id = asking.actor, asking.actor.org_id
    state = returns.judged(conn, acting, asking.state, chunk.now_ms)
    alike.flag(conn, acting, state, chunk.now_ms)
    tell(conn, acting, state, chunk.now_ms)
    save_records(conn, acting, state, chunk.now_ms)
    publish(conn, org_id, state, chunk.now_ms)
    return done


def trial(conn: sa.Connection, who: Who, chunk: Chunk, earlier: Trial) -> tuple[Done, Trial]:
    """Decide a chunk as `take` would after the chunks before it, and write nothing. Raises Problem(forbidden | not_found)."""
    kind = KINDS[chunk.kind]
    asking = _loaded(conn, _acting(conn, who, kind, chunk.now_ms), kind, chunk, locked=False, earlier=earlier)
    done = _settled(asking, kind, chunk.rows)
    written = {key: asking.state.held[key] for key in asking.state.touched}
    made = earlier.made | (asking.state.created & written.keys())
    return done, Trial({**earlier.held, **written}, {**earlier.accounts, **asking.accounts}, made)


def _acting(conn: sa.Connection, who: Who, kind: Import, now_ms: int) -> Actor:
    if isinstance(who, Claims):
        return actors.entitled(conn, who, now_ms, kind.route)
    org = identity.org_by_login(conn, who.organisation)
    account = identity.account_by_login(conn, org.org_id, who.account) if org is not None else None
    person = identity.person(conn, account.org_id, account.user_id) if account is not None else None
    if account is None or person is None or not person.active:
        raise Problem(Code.not_found, "there is no such organisation, or no such active account in it")
    return actors.reaching(conn, actors.of_user(conn, account.org_id, account.user_id, 0), kind.route)


def _settled(asking: Asking, kind: Import, rows: Sequence[Row]) -> Done:
    settled: dict[int, Settled] = {}
    faults: list[Fault] = []
    for row in rows:
        try:
            settled[row.line] = taken(asking, kind, row)
        except FlawError as error:
            faults.append(Fault(row.line, error.column, error.flaw))
    return Done(settled, tuple(faults))


# loading


def _loaded(conn: sa.Connection, acting: Actor, kind: Import, chunk: Chunk, *, locked: bool, earlier: Trial | None = None) -> Asking:
    """Names first, without a lock; then the locks, in the order of the house; then everything, read after them; counters last."""
    org_id = acting.org_id
    state = State(load.rev_floor(conn, org_id))
    asking = Asking(acting, state, chunk.now_ms)
    needs: list[Need] = []
    for _ in range(NAME_ROUNDS_MAX):
        fresh = [need for need in kind.wants(asking, chunk.rows) if need not in needs]
        needs += fresh
        _load_names(conn, asking, fresh)
        _recall(asking, earlier)
        if not fresh:
            break
    if locked:
        _lock(conn, org_id, needs)
    _load_names(conn, asking, needs)
    _load_rows(conn, asking, needs)
    _load_beside(conn, asking, kind, chunk)
    _load_names(conn, asking, [need for need in kind.wants(asking, chunk.rows) if need not in needs])
    _recall(asking, earlier)
    _count(conn, asking, [*kind.wants(asking, chunk.rows)], earlier or Trial(), locked=locked)
    return asking


def _count(conn: sa.Connection, asking: Asking, needs: Sequence[Need], earlier: Trial, *, locked: bool) -> None:
    """Lock the counters; behind them count what is many, in a dry run with what earlier chunks would have made."""
    org_id, state = asking.actor.org_id, asking.state
    for key in sorted({need.key for need in needs if isinstance(need, Counter)} if locked else ()):
        load.lock_counter(conn, state, org_id, key)
    state.many.update(counted(conn, org_id, [need for need in needs if isinstance(need, Many)], asking.now_ms))
    for number, slot, named_id in state.many:
        state.many[number, slot, named_id] += earlier.counted(number, slot, named_id)


def _recall(asking: Asking, earlier: Trial | None) -> None:
    """A decision of an earlier chunk of a dry run counts before the stored row."""
    if earlier is not None:
        for key, held in earlier.held.items():
            asking.state.load(BY_NUMBER[key[0]], held)
        asking.accounts.update(earlier.accounts)


def _load_names(conn: sa.Connection, asking: Asking, needs: Iterable[Need]) -> None:
    state, org_id = asking.state, asking.actor.org_id
    for need in needs:
        match need:
            case Named(record=record, slot=slot, texts=texts):
                named.load(conn, state, org_id, BY_RECORD[record], slot, texts)
            case Logins(logins=logins):
                found = named.accounts(conn, state, org_id, logins)
                asking.accounts.update({login: Account(user_id, login, language) for user_id, login, language in found})
            case Every(record=record):
                load.every(conn, state, org_id, BY_RECORD[record])


def _lock(conn: sa.Connection, org_id: int, needs: Sequence[Need]) -> None:
    """Turns, pools, families, rows that are their own lock: docs/architecture.md, locks."""
    for need in needs:
        if isinstance(need, InTurn):
            identity.next_number(conn, org_id, need.key, 0)
    families.lock_pools(conn, org_id, {need.pool_id for need in needs if isinstance(need, Entering)})
    families.lock(conn, org_id, _families(conn, org_id, needs))
    for need in needs:
        if isinstance(need, Rows) and isinstance(BY_RECORD[need.record].hold, OfAll):
            families.lock_rows(conn, org_id, BY_RECORD[need.record], need.ids)


def _families(conn: sa.Connection, org_id: int, needs: Sequence[Need]) -> set[bytes]:
    """Customers to whose families the rows belong."""
    ids: dict[Entity, set[bytes]] = {}
    for need in needs:
        if isinstance(need, Rows) and BY_RECORD[need.record].in_family:
            ids.setdefault(BY_RECORD[need.record], set()).update(need.ids)
    found = set().union(*(ids.pop(head) for head in [entity for entity in ids if entity.is_head]))
    return families.families(conn, org_id, ids, found)


def _load_rows(conn: sa.Connection, asking: Asking, needs: Sequence[Need]) -> None:
    """The rows, the holders of their families, and their deleted records."""
    state, org_id = asking.state, asking.actor.org_id
    load.standings(conn, state, org_id, _families(conn, org_id, needs))
    keys: set[Key] = set()
    for need in needs:
        if isinstance(need, Rows):
            entity = BY_RECORD[need.record]
            load.by_ids(conn, state, org_id, entity, need.ids)
            keys |= {(entity.number, record_id) for record_id in need.ids}
    load.tombstones(conn, state, asking.actor, keys)


def _load_beside(conn: sa.Connection, asking: Asking, kind: Import, chunk: Chunk) -> None:
    """What only the loaded records and rows name: it is behind the families and the turn that are locked already."""
    org_id, done = asking.actor.org_id, set[Need]()
    for _ in range(BESIDE_ROUNDS_MAX):
        fresh = [need for need in kind.beside(asking, chunk.rows) if need not in done]
        done.update(fresh)
        for need in fresh:
            match need:
                case Rows(record=record, ids=ids):
                    load.by_ids(conn, asking.state, org_id, BY_RECORD[record], ids)
                case Unsettled(record=record, by=by, ids=ids, slot=slot):
                    load.unsettled(conn, asking.state, org_id, BY_RECORD[record], load.Unsettled(by, ids, slot))
                case Beside():
                    books.load(conn, asking.state, org_id, need)


# writing rows that are no records


def _write_accounts(conn: sa.Connection, asking: Asking, before: Mapping[str, Account], known: set[bytes]) -> None:
    """Accounts of new users, without a password (D-709); of others the language."""
    org_id = asking.actor.org_id
    for login, account in sorted(asking.accounts.items()):
        if account.user_id not in known:
            values = {"login": login, "language": account.language, "password_hash": "", "created_ms": asking.now_ms}
            identity.put_account(conn, org_id, account.user_id, new=True, **values)
        elif account != before[login]:
            identity.put_account(conn, org_id, account.user_id, new=False, language=account.language)
