"""Samples that a rep leaves with a customer, and the totals of them."""

from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa

from server.domain.samples import totals
from shared_schema.records.inbox import Value
from shared_schema.records.sample import SampleCount, SampleEntry
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind, Result
from sync.device import Edit
from tests.prove.crash_listed import Operation, sending
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Stage
from tests.prove.entries import shown
from tests.prove.handset import Handset
from tests.prove.history import START_MS, History
from tests.prove.proof import CANARY, Author, Proof
from tests.prove.watch import need
from tests.world import Phone

ENTRY: Final = BY_NAME["sample_entry"]
PRODUCTS: Final = (b"p" * 16, b"q" * 16)
SUMS: Final = "34 ledgers sum"


def leave_samples(history: History, phone: Handset) -> bool:
    """Samples are left with a customer, or taken back."""
    customer = shown(history, phone, "customer")
    if customer is None:
        return False
    values: dict[str, Value] = {"product_id": history.dice.choice(PRODUCTS), "quantity": history.dice.randint(-3, 9)}
    values |= {"customer_id": customer.id, "device_ms": START_MS, "note": history.word()}
    phone.enter([Edit(Kind.create, ENTRY, history.new_id(), values)], None, history.now_ms)
    return True


def judge(history: History) -> None:
    """A total is the sum of its entries."""
    sums: dict[tuple[bytes, bytes], int] = {}
    found: dict[tuple[bytes, bytes], int] = {}
    for held in history.store.records.values():
        one = held.record
        if isinstance(one, SampleEntry):
            sums[one.customer_id, one.product_id] = sums.get((one.customer_id, one.product_id), 0) + one.quantity
        elif isinstance(one, SampleCount):
            need((one.customer_id, one.product_id) not in found, SUMS, "two totals of one product")
            found[one.customer_id, one.product_id] = one.quantity
    history.counts[SUMS] += len(sums)
    odd = [place for place in sums.keys() | found.keys() if sums.get(place, 0) != found.get(place, 0)]
    need(not odd, SUMS, f"{len(odd)} totals are not the sums of their entries")


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """A customer with samples, whose rep is about to leave more: of two products, of one there is a total already."""
    rep = reps["cy"]
    shop_id = rep.create("customer", name="Shop of samples")
    rep.create("sample_entry", customer_id=shop_id, product_id=b"t" * 16, quantity=5, device_ms=START_MS)
    await rep.sync()

    def enter(phone: Phone) -> None:
        for product_id, quantity in ((b"t" * 16, 3), (b"t" * 16, -1), (b"i" * 16, 7)):
            phone.create("sample_entry", customer_id=shop_id, product_id=product_id, quantity=quantity, device_ms=START_MS)

    await stage.about_to("samples", rep.user_id, enter)


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """A total of samples is the sum of its entries."""
    counts = {(one.customer_id, one.product_id): one.quantity for one in every(conn, org_id, SampleCount)}
    if counts != totals(every(conn, org_id, SampleEntry)):
        yield "totals of samples are not the sums of their entries"


def canary(author: Author) -> None:
    """Samples left with the author's customer."""
    values = {"customer_id": author.raw_id("customer"), "product_id": author.raw_id("product")}
    author.enter(Kind.create, "sample_entry", {**values, "quantity": 2, "device_ms": START_MS, "note": CANARY})


def _entered() -> list[Edit]:
    """Two samples of tea, left with the customer that the recorded device made."""
    values: dict[str, Value] = {"customer_id": (10).to_bytes(16, "big"), "product_id": (30).to_bytes(16, "big"), "quantity": 2}
    return [Edit(Kind.create, ENTRY, b"s" * 16, {**values, "device_ms": START_MS, "note": "绿茶 twice"})]


PROOF: Final = Proof(
    actions={leave_samples: 3},
    judge=judge,
    invariants=(SUMS,),
    operations=(
        Operation(
            "count samples",
            sending("samples"),
            same=True,
            results=frozenset({Result.applied}),
            touches=("sample_entry", "sample_count"),
        ),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    shown=("sample_entry",),
    entered=(_entered(),),
)
