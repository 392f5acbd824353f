"""The department tree: the users whom a manager leads, and the parents that are possible."""

from collections.abc import Mapping

from shared_schema.problem import Code, Problem

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


def place(parents: Parents, department_id: bytes, parent_id: bytes | None) -> None:
    """Judge whether a department may stand below `parent_id`.

    Raises Problem(rule_broken) for an unknown parent or a circle.
    """
    if parent_id is None:
        return
    if parent_id not in parents:
        raise Problem(Code.rule_broken, "there is no such department", field="parent_id")
    if parent_id in subtree(parents, department_id):
        raise Problem(Code.rule_broken, "a department cannot stand below itself", field="parent_id")
