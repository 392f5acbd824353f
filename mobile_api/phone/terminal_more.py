"""Terminal commands for sets, corrections and samples: tags of a customer, a fact told better, pieces left or taken back."""

from typing import Final

import click

from mobile_api.phone.measures import UnclearError
from mobile_api.phone.screen import Screen
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.customer import Customer
from shared_schema.records.inbox import Value
from shared_schema.records.sample import SampleEntry
from shared_schema.registry import BY_RECORD
from shared_schema.text import searched
from shared_schema.wire import Kind
from sync import sets
from sync.agreed.amendments import Fact, facts_with_amendments
from sync.device import Edit

CARRIED: Final = frozenset({"amends_id", "withdrawn", "leaving"})


@click.command("tag")
@click.argument("customer")
@click.option("--add", "added", multiple=True, metavar="WORD", help="A tag to add.")
@click.option("--remove", "removed", multiple=True, metavar="WORD", help="A tag to take away.")
@click.pass_obj
def tag(screen: Screen, customer: str, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """Add and remove tags of a CUSTOMER; tags that others add meanwhile stay."""
    found = screen.customer(customer)
    shown = sets.distinct(found.tags)
    found_tags = {searched(word): word for word in shown}
    unknown = [word for word in removed if searched(word) not in found_tags]
    if unknown:
        raise UnclearError("bad_choice", text=unknown[0], known=", ".join(shown) or "-")
    made_of = BY_RECORD[Customer].sets["tags"]
    change = {**sets.plain(sets.removing(made_of, found.tags, *(found_tags[searched(word)] for word in removed))), sets.ADD: list(added)}
    if any(change.values()):
        screen.enter([Edit(Kind.patch, BY_RECORD[Customer], found.id, {"tags": change})])
        screen.entered("edit")
    click.echo(", ".join(sets.distinct(screen.customer(customer).tags)) or "-")


@click.command("correct")
@click.argument("customer")
@click.option("--note", help="The right text.")
@click.option("--withdraw", is_flag=True, help="It did not happen: take it back.")
@click.pass_obj
def correct(screen: Screen, customer: str, note: str | None, *, withdraw: bool) -> None:
    """Correct your newest visit or contact with a CUSTOMER; the first entry stays readable."""
    found, mine = screen.customer(customer), screen.phone.seat().user_id
    told: list[Fact] = [*screen.phone.views(Visit), *screen.phone.views(ContactLog)]
    own = [one for one in facts_with_amendments(told) if one.first.customer_id == found.id and one.first.author_id in (None, mine)]
    if not own:
        raise UnclearError("no_fact", name=found.name)
    newest = max(own, key=lambda one: (one.first.device_ms, one.first.id))
    entity = BY_RECORD[type(newest.first)]
    values = {slot: getattr(newest.shown, slot) for slot in entity.slots if slot in entity.fixed - CARRIED}
    values |= {"amends_id": newest.first.id, "withdrawn": withdraw} | ({"note": note} if note is not None else {})
    screen.enter([screen.create(type(newest.first), values)])
    screen.entered(entity.name)


@click.command("sample", context_settings={"ignore_unknown_options": True})
@click.argument("customer")
@click.argument("product")
@click.argument("quantity", type=int)
@click.option("--note", default="")
@click.pass_obj
def sample(screen: Screen, customer: str, product: str, quantity: int, note: str) -> None:
    """Leave QUANTITY samples of a PRODUCT with a CUSTOMER; a negative one is taken back."""
    found = screen.reached(customer)
    values: dict[str, Value] = {"customer_id": found.id, "product_id": screen.product(product).id, "quantity": quantity, "note": note}
    screen.enter([screen.create(SampleEntry, {**values, "device_ms": screen.phone.clock()})])
    screen.entered("sample")


COMMANDS: Final = (tag, correct, sample)
