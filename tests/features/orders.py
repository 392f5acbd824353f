"""Orders and receivables of a customer: what the devices of its family hold of them."""

from typing import Final

from shared_schema.records.order import Receivable, SalesOrder
from tests.prove.proof import CANARY, Author, Proof

DAY: Final = 20_000


def canary(author: Author) -> None:
    """An order of the author's customer, and what is owed for it."""
    customer_id = author.raw_id("customer")
    author.put(SalesOrder(b"an order of ann ", 0, customer_id, CANARY, DAY, "CNY", 12_300, external_id=CANARY))
    author.put(Receivable(b"a debt to ann 00", 0, customer_id, CANARY, "CNY", 12_300, 12_300, DAY, DAY + 30))


PROOF: Final = Proof(canary=canary, shown=("sales_order", "receivable"))
