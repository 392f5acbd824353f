"""The declarations of a record: the writer of each field, the fields that stand or fall together, the record's holders and its parents."""

from enum import IntEnum
from typing import Any, Final

import msgspec


class Group(msgspec.Struct, frozen=True):
    """A field of the named register group: fields that make sense only together, merged as one (P-4xx).

    `later`: appended when apps were out that know the group without it; they go on sending the others alone (P-331).
    """

    name: str
    later: bool = False


class Set(msgspec.Struct, frozen=True):
    """An add-wins set: changed by adds and removes that commute, never by a value (P-412)."""


class Fixed(msgspec.Struct, frozen=True):
    """A field which the device gives at creation and nobody changes."""


class Server(msgspec.Struct, frozen=True):
    """A field which only the server writes; a device that names it is refused by name."""


class Given(msgspec.Struct, frozen=True):
    """The narrower type in which a device gives a field from now on; older values stay readable."""

    hint: Any


class Parent(msgspec.Struct, frozen=True):
    """A field which names a record that this one needs: an entry whose parent is not there waits for the parent (P-505, P-512).

    `entity`: of the named record, empty for the record's own. `searched`: the server looks records up by this field.
    """

    entity: str = ""
    searched: bool = False


class Searched(msgspec.Struct, frozen=True):
    """A field by which the server looks records up, or a list of the desk is filtered: it has an index."""


class Author(msgspec.Struct, frozen=True):
    """A field which names the user who entered the record."""


class Rising(msgspec.Struct, frozen=True):
    """A field whose value never falls, in whatever order entries arrive. `within`: it begins anew when this field of the record rises."""

    within: str | None = None


class Tells(msgspec.Struct, frozen=True):
    """A field that tells where a person was, or with what: the server deletes it after some days (P-136). `place`: it alone says where."""

    place: bool = True


class Forgotten(msgspec.Struct, frozen=True):
    """The field that holds after how many days a place was deleted, None: none was. `since`: the field that holds from when they count."""

    since: str


class Due(msgspec.Struct, frozen=True):
    """A field that holds when a job looks at the record next, None: never. It has an index of the records that are due."""


class Receiving(msgspec.Struct, frozen=True):
    """A field which says how far a record came. A device of the user named in `reader` gives the command `says` for a record that it holds,
    as long as the field is below `until`."""

    reader: str
    says: type[msgspec.Struct]
    until: int


FIXED: Final = Fixed()
SET: Final = Set()
SERVER: Final = Server()
AUTHOR: Final = Author()
RISING: Final = Rising()
DUE: Final = Due()
SEARCHED: Final = Searched()
WHERE: Final = Tells()
EVIDENCE: Final = Tells(place=False)


class Lane(IntEnum):
    """Order in which a device receives its records; each lane is a scope of its own."""

    now = 1
    work = 2
    history = 3
    reference = 4
    team = 5
    tile = 6
    notice = 7
    """The notices and settings of one user: held by this user's own devices alone, not by a manager's."""


class OfFamily(msgspec.Struct, frozen=True):
    """Held by the users who follow up the customer that `slot` names, and moves with that customer. `id`: the record has the customer's
    own id."""

    slot: str = "customer_id"


class OfUsers(msgspec.Struct, frozen=True):
    """Held by the users whom `slots` name. Such a record is a lock of its own.

    `about`: a field that names a customer, whose family is locked before the record. `late`: any transaction may close such a record, and
    its slots only rise; so it is locked last, after the counters, read again, and the higher value of each slot stands.
    """

    slots: tuple[str, ...]
    about: str | None = None
    late: bool = False


class OfTeam(msgspec.Struct, frozen=True):
    """Held by the department which `slot` names and by all below it."""

    slot: str = "department_id"


class InTile(msgspec.Struct, frozen=True):
    """Stands in the tile `tile` of the pool `pool` while `shown` is on; its commands say which users may act on it.

    `about`: the field that names the customer whose family is locked before the record. `of`: the entity of the pool.
    """

    pool: str = "pool_id"
    tile: str = "tile"
    shown: str = "pooled"
    about: str = "id"
    of: str = "pool"


class OfAll(msgspec.Struct, frozen=True):
    """Held by every device of the organisation. `opens`: lanes of a new record's own, each a scope that comes with it."""

    opens: tuple[Lane, ...] = ()


Hold = OfFamily | OfUsers | OfTeam | InTile | OfAll
"""How the holders of an entity's records are found. Five kinds, and no more: every record has one."""


class Policy(IntEnum):
    """How records of one entity change."""

    register = 1
    """Field groups, merged by causality."""
    fact = 2
    """Append-only: inserted if absent, never changed."""
    server = 3
    """Only the server writes it."""
