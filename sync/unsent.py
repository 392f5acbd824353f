"""Taking back an entry that no request has carried: the user's newest one leaves the queue, its numbers are free again (P-614).

Pure over a shelf.
"""

from msgspec.structs import replace

from shared_schema.wire import ENCODER, MUTATION_DECODER, Mutation
from sync.overlay import is_quiet
from sync.shelf import Pending, Shelf


def newest(shelf: Shelf, sent_n: int) -> list[Pending]:
    """The newest atomic group of the user, if nothing of it was ever in a request; else none. `sent_n`: the last number that was.

    Receipts behind it count for nothing: the device gave them, not the user (P-630).
    """
    pendings = shelf.pendings()
    entered = [one for one in pendings if not is_quiet(one.raw)]
    if not entered:
        return []
    place = MUTATION_DECODER.decode(entered[-1].raw).group
    group = [one for one in pendings if place.first_n <= one.n < place.first_n + place.count]
    return group if place.first_n > sent_n and entered[-1].outcome is None else []


def take_back(shelf: Shelf, sent_n: int) -> list[Mutation]:
    """Take the newest atomic group out of the queue, in one local transaction. Returns its entries, none if it may have been sent.

    Only receipts follow it, and they take its numbers; nothing rests on it. A user who takes back an earlier entry takes back the later
    ones first.
    """
    gone = newest(shelf, sent_n)
    if gone:
        behind = [one for one in shelf.pendings() if one.n > gone[-1].n]
        for one in (*gone, *behind):
            shelf.drop_pending(one.n)
        for one in behind:
            shelf.put_pending(_moved_up(one, len(gone)))
        seat = shelf.seat()
        seat.next_n -= len(gone)
        shelf.put_seat(seat)
    return [MUTATION_DECODER.decode(one.raw) for one in gone]


def _moved_up(receipt: Pending, places: int) -> Pending:
    """The same receipt under an earlier number; no request has carried it, for the entry before it was in none."""
    mutation = MUTATION_DECODER.decode(receipt.raw)
    place = replace(mutation.group, first_n=mutation.group.first_n - places)
    n = receipt.n - places
    return Pending(n, ENCODER.encode(replace(mutation, n=n, group=place)))
