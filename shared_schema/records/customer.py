"""The customer and its children: contacts, follow-ups, preferences, collaborators, and its standing; and how it changes hands."""

from enum import IntEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from shared_schema.bands import CompanySize, Earnings, Lifecycle, Rating, Seniority, StockListing, TierPoints
from shared_schema.elements import Ids, Words
from shared_schema.entity import Entity
from shared_schema.places import Datum
from shared_schema.policy import DUE, FIXED, RISING, SEARCHED, SERVER, SET, Group, Lane, OfFamily, Policy
from shared_schema.records.base import Asked, Command, Record, Told
from shared_schema.scalars import WIRE_INTEGER_MAX, Day, EpochMs, Extra, Id, Line, Microdegrees, Name, Revision, Text, Word


class CustomerKind(IntEnum):
    """Decides the fence of a visit check-in."""

    unknown = 0
    shop = 1
    plant = 2
    office = 3


class Tier(IntEnum):
    """Service tier, computed by evaluation; never written by a phone."""

    unknown = 0
    a = 1
    b = 2
    c = 3


class Customer(Record, frozen=True, array_like=True):
    """A shop, plant or office to which we sell. The position is kept as sent, with its datum; WGS-84 is computed by the server."""

    name: Annotated[Name, Group("name")]
    address: Annotated[Line, Group("address")] = ""
    city: Annotated[Word, Group("address")] = ""
    latitude_e6: Annotated[Microdegrees | None, Group("position")] = None
    longitude_e6: Annotated[Microdegrees | None, Group("position")] = None
    datum: Annotated[Datum, Group("position")] = Datum.unknown
    kind: Annotated[CustomerKind, Group("kind")] = CustomerKind.unknown
    industry: Annotated[Word, Group("industry")] = ""
    phone: Annotated[Word, Group("phone")] = ""
    registration_number: Annotated[Word, Group("registration")] = ""
    note: Annotated[Text, Group("note")] = ""
    wgs_latitude_e6: Annotated[Microdegrees | None, SERVER] = None
    wgs_longitude_e6: Annotated[Microdegrees | None, SERVER] = None
    extra: Annotated[Extra, Group("extra")] = {}
    tags: Annotated[Words, SET] = ()
    interests: Annotated[Ids, SET] = ()
    """Ids of products; not compared with the catalogue (D-116)."""
    size: Annotated[CompanySize, Group("size")] = CompanySize.unknown
    stock_listing: Annotated[StockListing, Group("stock_listing")] = StockListing.unknown
    earnings: Annotated[Earnings, Group("earnings")] = Earnings.unknown


class Standing(Record, frozen=True, array_like=True):
    """Where a customer stands: owner, tier, dates. Same id as its customer; the lock row of the family."""

    owner_id: Annotated[Id | None, SERVER, SEARCHED] = None
    pool_id: Annotated[Id | None, SERVER] = None
    epoch: Annotated[Revision, SERVER, RISING] = 0
    owned_since_ms: Annotated[EpochMs, SERVER] = 0
    tier: Annotated[Tier, SERVER] = Tier.unknown
    due_day: Annotated[Day | None, SERVER] = None
    last_contact_ms: Annotated[EpochMs | None, SERVER, RISING] = None
    last_owner_id: Annotated[Id | None, SERVER] = None
    """The owner before the one who has the customer now, or before the pool (D-131)."""
    last_owned_until_ms: Annotated[EpochMs | None, SERVER] = None
    undisturbed_until_day: Annotated[Day | None, SERVER] = None
    """The first day on which a rep may claim the customer again (D-133)."""
    last_visit_ms: Annotated[EpochMs | None, SERVER, RISING] = None
    """The last visit whose evidence places the rep at the customer."""
    locked_until_ms: Annotated[EpochMs | None, SERVER] = None
    """Until then no rule takes the customer from its owner."""
    extended_until_ms: Annotated[EpochMs | None, SERVER] = None
    """Until then the owner has the customer in any case: more time was asked for and given."""
    reclaimed_from_id: Annotated[Id | None, SERVER] = None
    """The owner from whom the last reclaim took the customer (D-170)."""
    reclaimed_ms: Annotated[EpochMs | None, SERVER] = None
    lock_reason: Annotated[Line, SERVER] = ""
    points: Annotated[TierPoints | None, SERVER] = None
    """Of the last evaluation; None: nobody evaluated the customer, or nothing is known of it (D-650)."""
    next_points: Annotated[TierPoints | None, SERVER] = None
    """The points that it lacks to the tier above (D-658)."""
    lifecycle: Annotated[Lifecycle, SERVER] = Lifecycle.unknown
    provisional: Annotated[bool, SERVER] = False
    """Too little is known for tier A (D-655)."""
    earned_tier: Annotated[Tier, SERVER] = Tier.unknown
    """By evaluation: the tier of the customer when no manager set another one (D-656)."""
    tier_set_until_ms: Annotated[EpochMs | None, SERVER, DUE] = None
    """Until then a manager's tier stands in place of the earned one."""
    tier_set_reason: Annotated[Line, SERVER] = ""
    rating: Annotated[Rating, SERVER] = 0
    """The owner's own judgement, 1 to 5; 0: none."""


class Contact(Record, frozen=True, array_like=True):
    """A person at a customer."""

    customer_id: Annotated[Id, FIXED]
    name: Annotated[Name, Group("person")]
    title: Annotated[Word, Group("person")] = ""
    phone: Annotated[Word, Group("phone")] = ""
    email: Annotated[Line, Group("email")] = ""
    note: Annotated[Text, Group("note")] = ""
    extra: Annotated[Extra, Group("extra")] = {}
    phones: Annotated[Words, SET] = ()
    """Further numbers, beside `phone`."""
    birthday: Annotated[Word, Group("birthday")] = ""
    """`1985-03-12`, or `03-12` where nobody knows the year; before it `lunar ` or `lunar leap ` (D-118)."""
    seniority: Annotated[Seniority, Group("seniority")] = Seniority.unknown


class FollowUp(Record, frozen=True, array_like=True):
    """The next contact date with a customer, and whether it is done."""

    customer_id: Annotated[Id, FIXED]
    due_day: Annotated[Day, Group("plan")]
    purpose: Annotated[Line, Group("plan")] = ""
    done: Annotated[bool, Group("state")] = False
    author_id: Annotated[Id | None, SERVER] = None


class Preference(Record, frozen=True, array_like=True):
    """A like, a dislike or an expectation of a customer."""

    customer_id: Annotated[Id, FIXED]
    subject: Annotated[Name, Group("preference")]
    wish: Annotated[Line, Group("preference")] = ""


class Collaborator(Record, frozen=True, array_like=True):
    """A rep beside the owner who may follow up too."""

    customer_id: Annotated[Id, SERVER]
    user_id: Annotated[Id, SERVER, SEARCHED]
    until_ms: Annotated[EpochMs | None, SERVER, DUE] = None


class Release(Command, frozen=True, tag="release"):
    """Give a customer to a pool. On its standing; `epoch` and `after` as in a claim."""

    pool_id: Id
    epoch: Revision | None = None
    after: Annotated[int, Meta(ge=1, le=WIRE_INTEGER_MAX)] | None = None
    reason: Line = ""


class Rate(Command, frozen=True, tag="rate"):
    """The owner's own judgement of a customer (D-662). On its standing; 0 takes it back."""

    rating: Rating


class Transfer(Struct, frozen=True, forbid_unknown_fields=True):
    """Give a customer, with everything that hangs on it, to another user (D-107). `epoch`: the standing's on the manager's screen."""

    customer_id: Id
    to_user_id: Id
    epoch: Revision | None = None
    reason: Line = ""


class Collaborate(Struct, frozen=True, forbid_unknown_fields=True):
    """Let another user follow up the customer too (D-107). `until_ms`: when it ends by itself; None: when somebody ends it."""

    customer_id: Id
    user_id: Id
    until_ms: EpochMs | None = None


class EndCollaboration(Struct, frozen=True, forbid_unknown_fields=True):
    """End a collaboration (D-107)."""

    customer_id: Id
    user_id: Id


class GiveToPool(Struct, frozen=True, forbid_unknown_fields=True):
    """Give a customer to a pool (D-125). `epoch`: the standing's on the manager's screen.

    `pool_by_fit`: to the pool that fits the customer; then `pool_id` is the one where no pool fits (D-196).
    """

    customer_id: Id
    pool_id: Id | None = None
    epoch: Revision | None = None
    reason: Line = ""
    pool_by_fit: bool = False


class LeaveAlone(Struct, frozen=True, forbid_unknown_fields=True):
    """Until which day nobody claims the customer (D-133). `until_day`: the first day on which it may be claimed; None: any day."""

    customer_id: Id
    until_day: Day | None = None


class LockCustomer(Struct, frozen=True, forbid_unknown_fields=True):
    """Keep the customer with its owner until a day (D-160). `until_day`: the first day on which it is no longer locked; None: unlock it."""

    customer_id: Id
    until_day: Day | None = None
    reason: Line = ""


class Moved(Told, frozen=True, kw_only=True):
    """The result of a move: the standing's new epoch, and how many records of each kind changed hands."""

    epoch: Revision
    moved: dict[str, int]


TAKERS_MAX: Final = 50
"""Users among whom one hand-over divides customers."""


class HandOverRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/users/{id}/hand-over: everything the user holds goes to another user, to the users of a list, or into a pool (D-109).

    Of `to_user_ids` each customer goes to the user who owns the fewest by then. One of the three is given.
    `pool_by_fit`: each goes into the pool that fits it; then `pool_id` is the one where no pool fits (D-196).
    """

    to_user_id: Id | None = None
    to_user_ids: Annotated[tuple[Id, ...], Meta(max_length=TAKERS_MAX)] = ()
    pool_id: Id | None = None
    pool_by_fit: bool = False
    reason: Line = ""


class HandedOver(Told, frozen=True, kw_only=True):
    """The result of one hand-over request: customers, collaborations ended, records of each kind; `more`: ask again for the rest."""

    customers: int
    collaborations: int
    moved: dict[str, int]
    more: bool


CUSTOMER: Final = Entity(1, Customer, Policy.register, Lane.now, OfFamily("id"))
CONTACT: Final = Entity(3, Contact, Policy.register, Lane.now, OfFamily())
Bases = Annotated[dict[str, Revision], Meta(max_length=100)]
"""Field group → the rev of the record that was on screen (P-330)."""


class NewCustomer(Struct, frozen=True, forbid_unknown_fields=True):
    """Enter a customer for its owner (D-112); without one the assignment rules decide (D-183). `id`: made by the desk."""

    id: Id
    values: CUSTOMER.create_type  # type: ignore[name-defined]
    owner_id: Id | None = None


class ChangeCustomer(Struct, frozen=True, forbid_unknown_fields=True):
    """Change fields of a customer (D-113)."""

    customer_id: Id
    values: CUSTOMER.patch_type  # type: ignore[name-defined]
    bases: Bases = {}


class NewContact(Struct, frozen=True, forbid_unknown_fields=True):
    """Enter a contact of a customer (D-114). `id`: made by the desk."""

    id: Id
    values: CONTACT.create_type  # type: ignore[name-defined]


class ChangeContact(Struct, frozen=True, forbid_unknown_fields=True):
    """Change fields of a contact (D-114)."""

    contact_id: Id
    values: CONTACT.patch_type  # type: ignore[name-defined]
    bases: Bases = {}


class CustomerShown(Struct, frozen=True, kw_only=True):
    """GET /v1/customers/{id}: a customer with whose it is, and its contacts by name."""

    customer: Customer
    standing: Standing | None
    contacts: list[Contact]


ENTITIES: Final = (
    CUSTOMER,
    Entity(2, Standing, Policy.server, Lane.now, OfFamily("id"), commands=(Release, Rate)),
    CONTACT,
    Entity(8, FollowUp, Policy.register, Lane.now, OfFamily()),
    Entity(9, Preference, Policy.register, Lane.now, OfFamily()),
    Entity(10, Collaborator, Policy.server, Lane.now, OfFamily()),
)
