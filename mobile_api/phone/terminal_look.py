"""Terminal commands that only look: the customers, one customer."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

import click
from msgspec.structs import replace

from geo.verify import reasons
from mobile_api.phone.benefits import benefits
from mobile_api.phone.countdown import Countdowns
from mobile_api.phone.measures import UnclearError, day_text, decimal, money, quantity, time_text
from mobile_api.phone.screen import Screen, short
from mobile_api.phone.terminal_fields import birthday_text, custom_text, label
from mobile_api.phone.terminal_lock import locks
from shared_schema.places import Verdict
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.base import Record
from shared_schema.records.customer import Collaborator, Contact, Customer, FollowUp, Preference, Standing
from shared_schema.records.quote import Quote, QuoteLine
from shared_schema.records.reference import FieldDefinition, Product
from shared_schema.records.sample import SampleCount, SampleEntry
from shared_schema.text import searched
from sync import sets
from sync.agreed.amendments import Amended, facts_with_amendments
from sync.agreed.money import total

R = TypeVar("R", bound=Record)
LISTED_MAX: Final = 30
RECENT_MAX: Final = 5
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS


@click.command("customers")
@click.argument("text", default="")
@click.option("--all", "everything", is_flag=True, help="Every customer, however many.")
@click.pass_obj
def customers(screen: Screen, text: str, everything: bool) -> None:
    """List customers whose name, city, address or phone contains TEXT."""
    wanted = searched(text)
    known = screen.phone.views(Customer)
    found = sorted((each for each in known if wanted in _sought(each)), key=lambda each: each.name)
    if not found:
        unclear = screen.unless_archived(UnclearError("none_found", text=text, listing="customers"))
        if known or unclear.name != "none_found":
            raise unclear
        screen.say("empty" if screen.phone.session.tokens() is not None else "not_signed_in")
        return
    standings = {each.id: each for each in screen.phone.views(Standing)}
    planned = _next_contacts(screen)
    shown = found if everything else found[:LISTED_MAX]
    countdowns = Countdowns(screen)
    falls = {each.id: countdowns.short(standings.get(each.id)) for each in shown}
    told = any(falls.values())
    screen.table(
        ("", "customer", "city", "tier", "owner", "next_contact", "last_contact", *(("falls",) if told else ())),
        (
            [
                *_row(screen, each, standings.get(each.id)),
                planned.get(each.id, ""),
                _last(standings.get(each.id)),
                *([falls[each.id]] if told else []),
            ]
            for each in shown
        ),
    )
    if len(found) > len(shown):
        screen.say("more", count=len(found) - len(shown))


def _sought(customer: Customer) -> str:
    """Every text by which a customer is looked for; a telephone number also without the signs between its digits."""
    digits = "".join(letter for letter in searched(customer.phone) if letter.isdecimal())
    return searched(f"{customer.name} {customer.city} {customer.address} {customer.phone} {digits}")


def _row(screen: Screen, customer: Customer, standing: Standing | None) -> list[str]:
    tier = standing.tier.name.upper() if standing is not None and standing.tier else ""
    owner = screen.person(standing.owner_id) if standing is not None else ""
    return [short(customer.id), customer.name + screen.waits(customer), customer.city, tier, owner]


def _last(standing: Standing | None) -> str:
    return time_text(standing.last_contact_ms) if standing is not None and standing.last_contact_ms else ""


def _next_contacts(screen: Screen) -> dict[bytes, str]:
    """Customer → its earliest open follow-up."""
    earliest: dict[bytes, int] = {}
    for plan in screen.phone.views(FollowUp):
        if not plan.done:
            earliest[plan.customer_id] = min(plan.due_day, earliest.get(plan.customer_id, plan.due_day))
    return {customer_id: day_text(due_day) for customer_id, due_day in earliest.items()}


@click.command("show")
@click.argument("customer")
@click.pass_obj
def show(screen: Screen, customer: str) -> None:
    """Show one CUSTOMER and what is known about it."""
    found = screen.customer(customer)
    click.echo(f"{found.name}  {short(found.id)}{screen.waits(found)}")
    screen.table(("", ""), ((name, value) for name, value in _facts(screen, found) if value))
    for heading, lines in _sections(screen, found.id):
        if lines:
            click.echo(screen.words(heading) + ":")
            for line in lines:
                click.echo(f"  {line}")


def _facts(screen: Screen, customer: Customer) -> Iterable[tuple[str, str]]:
    words = screen.words
    standing = screen.phone.view(Standing, customer.id)
    has_place = customer.latitude_e6 is not None and customer.longitude_e6 is not None
    where = f"{decimal(customer.latitude_e6 or 0, 6)}, {decimal(customer.longitude_e6 or 0, 6)} {customer.datum.name}" if has_place else ""
    yield words("owner"), screen.person(standing.owner_id) if standing is not None else ""
    yield words("falls"), Countdowns(screen).long(standing)
    yield words("benefits"), benefits(screen, standing)
    yield words("with"), ", ".join(screen.person(each.user_id) for each in _of(screen, Collaborator, customer.id))
    yield words("address"), f"{customer.city} {customer.address}".strip()
    yield words("position"), where
    yield words("kind"), words.known(customer.kind.name) if customer.kind else ""
    for slot in ("industry", "phone", "note"):
        yield words(slot), getattr(customer, slot)
    yield words("registration"), customer.registration_number
    yield words("tags"), ", ".join(sets.distinct(customer.tags))
    yield words("interests"), ", ".join(_product(screen, each) for each in sets.distinct(customer.interests))
    labels = {each.key: each for each in screen.phone.views(FieldDefinition) if each.entity == 1}
    for key, value in customer.extra.items():
        yield label(screen, labels.get(key), key), custom_text(labels.get(key), value)


def _of(screen: Screen, record: type[R], customer_id: bytes, recency: Callable[[R], int] | None = None) -> list[R]:
    found = [each for each in screen.phone.views(record) if getattr(each, "customer_id", None) == customer_id]
    return found if recency is None else sorted(found, key=recency, reverse=True)[:RECENT_MAX]


def _sections(screen: Screen, customer_id: bytes) -> Iterable[tuple[str, Sequence[str]]]:
    words = screen.words
    yield (
        "contacts",
        [_contact(screen, one) for one in _of(screen, Contact, customer_id)],
    )
    plans = _of(screen, FollowUp, customer_id, lambda plan: plan.due_day)
    yield (
        "follow_ups",
        [f"{day_text(p.due_day)} {p.purpose}{' (' + words('done') + ')' if p.done else ''}{screen.waits(p)}" for p in plans],
    )
    yield "preferences", [f"{p.subject}: {p.wish}{screen.waits(p)}" for p in _of(screen, Preference, customer_id)]
    yield "locks", locks(screen, customer_id)
    yield "visits", [_visit(screen, one) for one in _told(screen, Visit, customer_id)]
    yield "logs", [_log(screen, one) for one in _told(screen, ContactLog, customer_id)]
    yield "samples", list(_samples(screen, customer_id))
    quotes = _of(screen, Quote, customer_id)
    yield "quotes", [line for quote in quotes for line in _quote(screen, quote)]


def _when(screen: Screen, fact: Visit | ContactLog) -> str:
    who = f" {screen.person(fact.author_id)}" if fact.author_id is not None else ""
    return time_text(fact.occurred_ms or fact.device_ms) + who + (f" ({screen.words('late')})" if fact.late else "")


def _contact(screen: Screen, one: Contact) -> str:
    born = screen.words("born", day=birthday_text(screen, one.birthday)) if one.birthday else ""
    parts = (one.name, one.title, one.phone, *sets.distinct(one.phones), one.email, born)
    return " ".join(filter(None, parts)) + screen.waits(one)


def _told(screen: Screen, record: type[Visit] | type[ContactLog], customer_id: bytes) -> list[Amended]:
    """The newest facts, each with its corrections."""
    facts = [each for each in screen.phone.views(record) if each.customer_id == customer_id]
    return sorted(facts_with_amendments(facts), key=lambda one: one.first.device_ms, reverse=True)[:RECENT_MAX]


def _corrected(screen: Screen, one: Amended) -> str:
    """A remark on a fact that was corrected, with the first version."""
    if all(isinstance(each, Visit) and each.leaving for each in one.amendments):
        return screen.waits(one.shown)
    word = screen.words("withdrawn" if one.shown.withdrawn else "corrected")
    return f" ({word}; {screen.words('before')}: {one.first.note or '-'}){screen.waits(one.shown)}"


def _log(screen: Screen, one: Amended) -> str:
    shown = one.shown
    channel = shown.channel.name if isinstance(shown, ContactLog) else ""
    return f"{_when(screen, shown)} {screen.words.known(channel)}: {shown.note}{_corrected(screen, one)}"


def _samples(screen: Screen, customer_id: bytes) -> Iterable[str]:
    """The server's totals, and beside each the entries not sent yet."""
    totals = {one.product_id: one.quantity for one in screen.phone.views(SampleCount) if one.customer_id == customer_id}
    waiting: dict[bytes, int] = {}
    for one in screen.phone.views(SampleEntry):
        if one.customer_id == customer_id and one.rev == 0:
            waiting[one.product_id] = waiting.get(one.product_id, 0) + one.quantity
    for product_id in sorted({*totals, *waiting}):
        more = f" {waiting[product_id]:+,} ({screen.words('waits')})" if product_id in waiting else ""
        yield f"{_product(screen, product_id)}: {screen.words('pieces', count=f'{totals.get(product_id, 0):,}')}{more}"


def _product(screen: Screen, product_id: bytes) -> str:
    found = screen.phone.view(Product, product_id)
    return found.name if found is not None else short(product_id)


def _visit(screen: Screen, one: Amended) -> str:
    visit, first = one.shown, one.first
    if not isinstance(visit, Visit) or not isinstance(first, Visit):
        return _when(screen, visit)
    ended = next((each for each in (*one.amendments, first) if isinstance(each, Visit) and each.left_ms is not None), first)
    why = reasons(replace(first, flags=first.flags | ended.flags))
    judged = [screen.words.known(name) for name in (first.verdict.name, *why) if first.verdict is not Verdict.unknown]
    away = [screen.words("from_shop", distance=f"{first.distance_mm // 1000:,}")] if first.distance_mm is not None else []
    parts = [_when(screen, visit), *away, *_deleted(screen, first), *judged, *_stay(screen, ended), *_late(screen, first)]
    return f"{', '.join(parts)}: {visit.note or visit.purpose}{_corrected(screen, one)}"


def _deleted(screen: Screen, visit: Visit) -> Iterable[str]:
    """That the server deleted where it was, and why (D-475)."""
    if visit.forgotten_days is not None:
        yield screen.words("place_deleted" if visit.forgotten_days else "place_erased", days=visit.forgotten_days)


def _stay(screen: Screen, ended: Visit) -> Iterable[str]:
    """How long it took, and how far from the check-in it ended."""
    if ended.left_ms is not None:
        yield screen.words("stayed", minutes=max(0, round((ended.left_ms - ended.device_ms) / MINUTE_MS)))
    if ended.moved_mm is not None:
        yield screen.words("left_away", metres=f"{ended.moved_mm // 1000:,}")


def _late(screen: Screen, visit: Visit) -> Iterable[str]:
    """How much later than it happened it came; it counts against nobody (D-214)."""
    hours = (visit.received_ms - visit.occurred_ms) // HOUR_MS
    if visit.occurred_ms and hours:
        yield screen.words("told_late", hours=hours)


def _quote(screen: Screen, quote: Quote) -> Iterable[str]:
    lines = sorted((line for line in screen.phone.views(QuoteLine) if line.quote_id == quote.id), key=lambda line: (line.position, line.id))
    amounts = total(lines, prices_include_tax=screen.organisation().prices_include_tax)
    names = f"{quote.number or quote.local_number or short(quote.id)} {quote.title}".strip()
    tax = screen.words("tax_in", tax=money(amounts.tax_minor, quote.currency))
    totals = f"{screen.words('total')} {money(amounts.gross_minor, quote.currency)} ({tax})"
    yield f"{names} · {screen.words.known(quote.status.name)} · {totals}{screen.waits(quote)}"
    for line in lines:
        name = _product(screen, line.product_id)
        yield f"  {name}: {quantity(line.quantity_thousandths, line.unit)} × {money(line.price_minor, quote.currency)}/{line.unit}"


COMMANDS: Final = (customers, show)
