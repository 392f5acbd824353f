"""What the claims proof counts on one database."""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

NEVER: Final = (
    *("double_winners", "unclaimed", "losers_untold", "quota_overrun", "unwarned_reclaims", "touches_lost_to_reclaim"),
    *("left_behind_in_transfer", "entries_of_losers_lost", "replayed_otherwise"),
    *("contests_lost", "overwritten_by_contest", "given_back_wrongly", "silent_taken_too_soon", "holds_broken"),
)


class Size(Struct, frozen=True):
    """How much is tried. `quotas`: reps with twelve phones each; `waves`: days on which customers fall due, `each` of every owner."""

    reps: int
    customers: int
    quotas: int
    waves: int
    each: int
    families: int


class Found(Struct):
    """What was seen on one database."""

    customers: int = 0
    double_winners: int = 0
    unclaimed: int = 0
    losers_untold: int = 0
    quota_overrun: int = 0
    unwarned_reclaims: int = 0
    touches_lost_to_reclaim: int = 0
    left_behind_in_transfer: int = 0
    entries_of_losers_lost: int = 0
    replayed_otherwise: int = 0
    contests_lost: int = 0
    overwritten_by_contest: int = 0
    given_back_wrongly: int = 0
    silent_taken_too_soon: int = 0
    holds_broken: int = 0
    losers: int = 0
    entries_of_losers: int = 0
    quota_claims: int = 0
    sweeps: int = 0
    reclaims: int = 0
    touches: int = 0
    touches_in_time: int = 0
    claims_of_fallen: int = 0
    transfers: int = 0
    contests: int = 0
    contests_decided: int = 0
    given_back: int = 0
    silent_warned: int = 0
    silent_reclaims: int = 0
    holds: int = 0
    holds_refused: int = 0
    claims_under_holds: int = 0

    def faults(self, least: "Found") -> list[str]:
        """A sentence for each promise that does not hold, and for each thing that never happened often enough."""
        told = [f"{name}: {getattr(self, name)}" for name in NEVER if getattr(self, name)]
        seldom = [name for name in Found.__struct_fields__ if getattr(self, name) < getattr(least, name)]
        return told + [f"never happened: {name} {getattr(least, name)}, only {getattr(self, name)}" for name in seldom]


WHOLE: Final = Size(reps=8, customers=200, quotas=4, waves=6, each=8, families=40)
BOX: Final = Size(reps=8, customers=32, quotas=1, waves=2, each=5, families=6)
OF_A_PLANT: Final = Size(reps=3, customers=12, quotas=1, waves=1, each=6, families=4)
_RACED: Final = Found(customers=200, losers=1_000, entries_of_losers=1_000, quota_claims=240)
_SWEPT: Final = {"sweeps": 200, "reclaims": 100, "touches": 40, "touches_in_time": 10, "claims_of_fallen": 20, "transfers": 40}
_BOXED: Final = Found(
    30, losers=100, entries_of_losers=100, quota_claims=60, sweeps=40, reclaims=10, touches=5, touches_in_time=1, transfers=6
)
_HELD: Final = {"holds": 40, "holds_refused": 200, "claims_under_holds": 15}
_HEARD: Final = {"contests": 24, "contests_decided": 16, "given_back": 4, "silent_warned": 8, "silent_reclaims": 8, **_HELD}
_HEARD_OF_A_BOX: Final = {"contests": 15, "contests_decided": 10, "given_back": 2, "silent_warned": 5, "silent_reclaims": 5, **_HELD}
LEAST: Final = {
    True: replace(_RACED, **_SWEPT, **_HEARD),
    False: Found(
        30,
        losers=100,
        entries_of_losers=100,
        quota_claims=60,
        sweeps=40,
        reclaims=10,
        touches=5,
        touches_in_time=1,
        transfers=6,
        **_HEARD_OF_A_BOX,
    ),
}
"""Whole run or not → what must have happened on each database; less proves nothing."""
