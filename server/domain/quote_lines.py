"""The lines of a quote, as loaded."""

from shared_schema.records.quote import QuoteLine
from sync.state import State


def lines_of(state: State, quote_id: bytes) -> list[QuoteLine]:
    """The lines of a quote by id."""
    return state.children_of(QuoteLine, "quote_id", quote_id)
