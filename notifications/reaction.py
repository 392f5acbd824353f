"""What follows from a provider's word about one push: a pure table, the same for every provider.

No storm of refusals deletes a target: a target goes when its provider names it as gone, or when the provider doubts it thrice and takes
what goes to others between.
"""

from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

PAUSE_S: Final = 60
"""So long nothing goes to a provider that had too much and does not say for how long."""
AGAIN_S: Final = 10
AGAIN_S_MAX: Final = 3_600
SECONDS_DIGITS: Final = 7
"""A wait of so many digits is none that a provider means."""


class Word(StrEnum):
    """What a provider said, or that nothing was heard."""

    taken = "taken"
    gone = "gone"
    """The provider itself names the target as unregistered."""
    ended = "ended"
    """Nothing is at the target's address: of a browser it says that the subscription ended, and of a service that it was moved."""
    invalid = "invalid"
    not_found = "not_found"
    forbidden = "forbidden"
    unauthenticated = "unauthenticated"
    other_sender = "other_sender"
    """The target belongs to another sender than ours."""
    third_party = "third_party"
    """The provider behind the provider (Apple, a browser's maker) does not know our keys."""
    too_much = "too_much"
    too_large = "too_large"
    ill = "ill"
    unheard = "unheard"


class Said(Struct, frozen=True):
    """A provider's word; `retry_after_s`: how long it wants to be left alone, where it told so."""

    word: Word
    retry_after_s: int | None = None


class Then(StrEnum):
    """What becomes of the push."""

    sent = "sent"
    again = "again"
    dead = "dead"
    ask = "ask"
    """Ask the provider whether it would take an empty message to this target: then the message is dead, otherwise the target."""


class Guilt(StrEnum):
    """Whose fault it is: a breaker opens for a provider or for a platform behind it when this happens again and again."""

    nobody = "nobody"
    provider = "provider"
    platform = "platform"


class Reaction(Struct, frozen=True):
    """What the sender does. `retires`: the target goes, if it was registered before the push. `pause_s`: nothing more to this provider.

    `doubts`: the target goes if this is heard three times in a row, and its service took a push to another one since the last.
    """

    then: Then
    retires: bool = False
    doubts: bool = False
    pause_s: int = 0
    guilt: Guilt = Guilt.nobody


_TABLE: Final = {
    Word.taken: Reaction(Then.sent),
    Word.gone: Reaction(Then.dead, retires=True),
    Word.invalid: Reaction(Then.ask),
    Word.ended: Reaction(Then.again, doubts=True, guilt=Guilt.provider),
    Word.too_large: Reaction(Then.dead),
    Word.not_found: Reaction(Then.again, guilt=Guilt.provider),
    Word.forbidden: Reaction(Then.again, guilt=Guilt.provider),
    Word.unauthenticated: Reaction(Then.again, guilt=Guilt.provider),
    Word.other_sender: Reaction(Then.dead, guilt=Guilt.provider),
    Word.third_party: Reaction(Then.again, guilt=Guilt.platform),
    Word.ill: Reaction(Then.again),
    Word.unheard: Reaction(Then.again),
}


def reaction(said: Said) -> Reaction:
    """The reaction to a word about a push."""
    if said.word is Word.too_much:
        return Reaction(Then.again, pause_s=said.retry_after_s or PAUSE_S)
    return _TABLE[said.word]


def asked(said: Said) -> Reaction:
    """The reaction when the provider was asked about an empty message to a target after it refused a real one.

    Only a second *invalid* speaks against the target; whatever else was heard tells nothing about it.
    """
    if said.word is Word.gone:
        return Reaction(Then.dead, retires=True)
    if said.word is Word.invalid:
        return Reaction(Then.again, doubts=True, guilt=Guilt.provider)
    return Reaction(Then.dead) if said.word is Word.taken else Reaction(Then.again)


def is_proven(then: Reaction, tried_ms: int | None, taken_ms: int) -> bool:
    """Whether a doubt holds: the target was tried before, at `tried_ms`, and its service took a push to another one since."""
    return then.doubts and tried_ms is not None and taken_ms > tried_ms


def asked_s(told: str, answered: str) -> int | None:
    """The seconds that a provider asks to wait; None if it does not say.

    `told`: its Retry-After, seconds or a date. `answered`: the date of its answer: the wait is by its clock, which need not be ours.
    """
    if told.isdecimal():
        return int(told) if len(told) < SECONDS_DIGITS else None
    try:
        wait_s = int((parsedate_to_datetime(told) - parsedate_to_datetime(answered)).total_seconds())
    except (ValueError, TypeError):  # no date, or one without a zone beside one with
        return None
    return wait_s if 0 <= wait_s < 10 ** (SECONDS_DIGITS - 1) else None


def again_in_s(tries: int, said: Said, chance: float) -> float:
    """How long to wait before the next try: as long as the provider told, at every try; else twice as long each time, an hour at most.
    Not when everybody else does.

    `tries`: how often it was tried. `chance`: 0 to 1.
    """
    doubled_s = min(AGAIN_S_MAX, AGAIN_S << min(max(0, tries - 1), 16))
    return (said.retry_after_s or doubled_s) * (1 + chance / 10)
