"""What the desk decides about quotes; and months that pass, after which nothing can be taken back."""

from typing import Final

import msgspec

from shared_schema.records.quote import DecideQuote, Quote, QuoteLine, QuoteStatus
from sync.quotes import content_hash
from sync.steps import DAY_MS, UNDO_DAYS
from tests.prove import desk
from tests.prove.handset import Handset
from tests.prove.history import History
from tests.prove.moves import at_desk

STALE_SHARE: Final = 0.15
"""How often somebody decides about what is not there any more."""


def decide_at_desk(history: History, _: Handset) -> bool:
    """The director decides about a quote as it stands, or about another."""
    quotes = [one.record for one in history.store.records.values() if isinstance(one.record, Quote)]
    waiting = [one for one in quotes if one.status == QuoteStatus.submitted] or quotes
    if not waiting:
        return False
    quote = history.dice.choice(waiting)
    stale = history.dice.random() < STALE_SHARE
    lines = [one.record for one in history.store.records.values() if isinstance(one.record, QuoteLine) and one.record.quote_id == quote.id]
    shown = bytes(32) if stale else content_hash(quote, lines)
    decision = history.dice.choice(("approve", "approve", "reject", "return_quote"))
    return at_desk(history, desk.ask, msgspec.convert({"quote_id": quote.id, "decision": decision, "content_hash": shown}, DecideQuote))


def months_pass(history: History, _: Handset) -> bool:
    """Longer than a change can be taken back."""
    history.now_ms += (UNDO_DAYS + 1) * DAY_MS
    return True
