"""Which scopes a transaction moved: noted on its connection, told once it has committed."""

from collections.abc import Callable, Iterable
from typing import Final

import sqlalchemy as sa

from server.database.unit import P, R, Unit

Touched = frozenset[tuple[int, int]]
"""(org_id, scope number) of scopes whose head moved."""
Announce = Callable[[Touched], None]
"""Hears of committed writes, on the event loop of the writer; must not block and must not fail."""
_KEY: Final = "outrider.touched"


def note(conn: sa.Connection, org_id: int, numbers: Iterable[int]) -> None:
    """Remember scopes until the unit ends. A scope whose savepoint is undone stays noted: a hint too many harms nobody."""
    conn.info.setdefault(_KEY, set()).update((org_id, number) for number in numbers)


def noted(conn: sa.Connection, unit: Unit[P, R], /, *args: P.args, **kw: P.kwargs) -> tuple[R, Touched]:
    """Run a unit; its result and the scopes it touched. The notes lie on a pooled connection: those of an undone unit go first."""
    conn.info.pop(_KEY, None)
    result = unit(conn, *args, **kw)
    return result, frozenset(conn.info.pop(_KEY, ()))


def unheard(_: Touched) -> None:
    """Nobody listens in this process."""
