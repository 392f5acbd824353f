"""The server set back to a backup, as `outrider restore` does it: an older content, beyond every number that was given out since."""

from server.domain.branch import Stand, branched
from tests.prove.store import Store


def branch(saved: Store, lost: Store, line_no: int, now_ms: int) -> tuple[Store, int]:
    """`saved` in the place of `lost`, and the last number that a device line was given. `line_no`: that number before."""
    at = branched(_stand(saved, _largest_rev(saved), line_no), _stand(lost, lost.rev_floor, line_no), now_ms)
    back = saved.copy()
    back.counters = dict(at.counters)
    last_line_no, back.scope_no = back.counters.pop("line"), back.counters.pop("scope")
    back.epoch, back.rev_floor = at.epoch, at.rev
    return back, last_line_no


def _stand(store: Store, rev: int, line_no: int) -> Stand:
    return Stand(store.epoch, rev, {**store.counters, "line": line_no, "scope": store.scope_no})


def _largest_rev(store: Store) -> int:
    revs = (held.record.rev for held in store.records.values())
    return max(store.rev_floor, *revs, *(buried.rev for buried in store.tombstones.values()), *(one.rev for one in store.changes))
