"""SQL of service accounts and their keys."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from server.models import RECORD_TABLES, service_account, service_key
from server.store.identity import Row

PERSON: Final = RECORD_TABLES["person"]
SAME_PERSON: Final = sa.and_(PERSON.c.org_id == service_account.c.org_id, PERSON.c.id == service_account.c.user_id)
FORGOTTEN_MAX: Final = 1_000
USE_MS: Final = 60_000
"""A key that is used all day is written down once in so long."""


def lock(conn: sa.Connection, org_id: int, user_id: bytes) -> Row | None:
    """Lock one account against others who change it or its keys."""
    mine = (service_account.c.org_id == org_id, service_account.c.user_id == user_id)
    return conn.execute(sa.select(service_account).where(*mine).with_for_update()).one_or_none()


def put(conn: sa.Connection, org_id: int, user_id: bytes, *, new: bool, **values: Any) -> None:
    """Make an account, or change these of its columns."""
    if new:
        conn.execute(sa.insert(service_account).values(org_id=org_id, user_id=user_id, **values))
    else:
        mine = (service_account.c.org_id == org_id, service_account.c.user_id == user_id)
        conn.execute(sa.update(service_account).where(*mine).values(**values))


def listed(conn: sa.Connection, org_id: int, only: Sequence[bytes] = ()) -> list[Row]:
    """The accounts of an organisation with their persons, in the order in which they were made; `only` these, if any are named."""
    found = sa.select(service_account, PERSON.c.name, PERSON.c.active).join(PERSON, SAME_PERSON)
    found = found.where(service_account.c.org_id == org_id)
    if only:
        found = found.where(service_account.c.user_id.in_(only))
    return list(conn.execute(found.order_by(service_account.c.made_ms, service_account.c.user_id)))


def by_key(conn: sa.Connection, org_id: int, key_hash: bytes) -> Row | None:
    """The account whose key this is, with the key's end and the person's `active`."""
    both = sa.and_(service_key.c.org_id == service_account.c.org_id, service_key.c.user_id == service_account.c.user_id)
    found = sa.select(service_account, service_key.c.until_ms, PERSON.c.active)
    found = found.select_from(service_account.join(service_key, both).join(PERSON, SAME_PERSON))
    return conn.execute(found.where(service_key.c.org_id == org_id, service_key.c.hash == key_hash)).one_or_none()


def keys(conn: sa.Connection, org_id: int, user_ids: Sequence[bytes]) -> list[Row]:
    """The keys of these accounts, the newest first."""
    mine = (service_key.c.org_id == org_id, service_key.c.user_id.in_(user_ids))
    return list(conn.execute(sa.select(service_key).where(*mine).order_by(service_key.c.made_ms.desc(), service_key.c.hash)))


def put_key(conn: sa.Connection, org_id: int, key_hash: bytes, *, new: bool, gone: bool = False, **values: Any) -> None:
    """Make a key, give it another end, or forget it."""
    if gone:
        conn.execute(sa.delete(service_key).where(service_key.c.org_id == org_id, service_key.c.hash == key_hash))
    elif new:
        conn.execute(sa.insert(service_key).values(org_id=org_id, hash=key_hash, **values))
    else:
        conn.execute(sa.update(service_key).where(service_key.c.org_id == org_id, service_key.c.hash == key_hash).values(**values))


def note_use(conn: sa.Connection, org_id: int, key_hash: bytes, now_ms: int) -> None:
    """Keep that a key was used, unless that was written within the last minute."""
    mine = (service_key.c.org_id == org_id, service_key.c.hash == key_hash)
    older = sa.or_(service_key.c.used_ms.is_(None), service_key.c.used_ms <= now_ms - USE_MS)
    conn.execute(sa.update(service_key).where(*mine, older).values(used_ms=now_ms))


def forget_keys(conn: sa.Connection, org_id: int, before_ms: int) -> int:
    """Forget keys that ended before a moment, FORGOTTEN_MAX of them; how many."""
    ended = sa.select(service_key.c.hash).where(service_key.c.org_id == org_id, service_key.c.until_ms < before_ms)
    hashes = [bytes(one) for one in conn.execute(ended.order_by(service_key.c.hash).limit(FORGOTTEN_MAX)).scalars()]
    for one in hashes:
        put_key(conn, org_id, one, new=False, gone=True)
    return len(hashes)
