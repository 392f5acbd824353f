"""Vectors of `sync/agreed/amendments.py`: visits and contacts with corrections, some not sent yet, some of a lost fact."""

import random
from typing import Any

from shared_schema.records.activity import ContactLog, Visit
from sync.agreed.amendments import Fact, facts_with_amendments
from tests.vectors.cases import Case, Cases, told
from tests.vectors.values import an_id


def cases() -> Cases:
    """The one rule."""
    dice = random.Random(209)
    books = [[], *(book(dice, made_of) for made_of in (Visit, ContactLog) for _ in range(25))]
    return {"sync.agreed.amendments:facts_with_amendments": [case(one) for one in books]}


def book(dice: random.Random, made_of: type[Any]) -> list[Fact]:
    """A few facts; receipts collide, so that the id must decide."""
    made: list[Fact] = []
    for _ in range(dice.randrange(1, 9)):
        amends = dice.choice([None, an_id(dice), *(one.id for one in made if one.amends_id is None)])
        rev = dice.randrange(2)
        made.append(made_of(an_id(dice), rev, b"c" * 16, 7, received_ms=dice.randrange(3) if rev else 0, amends_id=amends))
    dice.shuffle(made)
    return made


def case(facts: list[Fact]) -> Case:
    """Facts by their ids, in the order given."""
    amended = [
        {"first": told(one.first.id), "shown": told(one.shown.id), "amendments": [told(each.id) for each in one.amendments]}
        for one in facts_with_amendments(facts)
    ]
    return Case({"facts": told(facts)}, amended)
