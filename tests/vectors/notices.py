"""Vectors of notices: how far one came, which are new, the order of the list, and every kind's words filled with facts."""

import random
from typing import Any

from msgspec.structs import asdict

from notifications.messages import message, placeholders
from server.domain.notices import NOTICES
from shared_schema.notices import Language, Words
from shared_schema.records.notification import NotificationState
from sync.agreed import notices
from sync.agreed.notices import RISES, Listed
from tests.vectors.cases import Case, Cases, answered, played, told
from tests.vectors.values import TEXTS, an_id

FACTS = (*TEXTS, "茶" * 64, "茶" * 65, "𠮷" * 64, "𠮷" * 65, " a \u3000b\x85c\x1fd\ufeff ", "{customer}", "$&", "-")


def cases() -> Cases:
    """States, lists and texts."""
    dice = random.Random(907)
    states = [int(one) for one in NotificationState]
    said = [[], *([one] for one in RISES), ["see", "deliver"], ["finish", "open"], ["of a newer app"], ["toString"]]
    return {
        "sync.agreed.notices:state_shown": played(
            notices.state_shown, [{"stored": stored, "receipts": receipts} for stored in states for receipts in said]
        ),
        "sync.agreed.notices:is_unread": played(notices.is_unread, [{"state": state} for state in [*states, 99]]),
        "sync.agreed.notices:sections": [_listed(dice) for _ in range(60)],
        "notifications.messages:message": [*_texts(dice), *_odd()],
    }


def _listed(dice: random.Random) -> Case:
    """A few notices; moments collide, so that the id must decide."""
    listed = [
        Listed(an_id(dice), dice.randrange(4), dice.randrange(3), dice.choice(["quotes", "inbox", ""]), dice.randrange(6))
        for _ in range(dice.randrange(12))
    ]
    return Case({"listed": [_told(one) for one in listed]}, [_told(one) for one in notices.sections(listed)])


def _told(one: Any) -> Any:
    return told(asdict(one))


def _texts(dice: random.Random) -> list[Case]:
    """Each kind in each language, with all facts, and with one too few."""
    found = []
    for kind in sorted(NOTICES):
        for language in Language:
            words = NOTICES[kind][language]
            names = sorted(placeholders(words))
            facts = {name: dice.choice(FACTS) for name in [*names, "other"]}
            found.append(_filled(words, facts))
            if names:
                found.append(_filled(words, {name: facts[name] for name in names[1:]}))
    return found


def _odd() -> list[Case]:
    return [_filled(Words("{a}{a}", "{b}!", ""), {"a": fact, "b": "b"}) for fact in FACTS]


def _filled(words: Words, facts: dict[str, str]) -> Case:
    given = {"words": {"title": words.title, "body": words.body}, "facts": facts}
    gives = answered(lambda: asdict(message(words, facts)), {})
    return Case(given, gives)
