"""What a customer's company is like, in bands; and what its evaluation says in bands and points."""

from enum import IntEnum
from typing import Annotated

from msgspec import Meta

TierPoints = Annotated[int, Meta(ge=0, le=100)]
Rating = Annotated[int, Meta(ge=0, le=5)]
"""The owner's own judgement; 0: none."""


class Lifecycle(IntEnum):
    """Whether a customer buys; beside its tier, computed by evaluation."""

    unknown = 0
    potential = 1
    """No order ever."""
    buying = 2
    silent = 3
    """No order for so many days as the model says."""


class CompanySize(IntEnum):
    """How large the customer's company is."""

    unknown = 0
    micro = 1
    small = 2
    medium = 3
    large = 4


class StockListing(IntEnum):
    """Whether the customer's company is traded at a stock exchange."""

    unknown = 0
    unlisted = 1
    traded = 2


class Earnings(IntEnum):
    """Whether the customer's company makes a profit of its own."""

    unknown = 0
    loss = 1
    even = 2
    gain = 3


class Seniority(IntEnum):
    """How much a contact decides at the customer."""

    unknown = 0
    staff = 1
    lead = 2
    executive = 3
