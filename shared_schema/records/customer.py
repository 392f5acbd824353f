"""The customer and what hangs on it: contacts, follow-ups, preferences, collaborators, and its standing."""

from enum import IntEnum
from typing import Annotated

from shared_schema.elements import Ids, Words
from shared_schema.places import Datum
from shared_schema.policy import FIXED, RISING, SERVER, SET, Group
from shared_schema.records.base import Record
from shared_schema.scalars import Day, EpochMs, Extra, Id, Line, Microdegrees, Name, Revision, Text, Word


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
    """Who we sell to. The position is kept as sent, with its datum; WGS-84 is computed by the server."""

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


class Standing(Record, frozen=True, array_like=True):
    """Where a customer stands: owner, tier, dates. Same id as its customer; the lock row of the family."""

    owner_id: Annotated[Id | None, SERVER] = None
    pool_id: Annotated[Id | None, SERVER] = None
    epoch: Annotated[Revision, SERVER, RISING] = 0
    owned_since_ms: Annotated[EpochMs, SERVER] = 0
    tier: Annotated[Tier, SERVER] = Tier.unknown
    due_day: Annotated[Day | None, SERVER] = None
    last_contact_ms: Annotated[EpochMs | None, SERVER, RISING] = None


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


class FollowUp(Record, frozen=True, array_like=True):
    """The next contact date with a customer, and whether it is done."""

    customer_id: Annotated[Id, FIXED]
    due_day: Annotated[Day, Group("plan")]
    purpose: Annotated[Line, Group("plan")] = ""
    done: Annotated[bool, Group("state")] = False
    author_id: Annotated[Id | None, SERVER] = None


class Preference(Record, frozen=True, array_like=True):
    """What a customer likes, dislikes or expects."""

    customer_id: Annotated[Id, FIXED]
    subject: Annotated[Name, Group("preference")]
    wish: Annotated[Line, Group("preference")] = ""


class Collaborator(Record, frozen=True, array_like=True):
    """A rep beside the owner who may follow up too."""

    customer_id: Annotated[Id, SERVER]
    user_id: Annotated[Id, SERVER]
    until_ms: Annotated[EpochMs | None, SERVER] = None
