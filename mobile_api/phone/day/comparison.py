"""The same recorded day under the two usual rules: how many entered values would have vanished without anybody having seen them."""

from collections.abc import Sequence

import msgspec

from mobile_api.phone.day.entries import Entry, Key, Slots
from mobile_api.phone.day.oracle import DELETE

DECISIONS = frozenset({"use_mine", "rogue"})
"""Entries which such a system would not know: it has no inbox, and an entry that may not be written it refuses."""


class Comparison(msgspec.Struct, frozen=True):
    """Values that vanish unseen when the record that arrives last wins, and when the one with the latest device clock wins."""

    last_arrival: int
    latest_clock: int


def compare(entries: Sequence[Entry]) -> Comparison:
    """Replay the entries in order of arrival; every write carries the whole record as its screen stood, as such systems do."""
    arrived = sorted((entry for entry in entries if entry.arrived and entry.kind not in DECISIONS), key=lambda entry: entry.arrived)
    return Comparison(len(vanished(arrived, by_clock=False)), len(vanished(arrived, by_clock=True)))


def vanished(arrived: Sequence[Entry], *, by_clock: bool) -> list[Entry]:
    """Entries whose value was replaced, or never taken, though no user who did so had it on screen."""
    replay = _Replay()
    for entry in arrived:
        if by_clock and entry.device_ms < replay.clock.get(entry.key, 0):
            replay.refuse(entry)
        else:
            replay.write(entry)
    once = {entry.number: entry for entry in replay.unseen}
    return [entry for entry in once.values() if not replay.stands(entry)]


class _Replay:
    """Records under last-write-wins: per record and field group the values, and the user of each."""

    def __init__(self) -> None:
        self.records: dict[Key, dict[str, tuple[Slots, Entry | None]]] = {}
        self.clock: dict[Key, int] = {}
        self.unseen: list[Entry] = []

    def refuse(self, entry: Entry) -> None:
        self.unseen.append(entry)

    def write(self, entry: Entry) -> None:
        self.clock[entry.key] = entry.device_ms
        groups = self.records.setdefault(entry.key, {})
        if entry.kind == DELETE:
            for group in list(groups):
                self._replace(groups, entry, group, {}, None)
            return
        for group, shown in entry.screen.items():
            if group != entry.group:
                self._replace(groups, entry, group, shown, None)
        self._replace(groups, entry, entry.group, {**entry.screen.get(entry.group, {}), **entry.values}, entry)

    def _replace(
        self, groups: dict[str, tuple[Slots, Entry | None]], writer: Entry, group: str, slots: Slots, author: Entry | None
    ) -> None:
        before, whose = groups.get(group, ({}, None))
        if before == slots and author is None:
            return
        groups[group] = (slots, author)
        if whose is not None and before != slots and not _shows(writer, whose):
            self.unseen.append(whose)

    def stands(self, entry: Entry) -> bool:
        slots, _ = self.records.get(entry.key, {}).get(entry.group, ({}, None))
        return bool(entry.values) and all(slots.get(slot) == value for slot, value in entry.values.items())


def _shows(writer: Entry, earlier: Entry) -> bool:
    """Whether the writer had the earlier value on screen."""
    shown = writer.screen.get(earlier.group, {})
    return all(shown.get(slot) == value for slot, value in earlier.values.items())
