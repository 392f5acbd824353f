"""Tables of the protocol: scopes and their feed, stored outcomes, history, tombstones, notices."""

from typing import Final

import sqlalchemy as sa

from server.models.base import given, key, maybe, metadata, org_key

scope: Final = sa.Table(
    "scope",
    metadata,
    org_key(),
    key("number", sa.BigInteger),
    given("lane", sa.BigInteger),
    given("subject_id", sa.LargeBinary),
    given("tile", sa.BigInteger, 0),
    given("head", sa.BigInteger, 0),
    given("floor", sa.BigInteger, 0),
    sa.UniqueConstraint("org_id", "subject_id", "lane", "tile"),
)
"""The scopes, by their purpose (`sync.scope.Reader`). `head`: last seq given out; `floor`: older cursors start anew."""


feed: Final = sa.Table(
    "feed",
    metadata,
    org_key(),
    key("scope_no", sa.BigInteger),
    key("entity", sa.BigInteger),
    key("id", sa.LargeBinary),
    given("seq", sa.BigInteger),
    given("gone", sa.BigInteger, 0),
    given("body", sa.LargeBinary),
    given("written_ms", sa.BigInteger),
)
"""One row per (scope, record), `seq` bumped in place; `gone`: the Reason, 0 while live. Both (org_id, scope_no, entity, id) and
(org_id, scope_no, seq) are unique; which of them is the primary key differs by engine and is told in migration 0002 alone."""

answered: Final = sa.Table(
    "answered",
    metadata,
    org_key(),
    key("line_no", sa.BigInteger),
    key("first_n", sa.BigInteger),
    given("last_n", sa.BigInteger),
    given("body", sa.LargeBinary),
)
"""Stored outcomes, one row per push, deleted only when the device has confirmed them."""

payload: Final = sa.Table(
    "payload",
    metadata,
    org_key(),
    key("line_no", sa.BigInteger),
    key("n", sa.BigInteger),
    given("body", sa.LargeBinary),
    maybe("received_ms", sa.BigInteger),
    maybe("skew_ms", sa.BigInteger),
)
"""Raw bytes of refused mutations, and when and from how wrong a clock they came: consumed, never lost."""

item_record: Final = sa.Table(
    "item_record",
    metadata,
    org_key(),
    key("record_id", sa.LargeBinary),
    key("holder_id", sa.LargeBinary),
    key("created_ms", sa.BigInteger),
    key("item_id", sa.LargeBinary),
)
"""Which records the entries of an open inbox item are about: a push finds the items that it may touch without reading all of them."""

tombstone: Final = sa.Table(
    "tombstone",
    metadata,
    org_key(),
    key("entity", sa.BigInteger),
    key("id", sa.LargeBinary),
    given("rev", sa.BigInteger),
    maybe("customer_id", sa.LargeBinary),
    given("deleted_ms", sa.BigInteger),
    given("user_id", sa.LargeBinary),
)
"""A deleted record's id and rev; stays for ever."""

ownership_event: Final = sa.Table(
    "ownership_event",
    metadata,
    org_key(),
    key("customer_id", sa.LargeBinary),
    key("epoch", sa.BigInteger),
    given("kind", sa.Text),
    maybe("owner_id", sa.LargeBinary),
    given("by_user_id", sa.LargeBinary),
    given("at_ms", sa.BigInteger),
    given("reason", sa.Text, ""),
    given("line_no", sa.BigInteger, 0),
    given("n", sa.BigInteger, 0),
    sa.Index(None, "org_id", "line_no", "n"),
)
"""The holders of a customer, each with the moment from which on; decides whether a late fact is accepted."""

change: Final = sa.Table(
    "change",
    metadata,
    org_key(),
    key("entity", sa.BigInteger),
    key("id", sa.LargeBinary),
    key("rev", sa.BigInteger),
    key("group_name", sa.Text),
    maybe("line_no", sa.BigInteger),
    maybe("n", sa.BigInteger),
    maybe("user_id", sa.LargeBinary),
    given("at_ms", sa.BigInteger),
    given("decision", sa.Text),
    maybe("before", sa.LargeBinary),
    maybe("after", sa.LargeBinary),
    maybe("customer_id", sa.LargeBinary),
    sa.Index(None, "org_id", "at_ms"),
)
"""Field history: the values that each accepted change of a field group replaced (`before`, `after`: msgpack maps slot → value)."""

notice: Final = sa.Table(
    "notice",
    metadata,
    org_key(),
    key("id", sa.LargeBinary),
    given("user_id", sa.LargeBinary),
    given("kind", sa.Text),
    given("subject_id", sa.LargeBinary),
    given("facts", sa.LargeBinary),
    given("dedupe_key", sa.Text),
    given("state", sa.Text),
    given("lease_until_ms", sa.BigInteger, 0),
    given("tries", sa.BigInteger, 0),
    given("created_ms", sa.BigInteger),
    sa.UniqueConstraint("org_id", "user_id", "dedupe_key"),
    sa.Index(None, "state", "lease_until_ms"),
)
"""The outbox: notices to send after commit. `state`: queued, leased, sent, dropped, or dropped_left: its reader is no longer active."""
