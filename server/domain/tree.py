"""The department tree: who stands below whom."""

from collections.abc import Mapping

from shared_schema.records.reference import Department
from sync.state import State

Parents = Mapping[bytes, bytes | None]
"""Department → its parent."""


def subtree(parents: Parents, root_id: bytes) -> frozenset[bytes]:
    """Return `root_id` and everything below it; a circle in old data ends where it began."""
    children: dict[bytes, list[bytes]] = {}
    for department_id, parent_id in parents.items():
        if parent_id is not None:
            children.setdefault(parent_id, []).append(department_id)
    found = {root_id}
    waiting = [root_id]
    while waiting:
        fresh = [child for child in children.get(waiting.pop(), ()) if child not in found]
        found.update(fresh)
        waiting.extend(fresh)
    return frozenset(found)


def line_up(parents: Parents, department_id: bytes) -> list[bytes]:
    """Return `department_id` and everything above it, upwards; a circle in old data ends where it began."""
    found: list[bytes] = []
    at: bytes | None = department_id
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return found


def parents_of(state: State) -> Parents:
    """The department tree, as loaded."""
    return {one.record.id: one.record.parent_id for one in state.held.values() if isinstance(one.record, Department)}
