"""Prices from a file: one for a product, named by its code, in a price book, named by its name and made when it is not there (D-710)."""

from collections.abc import Iterable, Sequence
from typing import Final

from server.domain.imports import cells
from server.domain.imports.frame import Asking, Column, Import, Named, Need, Planned, Row, filled, imported_id, unless
from server.domain.imports.products import product_of
from server.domain.imports.sheet import FlawError
from server.domain.needs import Every, Rows
from shared_schema.records.reference import Organisation, Price, PriceBook, Product
from shared_schema.scalars import Name, Word

NAME: Final = "prices"
BOOKS: Final = "price_books"


def wants(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """The books and products that the rows name; then the prices of these products."""
    codes = frozenset(row.values["product"] for row in rows)
    yield Every(Organisation)
    yield Named(PriceBook, "name", frozenset(row.values["price_book"] for row in rows))
    yield Named(Product, "code", codes)
    products = frozenset(one.id for one in asking.all(Product) if one.code in codes)
    yield Named(Price, "product_id", products)
    books = frozenset(_new_book_id(asking, row.values["price_book"]) for row in rows)
    yield Rows(PriceBook, books | frozenset(one.id for one in asking.all(PriceBook)))
    found = {one.id for one in asking.all(Price)}
    yield Rows(Price, frozenset(found | {imported_id(asking.actor.org_id, NAME, *row.key) for row in rows}))


def plan(asking: Asking, row: Row) -> Planned:
    """The price, and its book if the row is the first that names it."""
    book, product = _book(asking, row), product_of(asking, row.values["product"], "product")
    unless(product is not None, "no_product", "product", text=row.values["product"])
    assert product is not None  # noqa: S101 - said above
    record_id = imported_id(asking.actor.org_id, NAME, *row.key)
    found = [one for one in asking.all(Price) if (one.price_book_id, one.product_id) == (book.id, product.id)]
    known = found[0] if found else asking.state.find(Price, record_id)
    price = _money(row, "price", book.currency)
    floor = _money(row, "floor", book.currency) if "floor" in row.values else None
    record = filled(PRICES, known or Price(record_id, 0, book.id, product.id, price), row)
    record = Price(
        record.id, record.rev, book.id, product.id, price, record.floor_minor if floor is None else floor, record.max_discount_bps
    )
    unless(record.floor_minor <= record.price_minor, "floor_above", "floor" if floor is not None else "price")
    return Planned((record,) if asking.state.find(PriceBook, book.id) is not None else (record, book))


def _money(row: Row, column: str, currency: str) -> int:
    try:
        return cells.minor(row.values[column], currency)
    except FlawError as error:
        raise FlawError(error.flaw.name, column, **error.flaw.facts) from None


def _new_book_id(asking: Asking, name: str) -> bytes:
    return imported_id(asking.actor.org_id, BOOKS, name)


def _book(asking: Asking, row: Row) -> PriceBook:
    """The book of this name. A file gives the currency and the first day of a new book only: a price would be misread."""
    name = row.values["price_book"]
    found = [one for one in asking.all(PriceBook) if one.name == name]
    unless(len(found) <= 1, "names_many", "price_book", text=name)
    home = next(one.currency for one in asking.all(Organisation))
    if not found:
        return PriceBook(_new_book_id(asking, name), 0, name, row.get("currency", home), row.get("valid_from", 0))
    (book,) = found
    unless(row.get("currency", book.currency) == book.currency, "book_other", "currency", text=name)
    unless(row.get("valid_from", book.valid_from_day) == book.valid_from_day, "book_other", "valid_from", text=name)
    return book


PRICES: Final = Import(
    name=NAME,
    zh="价格",
    en="Prices",
    record=Price,
    key=("price_book", "product"),
    wants=wants,
    plan=plan,
    columns=(
        Column("price_book", "价目表", "Price book", cells.text(Name), "2026 标准价", required=True),
        Column("product", "产品代码", "Product code", cells.word(Word), "TEA-500", required=True, also=("产品编号",)),
        Column("price", "价格", "Price", cells.number, "49.80", required=True, also=("单价",)),
        Column("floor", "底价", "Floor price", cells.number, "42.00"),
        Column(
            "max_discount", "最大折扣", "Max discount", cells.share, "10%", slot="max_discount_bps", also=("最大折扣%", "max discount %")
        ),
        Column("currency", "币种", "Currency", cells.currency, "CNY"),
        Column("valid_from", "生效日期", "Valid from", cells.day, "2026-01-01"),
    ),
)
