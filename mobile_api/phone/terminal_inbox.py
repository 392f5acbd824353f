"""Terminal commands about the inbox: the cards that wait for their author, and the author's decisions. None needs the network."""

from collections.abc import Callable, Iterable
from typing import Final

import click

from mobile_api.phone.claimed import claimed_name
from mobile_api.phone.measures import UnclearError, field_text, time_text
from mobile_api.phone.screen import Screen, short
from mobile_api.phone.terminal_fields import BIRTHDAY, birthday_text, custom_text, definitions, label
from mobile_api.phone.texts_named import DO
from shared_schema.entity import EXTRA_PREFIX
from shared_schema.problem import Code
from shared_schema.records.base import Command
from shared_schema.records.customer import Customer
from shared_schema.records.inbox import Dismiss, InboxItem, ItemState, KeepTheirs, Member, SendUp, Value
from shared_schema.records.pool import PoolCard
from shared_schema.records.quote import Quote, QuoteLine
from shared_schema.records.reference import Product
from shared_schema.registry import BY_NUMBER, BY_RECORD
from shared_schema.wire import Kind
from sync import overlay, sets
from sync.agreed.claims import is_asking, is_offered
from sync.decisions import AGAIN
from sync.decode import COMMAND_TAG

TEXT_MAX: Final = 160
ALL: Final = "all"
PARKED: Final = {code.word for code in AGAIN}
"""Codes of entries that the author can still put in place (P-508); every other code is a refusal."""


@click.group("inbox", invoke_without_command=True)
@click.pass_context
def inbox(ctx: click.Context) -> None:
    """Show the items that wait for your decision; keep, dismiss or send one, or all at once."""
    if ctx.invoked_subcommand is None:
        _list(ctx.obj)


def _list(screen: Screen) -> None:
    items, user_id = screen.phone.open_items(), screen.phone.seat().user_id
    sent = sum(item.state == ItemState.sent and item.holder_id == user_id for item in screen.phone.inbox())
    if sent:
        screen.say("with_manager", count=sent)
    if not items:
        screen.say("inbox_empty")
        return
    for place, item in enumerate(items, 1):
        click.echo(f"{place}. {_heading(screen, item)}")
        for line in (line for member in item.members for line in _card(screen, item, member)):
            click.echo(f"     {line}")
        if item.code == Code.conflict.word and all(one.group for one in item.members):
            click.echo(f"     ({screen.words('rest_taken')})")
    screen.say("next_decide")


def _heading(screen: Screen, item: InboxItem) -> str:
    about = _about(screen, item)
    name = f"{about}: " if about else ""
    field = f" [{item.field}]" if item.field else ""
    origin = screen.phone.view(InboxItem, item.origin_id) if item.origin_id is not None else None
    came = f"  ({screen.words('came_from', who=screen.person(origin.holder_id))})" if origin is not None else ""
    done = f"  ({screen.words('decided')})" if _decided(screen, item) else ""
    own = item.code == Code.conflict.word and all(_own(screen, item, one) for one in item.members)
    what = screen.words("own_change") if own else screen.refusal(item)
    return f"{name}{what}{field}  {time_text(item.created_ms)}  {short(item.id)}{came}{done}"


def _about(screen: Screen, item: InboxItem) -> str:
    """The customer by name, where this phone knows it: held here, on a pool card, or claimed from one."""
    customer = screen.phone.view(Customer, item.customer_id) if item.customer_id is not None else None
    if customer is not None:
        return customer.name
    pooled = next((one.id for one in item.members if one.entity == BY_RECORD[PoolCard].number), None)
    if pooled is None:
        return screen.words("elsewhere") if item.customer_id is not None else ""
    card = screen.phone.view(PoolCard, pooled)
    return (card.name if card is not None else None) or claimed_name(screen.phone.shelf, pooled) or screen.words("pooled")


def _own(screen: Screen, item: InboxItem, member: Member) -> bool:
    """Whether the value that stands against an entry is its author's own, from another device; a card that came up is another user's."""
    return item.origin_id is None and member.their_user_id is not None and member.their_user_id == screen.phone.seat().user_id


def _card(screen: Screen, item: InboxItem, member: Member) -> Iterable[str]:
    words = screen.words
    if any(is_asking(one) for one in item.members) and not is_asking(member) and item.origin_id is None:
        kind = words.known(BY_NUMBER[member.entity].name) if member.entity in BY_NUMBER else ""
        yield f"{kind}: {words('offered' if is_offered((*item.earlier, *item.members), member) else 'kept_beneath')}"
    if member.kind == Kind.delete:
        yield words("deleted")
    for slot, value in member.mine.items():
        if slot.endswith("_id") and slot != "product_id":
            continue
        if value == member.theirs.get(slot, ...) == member.before.get(slot, ...):
            if slot == "product_id":
                yield f"{_slot(screen, member, slot)}: {_value(screen, member, slot, value)}"
            continue
        stands = ""
        if slot in member.theirs:
            own = _own(screen, item, member)
            by = words("own_elsewhere") if own else screen.person(member.their_user_id)
            who = f" ({by})" if member.their_user_id is not None else ""
            stands = f" · {words('stands' if own else 'theirs')}{who}: {_value(screen, member, slot, member.theirs[slot])}"
        before = f" · {words('before')}: {_value(screen, member, slot, member.before[slot])}" if slot in member.before else ""
        yield f"{_slot(screen, member, slot)} · {words('mine')}: {_value(screen, member, slot, value)}{stands}{before}"


def _slot(screen: Screen, member: Member, slot: str) -> str:
    entity = BY_NUMBER.get(member.entity)
    kind = screen.words.known(entity.name) if entity is not None and entity.number != BY_RECORD[Customer].number else ""
    key = slot.removeprefix(EXTRA_PREFIX)
    named = screen.words.known(slot.removesuffix("_id")) if key == slot else label(screen, definitions(screen, member.entity).get(key), key)
    return f"{kind} {named}".strip()


def _value(screen: Screen, member: Member, slot: str, value: Value) -> str:
    if slot.startswith(EXTRA_PREFIX):
        text = custom_text(definitions(screen, member.entity).get(slot.removeprefix(EXTRA_PREFIX)), value)
    elif slot in (enums := entity.enums if (entity := BY_NUMBER.get(member.entity)) is not None else {}) and isinstance(value, int):
        text = screen.words.known(next((one.name for one in enums[slot] if one == value), str(value)))
    elif slot == BIRTHDAY and isinstance(value, str) and value:
        text = birthday_text(screen, value)
    elif slot == COMMAND_TAG and isinstance(value, str):
        text = screen.words.known(f"{DO}{value}")
    elif slot == "product_id" and isinstance(value, bytes):
        product = screen.phone.view(Product, value)
        text = product.name if product is not None else short(value)
    elif isinstance(value, (dict, list, tuple)):
        text = _set_text(screen, slot, value)
    else:
        text = field_text(slot, value, _currency(screen, member))
    return text if len(text) <= TEXT_MAX else text[:TEXT_MAX] + "…"


def _set_text(screen: Screen, slot: str, value: Value) -> str:
    """An operation as +added −removed; a set, tagged or plain, as its elements."""
    if isinstance(value, dict):
        signed = [*(("+", one) for one in value.get(sets.ADD, ())), *(("−", one[0]) for one in value.get(sets.REMOVE, ()))]
    else:
        found = value if isinstance(value, (list, tuple)) else ()
        signed = [("", one) for one in dict.fromkeys(one[0] if isinstance(one, list) else one for one in found)]
    names = {each.id: each.name for each in screen.phone.views(Product)} if slot == "interests" else {}
    return " ".join(f"{sign}{names.get(one) or field_text(slot, one)}" for sign, one in signed) or "-"


def _currency(screen: Screen, member: Member) -> str:
    """Of the quote an amount belongs to; the organisation's where the phone does not hold it."""
    line = screen.phone.view(QuoteLine, member.id) if member.entity == BY_RECORD[QuoteLine].number else None
    quote_id = member.mine.get("quote_id") or (line.quote_id if line is not None else member.id)
    quote = screen.phone.view(Quote, quote_id) if isinstance(quote_id, bytes) else None
    return quote.currency if quote is not None else screen.organisation().currency


def _decided(screen: Screen, item: InboxItem) -> bool:
    """Whether a decision on the item waits for the next sync."""
    said = overlay.own(screen.phone.shelf, (BY_RECORD[InboxItem].number, item.id))
    if any(pending.outcome is None for pending, _ in said):
        return True
    return any(
        pending.outcome is None and member.group and intent.mutation.bases.get(member.group) == member.their_rev
        for member in item.members
        for pending, intent in overlay.own(screen.phone.shelf, (member.entity, member.id))
    )


def _undecided(screen: Screen, text: str) -> InboxItem:
    item = screen.item(text)
    if _decided(screen, item):
        raise UnclearError("decided_already", item=short(item.id))
    return item


def _is_here(screen: Screen, item: InboxItem) -> bool:
    """Whether this phone holds by now the records that a refused item names (P-512)."""
    named = [(one, one.mine.get("customer_id")) for one in item.members]
    heads = [
        (BY_NUMBER[one.entity], one.id) if not isinstance(customer_id, bytes) else (BY_RECORD[Customer], customer_id)
        for one, customer_id in named
    ]
    return all(overlay.server_record(screen.phone.shelf, (entity.number, record_id)) is not None for entity, record_id in heads)


@click.command("use-mine")
@click.argument("item")
@click.pass_obj
def use_mine(screen: Screen, item: str) -> None:
    """Put your own value of inbox ITEM in place after all."""
    found = _undecided(screen, item)
    if found.code == Code.out_of_scope.word and not _is_here(screen, found):
        raise UnclearError("not_here_yet", item=item)
    if found.code not in (*PARKED, Code.out_of_scope.word):
        raise UnclearError("refused_already", item=item)
    if found.customer_id is not None and screen.phone.view(Customer, found.customer_id) is None:
        raise UnclearError("not_here", item=item)
    screen.phone.use_mine(found)
    screen.entered("decision")


@click.command("keep-theirs")
@click.argument("item")
@click.pass_obj
def keep_theirs(screen: Screen, item: str) -> None:
    """Keep the server's value of inbox ITEM."""
    screen.phone.keep_theirs(_undecided(screen, item))
    screen.entered("decision")


@click.command("dismiss")
@click.argument("item")
@click.pass_obj
def dismiss(screen: Screen, item: str) -> None:
    """Put away inbox ITEM, a refusal that you have read."""
    screen.phone.dismiss(_undecided(screen, item))
    screen.entered("decision")


@inbox.command("keep")
@click.argument("item", metavar="ITEM|all")
@click.pass_obj
def keep(screen: Screen, item: str) -> None:
    """Keep the server's value of inbox ITEM, or of all conflicts and entries that wait."""
    _each(screen, item, KeepTheirs(), lambda one: one.code in PARKED)


@inbox.command("dismiss")
@click.argument("item", metavar="ITEM|all")
@click.pass_obj
def put_away(screen: Screen, item: str) -> None:
    """Put away inbox ITEM, or all refusals."""
    _each(screen, item, Dismiss(), lambda one: one.code not in PARKED)


@inbox.command("send")
@click.argument("item", metavar="ITEM|all")
@click.pass_obj
def send(screen: Screen, item: str) -> None:
    """Let your manager decide inbox ITEM, or all that wait."""
    _each(screen, item, SendUp(), lambda one: one.code in PARKED)


def _each(screen: Screen, text: str, command: Command, fits: Callable[[InboxItem], bool]) -> None:
    """One item, or with `all` every undecided one that the decision is meant for."""
    items = (
        [one for one in screen.phone.open_items() if fits(one) and not _decided(screen, one)] if text == ALL else [_undecided(screen, text)]
    )
    if not screen.phone.decide_each(items, command):
        screen.say("inbox_empty")
        return
    screen.entered("decision")


COMMANDS: Final = (inbox, use_mine, keep_theirs, dismiss)
