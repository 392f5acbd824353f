"""The tiles into which an actor looks: those of the pools of which the actor is a member."""

from collections.abc import Iterable

import sqlalchemy as sa

from server.domain.rules import PLACES
from server.store import load
from shared_schema.policy import Lane
from shared_schema.registry import BY_RECORD
from sync.rules import Actor
from sync.scope import Reader
from sync.state import State


def readers(conn: sa.Connection, acting: Actor, tiles: Iterable[int]) -> dict[int, list[Reader]]:
    """The tiles that this actor may hold, of every pool of which the actor is a member, in the order in which they are named (P-126)."""
    named = dict.fromkeys(tiles)
    member_of = of_member(conn, acting) if named else []
    return {tile: [Reader(Lane.tile, place_id, tile) for place_id in member_of] for tile in named}


def of_member(conn: sa.Connection, acting: Actor) -> list[bytes]:
    """Pools of which the actor is a member, in id order: those in use, and others as long as a customer is left in them (D-127)."""
    state = State()
    for record in PLACES.kinds:
        load.every(conn, state, acting.org_id, BY_RECORD[record])
    found = PLACES.of_member(acting, state)
    left = load.not_empty(conn, acting.org_id, [place.id for place in found if not PLACES.is_open(place)])
    return sorted(place.id for place in found if PLACES.is_open(place) or place.id in left)
