"""Tables of organisations, accounts, devices and their credentials."""

from typing import Final

import sqlalchemy as sa

from server.models.base import given, key, maybe, metadata, org_key

org: Final = sa.Table(
    "org",
    metadata,
    org_key(),
    given("login", sa.Text),
    given("epoch", sa.BigInteger),
    given("rev_floor", sa.BigInteger, 0),
    given("device_approval", sa.Boolean, False),
    given("created_ms", sa.BigInteger),
    sa.UniqueConstraint("login"),
)

account: Final = sa.Table(
    "account",
    metadata,
    org_key(),
    key("user_id", sa.LargeBinary),
    given("login", sa.Text),
    given("password_hash", sa.Text),
    given("language", sa.Text),
    given("created_ms", sa.BigInteger),
    sa.UniqueConstraint("org_id", "login"),
)
"""The credentials of a user; name, role, department and active are the synced record `person` of the same id."""

device: Final = sa.Table(
    "device",
    metadata,
    org_key(),
    key("line_no", sa.BigInteger),
    given("installation_id", sa.LargeBinary),
    given("user_id", sa.LargeBinary),
    given("name", sa.Text, ""),
    given("state", sa.Text),
    given("last_n", sa.BigInteger, 0),
    given("acked_n", sa.BigInteger, 0),
    given("backed_up_n", sa.BigInteger, 0),
    given("failed_n", sa.BigInteger, 0),
    given("failed_tries", sa.BigInteger, 0),
    given("skew_ms", sa.BigInteger, 0),
    given("app", sa.Text, ""),
    given("seen_ms", sa.BigInteger, 0),
    given("pushed_ms", sa.BigInteger, 0),
    maybe("wiped_ms", sa.BigInteger),
    given("created_ms", sa.BigInteger),
    given("resets", sa.BigInteger, 0),
    maybe("session_id", sa.LargeBinary),
    sa.Index(None, "org_id", "installation_id", "user_id"),
    sa.Index(None, "org_id", "user_id"),
)
"""One row per device line = (installation, user). `state`: pending, active, revoked or closed. `failed_n`, `failed_tries`:
the mutation the server last failed on, and how often. `resets`: how often an operator made it begin anew; cursors of before are void.
`session_id`: of its living session, random, so that none comes twice, after a restore neither; access tokens of any other are void."""

push_target: Final = sa.Table(
    "push_target",
    metadata,
    org_key(),
    key("line_no", sa.BigInteger),
    given("kind", sa.Text),
    given("address", sa.Text),
    given("hash", sa.LargeBinary),
    given("user_id", sa.LargeBinary),
    given("session_id", sa.LargeBinary),
    given("since_ms", sa.BigInteger),
    sa.UniqueConstraint("org_id", "hash"),
    sa.Index(None, "org_id", "user_id"),
)
"""Where the device of a line is reached by push. It counts only while the line's session is the one that registered it: log-out, revoke
and fork need not touch it. `hash`: of kind and address, so that an address that comes to another line leaves the one before."""

refresh_token: Final = sa.Table(
    "refresh_token",
    metadata,
    org_key(),
    key("hash", sa.LargeBinary),
    given("family_id", sa.LargeBinary),
    given("line_no", sa.BigInteger),
    maybe("parent_hash", sa.LargeBinary),
    given("issued_ms", sa.BigInteger),
    given("expires_ms", sa.BigInteger),
    sa.Index(None, "org_id", "family_id"),
    sa.Index(None, "org_id", "line_no"),
)

enrolment_code: Final = sa.Table(
    "enrolment_code",
    metadata,
    org_key(),
    key("hash", sa.LargeBinary),
    given("user_id", sa.LargeBinary),
    given("expires_ms", sa.BigInteger),
    maybe("used_ms", sa.BigInteger),
)

attempt: Final = sa.Table(
    "attempt",
    metadata,
    key("key", sa.Text),
    given("count", sa.BigInteger),
    given("window_ms", sa.BigInteger),
    given("forgiven", sa.BigInteger, 0),
)
"""Login throttle: failures counted per account, address and organisation since `window_ms`, and how many of the first of them a success
has forgiven. The key names the account, address or organisation. An attempt may come from before the organisation is known, hence no
`org_id`."""

counter: Final = sa.Table(
    "counter",
    metadata,
    org_key(),
    key("key", sa.Text),
    given("value", sa.BigInteger),
)
"""Numbers handed out in order: device lines, scopes, quote numbers."""

quarantine: Final = sa.Table(
    "quarantine",
    metadata,
    org_key(),
    key("line_no", sa.BigInteger),
    key("received_ms", sa.BigInteger),
    given("body", sa.LargeBinary),
)
"""The last upload of a device that was told to wipe itself, as received."""
