"""The department tree: the users whom a manager leads, and the parents that are possible."""

from collections.abc import Iterable, Mapping
from typing import Final

from server.domain.feature import ADMINS, Feature, Listing, Table
from server.domain.needs import Asking, DeskNeed, Every, Turn
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Department, DepartmentRequest
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


def parents_of(state: State) -> Parents:
    """The department tree, as loaded."""
    return {one.record.id: one.record.parent_id for one in state.held.values() if isinstance(one.record, Department)}


def whole_tree(_asking: Asking, _asked: DepartmentRequest) -> Iterable[DeskNeed]:
    """The whole tree: two moves at once could close a circle that neither sees."""
    yield Turn("departments")
    yield Every(Department)


def judge(state: State, department: Department) -> tuple[Department]:
    """Raises Problem(rule_broken)."""
    place(parents_of(state), department.id, department.parent_id)
    return (department,)


FEATURE: Final = Feature(
    lists=(Listing(Department, "List the departments.", ADMINS),),
    tables=(Table(Department, DepartmentRequest, "Make, rename or move a department.", wants=whole_tree, judge=judge),),
)
