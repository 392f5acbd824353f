"""Notices go into the outbox within the transaction that caused them; a job delivers them after."""

import sqlalchemy as sa

from notifications.plan import dedupe_key
from server import chance
from server.domain.access import holding
from server.store.write import hear
from shared_schema.records.customer import Customer
from shared_schema.records.inbox import InboxItem
from shared_schema.registry import BY_NUMBER
from shared_schema.wire import ENCODER
from sync.rules import Actor, Holding
from sync.state import State


def tell(conn: sa.Connection, acting: Actor, state: State, now_ms: int) -> None:
    """Put the notices of the fold into the outbox."""
    rows = []
    for heard in state.notices:
        item = state.find(InboxItem, heard.subject_id)
        facts = heard.facts if heard.facts is not None else {"record": _named(acting, state, item) if item is not None else ""}
        rows.append(notice_row(acting.org_id, heard.user_id, heard.kind, heard.subject_id, facts, now_ms))
    hear(conn, rows)


def _named(acting: Actor, state: State, item: InboxItem) -> str:
    """The customer's name for a reader who follows it up, else the kind of record: a refused entry may name anybody's customer."""
    held = item.customer_id is not None and holding(acting, state, item.customer_id) == Holding.holder
    customer = state.find(Customer, item.customer_id) if held and item.customer_id is not None else None
    entity = BY_NUMBER.get(item.members[0].entity)
    return customer.name if customer is not None else entity.name if entity else ""


def notice_row(org_id: int, user_id: bytes, kind: str, subject_id: bytes, facts: dict[str, str], now_ms: int) -> dict[str, object]:
    """One outbox row; the same happening is told to the same user once."""
    return {
        "org_id": org_id, "id": chance.new_id(), "user_id": user_id, "kind": kind, "subject_id": subject_id,
        "facts": ENCODER.encode(facts), "dedupe_key": dedupe_key(kind, subject_id, now_ms // 86_400_000),
        "state": "queued", "lease_until_ms": 0, "tries": 0, "created_ms": now_ms,
    }  # fmt: skip
