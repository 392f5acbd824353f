"""REST bodies of the desk about who holds a customer: transfer, collaboration, pools, hand-over."""

from typing import Annotated

from msgspec import Meta

from shared_schema.records.pool import HIDEABLE
from shared_schema.rest import Asked, Told
from shared_schema.scalars import EpochMs, Id, Key, Line, Name, Revision


class TransferRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/customers/{id}/transfer. `epoch`: the standing's on the manager's screen."""

    to_user_id: Id
    epoch: Revision | None = None
    reason: Line = ""


class CollaboratorRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/customers/{id}/collaborators. `until_ms`: when it ends by itself; None: when somebody ends it."""

    user_id: Id
    until_ms: EpochMs | None = None


class ReleaseRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/customers/{id}/release: into a pool. `epoch`: the standing's on the manager's screen."""

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
