"""What was told and is never changed: facts stand as told (31), what rises never falls (35). Raises Break."""

from collections import Counter
from typing import Final

from shared_schema.policy import Policy
from shared_schema.registry import BY_NUMBER
from shared_schema.wire import Kind, Result
from sync.forgetting import told_still
from tests.prove.ledger import Ledger, takings
from tests.prove.store import Store
from tests.prove.watch import Turn, need

FACTS: Final = frozenset(number for number, entity in BY_NUMBER.items() if entity.policy == Policy.fact)
RISES: Final = "35 what rises never falls"
STAND: Final = "31 facts stand as told"


def push_holds(turn: Turn, counts: Counter[str]) -> None:
    """No fact of before is changed or gone, and no slot fell that only rises."""
    for key, held in turn.before.records.items():
        after = turn.after.records.get(key)
        if after is held:
            continue
        if key[0] in FACTS:
            need(False, STAND, f"a {BY_NUMBER[key[0]].name} was changed, or is gone")
        for slot, within in BY_NUMBER[key[0]].rising.items():
            counts[RISES] += 1
            named = (slot,) if within is None else (within, slot)
            was, now = ([getattr(one.record, each) or 0 for each in named] if one is not None else [] for one in (held, after))
            need(now >= was, RISES, f"{slot} of a {BY_NUMBER[key[0]].name} fell, or is gone")


def judge(store: Store, ledger: Ledger, counts: Counter[str]) -> None:
    """What was told stands as it was told."""
    for entry in ledger.entries:
        results = [one.outcome.result for one in takings(store, entry)]
        if entry.kind == Kind.create and entry.entity.number in FACTS and Result.applied in results:
            counts[STAND] += 1
            held = store.records.get(entry.key)
            need(held is not None, STAND, f"{entry.entity.name} of phone {entry.phone} was taken and is gone")
            assert held is not None
            told = told_still(held.record, dict(entry.values))  # but a place, which the author's no or the server's days took out
            wrong = [slot for slot, value in told.items() if getattr(held.record, slot) != value]
            need(not wrong, STAND, f"{entry.entity.name} of phone {entry.phone} says otherwise: {wrong}")
