"""REST bodies of the desk about who holds a customer: transfer, collaboration, pools, hand-over."""

from typing import Annotated

from msgspec import Meta, Struct

from shared_schema.records.pool import HIDEABLE
from shared_schema.rest import Asked, Told
from shared_schema.scalars import EpochMs, Id, Key, Line, Name, Revision


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
    """Give a customer to a pool (D-125). `epoch`: the standing's on the manager's screen."""

    customer_id: Id
    pool_id: Id
    epoch: Revision | None = None
    reason: Line = ""


class Moved(Told, frozen=True, kw_only=True):
    """What a move did: the standing's new epoch, and how many records of each kind changed hands."""

    epoch: Revision
    moved: dict[str, int]


class HandOverRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/users/{id}/hand-over: everything the user holds goes to another."""

    to_user_id: Id
    reason: Line = ""


class HandedOver(Told, frozen=True, kw_only=True):
    """What one request handed over: customers, collaborations ended, records of each kind; `more`: ask again for the rest."""

    customers: int
    collaborations: int
    moved: dict[str, int]
    more: bool


class PoolRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/pools: make or change a pool. `hidden`: fields that its cards do not show."""

    name: Name
    id: Id | None = None
    department_id: Id | None = None
    hidden: Annotated[tuple[Key, ...], Meta(max_length=len(HIDEABLE))] = ()
    active: bool = True
