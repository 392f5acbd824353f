"""Rows of tables that no device holds, beside the records of a transaction: loaded, changed, and sums to which something is added."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

from msgspec import Struct


class Row(Protocol):
    """A row of such a table; `key` is unique in an organisation."""

    @property
    def key(self) -> tuple[Any, ...]:
        """Its primary key without the organisation."""
        ...


S = TypeVar("S", bound=Struct)
Place = tuple[type[Struct], tuple[Any, ...]]
"""(kind of row, key)."""


class Beside:
    """What a decision reads, and what it wrote. A decision that is not taken leaves nothing here: it writes last."""

    def __init__(self) -> None:
        self._held: dict[type[Struct], dict[tuple[Any, ...], Any]] = {}
        self._touched: dict[Place, None] = {}
        self.sums: dict[tuple[Any, ...], Any] = {}
        """Key of a row of sums → what is added to it."""

    def load(self, row: Any) -> None:
        """Take in a row as stored; one that was written here stands already."""
        if (type(row), row.key) not in self._touched:
            self._held.setdefault(type(row), {})[row.key] = row

    def find(self, kind: type[S], *key: Any) -> S | None:
        """The row of a key, or None."""
        return self._held.get(kind, {}).get(key)

    def every(self, kind: type[S], when: Callable[[S], bool] = lambda _row: True) -> list[S]:
        """The loaded rows of a kind for which this holds, by key."""
        held = self._held.get(kind, {})
        return [held[key] for key in sorted(held) if when(held[key])]

    def put(self, row: Any) -> bool:
        """Write a row; whether that changed it."""
        if self.find(type(row), *row.key) == row:
            return False
        self._held.setdefault(type(row), {})[row.key] = row
        self._touched[type(row), row.key] = None
        return True

    def add(self, key: tuple[Any, ...], more: Any) -> None:
        """Add to a row of sums."""
        known = self.sums.get(key)
        self.sums[key] = more if known is None else known + more

    def written(self, kind: type[S]) -> Iterable[S]:
        """The rows of a kind that were written, by key."""
        return [self._held[kind][key] for key in sorted(key for touched, key in self._touched if touched is kind)]
