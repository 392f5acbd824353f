"""Requests and answers of the REST routes about quotes."""

from typing import Literal

import msgspec

from shared_schema.commands import ContentHash
from shared_schema.records.quote import Quote, QuoteLine, QuoteStatus
from shared_schema.scalars import Id, Text


class DecideQuote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Approve, reject or return a submitted quote (D-321). `expected`: the quote's status on the manager's screen."""

    quote_id: Id
    decision: Literal["approve", "reject", "return_quote"]
    content_hash: ContentHash
    note: Text = ""
    expected: QuoteStatus = QuoteStatus.submitted


class QuoteShown(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/quotes/{id}, and what a decision answers: a quote with its lines by position, and the hash of just that content (D-310)."""

    quote: Quote
    lines: list[QuoteLine]
    content_hash: bytes
