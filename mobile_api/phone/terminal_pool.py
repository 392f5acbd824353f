"""Terminal commands about pools and late words: who can be claimed nearby, a claim, a release, what former holders still entered."""

from typing import Final

import click

from mobile_api.phone.claimed import remember
from mobile_api.phone.measures import decimal, field_text, place
from mobile_api.phone.screen import Screen, one, short
from shared_schema.records.base import Command
from shared_schema.records.contribution import Contribution, ContributionState, Settle
from shared_schema.records.customer import Customer, Release, Standing
from shared_schema.records.pool import Claim, Pool, PoolCard
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, Kind
from sync.device import Edit


@click.command("pool")
@click.option("--around", metavar="LAT,LON", help="Keep the pooled customers around this place too.")
@click.pass_obj
def pool(screen: Screen, around: str | None) -> None:
    """List the pooled customers on this phone: customers that you could claim."""
    if around is not None:
        screen.phone.keep_tile(place(around))
        screen.say("tile_kept")
        return
    cards = sorted(screen.phone.views(PoolCard), key=lambda card: (card.name or "", card.id))
    if not cards:
        screen.say("no_cards", count=len(screen.phone.seat().tiles))
        return
    screen.table(("", "customer", "city", "industry", "pool", "about"), (_row(screen, card) for card in cards))


def _row(screen: Screen, card: PoolCard) -> list[str]:
    of = screen.phone.view(Pool, card.pool_id)
    about = (
        "" if card.latitude_e6 is None or card.longitude_e6 is None else f"{decimal(card.latitude_e6, 6)}, {decimal(card.longitude_e6, 6)}"
    )
    name = card.name or screen.words("hidden_name")
    return [short(card.id), name + screen.waits(card), card.city or "", card.industry or "", of.name if of is not None else "", about]


@click.command("claim")
@click.argument("customer")
@click.pass_obj
def claim(screen: Screen, customer: str) -> None:
    """Claim a pooled CUSTOMER; with the next sync the server says which claim was first."""
    card = one(screen.phone.views(PoolCard), customer, lambda each: [each.name or ""], "pool")
    if card.name is not None:
        remember(screen.phone.shelf, card.id, card.name)
    _command(screen, PoolCard, card.id, Claim(epoch=card.epoch))
    screen.entered("claim")


@click.command("release")
@click.argument("customer")
@click.argument("pool")
@click.option("--reason", default="")
@click.pass_obj
def release(screen: Screen, customer: str, pool: str, reason: str) -> None:
    """Give a CUSTOMER of yours to a POOL."""
    found = screen.customer(customer)
    into = one(screen.phone.views(Pool), pool, lambda each: [each.name], "pool")
    standing = screen.phone.view(Standing, found.id)
    _command(screen, Standing, found.id, Release(into.id, epoch=standing.epoch if standing is not None else None, reason=reason))
    screen.entered("release")


@click.command("late")
@click.argument("number", required=False)
@click.option("--taken/--declined", "taken", default=None, help="You entered it yourself, or you do not want it.")
@click.pass_obj
def late(screen: Screen, number: str | None, *, taken: bool | None) -> None:
    """List late entries of former holders of your customers; with an #id decide about one."""
    found = screen.phone.views(Contribution)
    if number is not None and taken is not None:
        _command(screen, Contribution, one(found, number, lambda each: [short(each.id)], "late").id, Settle(taken))
        screen.entered("settle")
        return
    waiting = [each for each in found if number is not None or each.state == ContributionState.open]
    if not waiting:
        screen.say("no_late")
    for each in waiting:
        customer = screen.phone.view(Customer, each.customer_id)
        values = ", ".join(f"{slot}: {field_text(slot, value)}" for member in each.members for slot, value in member.mine.items())
        name = customer.name if customer is not None else ""
        state = screen.words.known(each.state.name)
        screen.say("late_by", customer=name, id=short(each.id), name=screen.person(each.author_id), values=values, state=state)


def _command(screen: Screen, record: type[PoolCard | Standing | Contribution], record_id: bytes, command: Command) -> None:
    screen.enter([Edit(Kind.command, BY_RECORD[record], record_id, command=ENCODER.encode(command))])


COMMANDS: Final = (pool, claim, release, late)
