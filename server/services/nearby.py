"""What is around a place: the customers that the actor follows up and those of the actor's pools, nearest first (D-460 to D-464)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from geo.around import Filters, fits
from geo.nearby import Near, Placed, nearest
from server.domain import nearby
from server.domain.nearby import START_M, Place, grown, of_card, of_holder
from server.domain.tokens import Claims
from server.services import tiles
from server.services.actors import actor as load_actor
from server.store import load, spots
from shared_schema.nearby import NearbyCustomer, NearbyPage, Relation
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer, FollowUp, Standing
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER
from sync.rules import Actor
from sync.state import State

MAC_BYTES: Final = 16
READ_AT_ONCE: Final = 50
READ_MAX: Final = 2_000
"""Customers that one request looks at: where few of a crowded place are wanted, a page may hold fewer, and the next one goes on."""
CARD: Final = BY_RECORD[nearby.CARD]
CUSTOMER: Final = BY_RECORD[Customer]
FOLLOW_UP: Final = BY_RECORD[FollowUp]


class Wanted(Struct, frozen=True, array_like=True):
    """What a list asks for, frozen in its cursor. `after`: the last customer of the page before."""

    user_id: bytes
    place: Place
    filters: Filters
    limit: int
    after: Near | None = None


def around(conn: sa.Connection, claims: Claims, wanted: Wanted, key: bytes, now_ms: int) -> NearbyPage:
    """A page of customers around a place. `key`: of the cursor's MAC."""
    acting = load_actor(conn, claims, now_ms)
    looking = _Looking(conn, acting, wanted)
    page = looking.page()
    after = looking.last
    return NearbyPage(items=page, after=None if after is None else sealed(msgspec.structs.replace(wanted, after=after), key))


def sealed(wanted: Wanted, key: bytes) -> str:
    """The cursor of a page, for the one user who asked."""
    body = ENCODER.encode(wanted)
    return base64.urlsafe_b64encode(_mac(body, key) + body).decode().rstrip("=")


def opened(cursor: str, user_id: bytes, key: bytes) -> Wanted:
    """What a cursor says. Raises Problem(cursor_wrong) for one that this server did not make for this user."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        mac, body = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if hmac.compare_digest(mac, _mac(body, key)):
            wanted = msgspec.msgpack.decode(body, type=Wanted)
            if wanted.user_id == user_id:
                return wanted
    except (ValueError, binascii.Error, msgspec.DecodeError):
        pass
    raise Problem(Code.cursor_wrong, "this cursor is not of this list: begin again without it", field="after")


def _mac(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"nearby" + body, hashlib.sha256)[:MAC_BYTES]


class _Looking:
    """One request: a growing disc, until it holds a page."""

    def __init__(self, conn: sa.Connection, acting: Actor, wanted: Wanted) -> None:
        self._conn = conn
        self._acting = acting
        self._wanted = wanted
        self._pool_ids = frozenset(self._pools())
        self._judged: dict[bytes, NearbyCustomer | None] = {}
        self.last: Near | None = None
        """Behind it the next page begins; None: there is none."""

    def page(self) -> list[NearbyCustomer]:
        """The customers of the page."""
        place, after = self._wanted.place, self._wanted.after
        radius_m = min(place.radius_m, max(START_M, after.distance_mm // 1_000 + 1 if after is not None else 0))
        while True:
            found = nearest(self._within(radius_m), place.at, radius_m, after)
            if radius_m == place.radius_m or len(found) >= self._wanted.limit:
                page = self._fitting(found)
                if self.last is not None or radius_m == place.radius_m:
                    return page
            radius_m = grown(radius_m, place.radius_m, len(found) / self._wanted.limit)

    def _within(self, radius_m: int) -> Iterable[Placed]:
        holders = [self._acting.user_id] if self._wanted.filters.is_of_holders else []
        return spots.within(self._conn, self._acting.org_id, [*holders, *sorted(self._pool_ids)], self._wanted.place.at, radius_m)

    def _fitting(self, found: Sequence[Near]) -> list[NearbyCustomer]:
        """The first of them that are wanted, a page at most; `last` is set where more may come."""
        page: list[NearbyCustomer] = []
        self.last = None
        for first in range(0, len(found), READ_AT_ONCE):
            piece = found[first : first + READ_AT_ONCE]
            self._judge(piece)
            for near in piece:
                one = self._judged[near.id]
                if one is not None:
                    page.append(one)
                if len(page) == self._wanted.limit or len(self._judged) >= READ_MAX:
                    self.last = near
                    return page
        return page

    def _judge(self, nears: Sequence[Near]) -> None:
        """Read those that were not read yet."""
        new = {near.id: near for near in nears if near.id not in self._judged}
        if not new:
            return
        filters = self._wanted.filters
        read = {one.id: one for one in (*self._pooled(new), *self._held(new))}
        due = self._due(read) if filters.due_by is not None else read.keys()
        for customer_id in new:
            one = read.get(customer_id)
            self._judged[customer_id] = one if one is not None and customer_id in due and fits(one, filters) else None

    def _pools(self) -> Collection[bytes]:
        filters = self._wanted.filters
        found = tiles.of_member(self._conn, self._acting) if filters.is_of_pools else []
        return [pool_id for pool_id in found if filters.pool_id in (None, pool_id)]

    def _pooled(self, nears: Mapping[bytes, Near]) -> Iterable[NearbyCustomer]:
        if not self._pool_ids:
            return
        state = State()
        load.by_ids(self._conn, state, self._acting.org_id, CARD, nears)
        for near in nears.values():
            card = state.find(nearby.CARD, near.id)
            one = of_card(card, near, self._wanted.place.unit) if card is not None and card.pool_id in self._pool_ids else None
            if one is not None:
                yield one

    def _held(self, nears: Mapping[bytes, Near]) -> Iterable[NearbyCustomer]:
        if not self._wanted.filters.is_of_holders:
            return
        state = State()
        load.by_ids(self._conn, state, self._acting.org_id, CUSTOMER, nears)
        load.standings(self._conn, state, self._acting.org_id, nears)
        for near in nears.values():
            customer, standing = state.find(Customer, near.id), state.find(Standing, near.id)
            if customer is None or standing is None or standing.pool_id is not None:
                continue
            one = of_holder(customer, standing, self._acting.user_id, near, self._wanted.place.unit)
            if one is not None:
                yield one

    def _due(self, read: Mapping[bytes, NearbyCustomer]) -> Collection[bytes]:
        """Those with a follow-up that is due by the day."""
        state, day = State(), self._wanted.filters.due_by or 0
        held = [one.id for one in read.values() if one.relation is not Relation.pooled]
        load.among(self._conn, state, self._acting.org_id, FOLLOW_UP, "customer_id", held)
        plans = (one.record for one in state.held.values())
        return {plan.customer_id for plan in plans if isinstance(plan, FollowUp) and not plan.done and plan.due_day <= day}
