"""What people do about pools: they ask for tiles, claim, release, come too late, and say what became of a late edit."""

from typing import Final, TypeGuard

from shared_schema.records.base import Record
from shared_schema.records.contribution import Contribution, ContributionState, Settle
from shared_schema.records.customer import GiveToPool, Release, Standing, Transfer
from shared_schema.records.inbox import Value
from shared_schema.records.pool import Claim, PoolCard
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Kind
from sync import device
from sync.device import Edit
from tests.prove import desk, entries
from tests.prove.desk import Mask
from tests.prove.entries import CHILDREN, shown
from tests.prove.handset import Handset
from tests.prove.history import TILES, History, some_hidden, some_tiles
from tests.prove.moves import at_desk

CARD: Final = BY_NAME["pool_card"]
STANDING: Final = BY_NAME["standing"]
WRONG_SHARE: Final = 0.15
"""How often a command names another epoch than that on the screen."""
CLOSED_SHARE: Final = 0.25
LOOKING_SHARE: Final = 0.4
FACTS: Final = ("contact_log", "visit")


def ask_tiles(history: History, phone: Handset) -> bool:
    """The user travels: his phone asks for other tiles."""
    before = phone.shelf.seat().tiles
    device.keep_tiles(phone.shelf, some_tiles(history.dice))
    return phone.shelf.seat().tiles != before


def claim(history: History, phone: Handset) -> bool:
    """Take a pooled customer; some at once enter something about it, with the claim or beside it."""
    card = _card(history, phone)
    if card is None:
        return False
    taking = _claiming(history, card)
    chance = history.dice.random()
    if chance < 0.3:
        phone.enter([taking, _child(history, card.id, history.dice.choice(sorted(CHILDREN)))], None, history.now_ms)
        return True
    phone.enter([taking], None, history.now_ms)
    if chance < 0.6:
        phone.enter([_child(history, card.id, history.dice.choice(sorted(CHILDREN)))], None, history.now_ms)
    return True


def claim_at_once(history: History, phone: Handset) -> bool:
    """Two phones know the same card and claim it; one of them finds the network first."""
    if _card(history, phone) is None:
        return False
    own = {one.id: one for one in phone.shown("pool_card")}
    others = [(other, one.id) for other in history.handsets if other is not phone for one in other.shown("pool_card") if one.id in own]
    if not others:
        return False
    other, card_id = history.dice.choice(others)
    for one in (phone, other):
        card = next(card for card in one.shown("pool_card") if card.id == card_id)
        assert isinstance(card, PoolCard)
        one.enter([_claiming(history, card)], None, history.now_ms)
    for one in history.dice.sample([phone, other], 2):
        if not one.shelf.seat().forked:
            history.sync(one)
    return True


def release(history: History, phone: Handset) -> bool:
    """Give a customer to a pool, as its owner or his manager."""
    standing = shown(history, phone, "standing")
    if not isinstance(standing, Standing):
        return False
    command = Release(_pool(history, phone), standing.epoch - (history.dice.random() < WRONG_SHARE))
    phone.enter([_commanding(STANDING.name, standing.id, command)], None, history.now_ms)
    return True


def come_and_go(history: History, phone: Handset) -> bool:
    """Without the network: claim, tell a visit, give back, some claim again; each command names the one before it."""
    card = _card(history, phone)
    if card is None:
        return False
    taken = phone.enter([_claiming(history, card)], None, history.now_ms)[0].aliases[0][1]
    phone.enter([_child(history, card.id, history.dice.choice(FACTS))], None, history.now_ms)
    if history.dice.random() < 0.8:
        given = Release(_pool(history, phone), after=taken)
        entry = phone.enter([_commanding(STANDING.name, card.id, given)], None, history.now_ms)[0]
        phone.enter([_child(history, card.id, history.dice.choice(FACTS))], None, history.now_ms)
        if history.dice.random() < 0.5:
            again = Claim(after=entry.aliases[0][1])
            phone.enter([_commanding(CARD.name, card.id, again)], None, history.now_ms)
    return True


def come_late(history: History, phone: Handset) -> bool:
    """The customer goes while its holder is out of reach and works on; some get it back."""
    customer = shown(history, phone, "customer")
    held = history.store.records.get((STANDING.number, customer.id)) if customer is not None else None
    if customer is None or held is None or phone.shelf.seat().forked:
        return False
    if not at_desk(history, desk.ask, GiveToPool(customer.id, _some_pool(history))):
        return False
    slot = history.dice.choice(entries.SLOTS["customer"])
    phone.enter([Edit(Kind.patch, BY_NAME["customer"], customer.id, {slot: history.word()})], None, history.now_ms)
    phone.enter([_child(history, customer.id, history.dice.choice(sorted(CHILDREN)))], None, history.now_ms)
    history.sync(phone)
    if history.dice.random() < 0.5:
        at_desk(history, desk.ask, Transfer(customer.id, phone.user.id))
    return True


def settle(history: History, phone: Handset) -> bool:
    """Who holds the customer says what became of a late edit; where nobody can, the director gives it to somebody."""
    if not _late_edits(phone) and phone.user.role is Role.rep and not phone.shelf.seat().forked:
        waiting = sorted(held.record.customer_id for held in history.store.records.values() if _is_open(held.record))
        if waiting and at_desk(history, desk.ask, Transfer(history.dice.choice(waiting), phone.user.id)):
            history.sync(phone)
    near = _late_edits(phone)
    if not near:
        return False
    command = Settle(taken=history.dice.random() < 0.5)
    phone.enter([_commanding("contribution", history.dice.choice(near).id, command)], None, history.now_ms)
    return True


def _late_edits(phone: Handset) -> list[Contribution]:
    return [one for one in phone.shown("contribution") if _is_open(one)]


def _is_open(record: Record) -> TypeGuard[Contribution]:
    return isinstance(record, Contribution) and record.state == ContributionState.open


def release_at_desk(history: History, _: Handset) -> bool:
    """The director gives a customer to a pool."""
    owned = [held.record.id for held in history.store.records.values() if isinstance(held.record, Standing)]
    return bool(owned) and at_desk(history, desk.ask, GiveToPool(history.dice.choice(owned), _some_pool(history)))


def mask_pool(history: History, _: Handset) -> bool:
    """A pool hides other fields; some take no customer any more, until somebody thinks better of it."""
    asked = Mask(_some_pool(history), some_hidden(history.dice), history.dice.random() > CLOSED_SHARE)
    history.counts["scope pool closed"] += not asked.active
    return at_desk(history, desk.mask, asked)


def _card(history: History, phone: Handset) -> PoolCard | None:
    """One of the cards on the screen; who sees none asks for all there are, now and then."""
    card = shown(history, phone, "pool_card")
    if card is None and not phone.shelf.seat().forked and history.dice.random() < LOOKING_SHARE:
        device.keep_tiles(phone.shelf, TILES)
        history.sync(phone)
        card = shown(history, phone, "pool_card")
    return card if isinstance(card, PoolCard) else None


def _claiming(history: History, card: PoolCard) -> Edit:
    return _commanding(CARD.name, card.id, Claim(card.epoch - (history.dice.random() < WRONG_SHARE)))


def _commanding(name: str, record_id: bytes, command: Claim | Release | Settle) -> Edit:
    return Edit(Kind.command, BY_NAME[name], record_id, command=ENCODER.encode(command))


def _child(history: History, customer_id: bytes, name: str) -> Edit:
    values: dict[str, Value] = {slot: value if value != "" else history.word() for slot, value in CHILDREN[name].items()}
    return Edit(Kind.create, BY_NAME[name], history.new_id(), {"customer_id": customer_id, **values})


def _pool(history: History, phone: Handset) -> bytes:
    """One that the phone knows, or an unknown one: a new phone knows none."""
    known = phone.shown("pool")
    return history.dice.choice(known).id if known else bytes(16)


def _some_pool(history: History) -> bytes:
    return history.dice.choice(sorted(history.store.pools))
