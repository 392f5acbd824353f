"""A server with four faults. Nothing conflicts: whoever comes later wins in silence. Who has done a step is reminded of it all the same.
The visit beneath a lost claim is offered to nobody, and a late visit contests no reclaim.

The offline day must call the first a loss, the push of the second one in vain, and the sentences about the others not true.
"""

from collections.abc import Sequence

from msgspec.structs import force_setattr

from mobile_api.cli import main
from server.domain import contests
from server.domain.follow_ups import EVENING, FOLLOW_UP
from server.domain.local_times import earliest_ms
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.contest import Contest
from shared_schema.records.customer import FollowUp
from shared_schema.records.inbox import InboxItem, Member
from sync import contribution, merge
from sync.rules import Moment, Turn
from sync.state import Stamp, State


def nobody_conflicts(stamp: Stamp, base: int, line_no: int, n: int) -> bool:
    """The first fault."""
    return False


def earliest(follow_up: FollowUp) -> int | None:
    """The second fault: `done` is not looked at."""
    return earliest_ms(follow_up.due_day - 1, EVENING)


def offer(turn: Turn, item: InboxItem, entered: Sequence[Member]) -> None:
    """The third fault."""


def opened(state: State, fact: Visit | ContactLog, moment: Moment) -> tuple[Contest, ...]:
    """The fourth fault."""
    return ()


if __name__ == "__main__":
    merge.conflicts = nobody_conflicts
    force_setattr(FOLLOW_UP, "earliest", earliest)
    contribution._offer = offer
    contests.opened = opened
    main()
