"""The oracle: which entered values cannot be found again, and which phones differ from a fresh phone.

It knows every entry, and afterwards reads devices, the public API and inboxes. It never reads the server's own account.
"""

from collections.abc import Mapping, Sequence

import msgspec

from mobile_api.phone.day.entries import Entry, Key, Slots

DELETE = "delete"
RowKey = tuple[int, bytes]
Rows = Mapping[RowKey, bytes]
"""(entity number, id) → body bytes, as one device holds them."""


class Found(msgspec.Struct, frozen=True):
    """The state after the day. `records`: current slots by record · `waiting`: values that stand in inboxes, by record."""

    records: Mapping[Key, Slots]
    waiting: Mapping[Key, Sequence[Slots]]


class Verdict(msgspec.Struct, frozen=True):
    """The verdict of the oracle. `differences`: sentences about rows in which a device is not like a fresh one."""

    lost: tuple[Entry, ...]
    differences: tuple[str, ...]

    @property
    def converged(self) -> bool:
        return not self.differences


def lost(entries: Sequence[Entry], found: Found) -> tuple[Entry, ...]:
    """Entries whose value is neither current, nor replaced by a user who had it on screen, nor waiting in an inbox."""
    by_record: dict[Key, list[Entry]] = {}
    for entry in entries:
        by_record.setdefault(entry.key, []).append(entry)
    return tuple(
        entry
        for key, entered in by_record.items()
        for entry, stands in zip(entered, _took_effect(entered, found.records.get(key)), strict=True)
        if not stands and not _waits(entry, found.waiting.get(key, ()))
    )


def _took_effect(entered: Sequence[Entry], record: Slots | None) -> list[bool]:
    """For each entry of one record, oldest first: does it stand, or did a user who saw it, and whose own entry took effect, replace it?

    A later entry that was parked replaced nothing, whatever its author saw; hence from the youngest back.
    """
    effect = [False] * len(entered)
    for at in reversed(range(len(entered))):
        later = (entered[other] for other in range(at + 1, len(entered)) if effect[other])
        effect[at] = _stands(entered[at], record) or any(_saw(one, entered[at]) for one in later)
    return effect


def _stands(entry: Entry, record: Slots | None) -> bool:
    if entry.kind == DELETE:
        return record is None
    return record is not None and all(record.get(slot) == value for slot, value in entry.values.items())


def _saw(later: Entry, earlier: Entry) -> bool:
    """Whether `later` was entered with the value of `earlier` on screen, in its place."""
    if later.kind != DELETE and later.group != earlier.group:
        return False
    shown = later.screen.get(earlier.group, {})
    return all(slot in shown and shown[slot] == value for slot, value in earlier.values.items())


def _waits(entry: Entry, waiting: Sequence[Slots]) -> bool:
    return any(all(slot in mine and mine[slot] == value for slot, value in entry.values.items()) for mine in waiting)


def differences(phone: str, held: Rows, fresh: Rows) -> tuple[str, ...]:
    """Sentences about rows that one device holds otherwise than a fresh device of the same user."""
    keys = sorted({*held, *fresh})
    return tuple(
        f"{phone}: entity {key[0]}, {key[1].hex()}: {_difference(held, fresh, key)}" for key in keys if held.get(key) != fresh.get(key)
    )


def _difference(held: Rows, fresh: Rows, key: RowKey) -> str:
    if key not in fresh:
        return "held, but a fresh device does not get it"
    return "missing" if key not in held else "held with another content"
