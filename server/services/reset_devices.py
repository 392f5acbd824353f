"""Make devices begin anew: a verb for the operator."""

import sqlalchemy as sa

from server.store import devices, identity
from shared_schema.problem import Code, Problem


def reset_devices(conn: sa.Connection, organisation: str, account: str | None) -> int:
    """Void the cursors of an organisation's device lines, or of one account's (P-215). How many lines; queues are not touched.

    Raises Problem(not_found).
    """
    org = identity.org_by_login(conn, organisation.lower())
    found = identity.account_by_login(conn, org.org_id, account.lower()) if org is not None and account is not None else None
    if org is None or (account is not None and found is None):
        raise Problem(Code.not_found, "there is no such organisation or account")
    return devices.void_cursors(conn, org.org_id, found.user_id if found is not None else None)
