"""A person by the names that an operator types."""

import msgspec
import sqlalchemy as sa

from server.store import identity
from shared_schema.problem import Code, Problem


class Sought(msgspec.Struct, frozen=True):
    """A user by the account's name, or anybody by the id."""

    account: str | None = None
    id: bytes | None = None


class Found(msgspec.Struct, frozen=True):
    """The number of the organisation, and the person's id."""

    org_id: int
    id: bytes


def sought(conn: sa.Connection, organisation: str, person: Sought) -> Found:
    """Find a person. Raises Problem(not_found)."""
    org = identity.org_by_login(conn, organisation)
    if org is None:
        raise Problem(Code.not_found, "there is no such organisation", field="organisation")
    account = identity.account_by_login(conn, org.org_id, person.account) if person.account is not None else None
    found = account.user_id if account is not None else person.id
    if found is None:
        raise Problem(Code.not_found, "there is no such account", field="account")
    return Found(org.org_id, bytes(found))
