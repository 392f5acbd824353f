"""Orders, receivables and collections at the desk and by REST: typed in, sent by a business system, or made of a quote (D-331 to D-338)."""

import hashlib
from collections.abc import Iterable
from typing import Any, Final

from msgspec.structs import replace

from server.domain import orders, receivables
from server.domain.access import at_desk
from server.domain.books import Allocation, Collection, OrderLine, home
from server.domain.currencies import CODES
from server.domain.feature import Feature, Listing, Verb
from server.domain.imports.costs import COSTS, EXCHANGE_RATES
from server.domain.imports.frame import imported_id
from server.domain.imports.money import COLLECTION_IMPORT, COLLECTIONS, RECEIVABLE_IMPORT, RECEIVABLES
from server.domain.imports.order_lines import ORDER_LINES, order_id
from server.domain.needs import Asking, DeskNeed, Rows
from server.domain.profit import worth
from shared_schema.problem import Code, Problem
from shared_schema.records.order import (
    CollectionTold,
    EnterCollection,
    EnterOrder,
    EnterReceivable,
    NewLine,
    OrderFromQuote,
    Paid,
    Receivable,
    SalesOrder,
)
from shared_schema.records.quote import Quote, QuoteLine, QuoteStatus
from shared_schema.records.reference import Product
from sync.agreed.money import divided, line_amounts
from sync.rules import Actor, Entered, Holding
from sync.state import State

WHOLE_BPS: Final = 10_000
THOUSAND: Final = 1_000


def _id(actor: Actor, kind: str, asked: Any) -> bytes:
    """The id that a request gives, or the one of its external id; nothing is loaded by a request with neither."""
    if asked.external_id is not None:
        return order_id(actor.org_id, asked.external_id) if kind == "orders" else imported_id(actor.org_id, kind, asked.external_id)
    return asked.id if asked.id is not None else bytes(16)


def _judge(actor: Actor, state: State, asked: Any) -> str:
    """The currency of a request. Raises Problem(out_of_scope | rule_broken)."""
    if (asked.id is None) == (asked.external_id is None):
        raise Problem(Code.rule_broken, "name it by id or by external_id, one of the two", field="id")
    if at_desk(actor, state, asked.customer_id) is not Holding.holder:
        raise Problem(Code.out_of_scope, "no such customer of yours", field="customer_id")
    currency: str = asked.currency if asked.currency is not None else home(state)
    if currency not in CODES:
        raise Problem(Code.rule_broken, f"{currency} is no currency in use", field="currency")
    return currency


# orders


def to_enter(asking: Asking, asked: EnterOrder) -> Iterable[DeskNeed]:
    """The customer, the order, the products, and by what its lines count."""
    products = frozenset(one.product_id for one in asked.lines)
    currencies = frozenset({asked.currency} if asked.currency is not None else set[str]())
    named = orders.Ordered(frozenset({asked.customer_id}), frozenset({_id(asking.actor, "orders", asked)}), products, currencies)
    yield Rows(Product, products)
    yield from orders.to_order(named)
    yield from orders.to_count(asking, named)


def enter(actor: Actor, state: State, asked: EnterOrder, _entered: Entered) -> tuple[()]:
    """Enter or change an order (D-331, D-332). Raises Problem(out_of_scope | rule_broken)."""
    currency, record_id = _judge(actor, state, asked), _id(actor, "orders", asked)
    for line in asked.lines:
        if state.find(Product, line.product_id) is None:
            raise Problem(Code.rule_broken, "there is no such product", field="product_id")
    known = state.find(SalesOrder, record_id)
    order = SalesOrder(
        record_id,
        0,
        asked.customer_id,
        asked.number,
        asked.day,
        currency,
        state=asked.state,
        promised_day=asked.promised_day,
        delivered_day=asked.delivered_day,
        external_id=known.external_id if known is not None else asked.external_id,
        quote_id=known.quote_id if known is not None else None,
    )
    orders.enter(state, order, [_line(state, order, one) for one in asked.lines], asked.due_day)
    return ()


def _line(state: State, order: SalesOrder, line: NewLine) -> OrderLine:
    record_id = orders.line_id(order.id, line.line)
    known = state.beside.find(OrderLine, record_id)
    made = OrderLine(
        record_id, order.id, order.customer_id, line.product_id, order.day, order.currency, line.quantity_thousandths, line.price_minor
    )
    cost = known.cost_minor if known is not None else None
    return replace(made, discount_minor=line.discount_minor, tax_minor=line.tax_minor, is_return=line.is_return, cost_minor=cost)


def entered_order(state: State, asked: EnterOrder, _counts: object) -> Any:
    """The order as it stands."""
    return _found(state, SalesOrder, asked)


def _found(state: State, record: Any, asked: Any) -> Any:
    """What a request is about: by its id, or by its external id."""
    if asked.id is not None:
        return state.find(record, asked.id)
    held = (one.record for one in state.held.values())
    return next(one for one in held if isinstance(one, record) and one.external_id == asked.external_id)


# orders of quotes


def order_of(quote_id: bytes) -> bytes:
    """The id of the order of a quote."""
    return hashlib.sha256(b"order:" + quote_id).digest()[:16]


def to_make(asking: Asking, asked: OrderFromQuote) -> Iterable[DeskNeed]:
    """The quote with its lines, and what an order of them needs."""
    quote, lines = asking.state.find(Quote, asked.quote_id), asking.state.children_of(QuoteLine, "quote_id", asked.quote_id)
    customers = frozenset({quote.customer_id} if quote is not None else set[bytes]())
    currencies = frozenset({quote.currency} if quote is not None else set[str]())
    named = orders.Ordered(customers, frozenset({order_of(asked.quote_id)}), frozenset(one.product_id for one in lines), currencies)
    yield from (Rows(Quote, frozenset({asked.quote_id})), Rows(QuoteLine, frozenset({asked.quote_id}), by="quote_id"))
    yield from orders.to_order(named)
    yield from orders.to_count(asking, named)


def make(actor: Actor, state: State, asked: OrderFromQuote, _entered: Entered) -> tuple[()]:
    """Make the order of an approved quote, once (D-338). Raises Problem(not_found | state_wrong | rule_broken)."""
    quote = state.find(Quote, asked.quote_id)
    if quote is None or at_desk(actor, state, quote.customer_id) is not Holding.holder:
        raise Problem(Code.not_found, "there is no such quote")
    if quote.status != QuoteStatus.approved:
        raise Problem(Code.state_wrong, f"the quote is {quote.status.name}; an order is made of an approved one")
    if state.find(SalesOrder, order_of(quote.id)) is not None:
        return ()
    number = asked.number or quote.number
    order = SalesOrder(
        order_of(quote.id), 0, quote.customer_id, number, asked.day, quote.currency, promised_day=asked.promised_day, quote_id=quote.id
    )
    include = state.organisation is not None and state.organisation.prices_include_tax
    lines = state.children_of(QuoteLine, "quote_id", quote.id)
    orders.enter(state, order, [_of_quote(order, one, include=include) for one in lines], asked.due_day)
    return ()


def _of_quote(order: SalesOrder, line: QuoteLine, *, include: bool) -> OrderLine:
    """The line of an order with the same net and tax: its price without tax, and as discount what is over the net."""
    amounts = line_amounts(line, prices_include_tax=include)
    price = divided(line.price_minor * WHOLE_BPS, WHOLE_BPS + line.tax_bps) if include else line.price_minor
    made = OrderLine(
        orders.line_id(order.id, line.id.hex()),
        order.id,
        order.customer_id,
        line.product_id,
        order.day,
        order.currency,
        line.quantity_thousandths,
        price,
        tax_minor=amounts.tax_minor,
    )
    if worth(orders.priced(made)) < amounts.net_minor:  # rounding left the price a little short
        made = replace(made, price_minor=-(-amounts.net_minor * THOUSAND // line.quantity_thousandths))
    return replace(made, discount_minor=worth(orders.priced(made)) - amounts.net_minor)


def made_order(state: State, asked: OrderFromQuote, _counts: object) -> Any:
    """The order as it stands."""
    return state.find(SalesOrder, order_of(asked.quote_id))


# receivables and collections


def to_owe(asking: Asking, asked: EnterReceivable) -> Iterable[DeskNeed]:
    """The customer, the receivable and what paid it, and what is open of the customer."""
    customers, named = frozenset({asked.customer_id}), frozenset({_id(asking.actor, RECEIVABLES, asked)})
    yield from receivables.to_lock(customers, named)
    yield from receivables.to_settle(asking, customers, named)


def owe(actor: Actor, state: State, asked: EnterReceivable, _entered: Entered) -> tuple[()]:
    """Enter or change a receivable (D-333). Raises Problem(out_of_scope | rule_broken)."""
    currency, record_id = _judge(actor, state, asked), _id(actor, RECEIVABLES, asked)
    receivables.owe(
        state, Receivable(record_id, 0, asked.customer_id, asked.number, currency, asked.amount_minor, 0, asked.day, asked.due_day)
    )
    return ()


def entered_receivable(state: State, asked: EnterReceivable, _counts: object) -> Any:
    """The receivable as it stands."""
    held = (one.record for one in state.held.values())
    mine = (one for one in held if isinstance(one, Receivable) and one.customer_id == asked.customer_id)
    return next(one for one in mine if one.id == asked.id or (asked.id is None and one.number == asked.number))


def to_collect(asking: Asking, asked: EnterCollection) -> Iterable[DeskNeed]:
    """The customer, the collection and what it paid, and what is open of the customer."""
    customers, named = frozenset({asked.customer_id}), frozenset({_id(asking.actor, COLLECTIONS, asked)})
    yield from receivables.to_lock(customers, frozenset())
    yield from receivables.to_settle(asking, customers, named)


def collect(actor: Actor, state: State, asked: EnterCollection, _entered: Entered) -> tuple[()]:
    """Enter or change a collection (D-334). Raises Problem(out_of_scope | rule_broken)."""
    currency, record_id = _judge(actor, state, asked), _id(actor, COLLECTIONS, asked)
    named = asked.external_id or record_id.hex()
    receivables.collect(
        state,
        Collection(record_id, asked.customer_id, named, currency, asked.amount_minor, 0, asked.day, int(asked.method), asked.reference),
    )
    return ()


def entered_collection(state: State, asked: EnterCollection, _counts: object) -> CollectionTold:
    """The collection and what it paid."""
    named = asked.external_id or (asked.id or b"").hex()
    found = next(one for one in state.beside.every(Collection) if one.external_id == named)
    paid = state.beside.every(Allocation, lambda one: one.collection_id == found.id and one.amount_minor > 0)
    return CollectionTold(
        id=found.id,
        customer_id=found.customer_id,
        currency=found.currency,
        amount_minor=found.amount_minor,
        unapplied_minor=found.unapplied_minor,
        paid=[Paid(receivable_id=one.receivable_id, amount_minor=one.amount_minor) for one in paid],
    )


FEATURE: Final = Feature(
    verbs=(
        Verb("/v1/desk/sales-orders", EnterOrder, SalesOrder, entered_order, enter, to_enter),
        Verb("/v1/quotes/{quote_id}/order", OrderFromQuote, SalesOrder, made_order, make, to_make),
        Verb("/v1/desk/receivables", EnterReceivable, Receivable, entered_receivable, owe, to_owe),
        Verb("/v1/desk/collections", EnterCollection, CollectionTold, entered_collection, collect, to_collect),
    ),
    lists=(
        Listing(SalesOrder, "List the orders of the customers that the role reaches (D-331).", filters=("customer_id", "state")),
        Listing(Receivable, "List what the customers owe that the role reaches (D-333).", filters=("customer_id",)),
    ),
    imports=(ORDER_LINES, RECEIVABLE_IMPORT, COLLECTION_IMPORT, COSTS, EXCHANGE_RATES),
)
