"""Tables of service accounts and their keys."""

from typing import Final

import sqlalchemy as sa

from server.models.base import given, key, maybe, metadata, org_key

service_account: Final = sa.Table(
    "service_account",
    metadata,
    org_key(),
    key("user_id", sa.LargeBinary),
    given("scope", sa.Text),
    given("ends_day", sa.BigInteger),
    given("ends_ms", sa.BigInteger),
    given("made_ms", sa.BigInteger),
)
"""What a business system may ask, and until when. `scope`: routes of the matrix, one a line. `ends_ms`: the
end of its last day in the organisation's zone. Its name, and whether it is active, are the
synced record `person` of the same id; it has no account, so no password signs it in."""

service_key: Final = sa.Table(
    "service_key",
    metadata,
    org_key(),
    key("hash", sa.LargeBinary),
    given("user_id", sa.LargeBinary),
    given("made_ms", sa.BigInteger),
    given("until_ms", sa.BigInteger),
    maybe("used_ms", sa.BigInteger),
    sa.Index(None, "org_id", "user_id"),
)
"""The keys of service accounts. `used_ms`: when it was last used, to the minute."""
