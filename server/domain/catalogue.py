"""The goods, the price books and the prices of an organisation."""

from collections.abc import Iterable
from typing import Final

from server.domain.feature import Feature, Listing, Table
from server.domain.imports.prices import PRICES
from server.domain.imports.products import PRODUCTS
from server.domain.needs import Asking, Need, Rows
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Price, PriceBook, PriceBookRequest, PriceRequest, Product, ProductRequest
from sync.state import State


def named_by(_asking: Asking, asked: PriceRequest) -> Iterable[Need]:
    """The book and the product of a price."""
    yield Rows(PriceBook, frozenset({asked.price_book_id}))
    yield Rows(Product, frozenset({asked.product_id}))


def judge_price(state: State, price: Price) -> tuple[Price]:
    """Raises Problem(rule_broken) for a book or a product that is not there."""
    if state.find(PriceBook, price.price_book_id) is None:
        raise Problem(Code.rule_broken, "there is no such price book", field="price_book_id")
    if state.find(Product, price.product_id) is None:
        raise Problem(Code.rule_broken, "there is no such product", field="product_id")
    return (price,)


FEATURE: Final = Feature(
    lists=(
        Listing(Product, "List the products."),
        Listing(PriceBook, "List the price books."),
        Listing(Price, "List the prices, or those of one price book.", ("price_book_id",)),
    ),
    tables=(
        Table(Product, ProductRequest, "Make or change a product."),
        Table(PriceBook, PriceBookRequest, "Make or change a price book."),
        Table(Price, PriceRequest, "Make or change the price of a product in a price book.", wants=named_by, judge=judge_price),
    ),
    imports=(PRODUCTS, PRICES),
)
