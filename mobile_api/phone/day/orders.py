"""The orders of the director to a player, and the player's answers: one JSON object a line."""

from typing import Final

import msgspec

from mobile_api.phone.day.entries import Entry, Slots


class Draft(msgspec.Struct, frozen=True):
    """One thing to enter; ids are hexadecimal text.

    `kind`: create · patch · undo · delete · submit · read · acknowledge · finish · claim.
    """

    kind: str
    entity: str
    id: str
    values: Slots = {}


class SignIn(msgspec.Struct, frozen=True, tag=True):
    """Sign in with a password → SignedInTold."""

    url: str
    organisation: str
    account: str
    password: str
    device_name: str


class Enter(msgspec.Struct, frozen=True, tag=True):
    """Enter one atomic group → Entered."""

    drafts: list[Draft]


class Rogue(msgspec.Struct, frozen=True, tag=True):
    """Send the entry of a wrong app: fields that are not the phone's → Entered."""

    draft: Draft


class Sync(msgspec.Struct, frozen=True, tag=True):
    """Push and pull → Synced. `fault`: lose (the answer gets lost) · die (killed between answer and storing) · none."""

    fault: str = "none"


class Look(msgspec.Struct, frozen=True, tag=True):
    """The screen's view of one entity → Seen."""

    entity: str


class Inbox(msgspec.Struct, frozen=True, tag=True):
    """The inbox → Cards."""


class Decide(msgspec.Struct, frozen=True, tag=True):
    """Decide an inbox card → Entered. `how`: use_mine · keep_theirs · dismiss."""

    item: str
    how: str


class Reach(msgspec.Struct, frozen=True, tag=True):
    """Say where push reaches this phone, or with an empty address that it wants none any more → Entered."""

    kind: str
    address: str


class Around(msgspec.Struct, frozen=True, tag=True):
    """Look at the map around a place, in WGS-84, from the next sync on → Entered."""

    latitude_e6: int
    longitude_e6: int


class Quit(msgspec.Struct, frozen=True, tag=True):
    """Close the file and end → Entered."""


Order = SignIn | Enter | Rogue | Sync | Look | Inbox | Decide | Reach | Around | Quit
ORDER_DECODER: Final = msgspec.json.Decoder(Order)


class SignedInTold(msgspec.Struct, frozen=True, tag=True):
    """Signed in on this device line."""

    line_no: int
    user_id: str


class Entered(msgspec.Struct, frozen=True, tag=True):
    """The entry, with the screen before it."""

    entries: list[Entry] = []


class Heard(msgspec.Struct, frozen=True):
    """The result of one mutation. `again`: it had been answered before, and the answer never reached this phone. `quiet`: a receipt that
    the phone gave by itself (P-630)."""

    line_no: int
    n: int
    result: str
    code: str | None
    field: str | None
    again: bool
    quiet: bool


class Synced(msgspec.Struct, frozen=True, tag=True):
    """The result of one sync; bytes are the phone's since it started."""

    heard: list[Heard]
    forks: int
    complete: bool
    unreachable: bool
    bytes_up: int
    bytes_down: int


class Seen(msgspec.Struct, frozen=True, tag=True):
    """Records as the screen shows them, flat."""

    records: list[Slots]


class CardMember(msgspec.Struct, frozen=True):
    """One waiting value on a card."""

    entity: str
    id: str
    group: str
    mine: Slots
    theirs: Slots
    first: str = ""
    """Of a lost claim: the user who was first."""


class Card(msgspec.Struct, frozen=True):
    """One inbox item."""

    id: str
    code: str
    state: str
    members: list[CardMember]
    earlier: list[CardMember]
    field: str | None


class Cards(msgspec.Struct, frozen=True, tag=True):
    """The inbox, oldest first."""

    cards: list[Card]


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The order could not be carried out."""

    code: str
    detail: str


Answer = SignedInTold | Entered | Synced | Seen | Cards | Refused
ANSWER_DECODER: Final = msgspec.json.Decoder(Answer)
