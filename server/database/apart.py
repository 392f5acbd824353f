"""A unit that finds only at its end that it must run apart from others is undone and run again at once, and knows it from its start."""

from typing import Final

import sqlalchemy as sa

from server.database.touched import Touched, noted
from server.database.unit import P, R, Unit

_KEY: Final = "outrider.apart"


class ApartError(Exception):
    """A unit asks to be undone and to be run again apart. It leaves no `write`: the second run may not ask for it."""


def apart(conn: sa.Connection) -> bool:
    """Whether the unit of this connection runs for the second time, because it asked for that."""
    return _KEY in conn.info


def run_apart(conn: sa.Connection, unit: Unit[P, R], /, *args: P.args, **kw: P.kwargs) -> tuple[R, Touched]:
    """Run a unit that asked for it; its result and the scopes it touched. The mark lies on a pooled connection: it is removed in every
    case."""
    marks = conn.info  # of a connection that breaks meanwhile nothing can be asked
    marks[_KEY] = True
    try:
        return noted(conn, unit, *args, **kw)
    finally:
        marks.pop(_KEY, None)
