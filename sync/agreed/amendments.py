"""Facts with their corrections: nothing is overwritten, the newest correction shows (D-209, D-210)."""

from collections.abc import Iterable

import msgspec

from shared_schema.records.activity import ContactLog, Visit

Fact = Visit | ContactLog


class Amended(msgspec.Struct, frozen=True):
    """A fact as it was entered first, the version that shows now, and all its corrections, newest first."""

    first: Fact
    shown: Fact
    amendments: tuple[Fact, ...] = ()


def facts_with_amendments(facts: Iterable[Fact]) -> list[Amended]:
    """Facts in the order given, each with its corrections. A correction whose fact is not on the device stands for itself."""
    known = list(facts)
    ids = {fact.id for fact in known}
    corrections: dict[bytes | None, list[Fact]] = {}
    for fact in known:
        if fact.amends_id in ids:
            corrections.setdefault(fact.amends_id, []).append(fact)
    return [_amended(fact, corrections.get(fact.id, [])) for fact in known if fact.amends_id not in ids]


def _amended(first: Fact, corrections: Iterable[Fact]) -> Amended:
    newest = sorted(corrections, key=_age, reverse=True)
    return Amended(first, newest[0] if newest else first, tuple(newest))


def _age(fact: Fact) -> tuple[bool, int, bytes]:
    """By the server's receipt, then id; a correction not sent yet is the newest."""
    return fact.rev == 0, fact.received_ms, fact.id
