"""SQL of ownership events: who held a customer from when on."""

from collections.abc import Iterable

import sqlalchemy as sa

from server.models import ownership_event
from server.store.identity import PERSON
from sync.rules import Actor

FIRST_EPOCH = 1


def insert(conn: sa.Connection, actor: Actor, owners: Iterable[tuple[bytes, bytes]], kind: str, now_ms: int) -> None:
    """Note the first owner of each new customer: (customer, owner)."""
    common = {"org_id": actor.org_id, "epoch": FIRST_EPOCH, "kind": kind, "by_user_id": actor.user_id, "at_ms": now_ms, "reason": ""}
    rows = [{**common, "customer_id": customer_id, "owner_id": owner_id} for customer_id, owner_id in owners]
    if rows:
        conn.execute(sa.insert(ownership_event), rows)


def active_users(conn: sa.Connection, org_id: int, user_ids: Iterable[bytes]) -> set[bytes]:
    """Which of these are active users of the organisation."""
    where = (PERSON.c.org_id == org_id, PERSON.c.active, PERSON.c.id.in_(sorted(user_ids)))
    return set(conn.execute(sa.select(PERSON.c.id).where(*where)).scalars())
