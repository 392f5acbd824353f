"""Tables of the protocol: scopes and their feed, stored outcomes, history, tombstones, and the outbox."""

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
    maybe("tells_ms", sa.BigInteger),
)
_TELLING = payload.c.tells_ms.is_not(None)
sa.Index(None, payload.c.org_id, payload.c.tells_ms, sqlite_where=_TELLING, postgresql_where=_TELLING)
"""Raw bytes of refused mutations, and when and from how wrong a clock they came: consumed, never lost. `tells_ms`: the same moment, as
long as the bytes tell where somebody was."""

retained: Final = sa.Table(
    "retained",
    metadata,
    org_key(),
    key("entity", sa.BigInteger),
    key("id", sa.LargeBinary),
    given("at_ms", sa.BigInteger),
    sa.Index(None, "org_id", "at_ms", "entity", "id"),
)
"""The records that tell where somebody was, and the moment from which the days count after which they no longer do (D-474)."""

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

erasure: Final = sa.Table(
    "erasure",
    metadata,
    org_key(),
    key("entity", sa.BigInteger),
    key("id", sa.LargeBinary),
    given("by_user_id", sa.LargeBinary),
    given("at_ms", sa.BigInteger),
    maybe("customer_id", sa.LargeBinary),
    given("waits", sa.Boolean, False),
)
"""Which persons were erased, by whom and when, and nothing of the person; stays for ever, and is carried out again
after a restore. `waits`: the job
has still to delete where a user was, and to clear the files."""

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
    maybe("pool_id", sa.LargeBinary),
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

push: Final = sa.Table(
    "push",
    metadata,
    org_key(),
    key("notification_id", sa.LargeBinary),
    key("line_no", sa.BigInteger),
    given("user_id", sa.LargeBinary),
    given("state", sa.Text),
    maybe("due_ms", sa.BigInteger),
    given("tries", sa.BigInteger, 0),
    given("made_ms", sa.BigInteger),
    maybe("channel", sa.Text),
    maybe("fails", sa.BigInteger),
    maybe("stands_for", sa.BigInteger),
    maybe("tried_ms", sa.BigInteger),
    maybe("sent_ms", sa.BigInteger),
    sa.Index(None, "due_ms", "org_id"),
    sa.Index(None, "org_id", "due_ms"),
    sa.Index(None, "org_id", "user_id", "sent_ms"),
)
"""The outbox: what is to be sent of a notification, to its reader (`line_no` 0), and then to each device (the number of its line), to
the organisation's robot (-1) or to the log (-2). `due_ms`: when a worker may take it next, None: never again. `made_ms`: when it could
have gone out first. `tries`: how often it was leased; `fails`: how often a provider did not take it; `tried_ms`: the last lease.
`stands_for`: how many notices it tells of, None: one. `sent_ms`: when a provider took it; of a reader, when it was planned,
or when the one that stands for it was.

`state` of a reader: due, held (until quiet hours or a full hour end), planned, digested (another stands for it), listed (no push wanted).
Of a target: due, doubted (due again, and the provider doubts the target), sent, or dead_ and the provider's word. Of both: cancelled_done,
cancelled_seen, cancelled_late, cancelled_left, cancelled_target."""

due: Final = sa.Table(
    "due",
    metadata,
    org_key(),
    key("rule", sa.Text),
    key("subject_id", sa.LargeBinary),
    key("reader_id", sa.LargeBinary),
    given("at_ms", sa.BigInteger),
    given("since_ms", sa.BigInteger),
    sa.Index(None, "at_ms", "org_id", "rule", "subject_id"),
    sa.Index(None, "org_id", "reader_id"),
)
"""The due index: when a record is judged again by a rule, for a reader or (empty) for all of them. `at_ms` may be early, never late.
`since_ms`: occasions before that are past, because the record was changed after them."""

customer_number: Final = sa.Table(
    "customer_number",
    metadata,
    org_key(),
    key("customer_id", sa.LargeBinary),
    key("kind", sa.Text),
    given("value", sa.Text),
    sa.Index(None, "org_id", "value"),
)
"""The index of numbers: which customers bear a number in its normal form (D-151), the first few of each number. An empty value: none by
now."""

spot: Final = sa.Table(
    "spot",
    metadata,
    org_key(),
    key("holder_id", sa.LargeBinary),
    key("cell", sa.BigInteger),
    key("latitude_e6", sa.BigInteger),
    key("longitude_e6", sa.BigInteger),
    key("id", sa.LargeBinary),
    sa.Index(None, "org_id", "id"),
)
"""The index of places: for each holder of a customer, or for the pool in which it is, where it is; in a pool the middle of its masked
square and nothing nearer. `cell`: of `geo/grid.py`, of that place. The key holds all: a search reads its index alone."""

number_change: Final = sa.Table(
    "number_change",
    metadata,
    org_key(),
    key("seq", sa.BigInteger),
    key("line_no", sa.BigInteger),
    given("body", sa.LargeBinary),
)
"""Numbers of customers that phones changed and that wait to be compared, a row for each push, gone with the comparison. `seq`: above those
that were there when this one came. `body`: msgpack of `server.domain.alike.Written`."""

provider: Final = sa.Table(
    "provider",
    metadata,
    org_key(),
    key("name", sa.Text),
    given("body", sa.LargeBinary),
)
"""How it stands with a provider of push, for all workers: its breaker, and what was sent. `org_id` 0: the server's own; a robot is of its
organisation."""

robot: Final = sa.Table(
    "robot",
    metadata,
    org_key(),
    given("url", sa.Text),
    given("secret", sa.Text),
    given("mentions", sa.LargeBinary),
    given("since_ms", sa.BigInteger),
)
"""The robot of an organisation in a group of WeCom, DingTalk or Feishu. `mentions`: user id → the user's name there, a msgpack map."""

uptime: Final = sa.Table(
    "uptime",
    metadata,
    org_key(),
    key("from_ms", sa.BigInteger),
    given("until_ms", sa.BigInteger),
)
"""From when until when servers heard phones, without a break worth a word: what lies between two rows is an outage. `org_id` 0: the
server's own, for all organisations."""
