"""Service accounts: what a business system may ask, until when, and with which key (D-495 to D-498)."""

from typing import Annotated

from msgspec import Meta

from shared_schema.records.base import Asked, Told
from shared_schema.scalars import Day, EpochMs, Id, Name

Route = Annotated[str, Meta(min_length=1, max_length=200)]


class ServiceAccountRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/service-accounts: a known `id` is changed, any other makes an account. `scope`: requests as the matrix writes them,
    such as `GET /v1/desk/customers`; `ends_day`: the last on which it opens, at most 366 days ahead."""

    id: Id | None = None
    name: Name
    scope: Annotated[list[Route], Meta(min_length=1, max_length=100)]
    ends_day: Day
    active: bool = True


class ServiceKeyRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/service-accounts/{service_account_id}/keys. `overlap_hours`: for so long the key before it still opens."""

    overlap_hours: Annotated[int, Meta(ge=0, le=168)] = 24


class LivingKey(Told, frozen=True, kw_only=True):
    """A key that still opens; its text is shown to nobody. `used_ms`: to the minute."""

    made_ms: EpochMs
    until_ms: EpochMs
    used_ms: EpochMs | None


class ServiceAccount(Told, frozen=True, kw_only=True):
    """One service account as the admin sees it, the newest key first."""

    id: Id
    name: str
    scope: list[str]
    ends_day: Day
    active: bool
    keys: list[LivingKey]


class ServiceAccounts(Told, frozen=True, kw_only=True):
    """GET /v1/desk/service-accounts: all of the organisation. `offered`: what may stand in a scope."""

    items: list[ServiceAccount]
    offered: list[str]
    after: None = None


class ServiceKeyTold(Told, frozen=True, kw_only=True):
    """A new key. `key` is shown this once and nowhere again; `until_ms`: the end of the account."""

    key: str
    until_ms: EpochMs
