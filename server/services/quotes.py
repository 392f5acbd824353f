"""Quotes at the desk: look at one, decide about one, by the same rules as by phone."""

import msgspec
import sqlalchemy as sa

from server.domain.rules import RULES
from server.domain.tokens import Claims
from server.services import records
from server.services.actors import leader
from server.services.notices import tell
from server.services.sync_load import load_state
from server.store import load
from server.store.write import publish, save_records
from shared_schema.commands import Approve, Decision, Reject, ReturnQuote
from shared_schema.problem import Code, Problem
from shared_schema.records.quote import Quote, QuoteLine
from shared_schema.registry import BY_RECORD
from shared_schema.rest_quotes import DecisionRequest, QuoteShown
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation
from sync.decode import understand
from sync.fold import Sent
from sync.quotes import content_hash
from sync.rules import Moment
from sync.state import State
from sync.steps import Step

QUOTE = BY_RECORD[Quote]
DECISIONS: dict[str, type[Decision]] = {"approve": Approve, "reject": Reject, "return_quote": ReturnQuote}


def shown(conn: sa.Connection, claims: Claims, quote_id: bytes, now_ms: int) -> QuoteShown:
    """A visible quote as it stands. Raises Problem(not_found)."""
    quote = records.one(conn, claims, QUOTE.name, quote_id, now_ms)
    state = State()
    load.among(conn, state, claims.org_id, (BY_RECORD[QuoteLine], "quote_id"), {quote_id})
    return _shown(state, quote)


def decide(conn: sa.Connection, claims: Claims, quote_id: bytes, asked: DecisionRequest, now_ms: int) -> QuoteShown:
    """Approve, reject or return a quote (D-321). The desk names no device line, so nobody takes it for an edit of his own.

    Raises Problem(forbidden | out_of_scope | gone | state_wrong | content_changed).
    """
    acting = msgspec.structs.replace(leader(conn, claims, now_ms), line_no=0)
    command = DECISIONS[asked.decision](asked.content_hash, asked.note, asked.expected)
    body = msgspec.Raw(ENCODER.encode(command))
    mutation = Mutation(0, GroupPlace(0, 0, 1), int(Kind.command), QUOTE.number, quote_id, {}, body, now_ms)
    state = load_state(conn, acting, [Sent(0, b"", mutation)], load.rev_floor(conn, acting.org_id), now_ms)
    Step(state, acting, RULES, Moment(now_ms), understand(mutation)).run()
    save_records(conn, acting, state, now_ms)
    tell(conn, acting, state, now_ms)
    publish(conn, acting.org_id, state, now_ms)
    return _shown(state, state.find(Quote, quote_id))


def _shown(state: State, quote: object) -> QuoteShown:
    if not isinstance(quote, Quote):
        raise Problem(Code.not_found, "no such quote of yours")
    lines = sorted(state.lines(quote.id), key=lambda line: (line.position, line.id))
    return QuoteShown(quote=quote, lines=lines, content_hash=content_hash(quote, lines))
