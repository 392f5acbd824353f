"""Taking back an entry that no request has carried: the newest one leaves the queue, its numbers are free again (P-614).

Pure over a shelf.
"""

from shared_schema.wire import MUTATION_DECODER, Mutation
from sync.shelf import Pending, Shelf


def newest(shelf: Shelf, sent_n: int) -> list[Pending]:
    """The newest atomic group, if nothing of it was ever in a request; else none. `sent_n`: the last number that was."""
    pendings = shelf.pendings()
    if not pendings:
        return []
    first_n = MUTATION_DECODER.decode(pendings[-1].raw).group.first_n
    return [one for one in pendings if one.n >= first_n] if first_n > sent_n and pendings[-1].outcome is None else []


def take_back(shelf: Shelf, sent_n: int) -> list[Mutation]:
    """Take the newest atomic group out of the queue, in one local transaction. Returns its entries, none if it may have been sent.

    Nothing follows it, so nothing rests on it and nothing is renumbered; a user who takes back an earlier one takes back the later ones
    first.
    """
    gone = newest(shelf, sent_n)
    for one in gone:
        shelf.drop_pending(one.n)
    if gone:
        seat = shelf.seat()
        seat.next_n = gone[0].n
        shelf.put_seat(seat)
    return [MUTATION_DECODER.decode(one.raw) for one in gone]
