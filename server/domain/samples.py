"""The ledger of samples: each entry moves its total in the same transaction; the total is the sum of the entries (D-6xx)."""

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec

from server.domain.feature import Feature, Kind
from server.domain.needs import Asking, Need, Rows
from shared_schema.problem import Code, Problem
from shared_schema.records.sample import TOTAL_MAX, SampleCount, SampleEntry
from sync.decode import Intent
from sync.rules import Actor, Entry, Moment
from sync.state import WHOLE, State


def count_id(customer_id: bytes, product_id: bytes) -> bytes:
    """Id of the total of one product at one customer: every device that enters first makes the same record (D-602)."""
    return hashlib.sha256(b"sample_count:" + customer_id + product_id).digest()[:16]


def complete(
    actor: Actor, state: State, entry: Entry, sample: SampleEntry, moment: Moment
) -> tuple[SampleEntry] | tuple[SampleEntry, SampleCount]:
    """The entry with author and times; then the total if it moves. Raises Problem(rule_broken) beyond the bound (D-603)."""
    occurred_ms = moment.occurred_ms(sample.device_ms)
    told = msgspec.structs.replace(sample, author_id=actor.user_id, received_ms=moment.now_ms, occurred_ms=occurred_ms, late=entry.late)
    record_id = count_id(sample.customer_id, sample.product_id)
    count = state.find(SampleCount, record_id) or SampleCount(record_id, 0, sample.customer_id, sample.product_id)
    total = count.quantity + sample.quantity
    if abs(total) > TOTAL_MAX:
        raise Problem(Code.rule_broken, f"a total of samples stays within {TOTAL_MAX:,}", field="quantity")
    if sample.quantity == 0:
        return (told,)
    return told, msgspec.structs.replace(count, quantity=total)


def totals(entries: Iterable[SampleEntry]) -> dict[tuple[bytes, bytes], int]:
    """(customer, product) → the sum of its entries, which every total must equal (D-601)."""
    found: dict[tuple[bytes, bytes], int] = {}
    for entry in entries:
        place = (entry.customer_id, entry.product_id)
        found[place] = found.get(place, 0) + entry.quantity
    return found


def its_total(_asking: Asking, intent: Intent) -> Iterable[Need]:
    """The total that the entry moves."""
    given = intent.values.get(WHOLE, {})
    customer_id, product_id = given.get("customer_id"), given.get("product_id")
    if isinstance(customer_id, bytes) and isinstance(product_id, bytes):
        yield Rows(SampleCount, frozenset({count_id(customer_id, product_id)}))


FEATURE: Final = Feature(kinds=(Kind(SampleEntry, complete, wants=its_total),))
