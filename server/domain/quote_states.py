"""The states of a quote: one table of transitions, and the states in which it may be edited (D-320)."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from shared_schema.problem import Code, Problem
from shared_schema.records.quote import Quote, QuoteStatus


class Transition(NamedTuple):
    """From which states a transition leads, and to which."""

    sources: frozenset[QuoteStatus]
    target: QuoteStatus


EDITABLE: Final = frozenset({QuoteStatus.draft, QuoteStatus.returned})
"""States in which header and lines change."""
TRANSITIONS: Final[Mapping[str, Transition]] = {
    "submit": Transition(EDITABLE, QuoteStatus.submitted),
    "approve": Transition(frozenset({QuoteStatus.submitted}), QuoteStatus.approved),
    "reject": Transition(frozenset({QuoteStatus.submitted}), QuoteStatus.rejected),
    "return_quote": Transition(frozenset({QuoteStatus.submitted}), QuoteStatus.returned),
    "revise": Transition(frozenset({QuoteStatus.approved}), QuoteStatus.approved),
    "supersede": Transition(frozenset({QuoteStatus.approved}), QuoteStatus.superseded),
}
"""Command → the transition of the quote it names. `supersede` is the server's own: the revision was approved."""
ADVICE: Final[Mapping[QuoteStatus, str]] = {
    QuoteStatus.submitted: "wait for the decision",
    QuoteStatus.approved: "revise it: that makes a new draft",
    QuoteStatus.rejected: "draft a new one",
    QuoteStatus.superseded: "look at its revision",
}


def moved(quote: Quote, name: str, expected: QuoteStatus) -> QuoteStatus:
    """The state into which a transition leads. Raises Problem(state_wrong) unless the quote stands as on the screen, and may go there."""
    transition = TRANSITIONS[name]
    if quote.status != expected or quote.status not in transition.sources:
        raise Problem(Code.state_wrong, f"the quote is {quote.status.name} by now")
    return transition.target


def require_editable(quote: Quote) -> None:
    """Raises Problem(state_wrong) with the way out, unless the quote is a draft or was returned (D-307, D-323)."""
    if quote.status not in EDITABLE:
        advice = ADVICE.get(quote.status, "look again")
        raise Problem(Code.state_wrong, f"the quote is {quote.status.name} and no longer changes; {advice}")
