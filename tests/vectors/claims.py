"""Vectors of `sync/agreed/claims.py`: cards of claims, lost to somebody or refused by a rule, with entries of every kind beneath."""

import random
from typing import Final

from shared_schema.records.inbox import Member
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import Kind
from sync.agreed.claims import is_asking, is_offered
from tests.vectors.cases import Cases, played
from tests.vectors.values import an_id

CARD: Final = BY_NAME["pool_card"].number
UNKNOWN: Final = 60_000
"""A kind of record that no device knows yet."""


def cases() -> Cases:
    """Both rules, over the entries of some cards."""
    dice = random.Random(513)
    cards = [[], *(card(dice, won) for won in (True, False) for _ in range(6)), [entry(dice, Kind.create, UNKNOWN)]]
    each = [(entries, one) for entries in cards for one in entries]
    return {
        "sync.agreed.claims:is_asking": played(is_asking, [{"one": one} for _, one in each]),
        "sync.agreed.claims:is_offered": played(is_offered, [{"entries": entries, "one": one} for entries, one in each]),
    }


def card(dice: random.Random, lost: bool) -> list[Member]:
    """A claim, and entries beneath it: of all kinds of record, and a value that stands against one of them."""
    claim = entry(dice, Kind.command, CARD, an_id(dice) if lost else None)
    below = [entry(dice, dice.choice([Kind.create, Kind.patch, Kind.command]), number) for number in (*BY_NUMBER, UNKNOWN)]
    found = [*dice.sample(below, 12), entry(dice, Kind.patch, CARD, an_id(dice)), entry(dice, Kind.create, BY_NAME["visit"].number)]
    return dice.sample([claim, *found], len(found) + 1)


def entry(dice: random.Random, kind: Kind, entity: int, winner: bytes | None = None) -> Member:
    """One entry on a card."""
    return Member(dice.randrange(1, 99), kind, entity, an_id(dice), "", 0, 0, winner, {}, {}, {})
