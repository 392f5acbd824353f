"""Which customers that a phone holds are around a place, and which of them are wanted (D-460, D-462, D-463, D-465)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from msgspec import Struct

from geo.datum import known_position
from geo.nearby import Near, Placed, nearest
from shared_schema.nearby import Relation
from shared_schema.places import Position
from shared_schema.records.customer import Collaborator, Customer, CustomerKind, FollowUp, Standing, Tier
from shared_schema.records.pool import PoolCard
from shared_schema.scalars import Id

EVERY: Final = frozenset({Relation.own, Relation.collaborated, Relation.pooled})


class Filters(Struct, frozen=True, array_like=True):
    """Which customers are wanted; None: any. `due_by`: a day by which a follow-up of the customer is due."""

    relations: frozenset[Relation] = EVERY
    pool_id: bytes | None = None
    tier: Tier | None = None
    kind: CustomerKind | None = None
    industry: str | None = None
    due_by: int | None = None

    @property
    def is_of_pools(self) -> bool:
        """Whether a pooled customer may be among them: nobody has agreed on a follow-up with one."""
        return Relation.pooled in self.relations and self.due_by is None

    @property
    def is_of_holders(self) -> bool:
        """Whether a customer that somebody follows up may be among them."""
        return self.pool_id is None and not self.relations.isdisjoint({Relation.own, Relation.collaborated})


class Held(Struct, frozen=True):
    """What a phone of this user holds, with what was entered on it."""

    user_id: bytes
    customers: Sequence[Customer]
    standings: Sequence[Standing]
    collaborators: Sequence[Collaborator]
    cards: Sequence[PoolCard]
    follow_ups: Sequence[FollowUp]


class Around(Struct, frozen=True):
    """A customer on this phone, how it stands to the user, and how far it is; a pooled one by its card."""

    id: Id
    relation: Relation
    distance_mm: int


class Judged(Protocol):
    """What the filters look at."""

    @property
    def relation(self) -> Relation: ...
    @property
    def pool_id(self) -> bytes | None: ...
    @property
    def tier(self) -> Tier: ...
    @property
    def kind(self) -> CustomerKind: ...
    @property
    def industry(self) -> str | None: ...


class _Seen(Struct, frozen=True):
    place: Placed
    relation: Relation
    pool_id: bytes | None
    tier: Tier
    kind: CustomerKind
    industry: str | None


def around(held: Held, at: Position, radius_m: int, filters: Filters) -> list[Around]:
    """The customers within a radius, nearest first, as the server lists those that the phone holds."""
    due = {one.customer_id for one in held.follow_ups if not one.done and one.due_day <= (filters.due_by or 0)}
    seen = {one.place.id: one for one in (*_pooled(held), *_followed_up(held))}
    wanted = [one for one in seen.values() if fits(one, filters) and (filters.due_by is None or one.place.id in due)]
    return [_told(near, seen) for near in nearest((one.place for one in wanted), at, radius_m)]


def fits(one: Judged, filters: Filters) -> bool:
    """Whether a customer is wanted. Of a pooled one only what its card shows decides: a hidden tier is unknown, and none is due."""
    if one.relation is Relation.pooled and filters.due_by is not None:
        return False
    wanted = ((filters.tier, one.tier), (filters.kind, one.kind), (filters.industry, one.industry), (filters.pool_id, one.pool_id))
    return one.relation in filters.relations and all(asked is None or asked == is_ for asked, is_ in wanted)


def _told(near: Near, seen: Mapping[bytes, _Seen]) -> Around:
    return Around(near.id, seen[near.id].relation, near.distance_mm)


def _pooled(held: Held) -> Iterator[_Seen]:
    for card in held.cards:
        if card.pooled and card.latitude_e6 is not None and card.longitude_e6 is not None:
            place = Placed(card.id, card.latitude_e6, card.longitude_e6)
            yield _Seen(place, Relation.pooled, card.pool_id, card.tier, card.kind, card.industry)


def _followed_up(held: Held) -> Iterator[_Seen]:
    """Own customers, also such as the server does not know yet, and those that the user follows up beside the owner."""
    standings = {one.id: one for one in held.standings}
    shared = {one.customer_id for one in held.collaborators if one.user_id == held.user_id}
    for one in held.customers:
        standing, at = standings.get(one.id), _place(one)
        if at is None or (standing is not None and standing.pool_id is not None):
            continue
        is_own = standing is None or standing.owner_id == held.user_id
        if is_own or one.id in shared:
            tier = Tier.unknown if standing is None else standing.tier
            relation = Relation.own if is_own else Relation.collaborated
            yield _Seen(Placed(one.id, *at), relation, None, tier, one.kind, one.industry)


def _place(one: Customer) -> Position | None:
    """In WGS-84: as the server has it, or as an entry says that it does not have yet."""
    if one.wgs_latitude_e6 is not None and one.wgs_longitude_e6 is not None:
        return Position(one.wgs_latitude_e6, one.wgs_longitude_e6)
    return known_position(one.datum, one.latitude_e6, one.longitude_e6)
