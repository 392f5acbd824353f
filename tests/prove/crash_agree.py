"""What agrees with what in any state that anybody can meet between two transactions, whatever was done."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from server.models import (
    RECORD_TABLES,
    account,
    answered,
    change,
    counter,
    device,
    ownership_event,
    payload,
    refresh_token,
    scope,
    service_account,
    tombstone,
)
from server.store.device_lines import ANSWERED_DECODER
from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import OUTCOME_DECODER, Result
from tests.features import PROOFS
from tests.prove.crash_rows import every
from tests.simulation.feed_oracle import differences
from tests.simulation.spots_oracle import misplaced


def disagreements(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """What does not agree with what; nothing in any state between two transactions."""
    for name, places in differences(conn, org_id).items():
        yield f"feed: {len(places)} rows {name}"
    for check in (_outcomes, _numbers, _standings, _people, _sessions, _cards, _graves):
        yield from check(conn, org_id)
    for proof in PROOFS.values():
        if proof.agree is not None:
            yield from proof.agree(conn, org_id)
    yield from misplaced(conn, org_id)


def _lines(conn: sa.Connection, org_id: int) -> Mapping[int, Any]:
    return {row.line_no: row for row in conn.execute(sa.select(device).where(device.c.org_id == org_id))}


def _outcomes(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """Each number a line consumed and did not confirm has its outcome, none beyond; each refusal its bytes, each parked one its item."""
    refused = {tuple(row) for row in conn.execute(sa.select(payload.c.line_no, payload.c.n).where(payload.c.org_id == org_id))}
    items = set(conn.execute(sa.select(RECORD_TABLES["inbox_item"].c.id)).scalars())
    stored: dict[int, list[int]] = {}
    for row in conn.execute(sa.select(answered).where(answered.c.org_id == org_id).order_by(answered.c.first_n)):
        for one in ANSWERED_DECODER.decode(row.body):
            outcome = OUTCOME_DECODER.decode(one.outcome)
            stored.setdefault(row.line_no, []).append(one.n)
            if outcome.result in (Result.parked, Result.rejected) and (row.line_no, one.n) not in refused:
                yield f"outcome {row.line_no}/{one.n}: refused, and its bytes are nowhere"
            if outcome.item_id is not None and outcome.item_id not in items:
                yield f"outcome {row.line_no}/{one.n}: its card is nowhere"
    for line_no, line in _lines(conn, org_id).items():
        waiting = [n for n in stored.get(line_no, []) if n > line.acked_n]
        if waiting != list(range(line.acked_n + 1, line.last_n + 1)):
            yield f"line {line_no}: last_n {line.last_n}, acked_n {line.acked_n}, outcomes of {waiting}"


def _numbers(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """Nothing was written by an entry that the line has not consumed; counters are ahead of what they gave out."""
    lines = _lines(conn, org_id)
    for table in (change, payload):
        chosen = sa.select(table.c.line_no, sa.func.max(table.c.n)).where(table.c.org_id == org_id, table.c.line_no > 0)
        for line_no, n in conn.execute(chosen.group_by(table.c.line_no)):
            if line_no not in lines or n > lines[line_no].last_n:
                yield f"{table.name}: line {line_no} wrote entry {n} and has not consumed it"
    values = dict(tuple(row) for row in conn.execute(sa.select(counter.c.key, counter.c.value).where(counter.c.org_id == org_id)))
    last_scope = conn.execute(sa.select(sa.func.max(scope.c.number)).where(scope.c.org_id == org_id)).scalar_one()
    for key, last in (("line", max(lines, default=0)), ("scope", last_scope or 0)):
        if values.get(key, last) < last:
            yield f"counter {key}: {values.get(key)} and {last} is given out"


def _standings(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """Each customer has one standing, and the newest ownership event tells its epoch."""
    standing, customer = RECORD_TABLES["standing"], RECORD_TABLES["customer"]
    epochs = dict(tuple(row) for row in conn.execute(sa.select(standing.c.id, standing.c.epoch).where(standing.c.org_id == org_id)))
    if set(conn.execute(sa.select(customer.c.id).where(customer.c.org_id == org_id)).scalars()) != epochs.keys():
        yield "customers and standings are not the same"
    newest = sa.select(ownership_event.c.customer_id, sa.func.max(ownership_event.c.epoch)).where(ownership_event.c.org_id == org_id)
    told = dict(tuple(row) for row in conn.execute(newest.group_by(ownership_event.c.customer_id)))
    for customer_id, epoch in told.items():
        if epochs.get(customer_id, epoch) != epoch:
            yield f"standing {customer_id.hex()}: epoch {epochs.get(customer_id)}, events say {epoch}"


def _people(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """An account, a person and the person's scopes come together; the account is a user's or a business system's."""
    person = RECORD_TABLES["person"]
    of_both = (sa.select(table.c.user_id).where(table.c.org_id == org_id) for table in (account, service_account))
    accounts = {user_id for chosen in of_both for user_id in conn.execute(chosen).scalars()}
    if accounts != set(conn.execute(sa.select(person.c.id).where(person.c.org_id == org_id)).scalars()):
        yield "accounts and persons are not the same"
    lanes = BY_NAME["person"].opens
    of_users = sa.select(scope.c.subject_id).where(scope.c.org_id == org_id, scope.c.lane.in_([int(lane) for lane in lanes]))
    held = Counter(conn.execute(of_users).scalars())
    if held != dict.fromkeys(accounts, len(lanes)):
        yield "a user without all of his scopes, or scopes without their user"


def _sessions(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """A living token belongs to a line that may have one, and whose session it is; one installation of a user has at most one open line."""
    lines = _lines(conn, org_id)
    with_tokens = set(conn.execute(sa.select(refresh_token.c.line_no).where(refresh_token.c.org_id == org_id)).scalars())
    for line_no in with_tokens:
        if line_no not in lines or lines[line_no].state != "active":
            yield f"a session of line {line_no}, which is not active"
    for line_no in with_tokens ^ {line_no for line_no, one in lines.items() if one.session_id is not None}:
        yield f"line {line_no}: a session without its tokens, or tokens without their session"
    open_lines = Counter((one.installation_id, one.user_id) for one in lines.values() if one.state in ("active", "pending"))
    yield from (f"{count} open lines of one installation" for count in open_lines.values() if count > 1)


def _cards(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """An item that was sent up has one above it; it closes with that one, and not before."""
    items: dict[bytes, InboxItem] = {one.id: one for one in every(conn, org_id, InboxItem)}
    above = {one.origin_id: one for one in items.values() if one.origin_id is not None}
    for item in items.values():
        if (item.state == ItemState.sent) != (item.id in above and above[item.id].state in (ItemState.open, ItemState.sent)):
            state = above[item.id].state.name if item.id in above else "nowhere"
            yield f"item {item.id.hex()}: {item.state.name}, the one above it is {state}"


def _graves(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """Nothing is both there and deleted."""
    for number, record_id in conn.execute(sa.select(tombstone.c.entity, tombstone.c.id).where(tombstone.c.org_id == org_id)):
        table = RECORD_TABLES[BY_NUMBER[number].name]
        if conn.execute(sa.select(table.c.id).where(table.c.org_id == org_id, table.c.id == record_id)).first() is not None:
            yield f"{table.name} {record_id.hex()}: it is there and deleted"
