"""Elements of add-wins sets: each add bears the tag (device line, n) of its mutation, a remove lists the tags that were seen (P-412)."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from shared_schema.scalars import WIRE_INTEGER_MAX, Id, Sequence

ELEMENTS_MAX: Final = 64
"""Tagged elements of one set, and adds of one mutation."""
REMOVES_MAX: Final = 512
"""Tags that one mutation removes: each may stand several times, under an old device line and each new one since."""

Element = Annotated[str, Meta(min_length=1, max_length=40)]
LineNo = Annotated[int, Meta(ge=0, le=WIRE_INTEGER_MAX)]


class TaggedWord(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A word in a set, with the mutation that added it."""

    element: Element
    line_no: LineNo
    n: Sequence


class TaggedId(msgspec.Struct, frozen=True, array_like=True, order=True):
    """An id in a set, with the mutation that added it."""

    element: Id
    line_no: LineNo
    n: Sequence


class WordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The operation of a patch on a set of words."""

    add: Annotated[tuple[Element, ...], Meta(max_length=ELEMENTS_MAX)] = ()
    remove: Annotated[tuple[TaggedWord, ...], Meta(max_length=REMOVES_MAX)] = ()


class IdChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The operation of a patch on a set of ids."""

    add: Annotated[tuple[Id, ...], Meta(max_length=ELEMENTS_MAX)] = ()
    remove: Annotated[tuple[TaggedId, ...], Meta(max_length=REMOVES_MAX)] = ()


Tagged = TaggedWord | TaggedId
SetChange = WordChange | IdChange
Words = Annotated[tuple[TaggedWord, ...], Meta(max_length=ELEMENTS_MAX)]
"""A set of words as it is stored and pulled: sorted, each (element, line_no, n) once."""
Ids = Annotated[tuple[TaggedId, ...], Meta(max_length=ELEMENTS_MAX)]
"""A set of ids, likewise."""
