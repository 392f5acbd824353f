"""What people do about deletions and quotes: they restore, managers decide, approved quotes are revised."""

from typing import Final

from shared_schema.records.inbox import Value
from shared_schema.records.quote import Approve, Quote, QuoteLine, QuoteStatus, Reject, ReturnQuote, Revise, Submit
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import ENCODER, Kind
from sync import sets
from sync.device import Edit
from sync.quotes import content_hash
from sync.state import Buried, Key
from tests.prove import entries
from tests.prove.handset import Handset
from tests.prove.history import History

QUOTE: Final = BY_NAME["quote"]
WRONG_SHARE: Final = 0.2
"""How often a restore names another rev than that of the deletion, and a decision another content than what stands."""


HURRY_SHARE: Final = 0.5


def restore(history: History, phone: Handset) -> bool:
    """Bring back a deleted record, as the history tells it; some name an older deletion."""
    buried = _buried(history, phone)
    if not buried and not phone.shelf.seat().forked and (entries.create_child(history, phone), entries.delete(history, phone))[1]:
        history.sync(phone)
        buried = _buried(history, phone)
    if not buried:
        return False
    (number, record_id), one = history.dice.choice(buried)
    values: dict[str, Value] = dict(history.store.graves[number, record_id])
    rev = one.rev - (history.dice.random() < WRONG_SHARE)
    entity = BY_NUMBER[number]
    given = {slot: sets.elements(values[slot]) for slot in entity.sets if slot in values}  # type: ignore[arg-type]
    edit = Edit(Kind.restore, entity, record_id, {**values, **given}, bases={"": rev})
    phone.enter([edit], [{slot: value for slot, value in values.items() if slot not in given}], history.now_ms)
    return True


def _buried(history: History, phone: Handset) -> list[tuple[Key, Buried]]:
    """Deleted records of the customers on the screen, with what the history keeps of them."""
    mine = {customer.id for customer in phone.shown("customer")}
    store = history.store
    return [(key, one) for key, one in sorted(store.tombstones.items()) if one.customer_id in mine and key in store.graves]


def quote_through(history: History, phone: Handset) -> bool:
    """A quote on the screen is submitted and decided while everybody else works on; some look at content that is no more."""
    if phone.shelf.seat().forked or not (phone.shown("quote") or entries.create_quote(history, phone)):
        return False
    quote = history.dice.choice([one for one in phone.shown("quote") if isinstance(one, Quote)])
    if quote.status in (QuoteStatus.draft, QuoteStatus.returned):
        _command(history, phone, quote.id, Submit(_hash_on(phone, quote), quote.status))
        history.sync(phone)
    return decide(history, phone)


def decide(history: History, phone: Handset) -> bool:
    """Two managers look at a quote by REST at the same time; each decides as he likes."""
    managers = [one for one in history.handsets if one.user.role == Role.manager]
    waiting = [
        held.record
        for held in history.store.records.values()
        if isinstance(held.record, Quote) and (held.record.status is QuoteStatus.submitted or history.dice.random() < WRONG_SHARE)
    ]
    if not managers or not waiting:
        return False
    quote = history.dice.choice(sorted(waiting, key=lambda one: one.id))
    lines = [
        held.record for held in history.store.records.values() if isinstance(held.record, QuoteLine) and held.record.quote_id == quote.id
    ]
    shown = content_hash(quote, lines) if history.dice.random() > WRONG_SHARE else bytes(32)
    manager = history.dice.choice(managers)
    for command in history.dice.sample([Approve, Approve, Approve, Reject, ReturnQuote], 2):
        _command(history, manager, quote.id, command(shown))
    if not manager.shelf.seat().forked:
        history.sync(manager)
    return True


def revise(history: History, phone: Handset) -> bool:
    """Fork an approved quote on the screen, and submit the revision now and then."""
    if phone.shelf.seat().forked:
        return False
    quote_through(history, phone)
    history.sync(phone)
    found = [one for one in phone.shown("quote") if isinstance(one, Quote) and one.status is QuoteStatus.approved]
    if not found:
        return False
    quote = history.dice.choice(found)
    _command(history, phone, quote.id, Revise(history.new_id(), _hash_on(phone, quote)))
    if history.dice.random() < HURRY_SHARE:
        history.sync(phone)
        quote_through(history, phone)
    return True


def _hash_on(phone: Handset, quote: Quote) -> bytes:
    lines = [one for one in phone.shown("quote_line") if isinstance(one, QuoteLine) and one.quote_id == quote.id]
    return content_hash(quote, lines)


def _command(history: History, phone: Handset, quote_id: bytes, command: object) -> None:
    phone.enter([Edit(Kind.command, QUOTE, quote_id, command=ENCODER.encode(command))], None, history.now_ms)
