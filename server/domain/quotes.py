"""Quotes: totals by the server, and nothing is submitted that was not on screen (D-3xx)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from server.domain import quote_decisions
from server.domain.feature import Answer, Feature, Kind, Listing, Verb
from server.domain.look import Look
from server.domain.needs import Above, Asking, Counter, Every, Need, Rows, Superiors
from server.domain.quote_lines import lines_of
from server.domain.quote_states import moved, require_editable
from shared_schema.problem import Code, Problem
from shared_schema.records.inbox import Values
from shared_schema.records.quote import Approve, DecideQuote, Quote, QuoteLine, QuoteShown, QuoteStatus, Reject, ReturnQuote, Revise, Submit
from shared_schema.records.reference import Organisation, Person
from shared_schema.zones import zone
from sync.agreed.money import MONEY_MINOR_MAX, bounded, line_amounts, total
from sync.agreed.quotes import content_hash, copied_id, priced
from sync.decode import Intent
from sync.rules import Actor, Entered, Entry, Moment
from sync.state import WHOLE, State


def complete(actor: Actor, _state: State, entry: Entry, quote: Quote, _moment: Moment) -> tuple[Quote]:
    """A quote keeps the user who entered it first."""
    return (quote if entry.before is not None else msgspec.structs.replace(quote, author_id=actor.user_id),)


def complete_line(
    _actor: Actor, state: State, _entry: Entry, line: QuoteLine, _moment: Moment
) -> tuple[QuoteLine] | tuple[QuoteLine, Quote]:
    """The line; then its quote if the totals with this line differ (D-304)."""
    quote = state.find(Quote, line.quote_id)
    if quote is None:
        return (line,)
    changed = _priced(state, quote, _with(state, line))
    return (line,) if changed is quote else (line, changed)


def without_line(state: State, line: QuoteLine) -> tuple[Quote, ...]:
    """The quote with its totals without a deleted line, if they differ (D-309).

    Raises Problem(state_wrong) unless it may be edited, Problem(rule_broken) when a discount line held the total within its bound (D-305).
    """
    quote = state.find(Quote, line.quote_id)
    if quote is None:
        return ()
    require_editable(quote)
    left = [one for one in lines_of(state, quote.id) if one.id != line.id]
    if not bounded(total(left, prices_include_tax=_organisation(state).prices_include_tax)):
        raise Problem(Code.rule_broken, f"a quote amounts to at most {MONEY_MINOR_MAX} minor units", field="price_minor")
    changed = _priced(state, quote, left)
    return () if changed is quote else (changed,)


def guard_line(state: State, line: QuoteLine) -> None:
    """Raises Problem(rule_broken | state_wrong) when the line may not stand so in its quote (D-305, D-306)."""
    quote = state.find(Quote, line.quote_id)
    if quote is None or quote.customer_id != line.customer_id:
        raise Problem(Code.rule_broken, "no such quote at this customer", field="quote_id")
    require_editable(quote)
    include_tax = _organisation(state).prices_include_tax
    if not bounded(line_amounts(line, prices_include_tax=include_tax)):
        raise Problem(Code.rule_broken, f"a line amounts to at most {MONEY_MINOR_MAX} minor units", field="quantity_thousandths")
    if not bounded(total(_with(state, line), prices_include_tax=include_tax)):
        raise Problem(Code.rule_broken, f"a quote amounts to at most {MONEY_MINOR_MAX} minor units", field="quantity_thousandths")


def without(state: State, quote: Quote) -> tuple[()]:
    """No other record changes with a deleted quote. Raises Problem(rule_broken) unless the quote is a draft without lines (D-308)."""
    if quote.status != QuoteStatus.draft:
        raise Problem(Code.rule_broken, f"the quote is {quote.status.name}; only a draft is deleted")
    if lines_of(state, quote.id):
        raise Problem(Code.rule_broken, "the quote still has lines")
    return ()


def submit(actor: Actor, state: State, quote: Quote, command: Submit, entered: Entered) -> tuple[Quote]:
    """The submitted quote with its number and totals (D-311, D-312); raises the counter, which the caller loaded under its lock.

    Raises Problem(state_wrong | rule_broken | content_changed).
    """
    status = moved(quote, "submit", command.expected)
    lines = lines_of(state, quote.id)
    if not lines:
        raise Problem(Code.rule_broken, "a quote without lines is not submitted")
    if content_hash(quote, lines) != command.content_hash:
        raise Problem(Code.content_changed, "the quote has changed since it was on your screen")
    priced_quote = _priced(state, quote, lines)
    now_ms = entered.moment.now_ms
    number = quote.number or _next_number(state, now_ms)  # one that was returned keeps its number
    submitted = msgspec.structs.replace(priced_quote, status=status, submitted_ms=now_ms, number=number)
    quote_decisions.ask_managers(actor, state, submitted)
    return (submitted,)


def year_of(now_ms: int, time_zone: str) -> int:
    """Calendar year at this moment in an IANA time zone."""
    return datetime.fromtimestamp(now_ms // 1000, tz=UTC).astimezone(zone(time_zone)).year


def counter_key(now_ms: int, time_zone: str) -> str:
    """Key of the counter which `submit` raises: the caller locks and loads it before the fold."""
    return f"quote:{year_of(now_ms, time_zone)}"


def _next_number(state: State, now_ms: int) -> str:
    key = counter_key(now_ms, _organisation(state).time_zone)
    state.counters[key] = state.counters.get(key, 0) + 1
    return f"Q{key.removeprefix('quote:')}-{state.counters[key]:06d}"


def _with(state: State, line: QuoteLine) -> list[QuoteLine]:
    """The lines of the quote as they will stand: this version in place of the old one."""
    return [*(one for one in lines_of(state, line.quote_id) if one.id != line.id), line]


def _priced(state: State, quote: Quote, lines: list[QuoteLine]) -> Quote:
    return priced(quote, lines, prices_include_tax=_organisation(state).prices_include_tax)


def _organisation(state: State) -> Organisation:
    organisation = state.organisation
    if not isinstance(organisation, Organisation):
        raise TypeError("the state was loaded without its organisation")
    return organisation


# the needs


def of_quote(_asking: Asking, intent: Intent) -> Iterable[Need]:
    """The lines of the quote, and how the organisation prices."""
    yield Rows(QuoteLine, frozenset({intent.mutation.id}), by="quote_id")
    yield Every(Organisation)


def of_line(asking: Asking, intent: Intent) -> Iterable[Need]:
    """The quote of the line with its other lines, and how the organisation prices."""
    known, named = asking.state.find(QuoteLine, intent.mutation.id), intent.values.get(WHOLE, {}).get("quote_id")
    ids = frozenset(({known.quote_id} if known is not None else set()) | ({named} if isinstance(named, bytes) else set()))
    yield Rows(Quote, ids)
    yield Rows(QuoteLine, ids, by="quote_id")
    yield Every(Organisation)


def to_submit(asking: Asking, intent: Intent) -> Iterable[Need]:
    """Its lines, the counter of the year's numbers, and the managers who may decide about it."""
    yield from of_quote(asking, intent)
    quote = asking.state.find(Quote, intent.mutation.id)
    # one that the same request drafts is the actor's own
    author_id = quote.author_id if quote is not None and quote.author_id is not None else asking.actor.user_id
    yield from (Above(author_id), Rows(Person, frozenset({author_id})))
    if asking.state.organisation is not None:
        yield Counter(counter_key(asking.now_ms, asking.state.organisation.time_zone))


def to_decide(asking: Asking, intent: Intent) -> Iterable[Need]:
    """Its lines, the quote that it revises, and the managers above the manager who decides."""
    yield from of_quote(asking, intent)
    yield Superiors()
    quote = asking.state.find(Quote, intent.mutation.id)
    if quote is not None and quote.revises_id is not None:
        yield Rows(Quote, frozenset({quote.revises_id}))


def to_revise(asking: Asking, intent: Intent) -> Iterable[Need]:
    """Its lines, and whether the ids which the revision gives are free."""
    yield from of_quote(asking, intent)
    if isinstance(intent.command, Revise):
        new_id = intent.command.new_id
        yield Rows(Quote, frozenset({new_id}))
        yield Rows(QuoteLine, frozenset(copied_id(new_id, line.id) for line in lines_of(asking.state, intent.mutation.id)))


def happened(after: Values) -> str | None:
    """A quote in whose place its revision was approved was superseded, not approved."""
    return "superseded" if after.get("status") == QuoteStatus.superseded else None


def shown(state: State, quote_id: bytes) -> QuoteShown:
    """A quote with its lines by position, and the hash of just that content (D-310). Raises Problem(not_found)."""
    quote = state.find(Quote, quote_id)
    if quote is None:
        raise Problem(Code.not_found, "no such quote of yours")
    lines = sorted(lines_of(state, quote_id), key=lambda line: (line.position, line.id))
    return QuoteShown(quote=quote, lines=lines, content_hash=content_hash(quote, lines))


def decided_shown(state: State, asked: DecideQuote, _counts: Mapping[str, int]) -> QuoteShown:
    """The quote as it stands then."""
    return shown(state, asked.quote_id)


LOOK: Final[Look[QuoteShown]] = Look(
    Quote, QuoteLine, "quote_id", "Read a quote with its lines, and the content hash which a decision about it carries.", QuoteShown, shown
)
FEATURE: Final = Feature(
    kinds=(
        Kind(Quote, complete, lambda _state, quote: require_editable(quote), without, of_quote, happened),
        Kind(QuoteLine, complete_line, guard_line, without_line, of_line),
    ),
    answers=(
        Answer(Quote, Submit, submit, to_submit),
        Answer(Quote, Approve, quote_decisions.decide, to_decide),
        Answer(Quote, Reject, quote_decisions.decide, to_decide),
        Answer(Quote, ReturnQuote, quote_decisions.decide, to_decide),
        Answer(Quote, Revise, quote_decisions.revise, to_revise),
    ),
    notices=quote_decisions.NOTICES,
    looks=(LOOK,),
    lists=(Listing(Quote, "List the quotes for the customers of the caller and of the reports.", filters=("status", "customer_id")),),
    verbs=(
        Verb(
            "/v1/quotes/{quote_id}/decisions",
            DecideQuote,
            QuoteShown,
            decided_shown,
            enters=quote_decisions.at_desk,
        ),
    ),
)
