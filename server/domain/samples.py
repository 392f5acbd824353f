"""The ledger of samples: each entry moves its total in the same transaction; the total is the sum of the entries (D-6xx)."""

import hashlib
from collections.abc import Iterable

import msgspec

from server.domain.facts import Telling
from shared_schema.problem import Code, Problem
from shared_schema.records.sample import TOTAL_MAX, SampleCount, SampleEntry
from sync.state import State


def count_id(customer_id: bytes, product_id: bytes) -> bytes:
    """Id of the total of one product at one customer: whoever enters first makes the same record (D-602)."""
    return hashlib.sha256(b"sample_count:" + customer_id + product_id).digest()[:16]


def complete(state: State, entry: SampleEntry, telling: Telling) -> tuple[SampleEntry] | tuple[SampleEntry, SampleCount]:
    """The entry with author and times; then the total if it moves. Raises Problem(rule_broken) beyond the bound (D-603)."""
    actor, moment = telling.actor, telling.moment
    occurred_ms = moment.occurred_ms(entry.device_ms)
    told = msgspec.structs.replace(entry, author_id=actor.user_id, received_ms=moment.now_ms, occurred_ms=occurred_ms, late=telling.late)
    record_id = count_id(entry.customer_id, entry.product_id)
    count = state.find(SampleCount, record_id) or SampleCount(record_id, 0, entry.customer_id, entry.product_id)
    total = count.quantity + entry.quantity
    if abs(total) > TOTAL_MAX:
        raise Problem(Code.rule_broken, f"a total of samples stays within {TOTAL_MAX:,}", field="quantity")
    if entry.quantity == 0:
        return (told,)
    return told, msgspec.structs.replace(count, quantity=total)


def totals(entries: Iterable[SampleEntry]) -> dict[tuple[bytes, bytes], int]:
    """(customer, product) → the sum of its entries: what every total must equal (D-601)."""
    found: dict[tuple[bytes, bytes], int] = {}
    for entry in entries:
        place = (entry.customer_id, entry.product_id)
        found[place] = found.get(place, 0) + entry.quantity
    return found
