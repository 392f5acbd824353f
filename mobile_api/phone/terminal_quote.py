"""Terminal commands about goods: the products with their prices, drafting a quote, submitting it. None needs the network."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import click

from mobile_api.phone.measures import EPOCH, UnclearError, decimal, minor_digits, money, whole
from mobile_api.phone.screen import Screen, short
from shared_schema.records.inbox import Value
from shared_schema.records.quote import Quote, QuoteLine, QuoteStatus, Revise, Submit
from shared_schema.records.reference import Price, PriceBook, Product
from shared_schema.registry import BY_RECORD
from shared_schema.text import searched
from shared_schema.wire import ENCODER, Kind
from sync.agreed.quotes import content_hash, revision_of
from sync.device import Edit


@click.command("products")
@click.argument("text", default="")
@click.pass_obj
def products(screen: Screen, text: str) -> None:
    """List products whose code or name contains TEXT, with today's list price."""
    wanted = searched(text)
    book = _book(screen)
    found = [each for each in screen.phone.views(Product) if each.active and wanted in searched(f"{each.code} {each.name}")]
    if not found:
        raise UnclearError("no_product", text=text)
    catalogue = Catalogue(screen, book, _currency(screen, book))
    screen.table(("code", "product", "list_price", "tax"), (_row(catalogue, each) for each in sorted(found, key=lambda each: each.code)))


def _row(catalogue: "Catalogue", product: Product) -> Sequence[str]:
    listed = catalogue.listed(product)
    price = f"{money(listed.price_minor, catalogue.currency)}/{product.unit}" if listed is not None else ""
    return product.code, product.name, price, f"{decimal(product.tax_bps, 2)}%"


@click.command("quote")
@click.argument("customer")
@click.option("--line", "lines", multiple=True, metavar='"PRODUCT QUANTITY [PRICE]"', help="Without a price: the list price.")
@click.option("--title", default="")
@click.option("--note", default="")
@click.pass_obj
def quote(screen: Screen, customer: str, lines: tuple[str, ...], title: str, note: str) -> None:
    """Draft a quote for a CUSTOMER; it is taken with all its lines or not at all."""
    found, quote_id, book = screen.reached(customer), screen.phone.new_id(), _book(screen)
    if not lines:
        raise UnclearError("no_lines")
    currency = _currency(screen, book)
    catalogue = Catalogue(screen, book, currency)
    local_number = f"D{short(quote_id).removeprefix('#')}"
    header: dict[str, Value] = {"customer_id": found.id, "currency": currency, "local_number": local_number, "title": title, "note": note}
    header["price_book_id"] = book.id if book is not None else None
    edits = [Edit(Kind.create, BY_RECORD[Quote], quote_id, header)]
    for index, text in enumerate(lines):
        placed: dict[str, Value] = {"customer_id": found.id, "quote_id": quote_id, "position": f"{index:03d}", **catalogue.line(text)}
        edits.append(screen.create(QuoteLine, placed))
    screen.enter(edits)
    click.echo(f"{local_number}  {found.name}")
    screen.entered("quote")


@click.command("submit")
@click.argument("quote")
@click.pass_obj
def submit(screen: Screen, quote: str) -> None:
    """Submit a draft or returned QUOTE, as it stands on this screen."""
    found = screen.quote(quote)
    if found.status not in (QuoteStatus.draft, QuoteStatus.returned):
        raise UnclearError("not_draft", status=screen.words.known(found.status.name))
    lines = [line for line in screen.phone.views(QuoteLine) if line.quote_id == found.id]
    if not lines:
        raise UnclearError("no_lines")
    command = ENCODER.encode(Submit(content_hash(found, lines), found.status))
    screen.enter([Edit(Kind.command, BY_RECORD[Quote], found.id, command=command)])
    screen.entered("submit")


@click.command("revise")
@click.argument("quote")
@click.pass_obj
def revise(screen: Screen, quote: str) -> None:
    """Make a new draft of an approved QUOTE; it comes with the next sync."""
    found = screen.quote(quote)
    if found.status is not QuoteStatus.approved:
        raise UnclearError("not_approved", status=screen.words.known(found.status.name))
    lines = [line for line in screen.phone.views(QuoteLine) if line.quote_id == found.id]
    new_id = screen.phone.new_id()
    command = ENCODER.encode(Revise(new_id, content_hash(found, lines)))
    screen.enter([Edit(Kind.command, BY_RECORD[Quote], found.id, command=command)])
    screen.say("revised", number=revision_of(found, lines, new_id)[0].local_number)
    screen.entered("revise")


class Catalogue(NamedTuple):
    """The catalogue against which quote lines are read."""

    screen: Screen
    book: PriceBook | None
    currency: str

    def line(self, text: str) -> dict[str, Value]:
        """The slots of "PRODUCT QUANTITY [PRICE]". Raises UnclearError."""
        product, numbers = self._product(text)
        listed = self.listed(product)
        if len(numbers) < 2 and listed is None:
            raise UnclearError("no_price", text=product.name)
        amount = whole(numbers[0], 3)
        if amount < 1:
            raise UnclearError("bad_number", text=numbers[0], digits=3)
        price_minor = whole(numbers[1], minor_digits(self.currency)) if len(numbers) > 1 else listed.price_minor if listed else 0
        if price_minor < 0:
            raise UnclearError("bad_number", text=numbers[-1], digits=minor_digits(self.currency))
        return {
            "product_id": product.id,
            "unit": product.unit or "x",
            "quantity_thousandths": amount,
            "price_minor": price_minor,
            "list_price_minor": listed.price_minor if listed is not None else 0,
            "tax_bps": product.tax_bps,
        }

    def _product(self, text: str) -> tuple[Product, Sequence[str]]:
        """A product's name may hold blanks and end in a number: a whole name wins, then two numbers, then one."""
        words = text.split()
        readings = [(" ".join(words[:-count]), words[-count:]) for count in (2, 1) if len(words) > count and _are_numbers(words[-count:])]
        if not readings:
            raise UnclearError("bad_line", text=text)
        whole_names = {searched(name) for product in self.screen.phone.views(Product) for name in (product.code, product.name)}
        readings.sort(key=lambda reading: searched(reading[0]) not in whole_names)
        try:
            return self.screen.product(readings[0][0]), readings[0][1]
        except UnclearError:
            return self.screen.product(readings[-1][0]), readings[-1][1]

    def listed(self, product: Product) -> Price | None:
        """The price of a product in the book."""
        prices = self.screen.phone.views(Price) if self.book is not None else []
        return next(
            (price for price in prices if self.book and (price.price_book_id, price.product_id) == (self.book.id, product.id)), None
        )


def _are_numbers(words: Iterable[str]) -> bool:
    try:
        for word in words:
            whole(word, 6)
    except UnclearError:
        return False
    return True


def _book(screen: Screen) -> PriceBook | None:
    """The newest price book that is valid today."""
    today = (screen.today() - EPOCH).days
    valid = [book for book in screen.phone.views(PriceBook) if book.valid_from_day <= today]
    return max(valid, key=lambda book: (book.valid_from_day, book.id), default=None)


def _currency(screen: Screen, book: PriceBook | None) -> str:
    return book.currency if book is not None else screen.organisation().currency


COMMANDS: Final = (products, quote, submit, revise)
