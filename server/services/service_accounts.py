"""Service accounts: an admin says what a business system may ask and until when, and gives it keys (D-495 to D-498)."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from server import chance
from server.domain.local_times import local_day, moment_ms
from server.domain.matrix import MATRIX
from server.domain.service_keys import SECRET_BYTES, ServiceKey
from server.domain.tokens import Claims
from server.services import actors
from server.store import families, load, reference, service_accounts
from server.store.identity import Row
from server.store.write import save as save_state
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Organisation, Person, Role
from shared_schema.registry import BY_RECORD
from shared_schema.rest_services import (
    LivingKey,
    ServiceAccount,
    ServiceAccountRequest,
    ServiceAccounts,
    ServiceKeyRequest,
    ServiceKeyTold,
)
from sync.rules import Actor
from sync.state import State

PERSON: Final = BY_RECORD[Person]
LIFE_DAYS: Final = 366
ACCOUNTS_MAX: Final = 200
KEYS_MAX: Final = 10
HOUR_MS: Final = 3_600_000


def listed(conn: sa.Connection, claims: Claims, now_ms: int) -> ServiceAccounts:
    """All service accounts of the organisation, with the keys that still open. Raises Problem(forbidden)."""
    org_id = actors.entitled(conn, claims, now_ms, "GET /v1/desk/service-accounts").org_id
    offered = [route for route, row in MATRIX.items() if row.service]
    return ServiceAccounts(items=_told(conn, org_id, service_accounts.listed(conn, org_id), now_ms), offered=offered)


def save(conn: sa.Connection, claims: Claims, asked: ServiceAccountRequest, now_ms: int) -> ServiceAccount:
    """Make or change a service account; the end of one is the end of its keys.

    Raises Problem(forbidden | rule_broken | not_found).
    """
    org_id = actors.entitled(conn, claims, now_ms, "POST /v1/desk/service-accounts").org_id
    user_id = asked.id if asked.id is not None else chance.new_id()
    known = service_accounts.lock(conn, org_id, user_id)
    state = State(load.rev_floor(conn, org_id))
    families.lock_rows(conn, org_id, PERSON, {user_id})
    load.by_ids(conn, state, org_id, PERSON, {user_id})
    if known is None and state.find(Person, user_id) is not None:
        raise Problem(Code.not_found, "there is no such service account")
    time_zone = reference.only(conn, org_id, Organisation).time_zone
    _judge(conn, org_id, asked, known, local_day(now_ms, time_zone))
    ends_ms = moment_ms(asked.ends_day + 1, 0, time_zone)
    values = {"scope": "\n".join(sorted(set(asked.scope))), "ends_day": asked.ends_day, "ends_ms": ends_ms}
    born = {"made_ms": now_ms} if known is None else {}
    service_accounts.put(conn, org_id, user_id, new=known is None, **values, **born)
    if known is not None and known.ends_ms > now_ms:
        _go_on(conn, org_id, user_id, known.ends_ms, ends_ms)
    _end_keys(conn, org_id, user_id, ends_ms if asked.active else now_ms)
    state.keep(Person(user_id, 0, asked.name, Role.service, None, asked.active))
    save_state(conn, state, Actor(org_id, user_id, 0, Role.unknown), now_ms)
    [told] = _told(conn, org_id, service_accounts.listed(conn, org_id, [user_id]), now_ms)
    return told


def new_key(conn: sa.Connection, claims: Claims, user_id: bytes, asked: ServiceKeyRequest, now_ms: int) -> ServiceKeyTold:
    """Give an account a new key; those before it open for the overlap, no longer. A key whose answer was lost ends no other at once.

    Raises Problem(forbidden | not_found | state_wrong).
    """
    org_id = actors.entitled(conn, claims, now_ms, "POST /v1/desk/service-accounts/{service_account_id}/keys").org_id
    known = service_accounts.lock(conn, org_id, user_id)
    if known is None:
        raise Problem(Code.not_found, "there is no such service account")
    [account] = service_accounts.listed(conn, org_id, [user_id])
    if not account.active or account.ends_ms <= now_ms:
        raise Problem(Code.state_wrong, "this service account has ended; give it a later end first")
    open_keys = [row for row in service_accounts.keys(conn, org_id, [user_id]) if row.until_ms > now_ms]
    if asked.overlap_hours and len(open_keys) >= KEYS_MAX:
        raise Problem(Code.state_wrong, f"{KEYS_MAX} keys open already; make one that ends them at once", field="overlap_hours")
    _end_keys(conn, org_id, user_id, now_ms + asked.overlap_hours * HOUR_MS)
    key = ServiceKey(org_id, chance.secret(SECRET_BYTES))
    values = {"user_id": user_id, "made_ms": now_ms, "until_ms": account.ends_ms, "used_ms": None}
    service_accounts.put_key(conn, org_id, key.hash, new=True, **values)
    return ServiceKeyTold(key=key.text, until_ms=account.ends_ms)


def note_use(conn: sa.Connection, claims: Claims, now_ms: int) -> None:
    """Keep that a key was used, for the admin who rotates it; to the minute."""
    if claims.key_hash is not None:
        service_accounts.note_use(conn, claims.org_id, claims.key_hash, now_ms)


def _judge(conn: sa.Connection, org_id: int, asked: ServiceAccountRequest, known: Row | None, today: int) -> None:
    foreign = [route for route in asked.scope if route not in MATRIX or not MATRIX[route].service]
    if foreign:
        raise Problem(Code.rule_broken, f"no service account may ask {foreign[0]}", field="scope")
    if asked.ends_day > today + LIFE_DAYS or (asked.active and asked.ends_day < today):
        raise Problem(Code.rule_broken, f"a service account ends within {LIFE_DAYS} days from now", field="ends_day")
    if known is None and len(service_accounts.listed(conn, org_id)) >= ACCOUNTS_MAX:
        raise Problem(Code.rule_broken, f"an organisation has {ACCOUNTS_MAX} service accounts at most", field="name")


def _end_keys(conn: sa.Connection, org_id: int, user_id: bytes, until_ms: int) -> None:
    """No key of the account opens longer; one that has ended stays so."""
    for row in service_accounts.keys(conn, org_id, [user_id]):
        if row.until_ms > until_ms:
            service_accounts.put_key(conn, org_id, row.hash, new=False, until_ms=until_ms)


def _go_on(conn: sa.Connection, org_id: int, user_id: bytes, from_ms: int, until_ms: int) -> None:
    """The key that opens as long as the account does goes on with it."""
    for row in service_accounts.keys(conn, org_id, [user_id]):
        if row.until_ms == from_ms:
            service_accounts.put_key(conn, org_id, row.hash, new=False, until_ms=until_ms)


def _told(conn: sa.Connection, org_id: int, rows: Sequence[Row], now_ms: int) -> list[ServiceAccount]:
    keys = [row for row in service_accounts.keys(conn, org_id, [row.user_id for row in rows]) if row.until_ms > now_ms]
    return [
        ServiceAccount(
            id=row.user_id,
            name=row.name,
            scope=row.scope.split("\n"),
            ends_day=row.ends_day,
            active=row.active,
            keys=[_key(one) for one in keys if one.user_id == row.user_id],
        )
        for row in rows
    ]


def _key(row: Row) -> LivingKey:
    return LivingKey(made_ms=row.made_ms, until_ms=row.until_ms, used_ms=row.used_ms)
