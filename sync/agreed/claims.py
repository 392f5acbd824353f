"""What stands on the card of a claim that was refused: who was first, and which entries are offered to that user (P-513)."""

from collections.abc import Sequence
from typing import Final

from shared_schema.policy import InTile, Policy
from shared_schema.records.inbox import Member
from shared_schema.registry import BY_NUMBER
from shared_schema.wire import Kind

SHOWN: Final = frozenset(number for number, entity in BY_NUMBER.items() if isinstance(entity.hold, InTile))
"""What a tile shows of a customer, under the customer's own id."""
FACTS: Final = frozenset(number for number, entity in BY_NUMBER.items() if entity.policy == Policy.fact)


def is_asking(one: Member) -> bool:
    """Whether an entry asks for a customer: a command on what a tile shows of it."""
    return one.kind == Kind.command and one.entity in SHOWN


def is_offered(entries: Sequence[Member], one: Member) -> bool:
    """Whether one of a card's entries about the claimed customer is offered to the user who won: what was told or done there.

    Only a claim that was lost to a user who was first makes an offer; any other refusal tells of no race.
    """
    return one.entity in FACTS and any(is_asking(each) and each.their_user_id is not None for each in entries)
