"""A unit of work is one transaction's worth of a plain function; the doors are named here."""

from collections.abc import Callable
from typing import Concatenate, Literal, ParamSpec, TypeVar

import sqlalchemy as sa

P = ParamSpec("P")
R = TypeVar("R")
Unit = Callable[Concatenate[sa.Connection, P], R]
"""`unit(conn, *args)`: sees one transaction, never commits, and may be run again from its start."""
DialectName = Literal["sqlite", "postgresql"]
