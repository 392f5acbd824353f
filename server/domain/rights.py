"""The rights of persons: which records are about a person, and the words by which entries of others name that person (D-480 to D-483)."""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct

from shared_schema.records.base import Record
from shared_schema.records.inbox import Values

WORD_MIN: Final = 2
"""A shorter text names nobody."""


class Disclosure(Struct, frozen=True):
    """A kind of record that is about one person, who may ask what the organisation holds about that person.

    `path`: where the desk asks. `named`: the slots whose texts name the person. `is_user`: the person is a user of the organisation, so
    the tables of devices count too. A role that reaches the organisation asks about every such record, others about those that they see.
    """

    record: type[Record]
    path: str
    tells: str
    named: tuple[str, ...]
    is_user: bool = False

    @property
    def route(self) -> str:
        """Its row of the matrix."""
        return f"GET {self.path}"


def words_in(values: Values, named: Iterable[str]) -> frozenset[str]:
    """The texts that name a person, out of the slots of a record or of a line of its history."""
    return frozenset(word for slot in named for word in _texts(values.get(slot)) if len(word) >= WORD_MIN)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, Struct):
        yield from (text for name in value.__struct_fields__ for text in _texts(getattr(value, name)))
    elif isinstance(value, dict):
        yield from (text for part in value.values() for text in _texts(part))
    elif isinstance(value, (list, tuple)):
        yield from (text for part in value for text in _texts(part))
