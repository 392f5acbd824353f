"""What a device rightfully holds, computed anew from the records alone: who holds a customer, and what its pool shows of it."""

from collections.abc import Collection, Iterator

import msgspec

from geo.grid import masked, tile
from server.domain.tree import line_up
from shared_schema.policy import InTile, Lane, OfAll, OfFamily, OfTeam, OfUsers
from shared_schema.records.customer import Collaborator, Customer, CustomerKind, Standing, Tier
from shared_schema.records.hold import PoolHold
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import ENCODER
from sync.rules import Actor
from sync.scope import Reader
from sync.state import Key
from tests.prove.store import Store

CARD = BY_NAME["pool_card"].number
STANDING = BY_NAME["standing"].number
CUSTOMER = BY_NAME["customer"].number
BARE = {"name": None, "city": None, "industry": None, "kind": CustomerKind.unknown, "tier": Tier.unknown}
"""What a card says of a field that its pool hides."""


def expected(store: Store, acting: Actor, tiles: Collection[int] = ()) -> dict[Key, bytes]:
    """Every record that a device of this user should hold, with its bytes: by ownership and pools alone, not by the feed."""
    seen_now = {acting.user_id, *acting.report_ids}
    holders = _holders(store)
    wanted = cards(store, store.readers(acting, tiles)) if tiles else {}
    for key, held in store.records.items():
        entity, record = BY_NUMBER[key[0]], held.record
        whose = seen_now if entity.lane == Lane.now else {acting.user_id}
        mine = False
        match entity.hold:
            case OfFamily(slot=slot):
                mine = not whose.isdisjoint(holders.get(getattr(record, slot), ()))
            case OfUsers(slots=slots):
                mine = any(getattr(record, slot) in whose for slot in slots)
            case OfTeam(slot=slot):
                mine = hears(store, acting, getattr(record, slot))
            case OfAll():
                mine = True
            case InTile():
                pass  # above, from what its pool shows
        if mine:
            wanted[key] = ENCODER.encode(record)
    return wanted


def hears(store: Store, acting: Actor, department_id: bytes) -> bool:
    """Whether a user holds the notes of a department: his own, one above it, and for a manager one below it."""
    below = department_id in line_up(store.parents, acting.department_id or b"")
    return below or (acting.role is Role.manager and acting.department_id in line_up(store.parents, department_id))


def _holders(store: Store) -> dict[bytes, set[bytes]]:
    """Who follows up each customer."""
    holders: dict[bytes, set[bytes]] = {}
    for held in store.records.values():
        record = held.record
        if isinstance(record, Standing) and record.owner_id is not None:
            holders.setdefault(record.id, set()).add(record.owner_id)
        elif isinstance(record, Collaborator):
            holders.setdefault(record.customer_id, set()).add(record.user_id)
    return holders


def cards(store: Store, readers: Collection[Reader]) -> dict[Key, bytes]:
    """The cards that stand in these tiles."""
    wanted = set(readers)
    return {(CARD, card.id): ENCODER.encode(card) for card in pooled(store) if Reader(Lane.tile, card.pool_id, card.tile) in wanted}


def pooled(store: Store) -> Iterator[PoolCard]:
    """A card for each customer that is nobody's, from what its pool shows; rev and time are those of the card that is there."""
    records = [held.record for held in store.records.values()]
    held_by = {one.customer_id: (one.user_id, one.until_ms) for one in records if isinstance(one, PoolHold) and one.holder_id is not None}
    for standing in [one for one in records if isinstance(one, Standing)]:
        pool, held = store.pools.get(standing.pool_id or b""), store.records.get((CARD, standing.id))
        customer = store.records[CUSTOMER, standing.id].record
        if standing.owner_id is None and pool is not None and isinstance(customer, Customer):
            known = held.record if held is not None else None
            rev, pooled_ms = (known.rev, known.pooled_ms) if isinstance(known, PoolCard) else (0, 0)
            user_id, until_ms = held_by.get(customer.id, (None, None))
            card = _card(customer, standing, pool, rev, pooled_ms)
            yield msgspec.structs.replace(card, held_by_id=user_id, held_until_ms=until_ms)


def _card(customer: Customer, standing: Standing, pool: Pool, rev: int, pooled_ms: int) -> PoolCard:
    """Masked as the pool says; the place is the middle of a square, the tile that middle's."""
    shown = {"name": customer.name, "city": customer.city, "industry": customer.industry, "kind": customer.kind, "tier": standing.tier}
    told = {name: BARE[name] if name in pool.hidden else value for name, value in shown.items()}
    card = PoolCard(customer.id, rev, pool.id, 0, pooled=True, epoch=standing.epoch, pooled_ms=pooled_ms, **told)  # type: ignore[arg-type]
    if customer.wgs_latitude_e6 is None or customer.wgs_longitude_e6 is None:
        return card
    latitude_e6, longitude_e6 = masked(customer.wgs_latitude_e6, customer.wgs_longitude_e6)
    return msgspec.structs.replace(card, tile=tile(latitude_e6, longitude_e6), latitude_e6=latitude_e6, longitude_e6=longitude_e6)


def alike(left: bytes | None, right: bytes | None) -> bool:
    """Whether two bodies say the same: the tables sort the keys of a map, the feed keeps them as they came."""
    return left == right or (left is not None and right is not None and msgspec.msgpack.decode(left) == msgspec.msgpack.decode(right))


def how(wanted: dict[Key, bytes], held: dict[Key, bytes], key: Key) -> str:
    """In what way a device is wrong about a record."""
    return "missing" if key not in held else "ghost" if key not in wanted else "stale"
