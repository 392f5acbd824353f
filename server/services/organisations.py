"""A new organisation: its profile, the scope everybody holds, the first admin and the admin's one-time code."""

import msgspec
import sqlalchemy as sa

from server import chance
from server.domain import time_zones
from server.services import enrol, tables, users
from server.services.act import NOBODY
from server.store import identity, reference
from server.store.write import save
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Organisation, OrganisationRequest, Role
from shared_schema.rest import EnrolmentCode, Language, Login, UserRequest
from shared_schema.scalars import Currency, Name
from sync.rules import Actor
from sync.scope import REFERENCE
from sync.state import State


class NewOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's words about an organisation and its first admin."""

    login: Login
    name: Name
    account: Login
    admin_name: Name = "Admin"
    currency: Currency = "CNY"
    time_zone: Name = "Asia/Shanghai"
    prices_include_tax: bool = True
    device_approval: bool = False
    language: Language = "zh"


class Founded(msgspec.Struct, frozen=True):
    """The result; the code makes the admin's first device active."""

    org_id: int
    user_id: bytes
    code: EnrolmentCode


def create(conn: sa.Connection, asked: NewOrganisation, password_hash: str | None, now_ms: int) -> Founded:
    """Create an organisation and its first admin.

    Raises Problem(account_taken | rule_broken).
    """
    time_zones.require_known(asked.time_zone)
    if identity.org_by_login(conn, asked.login) is not None:
        raise Problem(Code.account_taken, "another organisation signs in with this name", field="login")
    org_id = identity.insert_org(conn, asked.login, asked.device_approval, now_ms)
    identity.insert_scopes(conn, org_id, [REFERENCE])
    profile = Organisation(chance.new_id(), 0, asked.name, asked.currency, asked.time_zone, asked.prices_include_tax)
    state = State()
    state.keep(profile)
    admin = UserRequest(login=asked.account, name=asked.admin_name, role=Role.admin, language=asked.language)
    user_id = users.enter(conn, org_id, state, admin, password_hash, now_ms).id
    code = enrol.new_code(conn, org_id, user_id, now_ms)
    save(conn, state, Actor(org_id, user_id, 0, Role.admin), now_ms)
    return Founded(org_id, user_id, code)


def set_time_zone(conn: sa.Connection, login: str, time_zone: str, now_ms: int) -> Organisation:
    """Correct an organisation's time zone (D-001); for the operator's command.

    Raises Problem(not_found | rule_broken).
    """
    return _set(conn, login, now_ms, time_zone=time_zone)


def set_visit_days(conn: sa.Connection, login: str, days: int, now_ms: int) -> Organisation:
    """Set for how many days an organisation keeps where visits were (D-474); for the operator's command. Raises Problem(not_found)."""
    return _set(conn, login, now_ms, visit_days=days)


def _set(conn: sa.Connection, login: str, now_ms: int, **changed: object) -> Organisation:
    org = identity.org_by_login(conn, login.lower())
    if org is None:
        raise Problem(Code.not_found, "there is no such organisation", field="organisation")
    stands = msgspec.structs.asdict(reference.only(conn, org.org_id, Organisation))
    asked = OrganisationRequest(**{slot: stands[slot] for slot in OrganisationRequest.__struct_fields__} | changed)
    return tables.put(conn, Actor(org.org_id, NOBODY, 0, Role.unknown), asked, now_ms)  # type: ignore[no-any-return]


def odd_time_zones(conn: sa.Connection) -> list[tuple[str, str]]:
    """(login, time zone) of each organisation whose time zone is no name of the database."""
    return [(login, name) for login, name in identity.time_zones(conn) if not time_zones.is_known(name)]
