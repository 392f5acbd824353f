"""Decisions about a submitted quote: a manager approves, rejects or returns it; an approved one forks a revision (D-32x)."""

from collections.abc import Mapping
from typing import Final

import msgspec

from server.domain.access import holding
from server.domain.feature import Given
from server.domain.quote_lines import lines_of
from server.domain.quote_states import moved
from shared_schema.notices import Language, Texts, Words
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer
from shared_schema.records.quote import Approve, DecideQuote, Decision, Quote, QuoteLine, QuoteStatus, Reject, ReturnQuote, Revise
from shared_schema.records.reference import Person, Role
from shared_schema.registry import BY_RECORD
from sync.agreed.quotes import content_hash, revision_of
from sync.heard import Heard
from sync.rules import Actor, Entered, Holding
from sync.state import State

DECISIONS: Final[Mapping[str, type[Decision]]] = {"approve": Approve, "reject": Reject, "return_quote": ReturnQuote}
NOTICES: Final[Texts] = {
    "quote_submitted": {
        Language.en: Words("Quote {number} awaits approval", "{rep} submitted it for {customer}.", "A quote awaits your approval"),
        Language.zh: Words("报价 {number} 待审批", "{rep}提交了给“{customer}”的报价。", "有一份报价待你审批"),
    },
    "quote_approved": {
        Language.en: Words(
            "Quote {number} approved", "Your quote {number} for {customer} was approved. Note: {note}", "A quote of yours was approved"
        ),
        Language.zh: Words("报价 {number} 已批准", "你给“{customer}”的报价 {number} 已批准。意见：{note}", "你有一份报价已批准"),
    },
    "quote_rejected": {
        Language.en: Words(
            "Quote {number} rejected", "Your quote {number} for {customer} was rejected. Note: {note}", "A quote of yours was rejected"
        ),
        Language.zh: Words("报价 {number} 未获批准", "你给“{customer}”的报价 {number} 被驳回。意见：{note}", "你有一份报价未获批准"),
    },
    "quote_returned": {
        Language.en: Words(
            "Quote {number} returned",
            "Your quote {number} for {customer} came back: edit it and submit it again. Note: {note}",
            "A quote of yours came back",
        ),
        Language.zh: Words(
            "报价 {number} 已退回", "你给“{customer}”的报价 {number} 被退回，请修改后重新提交。意见：{note}", "你有一份报价被退回"
        ),
    },
}
HEARD: Final = {QuoteStatus.approved: "quote_approved", QuoteStatus.rejected: "quote_rejected", QuoteStatus.returned: "quote_returned"}


def decide(actor: Actor, state: State, quote: Quote, command: Decision, entered: Entered) -> tuple[Quote, ...]:
    """The decided quote; then, when a revision was approved, the one it supersedes (D-321, D-322, D-325).

    Raises Problem(forbidden | state_wrong | content_changed).
    """
    _may_decide(actor, state, quote)
    status = moved(quote, str(type(command).__struct_config__.tag), command.expected)
    _same_content(state, quote, command.content_hash)
    replaced = _superseded(state, quote) if status is QuoteStatus.approved else ()
    _tell(actor, state, quote, status, command)
    decided = msgspec.structs.replace(
        quote, status=status, decided_ms=entered.moment.now_ms, decided_by_id=actor.user_id, decision_note=command.note
    )
    return decided, *replaced


def at_desk(asked: DecideQuote) -> Given:
    """The command of the same name."""
    return Given(Quote, asked.quote_id, DECISIONS[asked.decision](asked.content_hash, asked.note, asked.expected))


def revise(actor: Actor, state: State, quote: Quote, command: Revise, _entered: Entered) -> tuple[Quote | QuoteLine, ...]:
    """A new draft with the content of an approved quote (D-324); nothing when this revision was made before.

    Raises Problem(state_wrong | content_changed | out_of_scope | gone | id_taken).
    """
    known = state.find(Quote, command.new_id)
    if known is not None and known.revises_id == quote.id:
        return ()
    moved(quote, "revise", command.expected)
    _same_content(state, quote, command.content_hash)
    draft, copies = revision_of(quote, lines_of(state, quote.id), command.new_id)
    made: tuple[Quote | QuoteLine, ...] = (draft, *copies)
    for record in made:
        _is_free(actor, state, record)
    return msgspec.structs.replace(draft, author_id=actor.user_id), *copies


def _may_decide(actor: Actor, state: State, quote: Quote) -> None:
    if actor.role != Role.manager:
        raise Problem(Code.forbidden, "a manager decides about quotes")
    if quote.author_id == actor.user_id and state.superiors:
        raise Problem(Code.forbidden, "another manager decides about your own quotes")


def _same_content(state: State, quote: Quote, shown: bytes) -> None:
    if content_hash(quote, lines_of(state, quote.id)) != shown:
        raise Problem(Code.content_changed, "the quote has changed since it was on your screen")


def _superseded(state: State, quote: Quote) -> tuple[Quote, ...]:
    """The quote which this revision replaces. Raises Problem(state_wrong) when another revision did so before."""
    old = state.find(Quote, quote.revises_id) if quote.revises_id is not None else None
    if old is None:
        return ()
    if old.status != QuoteStatus.approved:
        raise Problem(Code.state_wrong, f"the quote which this one revises is {old.status.name} by now")
    return (msgspec.structs.replace(old, status=moved(old, "supersede", QuoteStatus.approved)),)


def _is_free(actor: Actor, state: State, record: Quote | QuoteLine) -> None:
    """Whether an id may be given to a revision; a foreign record answers as a create of its id would (P-320, P-422, P-424)."""
    key = (BY_RECORD[type(record)].number, record.id)
    known = state.held.get(key)
    if known is not None:
        seen = holding(actor, state, getattr(known.record, "customer_id", b"")) == Holding.holder
        raise Problem(Code.id_taken if seen else Code.out_of_scope, "this id already names something else", field="new_id")
    if key in state.tombstones:
        raise Problem(Code.out_of_scope if key in state.foreign_tombstones else Code.gone, "this revision was deleted", field="new_id")


def ask_managers(actor: Actor, state: State, quote: Quote) -> None:
    """The managers above the author, who may decide, are told of a quote that was submitted (D-328)."""
    author_id = quote.author_id if quote.author_id is not None else actor.user_id
    for manager_id in state.leaders.get(author_id, ()):
        if manager_id != actor.user_id:
            state.notices.append(waiting(state, quote, author_id, manager_id))


def waiting(state: State, quote: Quote, author_id: bytes | None, manager_id: bytes, once: str = "") -> Heard:
    """What a manager hears of a quote that waits for approval. `once`: of which moment; empty: of its submission."""
    customer, author = state.find(Customer, quote.customer_id), state.find(Person, author_id) if author_id is not None else None
    names = {"customer": customer.name if customer is not None else "", "rep": author.name if author is not None else ""}
    return Heard("quote_submitted", manager_id, _happening(quote), {"number": quote.number, **names}, quote.id, once=once)


def _happening(quote: Quote) -> bytes:
    """The quote at this rev: one that comes back and is submitted again is told again."""
    return quote.id[:8] + quote.rev.to_bytes(8, "big")


def _tell(actor: Actor, state: State, quote: Quote, status: QuoteStatus, command: Decision) -> None:
    """The author is told, as long as the author follows up the customer (D-326); the happening is the quote at this rev."""
    standing = state.standing(quote.customer_id)
    holders = {standing.owner_id if standing else None, *state.collaborators.get(quote.customer_id, ())}
    if quote.author_id is None or quote.author_id == actor.user_id or quote.author_id not in holders:
        return
    customer = state.find(Customer, quote.customer_id)
    facts = {"number": quote.number, "customer": customer.name if customer is not None else "", "note": command.note}
    state.notices.append(Heard(HEARD[status], quote.author_id, _happening(quote), facts, quote.id))
