"""The rights of persons: what the desk asks to erase somebody, and the list of those who were (D-484 to D-487)."""

from msgspec import Struct

from shared_schema.records.base import Told
from shared_schema.scalars import EpochMs, Id, Name


class EraseContact(Struct, frozen=True, forbid_unknown_fields=True):
    """Erase a contact of a customer for good (D-484). `name`: typed, as it stands, so that nobody erases by a slip."""

    contact_id: Id
    name: Name


class EraseUser(Struct, frozen=True, forbid_unknown_fields=True):
    """Erase a user who has left for good (D-487). `name`: typed, as it stands."""

    user_id: Id
    name: Name


class Erased(Told, frozen=True, kw_only=True):
    """The person is erased: there is no way back."""

    id: Id


class Erasure(Told, frozen=True, kw_only=True):
    """That somebody was erased: `kind` of record, by which user, when; nothing of the person."""

    kind: str
    id: Id
    by_user_id: Id
    at_ms: EpochMs


class ErasurePage(Told, frozen=True, kw_only=True):
    """GET /v1/desk/erasures: the newest first."""

    items: list[Erasure]
