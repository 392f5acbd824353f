"""What customers owe and what they paid, from files of the business system (D-333, D-334)."""

from collections.abc import Iterable, Sequence
from typing import Final

from server.domain import receivables
from server.domain.books import Collection, home
from server.domain.imports import cells
from server.domain.imports.customers import customer_id
from server.domain.imports.frame import Asking, Column, Import, Need, Row, imported_id, unless
from server.domain.imports.order_lines import at
from server.domain.imports.reach import require_within
from shared_schema.external import ExternalId
from shared_schema.records.order import CollectionMethod, Receivable
from shared_schema.scalars import Word

RECEIVABLES: Final = "receivables"
COLLECTIONS: Final = "collections"
NUMBER_LETTERS: Final = 40
METHODS: Final[dict[int, str]] = {
    CollectionMethod.transfer: "转账",
    CollectionMethod.cash: "现金",
    CollectionMethod.cheque: "支票",
    CollectionMethod.bill: "承兑汇票",
    CollectionMethod.card: "刷卡",
    CollectionMethod.credit: "贷项",
}


def _ids(asking: Asking, kind: str, rows: Sequence[Row]) -> frozenset[bytes]:
    return frozenset(imported_id(asking.actor.org_id, kind, row.key[0]) for row in rows)


def _customers(asking: Asking, rows: Sequence[Row]) -> frozenset[bytes]:
    return frozenset(customer_id(asking, row.values["customer"]) for row in rows)


def _customer(asking: Asking, row: Row) -> bytes:
    """The customer of a row. Raises FlawError."""
    named = row.values["customer"]
    found = customer_id(asking, named)
    unless(asking.state.standing(found) is not None, "no_customer", "customer", text=named)
    require_within(asking, asking.state.standing(found), "customer")
    return found


def _signed(row: Row, currency: str) -> int:
    """An amount that may be below zero."""
    amount = row.values["amount"]
    return at("amount", lambda: cells.minor(abs(amount), currency)) * (-1 if amount < 0 else 1)


def wants_receivables(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """The customers and the receivables that the rows name."""
    return receivables.to_lock(_customers(asking, rows), _ids(asking, RECEIVABLES, rows))


def beside_receivables(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """What is open of the customers, and what paid these receivables."""
    return receivables.to_settle(asking, _customers(asking, rows), _ids(asking, RECEIVABLES, rows))


def enter_receivable(asking: Asking, row: Row) -> str:
    """The receivable; a credit note is one below zero. Raises FlawError and Problem."""
    customer, currency = _customer(asking, row), row.get("currency", home(asking.state))
    record_id = imported_id(asking.actor.org_id, RECEIVABLES, row.key[0])
    due_day, number = row.values["due_day"], row.get("number", row.key[0][:NUMBER_LETTERS])
    day = row.get("day", due_day)
    return receivables.owe(asking.state, Receivable(record_id, 0, customer, number, currency, _signed(row, currency), 0, day, due_day))


def wants_collections(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """The customers that the rows name."""
    return receivables.to_lock(_customers(asking, rows), frozenset())


def beside_collections(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """What is open of the customers, and what these collections paid before."""
    return receivables.to_settle(asking, _customers(asking, rows), _ids(asking, COLLECTIONS, rows))


def enter_collection(asking: Asking, row: Row) -> str:
    """The collection, and what it pays. Raises FlawError and Problem."""
    customer, currency = _customer(asking, row), row.get("currency", home(asking.state))
    amount = at("amount", lambda: cells.minor(row.values["amount"], currency))
    method, reference = row.get("method", CollectionMethod.transfer), row.get("reference", "")
    record_id = imported_id(asking.actor.org_id, COLLECTIONS, row.key[0])
    return receivables.collect(
        asking.state, Collection(record_id, customer, row.key[0], currency, amount, 0, row.values["day"], int(method), reference)
    )


_CUSTOMER: Final = Column(
    "customer", "客户外部编号", "Customer id", cells.word(ExternalId), "C-1001", required=True, also=("客户编号", "customer")
)
_CURRENCY: Final = Column("currency", "币种", "Currency", cells.traded, "CNY")
RECEIVABLE_IMPORT: Final = Import(
    name=RECEIVABLES,
    zh="应收款",
    en="Receivables",
    record=Receivable,
    key=("external_id",),
    wants=wants_receivables,
    beside=beside_receivables,
    enter=enter_receivable,
    columns=(
        Column("external_id", "外部编号", "External id", cells.word(ExternalId), "INV-501", required=True, also=("发票号", "invoice")),
        _CUSTOMER,
        Column("amount", "应收金额", "Amount", cells.number, "5976.00", required=True, also=("金额",)),
        _CURRENCY,
        Column("due_day", "到期日", "Due date", cells.day, "2026-02-20", required=True),
        Column("day", "开票日期", "Date", cells.day, "2026-01-20", also=("日期",)),
        Column("number", "显示编号", "Shown number", cells.word(Word), ""),
    ),
)
COLLECTION_IMPORT: Final = Import(
    name=COLLECTIONS,
    zh="回款",
    en="Collections",
    record=Receivable,
    key=("external_id",),
    wants=wants_collections,
    beside=beside_collections,
    enter=enter_collection,
    columns=(
        Column("external_id", "外部编号", "External id", cells.word(ExternalId), "PAY-9001", required=True, also=("回款编号", "payment")),
        _CUSTOMER,
        Column("amount", "回款金额", "Amount", cells.number, "5000.00", required=True, also=("金额",)),
        _CURRENCY,
        Column("day", "回款日期", "Date", cells.day, "2026-02-18", required=True, also=("日期",)),
        Column("method", "方式", "Method", cells.member(CollectionMethod, METHODS), "转账"),
        Column("reference", "核销单号", "Reference", cells.word(Word), "INV-501", also=("参考号",)),
    ),
)
