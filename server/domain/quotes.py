"""Quotes: totals by the server, and nothing is submitted that was not on screen (D-3xx)."""

from datetime import UTC, datetime

import msgspec

from server.domain.quote_states import moved, require_editable
from server.domain.time_zones import zone
from shared_schema.commands import Command, Submit
from shared_schema.problem import Code, Problem
from shared_schema.records.quote import Quote, QuoteLine, QuoteStatus
from shared_schema.records.reference import Organisation
from sync.money import MONEY_MINOR_MAX, bounded, line_amounts, total
from sync.quotes import content_hash, priced
from sync.rules import Actor, Entered
from sync.state import Held, State


def complete_line(state: State, line: QuoteLine) -> tuple[QuoteLine] | tuple[QuoteLine, Quote]:
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
    left = [one for one in state.lines(quote.id) if one.id != line.id]
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


def guard_delete(state: State, quote: Quote) -> None:
    """Raises Problem(rule_broken) unless the quote is a draft without lines (D-308)."""
    if quote.status != QuoteStatus.draft:
        raise Problem(Code.rule_broken, f"the quote is {quote.status.name}; only a draft is deleted")
    if state.lines(quote.id):
        raise Problem(Code.rule_broken, "the quote still has lines")


def submit(_actor: Actor, state: State, held: Held, command: Command, entered: Entered) -> tuple[Quote]:
    """The submitted quote with its number and totals (D-311, D-312); raises the counter, which the caller loaded under its lock.

    Raises Problem(command_unknown | state_wrong | rule_broken | content_changed).
    """
    quote = held.record
    if not isinstance(quote, Quote) or not isinstance(command, Submit):
        raise Problem(Code.command_unknown, "only a quote is submitted")
    status = moved(quote, "submit", command.expected)
    lines = state.lines(quote.id)
    if not lines:
        raise Problem(Code.rule_broken, "a quote without lines is not submitted")
    if content_hash(quote, lines) != command.content_hash:
        raise Problem(Code.content_changed, "the quote is no longer what was on your screen")
    priced_quote = _priced(state, quote, lines)
    now_ms = entered.moment.now_ms
    number = quote.number or _next_number(state, now_ms)  # one that was returned keeps its number
    return (msgspec.structs.replace(priced_quote, status=status, submitted_ms=now_ms, number=number),)


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
    return [*(one for one in state.lines(line.quote_id) if one.id != line.id), line]


def _priced(state: State, quote: Quote, lines: list[QuoteLine]) -> Quote:
    return priced(quote, lines, prices_include_tax=_organisation(state).prices_include_tax)


def _organisation(state: State) -> Organisation:
    organisation = state.organisation
    if not isinstance(organisation, Organisation):
        raise TypeError("the state was loaded without its organisation")
    return organisation
