"""Tables of the evaluation of customers. They hold profit: no phone ever receives a row of them (D-663)."""

from typing import Final

import sqlalchemy as sa

from server.models.base import given, key, metadata, org_key

evaluation_model: Final = sa.Table(
    "evaluation_model",
    metadata,
    org_key(),
    key("version", sa.BigInteger),
    given("id", sa.LargeBinary),
    given("effective_from_day", sa.BigInteger),
    given("made_by_id", sa.LargeBinary),
    given("made_ms", sa.BigInteger),
    given("terms", sa.LargeBinary),
    sa.UniqueConstraint("org_id", "id"),
)
"""The versions of the point model; none is ever changed. `terms`: `ModelTerms` as MessagePack."""

evaluation: Final = sa.Table(
    "evaluation",
    metadata,
    org_key(),
    key("customer_id", sa.LargeBinary),
    key("number", sa.BigInteger),
    given("at_ms", sa.BigInteger),
    given("body", sa.LargeBinary),
)
"""What an evaluation found, where it differs from the one before; no row ever changes. `body`: `Judged` as MessagePack."""

evaluated: Final = sa.Table(
    "evaluated",
    metadata,
    org_key(),
    key("customer_id", sa.LargeBinary),
    given("number", sa.BigInteger),
    given("digest", sa.LargeBinary),
    given("version", sa.BigInteger),
    given("low_periods", sa.BigInteger),
    given("low_period", sa.BigInteger),
)
"""Of each customer the number and the digest of its last evaluation, the version that judged it, and the periods in which it was too low
for its tier. The earned tier itself is a slot of its standing."""

evaluation_pass: Final = sa.Table(
    "evaluation_pass",
    metadata,
    org_key(),
    given("version", sa.BigInteger),
    given("period", sa.BigInteger),
    given("after", sa.LargeBinary),
    given("done", sa.Boolean),
)
"""How far the evaluation of all customers has come: behind which id, by which version, in which scheduled period."""

evaluation_wait: Final = sa.Table(
    "evaluation_wait",
    metadata,
    org_key(),
    key("customer_id", sa.LargeBinary),
    key("at_ms", sa.BigInteger),
)
"""Customers of whom something changed that counts. A row is written with the change, and goes with the evaluation that saw it."""
