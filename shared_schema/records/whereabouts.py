"""Whether a person agrees that visits bear the person's position, and in which words the app asked (D-47x)."""

from enum import IntEnum
from typing import Annotated, Final

from msgspec import Meta

from shared_schema.entity import Entity
from shared_schema.policy import FIXED, SERVER, Group, Lane, OfUsers, Policy
from shared_schema.records.base import Record
from shared_schema.scalars import EpochMs, Id

ASKED_IN: Final = 1
"""The version of the text in which the apps ask. It rises with the meaning of the text, and then they ask anew."""


class ConsentAnswer(IntEnum):
    """What a person said. Who has no record was not asked yet."""

    unknown = 0
    yes = 1
    no = 2


class Consent(Record, frozen=True, array_like=True):
    """A person's answer; it has the person's own id, and nobody else gives it."""

    user_id: Annotated[Id, FIXED]
    answer: Annotated[ConsentAnswer, Group("answer")] = ConsentAnswer.unknown
    asked_in: Annotated[int, Meta(ge=1, le=1_000), Group("answer")] = ASKED_IN
    received_ms: Annotated[EpochMs, SERVER] = 0


ENTITIES: Final = (Entity(39, Consent, Policy.register, Lane.now, OfUsers(("user_id",))),)
