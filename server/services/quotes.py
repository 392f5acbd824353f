"""Quotes at the desk: look at one, with the hash which a decision about it carries."""

import sqlalchemy as sa

from server.domain import quotes
from server.domain.tokens import Claims
from server.services import records
from server.store import load
from shared_schema.records.quote import Quote, QuoteLine, QuoteShown
from shared_schema.registry import BY_RECORD
from sync.state import State


def shown(conn: sa.Connection, claims: Claims, quote_id: bytes, now_ms: int) -> QuoteShown:
    """A visible quote as it stands. Raises Problem(not_found)."""
    records.one(conn, claims, BY_RECORD[Quote].name, quote_id, now_ms)
    state = State()
    load.by_ids(conn, state, claims.org_id, BY_RECORD[Quote], {quote_id})
    load.among(conn, state, claims.org_id, BY_RECORD[QuoteLine], "quote_id", {quote_id})
    return quotes.shown(state, quote_id)
