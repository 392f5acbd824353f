"""Requests and answers of the REST routes that are about no one record: identity, reading, wake; and a page of any records.

Maps by name; JSON carries ids as uuid text (`twin.py`).
"""

from functools import cache
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from shared_schema.records.base import Asked, Record, Told
from shared_schema.records.customer import Standing
from shared_schema.records.inbox import Values
from shared_schema.records.reference import Role
from shared_schema.scalars import EpochMs, Id, Name, Revision, Sequence, Word

PAGE_ITEMS: Final = 200
"""Items of one page of a desk list."""
PASSWORD_LETTERS_MIN: Final = 10
PASSWORD_LETTERS_MAX: Final = 200
LOGIN_PATTERN: Final = r"^[a-z0-9][a-z0-9._@+-]*$(?!\n)"

Password = Annotated[str, Meta(max_length=PASSWORD_LETTERS_MAX)]
"""As typed at log-in."""
NewPassword = Annotated[str, Meta(min_length=PASSWORD_LETTERS_MIN, max_length=PASSWORD_LETTERS_MAX)]
Login = Annotated[str, Meta(min_length=1, max_length=64, pattern=LOGIN_PATTERN)]
"""Name of an organisation or an account as typed at log-in: lower case."""
LooseLogin = Annotated[str, Meta(min_length=1, max_length=64)]
"""The same as somebody typed it: judged like an unknown one, never refused for its form."""
Language = Annotated[str, Meta(min_length=2, max_length=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$(?!\n)")]
"""BCP-47 tag."""
Token = Annotated[str, Meta(min_length=1, max_length=200)]
OneTimeCode = Annotated[str, Meta(min_length=1, max_length=40)]


# -- identity


class LoginRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/login. `installation_id`: 16 random bytes, made when the app was installed."""

    organisation: LooseLogin
    account: LooseLogin
    password: Password
    installation_id: Id
    device_name: Word = ""
    app: Word = ""


class EnrolRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/enrol: a one-time code from an admin signs in and approves the device; it may set the account's password."""

    organisation: LooseLogin
    code: OneTimeCode
    installation_id: Id
    device_name: Word = ""
    app: Word = ""
    new_password: NewPassword | None = None


class RefreshRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/refresh, also POST /v1/logout."""

    refresh_token: Token


class SignedIn(Told, frozen=True, kw_only=True):
    """A session of one device line. `last_n`: last mutation number the server has of this line."""

    access_token: str
    access_expires_ms: EpochMs
    refresh_token: str
    refresh_expires_ms: EpochMs
    org_id: int
    user_id: Id
    line_no: int
    last_n: Sequence
    epoch: int
    name: str
    role: Role
    language: str
    server_ms: EpochMs


class Done(Told, frozen=True, kw_only=True):
    """The answer of a route that has nothing else to tell."""

    server_ms: EpochMs


# -- push


class PushTargetRequest(Asked, frozen=True, kw_only=True):
    """PUT /v1/device/push-target. `kind`: fcm_fid, fcm_token or webpush; `address`: of WebPush the browser's subscription, as JSON."""

    kind: Word
    address: Annotated[str, Meta(min_length=1, max_length=4_000)]


class PushKey(Told, frozen=True, kw_only=True):
    """GET /v1/device/push-key: the server's public key, with which a browser subscribes, as base64url. Empty: it sends none to browsers."""

    key: str


class Mention(Asked, frozen=True, kw_only=True):
    """The name of a user in the robot's group: a user id of WeCom or DingTalk, an open id of Feishu."""

    user_id: Id
    mention: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.@+-]+$(?!\n)")]


class RobotRequest(Asked, frozen=True, kw_only=True):
    """PUT /v1/desk/robot. `url`: as WeCom, DingTalk or Feishu shows it; `secret`: of its signature, left out to keep the one there is."""

    url: Annotated[str, Meta(min_length=1, max_length=500)]
    secret: Annotated[str, Meta(max_length=200)] | None = None
    mentions: Annotated[list[Mention], Meta(max_length=500)] = []


class RobotTold(Told, frozen=True, kw_only=True):
    """GET /v1/desk/robot. `kind`: wecom, dingtalk, feishu, or empty without a robot; `mentions`: how many users have a name there."""

    kind: str
    signed: bool
    mentions: int
    since_ms: EpochMs | None


# -- desk: people and devices


class UserRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/users: a known `id` is changed, any other makes a user. Without a password only a one-time code signs in."""

    id: Id | None = None
    login: Login
    name: Name
    role: Role
    department_id: Id | None = None
    active: bool = True
    language: Language = "zh"
    password: NewPassword | None = None


class User(Told, frozen=True, kw_only=True):
    """One user as the admin sees the user."""

    id: Id
    login: str
    name: str
    role: Role
    department_id: Id | None
    active: bool
    language: str
    has_password: bool


class Device(Told, frozen=True, kw_only=True):
    """One device line. `state`: pending, active, revoked, closed."""

    line_no: int
    user_id: Id
    installation_id: Id
    name: str
    state: str
    app: str
    last_n: Sequence
    seen_ms: EpochMs
    wiped_ms: EpochMs | None
    created_ms: EpochMs


class UserPage(Told, frozen=True, kw_only=True):
    """At most PAGE_ITEMS users in id order; `after` asks for the next page, None = the last."""

    items: list[User]
    after: Id | None


class DevicePage(Told, frozen=True, kw_only=True):
    """At most PAGE_ITEMS device lines in order of their number."""

    items: list[Device]
    after: int | None


class CodeRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/codes: a one-time code for one user."""

    user_id: Id


class EnrolmentCode(Told, frozen=True, kw_only=True):
    """Shown once; only its hash is kept. `organisation`: its name at sign-in, which a phone asks for beside the code."""

    organisation: str
    code: str
    user_id: Id
    expires_ms: EpochMs


# -- reading


class CustomerNamed(Told, frozen=True, kw_only=True):
    """A customer that a record of a list is about: its name, and how it stands."""

    id: Id
    name: str
    city: str
    standing: Standing | None


@cache
def page_of(record: type[Record], newest: str | None = None, part: str = "", *, named: bool = False) -> type[msgspec.Struct]:
    """The answer of a list of these records: at most PAGE_ITEMS `items`; `after` asks for the next page, None = the last. `named`: with the
    customers that they are about.

    In the order of their ids, `after` is the last id; from the highest `newest` on, it is a text that only the server reads. `part`: of the
    path of a second list of these records.
    """
    place = Id if newest is None else str
    fields: list[tuple[str, Any]] = [("items", list[record]), ("after", place | None)]  # type: ignore[valid-type]
    fields += [("customers", list[CustomerNamed])] if named else []
    page = msgspec.defstruct(f"{record.__name__}{part.title()}Page", fields, bases=(Told,), frozen=True, kw_only=True)
    order = "in id order" if newest is None else f"from the highest {newest} on"
    page.__doc__ = f"At most {PAGE_ITEMS} records {order}; `after` asks for the next page, None = the last."
    return page


class RecordPage(Told, frozen=True, kw_only=True):
    """GET /v1/records/{entity}: visible records in id order, each as its named record."""

    entity: str
    items: list[Any]
    after: Id | None


class HistoryEntry(Told, frozen=True, kw_only=True):
    """One change of one field group. `group` empty: the record as a whole. `before`, `after`: slot → value."""

    rev: Revision
    group: str
    decision: str
    user_id: Id | None
    line_no: int | None
    at_ms: EpochMs
    before: Values
    after: Values


class History(Told, frozen=True, kw_only=True):
    """GET /v1/records/{entity}/{id}/history: newest first."""

    items: list[HistoryEntry]


class Event(Told, frozen=True, kw_only=True):
    """One line of the timeline. `what`: visit, contact_log, created, applied, merged, undone, deleted, restored, submit, transferred, …

    Of a change `rev` is the rev it made and `before` the values it replaced: with both it can be taken back (P-423, P-426).
    """

    at_ms: EpochMs
    what: str
    user_id: Id | None
    entity: int
    id: Id
    customer_id: Id | None
    group: str
    values: Values
    rev: Revision = 0
    before: Values = {}


class Timeline(Told, frozen=True, kw_only=True):
    """GET /v1/desk/timeline?since_ms=&customer_id=: newest first, at most 500."""

    items: list[Event]


# -- wake


class Wake(Told, frozen=True, kw_only=True):
    """GET /v1/wake: whether there is something to sync, and the mark to ask with the next time."""

    wake: bool
    mark: str
