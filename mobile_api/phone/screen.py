"""The terminal as a screen: the opened phone, its words, and how people name the records on it."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

import click
from rich.console import Console
from rich.table import Table

from mobile_api.phone.measures import UnclearError, decimal, time_text
from mobile_api.phone.phone import Phone
from mobile_api.phone.terminal_archive import archived, facts
from mobile_api.phone.transport import UnreachableError
from mobile_api.phone.words import Words
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer
from shared_schema.records.inbox import InboxItem, Value
from shared_schema.records.pool import PoolCard
from shared_schema.records.quote import Quote
from shared_schema.records.reference import Organisation, Person, Product
from shared_schema.records.tier_policy import TierPolicy
from shared_schema.registry import BY_RECORD
from shared_schema.text import plain, searched
from shared_schema.wire import Kind
from sync import device, overlay
from sync.agreed.days import local_day
from sync.agreed.tiers import policy_now
from sync.decode import envelope, understand
from sync.device import Edit
from sync.entered import MisfitError, tidied

R = TypeVar("R", bound=Record)
T = TypeVar("T")
PIPE_COLUMNS: Final = 120
NAMED_MAX: Final = 6
SHORT_DIGITS: Final = 6


class Screen:
    """One terminal."""

    def __init__(self, phone: Phone, words: Words, file: Path) -> None:
        self.phone = phone
        self.file = file
        self.words = words
        self.console = Console(markup=False, emoji=False, highlight=False)
        if not self.console.is_terminal:
            self.console.width = PIPE_COLUMNS
        phone.session.busy = lambda wait_s: click.echo(words("busy", seconds=f"{wait_s:.0f}"), err=True)

    def say(self, name: str, /, **facts: object) -> None:
        """One sentence."""
        click.echo(self.words(name, **facts))

    def entered(self, what: str) -> None:
        """Tell that an entry is safe on this phone."""
        self.say("entered", what=self.words(what), waiting=self.phone.waiting())

    def today(self) -> date:
        """The day on this phone's clock, where its user is."""
        local = time.localtime(self.phone.clock() / 1000)
        return date(local.tm_year, local.tm_mon, local.tm_mday)

    def create(self, record: type[Record], values: Mapping[str, Value]) -> Edit:
        """A new record with a new id."""
        return Edit(Kind.create, BY_RECORD[record], self.phone.new_id(), values)

    def enter(self, edits: Sequence[Edit]) -> None:
        """Put the user's act into the queue, unless no server could ever read it. Raises MisfitError, or Problem, naming the field."""
        shelf, typed = self.phone.shelf, [tidied(edit) for edit in edits]
        with shelf.transaction():
            numbers = set(device.enter(shelf, typed, self.phone.clock()))
            for pending in shelf.pendings():
                if pending.n in numbers:
                    _read_as_the_server_will(pending.raw)

    def ask(self, path: str, asked: object, gives: type[T]) -> T:
        """Ask a verb of the desk; it waits for the network. Raises UnreachableError, and the Problems of the verb."""
        if self.phone.offline:
            raise UnreachableError("this phone is switched offline")
        return self.phone.session.transport().ask(path, asked, gives)

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Columns under headings; texts are shown as they are."""
        table = Table(box=None, pad_edge=False, header_style="bold", show_header=any(headings))
        for heading in headings:
            table.add_column(self.words(heading) if heading else "", overflow="fold")
        for row in rows:
            table.add_row(*row)
        self.console.print(table)

    # naming

    def customer(self, text: str) -> Customer:
        """The customer which this part of a name, or #id, means. Raises UnclearError."""
        return self._followed(self.phone.views(Customer), text)

    def reached(self, text: str) -> Customer:
        """The same, or a pooled customer whose claim waits here: what is entered there goes with the claim (P-513). Raises UnclearError."""
        known = self.phone.views(Customer)
        held = {each.id for each in known}
        cards = [card for card in self.phone.views(PoolCard) if card.id not in held and self.waits(card)]
        asked = [Customer(card.id, 0, card.name or "", city=card.city or "", industry=card.industry or "") for card in cards]
        return self._followed([*known, *asked], text)

    def unless_archived(self, unclear: UnclearError) -> UnclearError:
        """In place of the sentence that nothing fits: if the text names an archived customer, what that means and what to do (D-164)."""
        known = {each.id: each for each in archived(self.phone)}
        if unclear.name != "none_found" or not known:
            return unclear
        try:
            found = one([Customer(each.id, 0, each.name) for each in known.values()], str(unclear.facts["text"]), _named, "customers")
        except UnclearError:
            return unclear
        told = facts(self.phone, known[found.id])
        return UnclearError("archived_customer", **{**told, "next": self.words(told["next"], by=told["by"])})

    def _followed(self, known: Iterable[Customer], text: str) -> Customer:
        try:
            return one(known, text, _named, "customers")
        except UnclearError as unclear:
            raise self.unless_archived(unclear) from None

    def product(self, text: str) -> Product:
        """The product which this code or part of a name means. Raises UnclearError."""
        return one(
            [each for each in self.phone.views(Product) if each.active], text, lambda product: [product.code, product.name], "products"
        )

    def quote(self, text: str) -> Quote:
        """The quote which this number, title or #id means. Raises UnclearError."""
        return one(
            self.phone.views(Quote),
            text,
            lambda quote: [quote.number or quote.local_number, quote.local_number, quote.title],
            "show CUSTOMER",
        )

    def item(self, text: str) -> InboxItem:
        """The open inbox item with this place in the list, or #id. Raises UnclearError."""
        items, text = self.phone.open_items(), plain(text)
        if text.isdecimal() and 1 <= int(text[:4]) <= len(items):
            return items[int(text[:4]) - 1]
        found = [item for item in items if len(text) >= SHORT_DIGITS and item.id.hex().endswith(text.lstrip("#").lower())]
        if len(found) != 1:
            raise UnclearError("no_item", text=text)
        return found[0]

    def person(self, user_id: bytes | None) -> str:
        """The name of a colleague."""
        found = self.phone.view(Person, user_id) if user_id is not None else None
        return found.name if found is not None else self.words("nobody") if user_id is None else short(user_id)

    def organisation(self) -> Organisation:
        """The organisation's profile; a plain one before the first sync."""
        return next(iter(self.phone.views(Organisation)), Organisation(bytes(16), 0, "-"))

    def tier_policy(self) -> TierPolicy | None:
        """The policy in force today, by the organisation's calendar (D-670)."""
        return policy_now(self.phone.views(TierPolicy), local_day(self.phone.clock(), self.organisation().time_zone))

    def waits(self, record: Record) -> str:
        """A remark on a record with own entries that are not answered yet."""
        key = (BY_RECORD[type(record)].number, record.id)
        waiting = any(pending.outcome is None for pending, _ in overlay.own(self.phone.shelf, key))
        return f" ({self.words('waits')})" if waiting else ""

    def refusal(self, item: InboxItem) -> str:
        """Why an entry was refused, and from when the same may be entered anew."""
        why = self.words.title(item.code)
        if item.distance_mm is not None:
            why = f"{why} ({self.words('far', distance=decimal(item.distance_mm, 6))})"
        return why if item.retry_at_ms is None else f"{why} ({self.words('from_when', when=time_text(item.retry_at_ms))})"


def _read_as_the_server_will(raw: bytes) -> None:
    try:
        understand(envelope(raw))
    except Problem as problem:
        if problem.code is Code.field_wrong:
            raise MisfitError("entry_misfit", problem.field or "entry") from None
        raise


def short(record_id: bytes) -> str:
    """The part of an id that people type: its last digits, which are the random ones."""
    return f"#{record_id.hex()[-SHORT_DIGITS:]}"


def _named(customer: Customer) -> Sequence[str]:
    return [customer.name]


def one(records: Iterable[R], text: str, names: Callable[[R], Sequence[str]], listing: str) -> R:
    """The one record which a text means: its #id, its whole name, or parts of it. `listing`: the command that shows them all. Raises
    UnclearError."""
    wanted = searched(text).removeprefix("#")
    known = list(records)
    whole = [each for each in known if _is(each, wanted, names(each))]
    found = whole or [each for each in known if all(part in searched(" ".join(names(each))) for part in wanted.split())]
    if not found or not wanted:
        raise UnclearError("none_found", text=text, listing=listing)
    if len(found) > 1:
        named = [f"{' '.join(dict.fromkeys(filter(None, names(each))))} {short(each.id)}" for each in found]
        raise UnclearError("several", text=text, names=", ".join(named[:NAMED_MAX]) + (" …" if len(named) > NAMED_MAX else ""))
    return found[0]


def _is(record: Record, wanted: str, names: Sequence[str]) -> bool:
    by_id = len(wanted) >= SHORT_DIGITS and record.id.hex().endswith(wanted)
    return by_id or any(wanted == searched(name) for name in names)
