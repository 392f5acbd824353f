"""Terminal commands that enter something: visits, contacts, quotes, changes, follow-ups, decisions. None needs the network."""

import time
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple

import click

from geo.datum import known_position
from geo.distance import distance_mm
from mobile_api.phone.measures import UnclearError, day, minor_digits, place, whole
from mobile_api.phone.screen import Screen, short
from mobile_api.phone.terminal_fields import changed
from shared_schema.commands import Submit
from shared_schema.places import Datum
from shared_schema.records.activity import Channel, ContactLog, Visit
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer, FollowUp
from shared_schema.records.inbox import Value
from shared_schema.records.quote import Quote, QuoteLine, QuoteStatus
from shared_schema.records.reference import Price, PriceBook, Product
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, Kind
from sync.device import Edit
from sync.quotes import content_hash

DATUMS: Final = [datum.name for datum in Datum if datum]
CHANNELS: Final = [channel.name for channel in Channel if channel]
EPOCH: Final = date(1970, 1, 1)


@click.command("visit")
@click.argument("customer")
@click.option("--note", default="", help="What came of it.")
@click.option("--purpose", default="")
@click.option("--at", "where", metavar="LAT,LON", help="Where you stand, in degrees.")
@click.option("--datum", type=click.Choice(DATUMS), default=Datum.wgs84.name, show_default=True, help="What your map measures in.")
@click.option("--accuracy", default="15", show_default=True, metavar="METRES", help="How sure the position is.")
@click.pass_obj
def visit(screen: Screen, /, customer: str, note: str, purpose: str, where: str | None, **fix: str) -> None:
    """Check in at a CUSTOMER."""
    found, now_ms = screen.customer(customer), screen.phone.clock()
    values: dict[str, Value] = {"customer_id": found.id, "device_ms": now_ms, "note": note, "purpose": purpose}
    if where is not None:
        datum, at = Datum[fix["datum"]], place(where)
        values |= {"latitude_e6": at.latitude_e6, "longitude_e6": at.longitude_e6, "datum": int(datum), "fix_ms": now_ms}
        values["accuracy_mm"] = max(0, whole(fix["accuracy"], 3))
        mine, theirs = known_position(datum, *at), known_position(found.datum, found.latitude_e6, found.longitude_e6)
        if mine is not None and theirs is not None:
            screen.say("from_shop", distance=f"{distance_mm(*mine, *theirs) // 1000:,}")
    screen.phone.enter([_create(screen, Visit, values)])
    screen.entered("visit")


@click.command("log")
@click.argument("customer")
@click.option("--channel", type=click.Choice(CHANNELS), required=True)
@click.option("--note", default="")
@click.pass_obj
def log(screen: Screen, customer: str, channel: str, note: str) -> None:
    """Note a contact with a CUSTOMER by phone, mail or message."""
    found = screen.customer(customer)
    values: dict[str, Value] = {"customer_id": found.id, "device_ms": screen.phone.clock(), "channel": int(Channel[channel]), "note": note}
    screen.phone.enter([_create(screen, ContactLog, values)])
    screen.entered("contact_log")


@click.command("follow-up")
@click.argument("customer")
@click.option("--on", "when", required=True, metavar="DATE", help="2026-01-31, today, tomorrow or +7.")
@click.option("--purpose", default="")
@click.pass_obj
def follow_up(screen: Screen, customer: str, when: str, purpose: str) -> None:
    """Plan the next contact with a CUSTOMER."""
    found = screen.customer(customer)
    values: dict[str, Value] = {"customer_id": found.id, "due_day": day(when, _today(screen)), "purpose": purpose}
    screen.phone.enter([_create(screen, FollowUp, values)])
    screen.entered("follow_up")


@click.command("edit")
@click.argument("customer")
@click.option("--set", "settings", multiple=True, required=True, metavar="FIELD=VALUE", help="A field, position=LAT,LON, or extra.KEY.")
@click.pass_obj
def edit(screen: Screen, customer: str, settings: tuple[str, ...]) -> None:
    """Change fields of a CUSTOMER."""
    found = screen.customer(customer)
    values = changed(screen, settings, _today(screen))
    screen.phone.enter([Edit(Kind.patch, BY_RECORD[Customer], found.id, values)])
    screen.entered("edit")


@click.command("quote")
@click.argument("customer")
@click.option("--line", "lines", multiple=True, metavar='"PRODUCT QUANTITY [PRICE]"', help="Without a price: the list price.")
@click.option("--title", default="")
@click.option("--note", default="")
@click.pass_obj
def quote(screen: Screen, customer: str, lines: tuple[str, ...], title: str, note: str) -> None:
    """Draft a quote for a CUSTOMER; it stands or falls with its lines."""
    found, quote_id, book = screen.customer(customer), screen.phone.new_id(), _book(screen)
    if not lines:
        raise UnclearError("no_lines")
    currency = book.currency if book is not None else screen.organisation().currency
    catalogue = Catalogue(screen, book, currency)
    local_number = f"D{short(quote_id).removeprefix('#')}"
    header: dict[str, Value] = {"customer_id": found.id, "currency": currency, "local_number": local_number, "title": title, "note": note}
    header["price_book_id"] = book.id if book is not None else None
    edits = [Edit(Kind.create, BY_RECORD[Quote], quote_id, header)]
    for index, text in enumerate(lines):
        placed: dict[str, Value] = {"customer_id": found.id, "quote_id": quote_id, "position": f"{index:03d}", **catalogue.line(text)}
        edits.append(_create(screen, QuoteLine, placed))
    screen.phone.enter(edits)
    click.echo(f"{local_number}  {found.name}")
    screen.entered("quote")


@click.command("submit")
@click.argument("quote")
@click.pass_obj
def submit(screen: Screen, quote: str) -> None:
    """Submit a draft QUOTE, as it stands on this screen."""
    found = screen.quote(quote)
    if found.status is not QuoteStatus.draft:
        raise UnclearError("not_draft", status=screen.words.known(found.status.name))
    lines = [line for line in screen.phone.views(QuoteLine) if line.quote_id == found.id]
    if not lines:
        raise UnclearError("no_lines")
    command = ENCODER.encode(Submit(content_hash(found, lines)))
    screen.phone.enter([Edit(Kind.command, BY_RECORD[Quote], found.id, command=command)])
    screen.entered("submit")


@click.command("use-mine")
@click.argument("item")
@click.pass_obj
def use_mine(screen: Screen, item: str) -> None:
    """Put your own value of inbox ITEM in place after all."""
    screen.phone.use_mine(screen.item(item))
    screen.entered("decision")


@click.command("keep-theirs")
@click.argument("item")
@click.pass_obj
def keep_theirs(screen: Screen, item: str) -> None:
    """Leave the value that stands in inbox ITEM."""
    screen.phone.keep_theirs(screen.item(item))
    screen.entered("decision")


@click.command("dismiss")
@click.argument("item")
@click.pass_obj
def dismiss(screen: Screen, item: str) -> None:
    """Put away a refusal, inbox ITEM, that you have read."""
    screen.phone.dismiss(screen.item(item))
    screen.entered("decision")


class Catalogue(NamedTuple):
    """What quote lines are read against."""

    screen: Screen
    book: PriceBook | None
    currency: str

    def line(self, text: str) -> dict[str, Value]:
        """The slots of "PRODUCT QUANTITY [PRICE]". Raises UnclearError."""
        product, numbers = self._product(text)
        listed = self._listed(product)
        if len(numbers) < 2 and listed is None:
            raise UnclearError("no_price", text=product.name)
        amount = whole(numbers[0], 3)
        if amount < 1:
            raise UnclearError("bad_number", text=numbers[0], digits=3)
        price_minor = whole(numbers[1], minor_digits(self.currency)) if len(numbers) > 1 else listed.price_minor if listed else 0
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
        whole_names = {name.casefold() for product in self.screen.phone.views(Product) for name in (product.code, product.name)}
        readings.sort(key=lambda reading: reading[0].casefold() not in whole_names)
        try:
            return self.screen.product(readings[0][0]), readings[0][1]
        except UnclearError:
            return self.screen.product(readings[-1][0]), readings[-1][1]

    def _listed(self, product: Product) -> Price | None:
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
    today = (_today(screen) - EPOCH).days
    valid = [book for book in screen.phone.views(PriceBook) if book.valid_from_day <= today]
    return max(valid, key=lambda book: (book.valid_from_day, book.id), default=None)


def _create(screen: Screen, record: type[Record], values: dict[str, Value]) -> Edit:
    return Edit(Kind.create, BY_RECORD[record], screen.phone.new_id(), values)


def _today(screen: Screen) -> date:
    """The day on this phone's clock, where its user is."""
    local = time.localtime(screen.phone.clock() / 1000)
    return date(local.tm_year, local.tm_mon, local.tm_mday)


COMMANDS: Final = (visit, log, follow_up, edit, quote, submit, use_mine, keep_theirs, dismiss)
